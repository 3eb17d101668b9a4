// What the worker measures of itself, as admins of the installation read it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { caller, letIn } from "../support/account.mjs";
import { batch, pageView, post, signIn } from "../support/batch.mjs";
import { startStack } from "../support/stack.mjs";

const PATH = "/api/operator/metrics";

let stack;
let owner;
before(async () => {
  stack = await startStack();
  owner = caller(stack, await signIn(stack));
});
after(() => stack?.stop());

async function total(metric, label) {
  const { status, body } = await owner("GET", PATH);
  assert.equal(status, 200, JSON.stringify(body));
  const found = body.series.filter((one) => one.metric === metric && (!label || one.label === label));
  return found.reduce((sum, one) => sum + one.total, 0);
}

test("measurements are those that Prometheus is told, by reason, table and percentile", async () => {
  assert.equal(await total("EventsProcessed"), 0);
  assert.equal((await post(stack, batch([pageView(), pageView()]))).status, 200);
  const old = pageView({ at: Date.now() - 8 * 86_400_000 });
  await post(stack, batch([old, pageView()]));
  assert.equal(await total("EventsProcessed"), 3);
  assert.equal(await total("EventsRejected", "too_old"), 1);
  assert.ok((await total("ConsumedWriteCapacity", "Events")) >= 3);
  const { body } = await owner("GET", PATH);
  const time = body.series.find((one) => one.metric === "ProcessingTime");
  assert.equal(
    time.values.reduce((sum, { count }) => sum + count, 0),
    2,
  );
  assert.ok(body.began_at <= body.generated_at && /^[0-9a-f]{8}$/.test(body.isolate));
  const text = await (
    await fetch(`${stack.url}/metrics`, { headers: { authorization: `Bearer ${stack.metrics_token}` } })
  ).text();
  assert.match(
    text,
    new RegExp(`^liveinsight_events_processed_total\\{.*isolate="${body.isolate}"\\} 3$`, "m"),
  );
});

test("a session of an admin of the installation reads them, and nobody else", async () => {
  assert.equal((await caller(stack)("GET", PATH)).status, 401);
  assert.equal((await caller(stack, { token: stack.metrics_token })("GET", PATH)).status, 401);
  const made = await owner("POST", "/api/tokens", { name: "all", scopes: ["read", "manage"] });
  assert.equal((await caller(stack, { token: made.body.secret })("GET", PATH)).status, 403);
  const grants = [{ site_id: "demo-shop", role: "admin" }];
  for (const [email, role, own, status] of [
    ["editor@shop.example", "editor", [], 403],
    ["site-admin@shop.example", null, grants, 403],
    ["admin@shop.example", "admin", [], 200],
  ]) {
    const cookie = await letIn(owner, stack, { email, role, grants: own });
    assert.equal((await caller(stack, { cookie })("GET", PATH)).status, status, email);
  }
});
