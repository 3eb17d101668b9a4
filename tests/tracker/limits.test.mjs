import assert from "node:assert/strict";
import { test } from "node:test";
import {
  accept,
  everything,
  openPage,
  openSite,
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
const KEEPALIVE_BYTES = 64 * 1_024;
const HOUR = 3_600_000;

/** Records conversions of some `kilobytes` of Korean text each: three bytes a character. */
const convertAtLength = (page, count, kilobytes) =>
  page.evaluate(
    ({ count, kilobytes }) => {
      for (let index = 0; index < count; index++) {
        const props = {};
        for (let name = 0; name < kilobytes / 2; name++) props[`p${name}`] = "하늘".repeat(333);
        liveinsight.conversion(`long ${index}`, { props });
      }
    },
    { count, kilobytes },
  );

test("what waits when a page goes is split into bodies the browser takes, and all of it arrives", async () => {
  const { collector, page, url, errors } = await openSite(browser);
  await collector.untilEvents("page_view");
  // Fewer than ten events wait for company; these have 100 KB.
  await convertAtLength(page, 5, 20);
  await page.goto(url("/next"));
  await collector.untilEvents("conversion", 5);
  await collector.untilEvents("heartbeat", 1);
  await collector.untilEvents("page_view", 2);
  const long = collector.requests.filter(({ batch }) => batch.events.some(({ name }) => name));
  const sizes = long.map(({ size }) => size);
  assert.ok(long.length >= 2 && Math.max(...sizes) < KEEPALIVE_BYTES, `${sizes}`);
  assert.ok(long.some(({ batch }) => batch.context.url === url("/")));
  assert.deepEqual(errors, []);
});

test("more than the browser takes at once when a page goes arrives with the next one", async () => {
  const { collector, page, url, errors } = await openSite(browser);
  await collector.untilEvents("page_view", 1);
  collector.answerWith(status(503, { "retry-after": "1" }));
  await convertAtLength(page, 19, 6);
  await page.waitForFunction(unsent);
  collector.answerWith();
  await page.goto(url("/next"));
  await collector.untilEvents("conversion", 19);
  await collector.untilEvents("page_view", 2);
  const sizes = collector.requests.map((request) => request.size);
  assert.ok(Math.max(...sizes) < KEEPALIVE_BYTES, `${sizes}`);
  assert.equal(collector.requests.at(-1).batch.dropped, undefined);
  const names = collector.events().flatMap(({ name }) => name ?? []);
  assert.deepEqual(names.sort(), [...Array(19).keys()].map((index) => `long ${index}`).sort());
  await page.waitForFunction(`!(${unsent})()`);
  assert.deepEqual(errors, []);
});

test("small requests and those of a page out of sight outlive it, large ones leave the room to others", async () => {
  const { collector, page } = await openSite(browser, {
    prepare: () => {
      window.sent = [];
      const { fetch } = window;
      window.fetch = (address, options) => {
        window.sent.push([options.body.length, options.keepalive, options.credentials]);
        return fetch(address, options);
      };
    },
  });
  await collector.untilEvents("page_view");
  await convertAtLength(page, 8, 6);
  await page.evaluate(() => {
    for (const name of ["ninth", "tenth"]) liveinsight.conversion(name);
  });
  await collector.untilEvents("conversion", 10);
  await setHidden(page, true);
  await collector.untilEvents("heartbeat");
  const sent = await page.evaluate(() => window.sent);
  assert.deepEqual(
    sent.map(([length, keepalive, credentials]) => [length > 15_000, keepalive, credentials]),
    [
      [false, true, "omit"],
      [true, false, "omit"],
      [false, true, "omit"],
    ],
  );
});

/** Resolves when the page has taken note of the answers it was given. */
const heard = (page) => page.evaluate(() => fetch("/").then((answer) => answer.text()));

/** Records more events at once than are kept; gives how many were lost and what was told of it. */
async function overflow(collector, page) {
  await page.evaluate(() => {
    for (let index = 0; index < 300; index++) liveinsight.event(`e${index}`);
    liveinsight.flush();
  });
  await collector.until("the last one", () => collector.events().some(({ name }) => name === "e299"));
  await everything(page, collector);
  return {
    lost: 300 - collector.events().filter(({ type }) => type === "custom").length,
    told: collector.requests.flatMap(({ batch, status }) => (status === 200 && batch.dropped) || []),
  };
}

const refuse = status(503, { "retry-after": "1" });
const was = (code) => (request) => request.status === code;

test("how many events had to be given up is told when its request is sent again", async () => {
  const { collector, page, errors } = await openSite(browser);
  await collector.untilEvents("page_view");
  await heard(page);
  let refused = 0;
  collector.answerWith((...answer) => (refused++ < 2 ? refuse : accept)(...answer));
  const { lost, told } = await overflow(collector, page);
  assert.ok(lost >= 60, `${lost}`);
  assert.deepEqual(told, [lost]);
  assert.deepEqual(errors, []);
});

test("how many events had to be given up is told even if another request arrives meanwhile", async () => {
  const collector = await startCollector();
  // The page view is answered when the events are under way; these are refused when the page knows.
  collector.answerWith(async (response, record) => {
    const [first] = collector.requests;
    if (record === first) {
      await collector.until("the others", () => collector.requests.length > 1);
      return accept(response, record);
    }
    if (collector.requests.some(was(503))) return accept(response, record);
    await collector.until("the first answer", () => was(200)(first));
    await heard(page);
    return refuse(response);
  });
  const site = await startSite(collector);
  const { page } = await openPage(browser);
  await page.goto(site.origin);
  await collector.until("a request", () => collector.requests.length);
  const { lost, told } = await overflow(collector, page);
  assert.ok(lost >= 60, `${lost}`);
  assert.deepEqual(told, [lost]);
});

test("how many events had to be given up is told once even if another request is refused meanwhile", async () => {
  const { collector, page } = await openSite(browser);
  await collector.untilEvents("page_view");
  await heard(page);
  collector.answerWith(async (response, record) => {
    if (!record.batch.dropped && !collector.requests.some(was(503))) return refuse(response);
    await collector.until("a refusal", () => collector.requests.some(was(503)));
    await heard(page);
    return accept(response, record);
  });
  const { lost, told } = await overflow(collector, page);
  assert.ok(lost >= 60, `${lost}`);
  assert.deepEqual(told, [lost]);
});

for (const [name, error] of [
  ["fast", 2 * HOUR],
  ["slow", -2 * HOUR],
]) {
  test(`clock that is two hours ${name} tells the same in all it sends, so that the server can tell its error`, async () => {
    const collector = await startCollector();
    const site = await startSite(collector);
    const { page, errors } = await openPage(browser);
    await page.clock.install({ time: Date.now() + error });
    await page.goto(site.origin);
    await untilStarted(page);
    await page.clock.runFor(300);
    await collector.untilEvents("page_view", 1);
    await page.evaluate(() => liveinsight.conversion("now"));
    const events = await everything(page, collector);
    assert.deepEqual(types(events), ["page_view", "conversion"]);
    for (const { at } of events)
      assert.ok(Math.abs(at - Date.now() - error) < 60_000, `${at - Date.now()} ms`);
    for (const { batch } of collector.requests) {
      assert.ok(Math.abs(batch.sent_at - Date.now() - error) < 60_000, `${batch.sent_at - Date.now()} ms`);
    }
    assert.equal(new Set(collector.requests.map(({ batch }) => batch.session_id)).size, 1);
    assert.deepEqual(errors, []);
  });
}

/** How often the tracker asks what the page is called: once whenever it looks at the page. */
const countLooks = () => {
  window.looks = 0;
  const { get } = Object.getOwnPropertyDescriptor(Document.prototype, "title");
  Object.defineProperty(document, "title", {
    configurable: true,
    get() {
      window.looks += 1;
      return get.call(document);
    },
  });
};

test("clock that is set back gives the tracker nothing to do", async () => {
  const collector = await startCollector();
  const site = await startSite(collector);
  const { page } = await openPage(browser);
  await page.clock.install();
  await page.goto(site.origin);
  await untilStarted(page);
  await page.clock.runFor(1_000);
  await collector.untilEvents("page_view");
  await page.clock.setSystemTime((await page.evaluate(() => Date.now())) - 1_000);
  await page.evaluate(countLooks);
  await page.evaluate(() => dispatchEvent(new Event("focus")));
  await page.clock.runFor(5_000);
  const looks = await page.evaluate(() => window.looks);
  assert.ok(looks < 20, `looked ${looks} times in five seconds`);
});

test("nonsense left in storage gives the tracker nothing to do", async () => {
  const collector = await startCollector();
  const site = await startSite(collector);
  const { page, errors } = await openPage(browser);
  await page.clock.install();
  await page.goto(site.origin);
  await untilStarted(page);
  await page.clock.runFor(1_000);
  await collector.untilEvents("page_view");
  await page.evaluate(() => {
    localStorage["liveinsight:test-site:gone"] = " \t\t\tnonsense\n";
  });
  await page.evaluate(countLooks);
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await page.waitForFunction(() => !localStorage["liveinsight:test-site:gone"]);
  await page.clock.runFor(5_000);
  const looks = await page.evaluate(() => window.looks);
  assert.ok(looks < 20, `looked ${looks} times in five seconds`);
  assert.deepEqual(types(await everything(page, collector)), ["page_view"]);
  assert.deepEqual(errors, []);
});
