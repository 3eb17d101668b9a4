// What the worker says and keeps when the store fails. The faults are injected by a proxy between the built
// worker and a real DynamoDB API.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { batch, pageView, post, signIn } from "../support/batch.mjs";
import { startFaultProxy } from "../support/fault-proxy.mjs";
import { allRows, startDynamoDb, startStack } from "../support/stack.mjs";

let store;
let proxy;
let stack;
before(async () => {
  store = await startDynamoDb();
  proxy = await startFaultProxy(store.endpoint);
  stack = await startStack({ LIVEINSIGHT_DYNAMODB_ENDPOINT: proxy.endpoint });
});
after(async () => {
  await stack?.stop();
  await proxy?.stop();
  await store?.stop();
});
beforeEach(() => proxy.set("none"));

const stored = async (sent) => {
  const { events, sessions } = await allRows(store.endpoint);
  return {
    events: events.filter((row) => row.session_id === sent.session_id).map((row) => row.sk),
    views: sessions.find((row) => row.sk === sent.session_id)?.views?.length ?? 0,
  };
};
const ids = (sent) => sent.events.map((event) => event.id).sort();

for (const fault of ["error500", "throttled", "reset"]) {
  test(`a passing fault (${fault}) is not seen from outside`, async () => {
    const sent = batch([pageView(), pageView()]);
    proxy.set(fault, 2);
    assert.equal((await post(stack, sent)).status, 200);
    assert.deepEqual(await stored(sent), { events: ids(sent), views: 2 });
  });
}

for (const fault of ["error500", "throttled", "reset", "hang", "unprocessedForever", "sessionsDown"]) {
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

test("items that come back unprocessed are sent again until all are stored", async () => {
  const sent = batch([pageView(), pageView(), pageView()]);
  proxy.set("unprocessed", 20);
  assert.equal((await post(stack, sent)).status, 200);
  assert.deepEqual(await stored(sent), { events: ids(sent), views: 3 });
});

test("a read of a failing store is a 503 with the reason kept inside", async () => {
  const { cookie } = await signIn(stack);
  proxy.set("error500");
  const answer = await fetch(`${stack.url}/api/sessions/active?site_id=demo-shop`, { headers: { cookie } });
  assert.equal(answer.status, 503);
  assert.doesNotMatch(await answer.text(), /injected|127\.0\.0\.1/);
});
