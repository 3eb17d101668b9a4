import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import {
  anyHost,
  everything,
  openPage,
  openSite,
  setHidden,
  startBrowser,
  startCollector,
  startSite,
  types,
  untilStarted,
} from "./support.mjs";

const browser = await startBrowser();
const MINUTE = 60_000;

const distinct = (requests, field) => [...new Set(requests.map(({ batch }) => batch[field]))];

/** The batch that carried a conversion. */
const batchOf = (collector, name) =>
  collector.requests.find(({ batch }) => batch.events.some((event) => event.name === name)).batch;

/** Sends a conversion and resolves with the batch it came in. */
async function convert(page, collector, name) {
  await page.evaluate((name) => {
    liveinsight.conversion(name);
    liveinsight.flush();
  }, name);
  await collector.until(name, () => collector.events().some((event) => event.name === name));
  return batchOf(collector, name);
}

/** Two tabs of one visitor, the first of them out of sight, whose time passes when a test lets it. */
async function visitInTwoTabs() {
  const collector = await startCollector();
  const site = await startSite(collector);
  const { page: first, context, errors } = await openPage(browser);
  await context.clock.install();
  await first.goto(`${site.origin}/first`);
  await untilStarted(first);
  await context.clock.runFor(300);
  await collector.untilEvents("page_view", 1);
  await setHidden(first, true);
  await collector.untilEvents("heartbeat");
  const second = await context.newPage();
  await second.goto(`${site.origin}/second`);
  await untilStarted(second);
  await context.clock.runFor(300);
  await collector.untilEvents("page_view", 2);
  return { collector, first, second, context, errors };
}

test("visit goes on in a tab out of sight while the visitor is in another", async () => {
  const { collector, first, context, errors } = await visitInTwoTabs();
  for (let minute = 0; minute < 40; minute++) await context.clock.runFor(MINUTE);
  await setHidden(first, false);
  await convert(first, collector, "later");
  assert.equal(distinct(collector.requests, "session_id").length, 1);
  assert.equal(collector.events().filter(({ type }) => type === "page_view").length, 2);
  assert.deepEqual(errors, []);
});

test("visit that is over in all tabs is one new visit in all of them", async () => {
  const { collector, first, second, context } = await visitInTwoTabs();
  await setHidden(second, true);
  await context.clock.fastForward(31 * MINUTE);
  const [old] = distinct(collector.requests, "session_id");
  for (const [page, name] of [
    [second, "in the second"],
    [first, "in the first"],
  ]) {
    await setHidden(page, false);
    const { session_id } = await convert(page, collector, name);
    assert.notEqual(session_id, old);
  }
  assert.equal(distinct(collector.requests, "session_id").length, 2);
  assert.equal(distinct(collector.requests, "user_id").length, 1);
});

test("reset() ends the page and begins it anew, as somebody else on another visit", async () => {
  const { collector, page, url } = await openSite(browser);
  await collector.untilEvents("page_view", 1);
  await page.evaluate(() => liveinsight.reset());
  const events = await everything(page, collector);
  assert.deepEqual(types(events), ["page_view", "heartbeat", "page_view"]);
  assert.equal(events[1].final, true);
  assert.equal(events[1].page_id, events[0].page_id);
  assert.notEqual(events[2].page_id, events[0].page_id);
  for (const field of ["user_id", "session_id"]) {
    const of = (event) =>
      collector.requests.find(({ batch }) => batch.events.some(({ id }) => id === event.id)).batch[field];
    assert.equal(of(events[0]), of(events[1]));
    assert.notEqual(of(events[1]), of(events[2]));
  }
  await page.goto(url("/next"));
  await collector.untilEvents("page_view", 3);
  assert.equal(distinct(collector.requests, "user_id").length, 2);
  assert.equal(distinct(collector.requests, "session_id").length, 2);
});

test("reset() in one tab holds in the others", async () => {
  const { collector, page, context, url } = await openSite(browser);
  const before = await convert(page, collector, "before");
  const other = await context.newPage();
  await other.goto(url("/other"));
  await untilStarted(other);
  await other.evaluate(() => liveinsight.reset());
  const theirs = await convert(other, collector, "theirs");
  const mine = await convert(page, collector, "mine");
  assert.notEqual(mine.user_id, before.user_id);
  assert.equal(mine.user_id, theirs.user_id);
  assert.equal(mine.session_id, theirs.session_id);
});

test("identify() tells the person from then on, on the next page too, until reset()", async () => {
  const { collector, page, url, errors } = await openSite(browser);
  await convert(page, collector, "before");
  await page.evaluate(() => liveinsight.identify(" customer-1042 "));
  await convert(page, collector, "after");
  await page.goto(url("/next"));
  await untilStarted(page);
  await convert(page, collector, "on the next page");
  await page.evaluate(() => liveinsight.reset());
  await convert(page, collector, "after reset");
  assert.deepEqual(
    ["before", "after", "on the next page", "after reset"].map((name) => batchOf(collector, name).person_id),
    [undefined, "customer-1042", "customer-1042", undefined],
  );
  assert.deepEqual(errors, []);
});

test("events from before identify() are not told to be the person's, even in one request", async () => {
  const { collector, page } = await openSite(browser);
  await collector.untilEvents("page_view");
  await page.evaluate(() => {
    liveinsight.conversion("before");
    liveinsight.identify("customer-1042");
    liveinsight.conversion("after");
  });
  await everything(page, collector);
  assert.equal(batchOf(collector, "before").person_id, undefined);
  assert.equal(batchOf(collector, "after").person_id, "customer-1042");
});

test("identify() with hash tells the SHA-256 of site and id, and never the id", async () => {
  const { collector, page, errors } = await openSite(browser);
  await collector.untilEvents("page_view");
  await page.evaluate(() => liveinsight.identify("haneul@shop.example", { hash: true }));
  await convert(page, collector, "after");
  const expected = createHash("sha256").update("test-site:haneul@shop.example").digest("hex");
  assert.equal(batchOf(collector, "after").person_id, expected);
  assert.match(expected, /^[0-9a-f]{64}$/);
  assert.ok(!JSON.stringify(collector.requests).includes("haneul"));
  assert.ok(!(await page.evaluate(() => JSON.stringify(localStorage))).includes("haneul"));
  assert.deepEqual(errors, []);
});

test("identify() with hash where the browser cannot hash tells nobody and throws nothing", async () => {
  const collector = await startCollector();
  const site = await startSite(collector);
  const { page, errors } = await openPage(browser, anyHost(site));
  await page.goto("http://shop.example.com/");
  await untilStarted(page);
  assert.equal(await page.evaluate(() => crypto.subtle), undefined);
  await page.evaluate(() => void liveinsight.identify("haneul@shop.example", { hash: true }));
  await convert(page, collector, "after");
  assert.equal(batchOf(collector, "after").person_id, undefined);
  assert.ok(!JSON.stringify(collector.requests).includes("haneul"));
  assert.deepEqual(errors, []);
});

test("nonsense given to identify() is never thrown back at the page", async () => {
  const { collector, page, errors } = await openSite(browser);
  await page.evaluate(() => {
    const hostile = {
      toString() {
        throw new Error("mine");
      },
    };
    for (const args of [[], [null, null], [Symbol("s")], [hostile], ["x".repeat(129)], ["a\tb"], [{}, 7]]) {
      void liveinsight.identify(...args);
    }
    void liveinsight.identify("right");
  });
  await convert(page, collector, "after");
  assert.equal(batchOf(collector, "after").person_id, "right");
  assert.deepEqual(errors, []);
});
