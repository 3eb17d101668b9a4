// Without a connection, as the browser emulates it for all of the page, its workers included: the last data stays and says how old it is, and what was missed comes by
// itself.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { batch, pageView, post } from "../support/batch.mjs";
import { launch } from "../support/browser.mjs";
import { openPage, signInOn } from "../support/dashboard.mjs";
import { eventually, startStack } from "../support/stack.mjs";

let stack;
let browser;
let context;
let page;
let complaints;
before(async () => {
  stack = await startStack();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await stack?.stop();
});
beforeEach(async () => {
  ({ context, page, complaints } = await openPage(browser));
});
afterEach(async () => {
  await context.close();
  // What cannot be reached is what this is about; the loader of parts says so as well.
  const own = complaints.filter((line) => !/WebSocket|ERR_INTERNET_DISCONNECTED|Failed to fetch/.test(line));
  assert.deepEqual(own, [], "neither the policy nor the code may complain");
});

const NOTICE = '[data-testid="reconnecting"]';
const OFFLINE = `${NOTICE}[data-state="offline"]`;
const value = (id) => page.getAttribute(`[data-testid="${id}"]`, "data-value");
const seconds = async () => Number(/(\d+) ?s/.exec(await page.textContent('[data-testid="data-age"]'))?.[1]);

test("the overview keeps its numbers and their age, and takes what it missed", async () => {
  await post(stack, batch([pageView({ url: "https://shop.example/kept" })]));
  await signInOn(page, stack);
  await page.waitForSelector('[data-testid="source"][data-source="browser"]');
  const kept = '[data-testid="pages-row"][data-name="/kept"]';
  await page.waitForSelector(kept);
  const views = Number(await value("total-pageviews"));
  await context.setOffline(true);
  await page.waitForSelector(OFFLINE);
  assert.match(await page.textContent(OFFLINE), /You are offline/);
  await post(stack, batch([pageView({ url: "https://shop.example/missed" })]));
  // The age grows, the numbers stay.
  await eventually(async () => (await seconds()) >= 3);
  assert.equal(Number(await value("total-pageviews")), views);
  assert.ok(await page.$(kept));
  assert.ok(await page.$(".live.is-lost"));
  await context.setOffline(false);
  await page.waitForSelector(NOTICE, { state: "detached" });
  await page.waitForSelector('[data-testid="pages-row"][data-name="/missed"]');
  assert.equal(Number(await value("total-pageviews")), views + 1);
  assert.equal(await page.$(".live.is-lost"), null);
});

test("the live page keeps who was here, and a page that could not be loaded comes by itself", async () => {
  const sent = batch([pageView({ url: "https://shop.example/here" })]);
  await post(stack, sent);
  await signInOn(page, stack, "/live");
  const row = `[data-testid="active-row"][data-session-id="${sent.session_id}"]`;
  await page.waitForSelector(row);
  await page.waitForSelector('[data-testid="connection"][data-push="live"]');
  await page.waitForSelector('[data-testid="feed-row"][data-page="/here"]');
  const shown = () =>
    page.$$eval('[data-testid="live-now"], [data-testid="live-views"]', (them) =>
      them.map((it) => it.textContent),
    );
  const before = await shown();
  await context.setOffline(true);
  await page.waitForSelector(OFFLINE);
  await page.waitForSelector('[data-testid="connection"][data-push="lost"]');
  await eventually(async () => (await seconds()) >= 3);
  assert.deepEqual(await shown(), before);
  for (const what of [row, '[data-testid="feed-row"][data-page="/here"]', '[data-testid="page-now"]']) {
    assert.ok(await page.$(what), what);
  }
  // Its program is not here yet.
  await page.getByRole("link", { name: "Sessions" }).click();
  await page.waitForSelector('.failed[role="alert"]');
  await post(stack, batch([pageView({ url: "https://shop.example/later" })]));
  await context.setOffline(false);
  await page.waitForSelector('[data-testid="visit"]');
  await page.waitForSelector(NOTICE, { state: "detached" });
  await page.getByRole("link", { name: "Live", exact: true }).click();
  await page.waitForSelector('[data-testid="feed-row"][data-page="/later"]');
  await page.waitForSelector('[data-testid="connection"][data-push="live"]');
});
