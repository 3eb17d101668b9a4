import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/stack.mjs";
import {
  everything,
  hang,
  openPage,
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

async function visit({ answer } = {}) {
  const collector = await startCollector();
  if (answer) collector.answerWith(answer);
  const site = await startSite(collector);
  const opened = await openPage(browser);
  await opened.page.goto(`${site.origin}/a`);
  await collector.until("a first request", () => collector.requests.length > 0);
  return { collector, site, ...opened };
}

const ids = (request) => request.batch.events.map((event) => event.id);
const stored = (page) => page.evaluate(unsent);

test("hiding the page sends everything in one text/plain POST without preflight", async () => {
  const { collector, page } = await visit();
  await collector.untilEvents("page_view");
  await page.evaluate(() => {
    for (const name of ["one", "two", "three"]) liveinsight.conversion(name);
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await collector.untilEvents("heartbeat");
  assert.equal(collector.requests.length, 2);
  const { method, type, batch } = collector.requests[1];
  assert.deepEqual([method, type], ["POST", "text/plain;charset=UTF-8"]);
  assert.deepEqual(types(batch.events), ["conversion", "conversion", "conversion", "heartbeat"]);
  assert.equal(batch.events[3].final, true);
});

test("closing the page sends its last words", async () => {
  const { collector, page } = await visit();
  await collector.untilEvents("page_view");
  await page.evaluate(() => liveinsight.conversion("last"));
  await page.close({ runBeforeUnload: true });
  await collector.untilEvents("conversion");
  const [beat] = await collector.untilEvents("heartbeat");
  assert.equal(beat.final, true);
});

test("ten events are not waited with", async () => {
  const { collector, page } = await visit();
  await collector.untilEvents("page_view");
  await page.evaluate(() => {
    for (let i = 0; i < 10; i++) liveinsight.conversion(`c${i}`);
  });
  await collector.untilEvents("conversion", 10);
  assert.deepEqual(
    collector.requests.map(({ batch }) => batch.events.length),
    [1, 10],
  );
});

test("ids survive a retry after 503, which waits as long as the server asked", async () => {
  const { collector, page } = await visit({ answer: status(503, { "retry-after": "2" }) });
  collector.answerWith();
  await collector.untilEvents("page_view");
  const [first, second] = collector.requests;
  assert.deepEqual(ids(second), ids(first));
  assert.ok(second.at - first.at >= 1_900, `${second.at - first.at} ms`);
  assert.ok(second.batch.sent_at > first.batch.sent_at);
  assert.deepEqual(types(await everything(page, collector)), ["page_view"]);
  assert.equal(await stored(page), "");
});

for (const [name, answer] of [
  ["500", status(500)],
  ["429", status(429)],
  ["a broken connection", reset],
]) {
  test(`events are sent again after ${name}`, async () => {
    const { collector, page } = await visit({ answer });
    await page.waitForFunction(unsent);
    collector.answerWith();
    await collector.untilEvents("page_view");
    await page.waitForFunction(`!(${unsent})()`);
  });
}

test("what the server refuses for good is not sent again", async () => {
  const { collector, page, errors } = await visit({ answer: status(400) });
  collector.answerWith();
  assert.deepEqual(types(await everything(page, collector)), []);
  assert.equal(await stored(page), "");
  assert.deepEqual(errors, []);
});

test("events of a page that could not deliver are sent by the next one", async () => {
  const { collector, page, site } = await visit({ answer: status(503, { "retry-after": "60" }) });
  await page.waitForFunction(unsent);
  const [lost] = ids(collector.requests[0]);
  await page.evaluate(() => liveinsight.conversion("lost too"));
  await page.goto(`${site.origin}/b`);
  collector.answerWith();
  await collector.untilEvents("page_view", 2);
  const [request] = collector.requests.filter((request) => request.status === 200);
  const [own, ...earlier] = request.batch.events;
  assert.equal(earlier[0].id, lost);
  assert.deepEqual(types(earlier), ["page_view", "conversion", "heartbeat"]);
  assert.equal(own.url, `${site.origin}/b`);
  await page.waitForFunction(`!(${unsent})()`);
});

test("request that is never answered is given up, and its events are sent again", async () => {
  const collector = await startCollector();
  collector.answerWith(hang);
  const site = await startSite(collector);
  const { page } = await openPage(browser);
  await page.clock.install();
  await page.goto(site.origin);
  await untilStarted(page);
  await page.clock.runFor(300);
  await collector.until("the first request", () => collector.requests.length > 0);
  collector.answerWith();
  await page.clock.runFor(31_000);
  // The back-off is random: the clock goes on until the next attempt.
  await eventually(async () => {
    await page.clock.runFor(1_000);
    return collector.requests.length > 1;
  });
  await collector.untilEvents("page_view");
});

test("page that is hidden while the network is gone stays responsive and tries but a few times", async () => {
  const { collector, page } = await visit();
  await collector.untilEvents("page_view");
  let tries = 0;
  await page.route(collector.endpoint, (route) => {
    tries += 1;
    return route.abort();
  });
  await setHidden(page, true);
  await page.waitForFunction(unsent);
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
  assert.ok(tries >= 1 && tries < 5, `${tries} tries`);
  await page.unroute(collector.endpoint);
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await collector.untilEvents("heartbeat");
});

test("page without storage sends all the same", async () => {
  const collector = await startCollector();
  const site = await startSite(collector);
  const { page, errors } = await openPage(browser);
  await page.addInitScript(() => {
    Object.defineProperty(window, "localStorage", {
      get() {
        throw new DOMException("denied", "SecurityError");
      },
    });
  });
  await page.goto(site.origin);
  await collector.untilEvents("page_view");
  await setHidden(page, true);
  await collector.untilEvents("heartbeat");
  assert.equal(new Set(collector.requests.map(({ batch }) => batch.user_id)).size, 1);
  assert.deepEqual(errors, []);
});

test("beacon carries the last words when fetch throws", async () => {
  const { collector, page, errors } = await visit();
  await collector.untilEvents("page_view");
  await page.evaluate(() => {
    window.fetch = () => {
      throw new TypeError("no fetch");
    };
    liveinsight.conversion("by beacon");
  });
  await setHidden(page, true);
  await collector.untilEvents("conversion");
  assert.deepEqual(errors, []);
});
