// The store goes away in the middle of a visit and comes back. Without a queue the tracker is told, keeps everything and
// delivers it; with one the worker keeps it. Either way all of it is stored, once.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch } from "../support/browser.mjs";
import { eventually, rows, startDynamoDb, startStack } from "../support/stack.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

for (const [what, environment, told] of [
  ["the tracker", { LIVEINSIGHT_OVERFLOW_QUEUE: "off" }, 503],
  ["the queue", {}, 202],
]) {
  test(`what happens while the store is down is kept by ${what} and stored once after it returns`, async () => {
    const folder = await mkdtemp(join(tmpdir(), "liveinsight-outage-"));
    const store = await startDynamoDb(join(folder, "dynamodb.sqlite"));
    let stack;
    try {
      stack = await startStack({ LIVEINSIGHT_DYNAMODB_ENDPOINT: store.endpoint, ...environment });
      await visit(store, stack, told);
    } finally {
      await stack?.stop();
      await store.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
}

async function visit(store, stack, told) {
  const shop = await (await browser.newContext()).newPage();
  const sent = new Set();
  const answers = [];
  shop.on("request", (request) => {
    if (!request.url().endsWith("/events")) return;
    for (const event of request.postDataJSON().events) {
      if (event.type !== "heartbeat" || event.final) sent.add(event.id);
    }
  });
  shop.on("response", (response) => {
    if (response.url().endsWith("/events")) answers.push(response.status());
  });

  await shop.goto(`${stack.shop}/shop`);
  await eventually(() => answers.includes(200));
  await store.stop();
  await shop.click('[data-test^="product-"]');
  await shop.waitForURL(/\/shop\/.+/);
  await shop.click('[data-test="add-to-cart"]');
  await shop.waitForURL(/\/shop\/cart/);
  // Some attempts of the worker and the tracker's own delay lie between the click and the answer.
  await eventually(() => answers.includes(told), 30_000);

  await store.start();
  const stored = async () => (await rows(store.endpoint, "Events")).map((row) => row.sk);
  await eventually(async () => {
    const there = new Set(await stored());
    return sent.size >= 4 && [...sent].every((id) => there.has(id));
  }, 60_000);
  const ids = await stored();
  assert.equal(new Set(ids).size, ids.length);
  const paths = (await rows(store.endpoint, "Events"))
    .filter((row) => row.type === "page_view")
    .map((row) => row.path)
    .toSorted();
  assert.equal(paths.length, 3);
  assert.deepEqual([paths[0], paths[1]], ["/shop", "/shop/cart"]);
  const [session] = await rows(store.endpoint, "Sessions");
  assert.equal(session.views.length, 3);
}
