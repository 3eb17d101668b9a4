// When the store fails, the queue takes validated batches and gives them back until they are stored: no batch that was
// confirmed is lost, and none counts twice.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { batch, FIREFOX, pageView, post } from "../support/batch.mjs";
import { startFaultProxy } from "../support/fault-proxy.mjs";
import { allRows, eventually, startDynamoDb, startStack } from "../support/stack.mjs";
import { ids, storedOf } from "../support/stored.mjs";

let store;
let proxy;
let stack;
before(async () => {
  store = await startDynamoDb();
  proxy = await startFaultProxy(store.endpoint);
  stack = await startStack({ LIVEINSIGHT_DYNAMODB_ENDPOINT: proxy.endpoint });
  // The isolate knows the site from now on.
  assert.equal((await post(stack, batch([pageView()]))).status, 200);
});
after(async () => {
  await stack?.stop();
  await proxy?.stop();
  await store?.stop();
});
beforeEach(() => proxy.set("none"));

const becomesStored = (sent) =>
  eventually(async () => {
    assert.deepEqual(await storedOf(store.endpoint, sent), { events: ids(sent), views: sent.events.length });
  }, 60_000);

for (const fault of [
  "error500",
  "throttled",
  "expired",
  "reset",
  "deaf",
  "hang",
  "unprocessedForever",
  "sessionsDown",
]) {
  test(`a batch that comes during a fault (${fault}) is confirmed by the queue and stored once after it`, async () => {
    const sent = batch([pageView(), pageView(), pageView()]);
    proxy.set(fault);
    const started = Date.now();
    const answer = await post(stack, sent);
    assert.equal(answer.status, 202);
    assert.deepEqual(
      answer.body.receipts.map((receipt) => receipt.status),
      ["accepted", "accepted", "accepted"],
    );
    assert.ok(Date.now() - started < 10_000, "the sender must not be kept waiting");
    proxy.set("none");
    await becomesStored(sent);
    // The answer may have been lost on its way: the tracker sends it again.
    assert.ok([200, 202].includes((await post(stack, sent)).status));
    await becomesStored(sent);
  });
}

test("a store that has just failed is left alone, and batches are confirmed at once", async () => {
  const first = batch([pageView()]);
  proxy.set("hang");
  assert.equal((await post(stack, first)).status, 202);
  const visit = "UpdateItem liveinsight-Sessions";
  assert.ok(proxy.seen.includes(visit), "the first batch asked the store");
  const second = batch([pageView()]);
  const before = proxy.seen.length;
  const started = Date.now();
  assert.equal((await post(stack, second)).status, 202);
  assert.ok(Date.now() - started < 1_000, "nobody waits for a store that is known to be down");
  assert.ok(!proxy.seen.slice(before).includes(visit), "the store was asked all the same");
  proxy.set("none");
  await becomesStored(first);
  await becomesStored(second);
});

test("a visitor without a kept id is stored from the queue under the id of the arrival", async () => {
  const known = batch([pageView()], { cookieless: true });
  assert.equal((await post(stack, known)).status, 200);
  const sent = batch([pageView()], { cookieless: true });
  proxy.set("error500");
  assert.equal((await post(stack, sent, { "user-agent": FIREFOX })).status, 202);
  proxy.set("none");
  await eventually(async () => {
    const { events } = await allRows(store.endpoint);
    const user = (id) => events.find((row) => row.sk === id)?.user_id;
    const [before, queued] = [user(known.events[0].id), user(sent.events[0].id)];
    return before !== undefined && before === queued;
  }, 60_000);
});
