import assert from "node:assert/strict";
import { test } from "node:test";
import {
  everything,
  openPage,
  setHidden,
  startBrowser,
  startCollector,
  startSite,
  types,
  untilStarted,
} from "./support.mjs";

const browser = await startBrowser();
const TALL = '<div style="height: 3000px">tall</div>';

/** Opens a page whose time only passes when a test lets it. */
async function visit() {
  const collector = await startCollector();
  const site = await startSite(collector, () => ({ body: TALL }));
  const { page, errors } = await openPage(browser, { viewport: { width: 800, height: 600 } });
  await page.clock.install();
  await page.goto(site.origin);
  await untilStarted(page);
  await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 300);
  await collector.untilEvents("page_view");
  return { collector, page, errors, site };
}

const MINUTE = 60_000;
const beats = (collector) => collector.events().filter(({ type }) => type === "heartbeat");

/** Lets time pass in steps short enough for every answer to arrive in its turn. */
async function pass(page, ms) {
  for (let passed = 0; passed < ms; passed += 5_000) await page.clock.runFor(Math.min(5_000, ms - passed));
}

test("heartbeats come every 15, then 30, then 60 seconds and announce the next", async () => {
  const { collector, page, errors } = await visit();
  await pass(page, 7 * MINUTE + 20_000);
  await collector.untilEvents("heartbeat", 14);
  const [view] = collector.events();
  const seen = beats(collector);
  assert.deepEqual(
    seen.map(({ at, interval_s }) => [Math.round((at - view.at) / 1_000), interval_s]),
    [
      ...[15, 30, 45].map((second) => [second, 15]),
      ...[60, 90, 120, 150, 180, 210, 240, 270].map((second) => [second, 30]),
      ...[300, 360, 420].map((second) => [second, 60]),
    ],
  );
  assert.ok(seen.every(({ final }) => final === false));
  assert.deepEqual(errors, []);
});

test("engaged time stops thirty seconds after the last activity and goes on with the next", async () => {
  const { collector, page } = await visit();
  await pass(page, MINUTE);
  await page.mouse.move(100, 100);
  await pass(page, MINUTE + 6_000);
  await collector.untilEvents("heartbeat", 6);
  const engaged = beats(collector).map(({ engaged_ms }) => engaged_ms / 1_000);
  // The page is older than the paused clock says by as long as it took to load.
  const expected = [15, 30, 30, 30, 60, 60];
  assert.ok(
    expected.every((seconds, index) => Math.abs(engaged[index] - seconds) < 5),
    `${engaged}`,
  );
  assert.ok(
    engaged.slice(1, 4).every((seconds) => seconds === 30),
    `${engaged}`,
  );
});

test("scroll depth is the deepest point seen", async () => {
  const { collector, page } = await visit();
  await page.evaluate(() => {
    document.body.style.margin = "0";
    scrollTo(0, 900);
    document.dispatchEvent(new Event("scroll"));
    scrollTo(0, 0);
  });
  await setHidden(page, true);
  const [beat] = await collector.untilEvents("heartbeat");
  assert.equal(beat.scroll_percent, 50);
});

test("hidden page sends its final heartbeat, then nothing, and says at once when it is back", async () => {
  const { collector, page } = await visit();
  await page.clock.runFor(4_000);
  await setHidden(page, true);
  await collector.untilEvents("heartbeat");
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide")));
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await pass(page, 5 * MINUTE);
  await setHidden(page, false);
  await page.clock.runFor(6_000);
  await collector.untilEvents("heartbeat", 1);
  assert.deepEqual(types(await everything(page, collector)), ["page_view", "heartbeat", "page_view"]);
});

test("tab that is switched away and back goes on with the same page", async () => {
  const { collector, page } = await visit();
  await setHidden(page, true);
  await pass(page, 5 * MINUTE);
  await setHidden(page, false);
  await page.clock.runFor(6_000);
  await collector.untilEvents("heartbeat", 2);
  const events = await everything(page, collector);
  assert.deepEqual(types(events), ["page_view", "heartbeat", "heartbeat"]);
  assert.deepEqual(
    events.slice(1).map(({ final }) => final),
    [true, false],
  );
  assert.equal(new Set(events.map(({ page_id }) => page_id)).size, 1);
  assert.ok(events[2].engaged_ms < 10_000, "time out of sight does not count");
});

test("who comes back after half an hour and does something begins another visit with a page view", async () => {
  const { collector, page } = await visit();
  await setHidden(page, true);
  await pass(page, 31 * MINUTE);
  await setHidden(page, false);
  const events = await everything(page, collector);
  assert.deepEqual(types(events), ["page_view", "heartbeat", "page_view"]);
  const visits = collector.requests.map(({ batch }) => batch.session_id);
  assert.equal(new Set(visits).size, 2);
  assert.equal(new Set(collector.requests.map(({ batch }) => batch.user_id)).size, 1);
});

test("page that comes back from the back/forward cache is another page view", async () => {
  const collector = await startCollector();
  const site = await startSite(collector, (path) => (path === "/away" ? { head: "" } : {}));
  const { page, errors } = await openPage(browser);
  await page.goto(`${site.origin}/a`);
  await collector.untilEvents("page_view");
  await page.evaluate(() => {
    window.kept = true;
  });
  await page.goto(`${site.origin}/away`);
  await page.goBack({ waitUntil: "commit" });
  await collector.untilEvents("page_view", 2);
  assert.equal(await page.evaluate(() => window.kept), true, "the page was kept in the cache");
  assert.deepEqual(types(await everything(page, collector)), ["page_view", "heartbeat", "page_view"]);
  assert.deepEqual(errors, []);
});
