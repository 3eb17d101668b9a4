import assert from "node:assert/strict";
import { test } from "node:test";
import {
  everything,
  isId,
  openPage,
  scriptTag,
  startBrowser,
  startCollector,
  startSite,
  types,
} from "./support.mjs";

const browser = await startBrowser();

test("loading a page sends one page view of the documented shape", async () => {
  const collector = await startCollector();
  const site = await startSite(collector, () => ({ title: "Haneul &amp; Co. — 하늘" }));
  const { page, errors } = await openPage(browser, {
    locale: "ko-KR",
    timezoneId: "Asia/Seoul",
    viewport: { width: 1280, height: 720 },
  });
  await page.goto(`${site.origin}/cart?utm_source=mail#top`, { referer: "https://search.example/" });
  const [view] = await collector.untilEvents("page_view");
  const { batch, type, method, cookie } = collector.requests[0];

  assert.deepEqual([method, type, cookie], ["POST", "text/plain;charset=UTF-8", undefined]);
  const { user_id, session_id, sent_at, events, ...rest } = batch;
  const { tab } = rest.context;
  assert.match(tab, /^[a-z0-9]{1,8}$/);
  assert.deepEqual(rest, {
    v: 1,
    site_id: "test-site",
    context: {
      language: "ko-KR",
      time_zone: "Asia/Seoul",
      screen: [1280, 720],
      viewport: [1280, 720],
      tab,
      url: `${site.origin}/cart?utm_source=mail`,
    },
  });
  assert.ok(isId(user_id) && isId(session_id) && isId(view.id) && isId(view.page_id));
  assert.ok(Math.abs(sent_at - Date.now()) < 60_000);
  assert.equal(events.length, 1);
  const { id, at, page_id, ...shape } = view;
  assert.equal(Number.parseInt(id.replace("-", "").slice(0, 12), 16), at);
  assert.deepEqual(shape, {
    type: "page_view",
    url: `${site.origin}/cart?utm_source=mail`,
    referrer: "https://search.example/",
    title: "Haneul & Co. — 하늘",
  });
  assert.deepEqual(types(await everything(page, collector)), ["page_view"]);
  assert.deepEqual(errors, []);
});

test("user and session stay the same from page to page, page ids do not", async () => {
  const collector = await startCollector();
  const site = await startSite(collector);
  const { page } = await openPage(browser);
  await page.goto(`${site.origin}/a`);
  await collector.untilEvents("page_view", 1);
  await page.goto(`${site.origin}/b`);
  const views = await collector.untilEvents("page_view", 2);
  const ids = collector.requests.map(({ batch }) => `${batch.user_id} ${batch.session_id}`);
  assert.equal(new Set(ids).size, 1);
  assert.notEqual(views[0].page_id, views[1].page_id);
});

test("leaving a page sends its final heartbeat", async () => {
  const collector = await startCollector();
  const site = await startSite(collector);
  const { page } = await openPage(browser);
  await page.goto(`${site.origin}/a`);
  const [view] = await collector.untilEvents("page_view", 1);
  await page.goto(`${site.origin}/b`);
  const [beat] = await collector.untilEvents("heartbeat", 1);
  const { id, at, page_id, engaged_ms, ...shape } = beat;
  assert.deepEqual(shape, { type: "heartbeat", scroll_percent: 100, interval_s: 15, final: true });
  assert.equal(page_id, view.page_id);
  assert.ok(engaged_ms > 0 && engaged_ms < 60_000, `${engaged_ms}`);
});

test("page opened out of sight is counted when it is first seen", async () => {
  const collector = await startCollector();
  const site = await startSite(collector);
  const { page } = await openPage(browser);
  await page.addInitScript(() => {
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
  });
  await page.goto(`${site.origin}/a`);
  await page.waitForFunction(() => typeof liveinsight === "object");
  await page.evaluate(() => liveinsight.flush());
  assert.equal(collector.requests.length, 0);
  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { value: false, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await collector.untilEvents("page_view");
  assert.deepEqual(types(await everything(page, collector)), ["page_view"]);
});

test("browser that objects to tracking is left alone, unless the site overrides it", async () => {
  const collector = await startCollector();
  let attributes = "";
  const site = await startSite(collector, () => ({ head: scriptTag(collector, attributes) }));
  for (const [object, name, value] of [
    ["navigator", "globalPrivacyControl", true],
    ["navigator", "doNotTrack", "1"],
    ["navigator", "doNotTrack", "yes"],
  ]) {
    const { page, errors } = await openPage(browser);
    await page.addInitScript(
      ([object, name, value]) => Object.defineProperty(window[object], name, { value }),
      [object, name, value],
    );
    await page.goto(site.origin);
    await page.waitForFunction(() => typeof liveinsight === "object");
    await page.evaluate(() => {
      liveinsight.conversion("x");
      liveinsight.pageView();
      liveinsight.flush();
      liveinsight.stop();
    });
    assert.equal(await page.evaluate(() => localStorage.length), 0, name);
    assert.deepEqual(errors, []);
  }
  assert.equal(collector.requests.length, 0);

  attributes = "data-ignore-privacy-signals";
  const { page } = await openPage(browser);
  await page.addInitScript(() => Object.defineProperty(navigator, "globalPrivacyControl", { value: true }));
  await page.goto(site.origin);
  await collector.untilEvents("page_view");
});
