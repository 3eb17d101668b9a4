import assert from "node:assert/strict";
import { test } from "node:test";
import {
  everything,
  openPage,
  openSite,
  scriptTag,
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

for (const [name, wasm] of [
  ["with WebAssembly", "'wasm-unsafe-eval'"],
  ["without WebAssembly", ""],
]) {
  test(`page under a strict policy, ${name}, is tracked and nothing is reported`, async () => {
    const collector = await startCollector();
    const policy = [
      "default-src 'none'",
      `script-src ${collector.origin} ${wasm}`,
      `connect-src ${collector.origin}`,
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ].join(";");
    const site = await startSite(collector, () => ({
      headers: { "content-security-policy": policy },
      head: scriptTag(collector, "data-vitals"),
    }));
    const { page, errors, messages } = await openPage(browser);
    await page.goto(site.origin);
    await collector.untilEvents("page_view", 1);
    await page.evaluate(() => history.pushState({}, "", "/b"));
    await collector.untilEvents("page_view", 2);
    assert.deepEqual(types(await everything(page, collector)), ["page_view", "heartbeat", "page_view"]);
    assert.deepEqual(errors, []);
    // That WebAssembly is forbidden cannot be known without trying; the browser says so by itself.
    const reports = messages.filter((text) => wasm || !text.includes("WebAssembly"));
    assert.deepEqual(reports, []);
  });
}

test("page can be kept in the back/forward cache, and has no listener that forbids it", async () => {
  const { collector, page, url, errors } = await openSite(browser, {
    path: "/a",
    attributes: "data-vitals data-cookie data-buttons",
    prepare: () => {
      window.listened = [];
      const { addEventListener } = EventTarget.prototype;
      EventTarget.prototype.addEventListener = function (type, ...rest) {
        window.listened.push(type);
        return addEventListener.call(this, type, ...rest);
      };
    },
  });
  await collector.untilEvents("page_view", 1);
  const listened = await page.evaluate(() => window.listened);
  assert.ok(listened.includes("pagehide"));
  assert.ok(!listened.some((type) => /unload$/.test(type)), `${listened}`);
  await page.goto(url("/b"));
  await collector.untilEvents("page_view", 2);
  await page.goBack({ waitUntil: "commit" });
  await collector.untilEvents("page_view", 3);
  const restored = await page.evaluate(() => {
    const [{ notRestoredReasons }] = performance.getEntriesByType("navigation");
    return { notRestoredReasons, again: window.listened.length > 0 };
  });
  assert.deepEqual(restored, { notRestoredReasons: null, again: true });
  assert.equal(collector.events().at(-1).url ?? url("/a"), url("/a"));
  assert.deepEqual(errors, []);
});

test("page view of a slow machine arrives", async () => {
  const collector = await startCollector();
  const site = await startSite(collector);
  const { page, context, errors } = await openPage(browser);
  const cdp = await context.newCDPSession(page);
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  await page.goto(site.origin);
  await collector.untilEvents("page_view");
  assert.deepEqual(errors, []);
});

test("console stays empty whatever happens, unless the site debugs", async () => {
  for (const [attributes, told] of [
    ["", false],
    ["data-debug", true],
  ]) {
    const { collector, page, messages, errors } = await openSite(browser, { attributes });
    await collector.untilEvents("page_view");
    collector.answerWith((response) => {
      response.writeHead(200);
      response.end("no JSON");
    });
    await page.evaluate(() => {
      liveinsight.conversion("");
      liveinsight.conversion("x", { revenue: { amount: "x" } });
      liveinsight.event("y", null);
      liveinsight.identify("z".repeat(200));
      liveinsight.event("huge", Object.fromEntries([...Array(30).keys()].map((i) => [i, "값".repeat(999)])));
      liveinsight.flush();
    });
    await collector.untilEvents("custom", 2);
    await everything(page, collector);
    assert.equal(messages.length > 0, told, `${messages}`);
    assert.ok(messages.every((text) => text.startsWith("liveinsight:")));
    assert.deepEqual(errors, []);
  }
});

test("web vitals are loaded where the site asks for them, and told once, when the page is left", async () => {
  const { collector, page, url, errors } = await openSite(browser, {
    attributes: "data-vitals",
    page: () => ({ body: "<h1>Something to paint</h1>" }),
  });
  await collector.untilEvents("page_view", 1);
  await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length);
  assert.ok(
    await page.evaluate(() =>
      performance.getEntriesByType("resource").some(({ name }) => /\/li-vitals-\w+\.js$/.test(name)),
    ),
  );
  assert.deepEqual(types(await everything(page, collector)), ["page_view"]);
  await page.click("h1");
  await page.goto(url("/b"));
  const [vitals] = await collector.untilEvents("custom", 1);
  assert.equal(vitals.name, "web_vitals");
  assert.equal(vitals.page_id, collector.events()[0].page_id);
  for (const name of ["lcp", "cls", "fcp", "ttfb"]) {
    assert.ok(Number(vitals.props[name]) >= 0 && Number(vitals.props[name]) < 60_000, JSON.stringify(vitals));
  }
  assert.ok(Number(vitals.props.fcp) > 0 && Number(vitals.props.lcp) > 0);
  await collector.untilEvents("page_view", 2);
  await page.goBack({ waitUntil: "commit" });
  await collector.untilEvents("page_view", 3);
  assert.deepEqual(errors, []);
});

test("web vitals are told once although the page is hidden twice", async () => {
  const { collector, page } = await openSite(browser, { attributes: "data-vitals" });
  await page.waitForFunction(() =>
    performance.getEntriesByType("resource").some(({ name }) => /vitals/.test(name)),
  );
  await collector.untilEvents("page_view");
  const hide = (hidden) =>
    page.evaluate((hidden) => {
      const visibilityState = { value: hidden ? "hidden" : "visible", configurable: true };
      Object.defineProperty(document, "visibilityState", visibilityState);
    }, hidden);
  for (let round = 0; round < 2; round++) {
    await hide(true);
    await setHidden(page, true);
    await collector.untilEvents("custom");
    await hide(false);
    await setHidden(page, false);
  }
  const events = await everything(page, collector);
  assert.deepEqual(
    events.filter(({ type }) => type === "custom").map(({ name }) => name),
    ["web_vitals"],
  );
});

test("web vitals are not loaded where the site does not ask for them", async () => {
  const { collector, page } = await openSite(browser);
  await everything(page, collector);
  const loaded = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
  assert.deepEqual(
    loaded.filter((name) => name.endsWith(".js")),
    [`${collector.origin}/li.js`],
  );
});

test("stop() takes every listener and timer away, and keeps what it could not deliver", async () => {
  const collector = await startCollector();
  const site = await startSite(collector);
  const { page, errors } = await openPage(browser);
  await page.clock.install();
  await page.addInitScript(() => {
    delete window.navigation;
    window.listening = new Set();
    const { addEventListener, removeEventListener } = EventTarget.prototype;
    const named = (target, type) => `${target.constructor.name} ${type}`;
    EventTarget.prototype.addEventListener = function (type, listener, options) {
      // Playwright listens, too.
      if (new Error().stack.includes("li.js")) window.listening.add(named(this, type));
      options?.signal?.addEventListener("abort", () => window.listening.delete(named(this, type)));
      return addEventListener.call(this, type, listener, options);
    };
    EventTarget.prototype.removeEventListener = function (type, ...rest) {
      window.listening.delete(named(this, type));
      return removeEventListener.call(this, type, ...rest);
    };
  });
  await page.goto(site.origin);
  await untilStarted(page);
  await page.clock.runFor(300);
  await collector.untilEvents("page_view");
  assert.ok((await page.evaluate(() => window.listening.size)) > 10);
  collector.answerWith(status(503));
  await page.evaluate(() => {
    liveinsight.event("last");
    liveinsight.stop();
    window.listening.delete("AbortSignal abort");
  });
  assert.deepEqual(await page.evaluate(() => [...window.listening]), []);
  await collector.until("the last words", () => collector.requests.at(-1).status === 503);
  const count = collector.requests.length;
  await page.evaluate(() => {
    liveinsight.event("late");
    liveinsight.flush();
    liveinsight.reset();
    liveinsight.identify("late");
    liveinsight.consent.grant();
    history.pushState({}, "", "/late");
    dispatchEvent(new Event("online"));
    document.body.click();
  });
  await page.clock.runFor(10 * 60_000);
  await setHidden(page, true);
  assert.equal(collector.requests.length, count);
  const kept = await page.evaluate(unsent);
  assert.ok(kept.includes('"last"') && !kept.includes("late"));
  assert.deepEqual(errors, []);
});
