import assert from "node:assert/strict";
import { test } from "node:test";
import {
  everything,
  hang,
  openPage,
  openSite,
  reset,
  setHidden,
  startBrowser,
  startCollector,
  startSite,
  status,
  types,
  unsent,
  untilStarted,
} from "./support.mjs";

const browser = await startBrowser();
const names = (events) => events.flatMap(({ name }) => (name ? [name] : []));

test("what happens offline arrives at once when the browser is online again", async () => {
  const { collector, page, context, errors } = await openSite(browser);
  await collector.untilEvents("page_view", 1);
  const failed = page.waitForEvent("requestfailed");
  await context.setOffline(true);
  await page.evaluate(() => {
    liveinsight.conversion("offline");
    history.pushState({}, "", "/b");
  });
  await failed;
  await page.waitForFunction(unsent);
  const since = Date.now();
  await context.setOffline(false);
  await collector.untilEvents("conversion");
  await collector.untilEvents("page_view", 2);
  // The first wait of its own choosing is up to two seconds; this is none.
  assert.ok(Date.now() - since < 1_500, `${Date.now() - since} ms`);
  assert.deepEqual(types(await everything(page, collector)), [
    "page_view",
    "conversion",
    "heartbeat",
    "page_view",
  ]);
  await page.waitForFunction(`!(${unsent})()`);
  assert.deepEqual(errors, []);
});

test("heartbeats of one page replace each other while nothing can be sent", async () => {
  const collector = await startCollector();
  const site = await startSite(collector);
  const { page } = await openPage(browser);
  await page.clock.install();
  await page.goto(site.origin);
  await untilStarted(page);
  await page.clock.runFor(300);
  await collector.untilEvents("page_view");
  // Time that is wound on leaves a real request no time to fail.
  await page.evaluate(() => {
    window.original = fetch;
    window.fetch = () => Promise.reject(new TypeError("offline"));
  });
  for (let minute = 0; minute < 5; minute++) await page.clock.runFor(60_000);
  await page.evaluate(() => liveinsight.conversion("between"));
  for (let minute = 0; minute < 5; minute++) await page.clock.runFor(60_000);
  await page.evaluate(() => {
    window.fetch = window.original;
    dispatchEvent(new Event("online"));
  });
  const events = await everything(page, collector);
  // One that is under way when the next is made stays: so at most two on each side of the conversion, not ten.
  const beats = events.filter(({ type }) => type === "heartbeat");
  assert.deepEqual(
    types(events).filter((type) => type !== "heartbeat"),
    ["page_view", "conversion"],
  );
  assert.ok(beats.length <= 4, `${beats.length} heartbeats`);
  assert.ok(beats.at(-1).at - events[0].at > 500_000, "the last one stays");
  assert.ok(beats.at(-1).engaged_ms >= beats[0].engaged_ms);
});

/** Two tabs of one visitor, the first of which could not deliver and was closed. */
async function failInFirstTab(prepare) {
  const collector = await startCollector();
  const site = await startSite(collector);
  const { page: first, context, errors } = await openPage(browser);
  if (prepare) await context.addInitScript(prepare);
  const second = await context.newPage();
  await second.goto(`${site.origin}/second`);
  await collector.untilEvents("page_view", 1);
  collector.answerWith(status(503, { "retry-after": "60" }));
  await first.goto(`${site.origin}/first`);
  await untilStarted(first);
  await first.evaluate(() => {
    liveinsight.conversion("one");
    liveinsight.conversion("two");
  });
  await first.waitForFunction(unsent);
  await first.close({ runBeforeUnload: true });
  await second.waitForFunction(() =>
    Object.values(localStorage).some((text) => text.includes('"one"') && text.includes('"final":true')),
  );
  collector.answerWith();
  return { collector, site, second, context, errors };
}

const EXPECTED = ["conversion", "conversion", "heartbeat", "page_view", "page_view"];

/** What has arrived is what has happened, each once; nothing is kept any more. */
async function assertDelivered(collector, page, expected) {
  await collector.until("everything", () => collector.events().length >= expected.length);
  const events = await everything(page, collector);
  assert.deepEqual(types(events).sort(), expected);
  assert.deepEqual(names(events).sort(), ["one", "two"]);
  await page.waitForFunction(`!(${unsent})()`);
}

test("what a closed tab could not deliver is delivered by another one that is back online", async () => {
  const { collector, second, errors } = await failInFirstTab();
  await second.evaluate(() => dispatchEvent(new Event("online")));
  await assertDelivered(collector, second, EXPECTED);
  assert.deepEqual(errors, []);
});

for (const [circumstance, prepare] of [
  ["", undefined],
  [
    ", without locks",
    () => Object.defineProperty(Navigator.prototype, "locks", { value: undefined, configurable: true }),
  ],
  [
    ", with locks that are refused",
    () => {
      LockManager.prototype.request = () => Promise.reject(new DOMException("no", "SecurityError"));
    },
  ],
  [
    ", with locks that throw",
    () => {
      LockManager.prototype.request = () => {
        throw new DOMException("no", "InvalidStateError");
      };
    },
  ],
]) {
  test(`what a closed tab could not deliver is delivered by the next page${circumstance}`, async () => {
    const { collector, site, context, second, errors } = await failInFirstTab(prepare);
    const third = await context.newPage();
    const thrown = [];
    third.on("pageerror", (error) => thrown.push(String(error)));
    await third.goto(`${site.origin}/third`);
    await assertDelivered(collector, third, [...EXPECTED, "page_view"]);
    assert.deepEqual(types(await everything(second, collector)).length, 6);
    assert.deepEqual([...thrown, ...errors], []);
  });
}

test("two pages that start together deliver what was left behind, each event once", async () => {
  const { collector, site, context } = await failInFirstTab();
  const pages = await Promise.all([context.newPage(), context.newPage()]);
  await Promise.all(pages.map((page, index) => page.goto(`${site.origin}/next-${index}`)));
  for (const page of pages) await untilStarted(page);
  await assertDelivered(collector, pages[0], [...EXPECTED, "page_view", "page_view"].sort());
});

test("page that delivers what an earlier one left does not take it for its own visitor's if it is not", async () => {
  const { collector, site, context } = await failInFirstTab();
  const [{ batch: refused }] = collector.requests.filter((request) => request.status === 503);
  const third = await context.newPage();
  // Meanwhile somebody else has signed in.
  await third.goto(`${site.origin}/third`);
  await untilStarted(third);
  await third.evaluate(() => {
    liveinsight.reset();
    liveinsight.flush();
  });
  await assertDelivered(collector, third, [...EXPECTED, "heartbeat", "page_view", "page_view"].sort());
  const carried = collector.requests.filter(
    ({ batch, status }) =>
      status === 200 && batch.events.some(({ name }) => name === "one" || name === "two"),
  );
  assert.ok(carried.length > 0);
  assert.ok(carried.every(({ batch }) => batch.user_id === refused.user_id));
});

test("page that is reloaded while its request is under way tells everything once", async () => {
  const collector = await startCollector();
  collector.answerWith(hang);
  const site = await startSite(collector);
  const { page, errors } = await openPage(browser);
  await page.goto(site.origin);
  await collector.until("a request", () => collector.requests.length);
  collector.answerWith();
  await page.reload();
  await collector.untilEvents("page_view", 2);
  const events = await everything(page, collector);
  assert.deepEqual(types(events).sort(), ["heartbeat", "page_view", "page_view"]);
  assert.deepEqual(errors, []);
});

test("page that comes back from the cache delivers what failed when it went", async () => {
  const { collector, page, site } = await openSite(browser, { path: "/a" });
  await collector.untilEvents("page_view", 1);
  collector.answerWith(reset);
  await page.evaluate(() => liveinsight.conversion("lost"));
  await page.goto(`${site.origin}/favicon.ico`).catch(() => {});
  await page.goto("about:blank");
  collector.answerWith();
  await page.goBack({ waitUntil: "commit" });
  await collector.untilEvents("conversion");
  const events = await everything(page, collector);
  assert.deepEqual(names(events), ["lost"]);
});

test("page out of sight sends what happens there", async () => {
  const { collector, page } = await openSite(browser);
  await collector.untilEvents("page_view");
  await setHidden(page, true);
  await collector.untilEvents("heartbeat");
  await page.evaluate(() => liveinsight.conversion("in the background"));
  await collector.untilEvents("conversion");
  assert.deepEqual(types(collector.events()), ["page_view", "heartbeat", "conversion"]);
});
