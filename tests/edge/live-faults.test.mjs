// Live push when something breaks: the hub, its worker, the store behind it.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { batch, pageView, post, signIn } from "../support/batch.mjs";
import { startFaultProxy } from "../support/fault-proxy.mjs";
import { watch } from "../support/live.mjs";
import { freePorts, startDynamoDb, startStack } from "../support/stack.mjs";

const LIVE = "/api/live?site_id=demo-shop";

let store;
let proxy;
let dataDir;
let environment;
let stack;
let own;
before(async () => {
  store = await startDynamoDb();
  proxy = await startFaultProxy(store.endpoint);
  // The same data folder for every start, so that secrets and with them the reader's session stay.
  dataDir = await mkdtemp(join(tmpdir(), "liveinsight-live-"));
  environment = {
    LIVEINSIGHT_DYNAMODB_ENDPOINT: proxy.endpoint,
    LIVEINSIGHT_DATA_DIR: dataDir,
    LIVEINSIGHT_PORT: String(await freePorts()),
  };
  stack = await startStack(environment);
  const { cookie } = await signIn(stack);
  own = { cookie, origin: stack.url };
});
after(async () => {
  await stack?.stop();
  await proxy?.stop();
  await store?.stop();
  if (dataDir) await rm(dataDir, { recursive: true, force: true });
});

const shown = (frames) =>
  frames.flatMap((frame) => [...(frame.visits ?? []), ...(frame.changes ?? [])]).map((it) => it.session_id);
const fed = (frames) => frames.flatMap((frame) => frame.feed ?? []).map((entry) => entry.session_id);

test("a hub that cannot be rebuilt fails no batch, and shows them all once it can", async () => {
  proxy.set("queriesDown");
  const reader = await watch(stack, LIVE, own);
  const visits = Array.from({ length: 20 }, () => batch([pageView()]));
  for (const visit of visits) {
    const { status, body } = await post(stack, visit);
    assert.deepEqual([status, body.receipts?.map((receipt) => receipt.status)], [200, ["accepted"]]);
  }
  assert.ok(
    reader.frames.every((frame) => frame.kind === "hello"),
    "there is nothing to be shown yet",
  );
  proxy.set("none");
  await reader.next((frame) => frame.kind === "snapshot", 30_000);
  const last = batch([pageView()]);
  await post(stack, last);
  await reader.next((frame) => shown([frame]).includes(last.session_id));
  const seen = shown(reader.frames);
  for (const visit of visits) assert.ok(seen.includes(visit.session_id));
  reader.close();
});

test("a worker that was restarted in between leaves nothing out and doubles nothing", async () => {
  const reader = await watch(stack, LIVE, own);
  const hello = await reader.next((frame) => frame.kind === "hello");
  const { seq: first } = await reader.next((frame) => frame.kind === "snapshot");
  const before = batch([pageView()]);
  await post(stack, before);
  const { seq } = await reader.next((frame) => fed([frame]).includes(before.session_id));
  assert.ok(seq >= first);
  await stack.stop();
  await reader.closed;

  stack = await startStack(environment);
  const between = batch([pageView()]);
  assert.equal((await post(stack, between)).status, 200);
  const again = await watch(stack, `${LIVE}&after=${hello.epoch}.${seq}`, own);
  await again.next((frame) => frame.kind === "resync");
  const snapshot = await again.next((frame) => frame.kind === "snapshot");
  const later = batch([pageView()]);
  await post(stack, later);
  await again.next((frame) => fed([frame]).includes(later.session_id));
  // What the snapshot says, with what came after it, has each of them once.
  const state = [
    snapshot,
    ...again.frames.filter((frame) => frame.kind === "delta" && frame.seq > snapshot.seq),
  ];
  for (const visit of [before, between, later]) {
    assert.equal(fed(state).filter((id) => id === visit.session_id).length, 1);
  }
  again.close();
});
