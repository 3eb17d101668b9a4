// What the worker says and keeps when the store fails and there is no queue to take the batch. The faults are injected
// by a proxy between the built worker and a real DynamoDB API.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { batch, pageView, post, signIn } from "../support/batch.mjs";
import { startFaultProxy } from "../support/fault-proxy.mjs";
import { eventually, startDynamoDb, startStack } from "../support/stack.mjs";
import { ids, storedOf } from "../support/stored.mjs";

let store;
let proxy;
let stack;
const environment = () => ({
  LIVEINSIGHT_DYNAMODB_ENDPOINT: proxy.endpoint,
  LIVEINSIGHT_OVERFLOW_QUEUE: "off",
});
before(async () => {
  store = await startDynamoDb();
  proxy = await startFaultProxy(store.endpoint);
  stack = await startStack(environment());
});
after(async () => {
  await stack?.stop();
  await proxy?.stop();
  await store?.stop();
});
beforeEach(() => proxy.set("none"));

const stored = (sent) => storedOf(store.endpoint, sent);

for (const fault of ["error500", "throttled", "reset", "deaf", "slow"]) {
  test(`a passing fault (${fault}) is not seen from outside`, async () => {
    const sent = batch([pageView(), pageView()]);
    proxy.set(fault, 2);
    assert.equal((await post(stack, sent)).status, 200);
    assert.deepEqual(await stored(sent), { events: ids(sent), views: 2 });
  });
}

const LASTING = [
  "error500",
  "throttled",
  "expired",
  "reset",
  "deaf",
  "hang",
  "unprocessedForever",
  "sessionsDown",
];
for (const fault of LASTING) {
  test(`a lasting fault (${fault}) is a 503, and the batch sent again is stored once`, async () => {
    const sent = batch([pageView(), pageView(), pageView()]);
    proxy.set(fault);
    const started = Date.now();
    const answer = await post(stack, sent);
    assert.equal(answer.status, 503);
    assert.equal(answer.body.code, "store_unavailable");
    assert.equal(answer.headers.get("retry-after"), "5");
    assert.equal(answer.headers.get("access-control-allow-origin"), new URL(stack.shop).origin);
    assert.ok(Date.now() - started < 10_000, "the sender must not be kept waiting");

    proxy.set("none");
    assert.equal((await post(stack, sent)).status, 200);
    assert.equal((await post(stack, sent)).status, 200);
    assert.deepEqual(await stored(sent), { events: ids(sent), views: 3 });
  });
}

for (const [fault, what] of [
  ["unprocessed", "some items"],
  ["unprocessedForever", "all items"],
]) {
  test(`${what} that come back unprocessed are sent again until all are stored`, async () => {
    const sent = batch([pageView(), pageView(), pageView()]);
    proxy.set(fault, 3);
    assert.equal((await post(stack, sent)).status, 200);
    assert.deepEqual(await stored(sent), { events: ids(sent), views: 3 });
  });
}

test("a read of a failing store is a 503 with the reason kept inside", async () => {
  const { cookie } = await signIn(stack);
  proxy.set("error500");
  const answer = await fetch(`${stack.url}/api/sessions/active?site_id=demo-shop`, { headers: { cookie } });
  assert.equal(answer.status, 503);
  assert.doesNotMatch(await answer.text(), /injected|127\.0\.0\.1/);
});

test("a worker that is killed between its two writes leaves a batch that its repetition completes", async () => {
  const sent = batch([pageView(), pageView()]);
  proxy.set("sessionsHang");
  const lost = post(stack, sent).catch((error) => error);
  await eventually(async () => (await stored(sent)).events.length === 2);
  await stack.stop();
  assert.notEqual((await lost).status, 200, "the batch must not have been confirmed");
  assert.deepEqual(await stored(sent), { events: ids(sent), views: 0 });

  proxy.set("none");
  stack = await startStack(environment());
  // The same shop stands at another port now; the page's origin is the new one.
  assert.equal((await post(stack, sent)).status, 200);
  assert.deepEqual(await stored(sent), { events: ids(sent), views: 2 });
});
