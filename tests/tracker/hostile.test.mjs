import assert from "node:assert/strict";
import { test } from "node:test";
import {
  everything,
  isId,
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

const NAMES = ["conversion", "event", "flush"];

/** Opens a page spoilt by `prepare`, does this and that, and gives all events. */
async function live({ prepare, given, attributes, body = "" }) {
  const page = () => ({ body: `${body}<p id="mark" data-li-event="mark">Mark</p>` });
  const opened = await openSite(browser, { prepare, given, attributes, page });
  await opened.page.click("#mark");
  await opened.page.evaluate(() => {
    liveinsight.event("told", { size: 7, gift: true });
    history.pushState({}, "", "/b");
  });
  const views = () => opened.collector.events().filter(({ type }) => type === "page_view");
  await opened.collector.until("two page views", () => views().length > 1);
  const events = await everything(opened.page, opened.collector);
  return { ...opened, events };
}

/** Nothing is different from what a page in order gives. */
function assertUnspoilt({ events, errors, messages }) {
  assert.deepEqual(types(events), ["page_view", "click", "custom", "heartbeat", "page_view"]);
  assert.deepEqual(events[1].target, { kind: "marked", name: "mark", text: "Mark", selector: "p#mark" });
  assert.deepEqual(events[2].props, { size: "7", gift: "true" });
  assert.ok(events.every(({ id, page_id }) => isId(id) && isId(page_id)));
  assert.deepEqual([errors, messages], [[], []]);
}

for (const [name, prepare] of [
  [
    "arrays and texts that print themselves as JSON texts",
    () => {
      for (const { prototype } of [Array, String, Number, Object])
        Object.defineProperty(prototype, "toJSON", { value: () => '"spoilt"', configurable: true });
    },
  ],
  [
    "another JSON",
    () => {
      JSON.stringify = () => '"spoilt"';
      JSON.parse = () => {
        throw new Error("spoilt");
      };
    },
  ],
  [
    "enumerable methods of all objects",
    () => {
      Object.prototype.extend = () => {};
      Array.prototype.remove = () => {};
    },
  ],
  [
    "enumerable texts of all objects",
    () => {
      Object.prototype.spoilt = "spoilt";
    },
  ],
  ["a history that cannot be changed", () => Object.freeze(history)],
  ["no Intl", () => delete window.Intl],
  [
    "neither Intl nor Temporal",
    () => {
      for (const name of ["Temporal", "Intl"]) delete window[name];
    },
  ],
  [
    "a performance timeline that is gone",
    () => {
      performance.getEntriesByType = () => [];
    },
  ],
  [
    "no beacons",
    () => {
      navigator.sendBeacon = undefined;
    },
  ],
]) {
  test(`page with ${name} is tracked like any other`, async () => {
    assertUnspoilt(await live({ prepare }));
  });
}

test("page with another JSON gets its hook's events", async () => {
  const { events, errors } = await live({
    prepare: () => {
      Object.defineProperty(Array.prototype, "toJSON", { value: () => "spoilt", configurable: true });
      window.liveinsight = { q: [], options: { beforeSend: (event) => event } };
    },
  });
  assert.deepEqual(types(events), ["page_view", "click", "custom", "heartbeat", "page_view"]);
  assert.deepEqual(errors, []);
});

test("elements that are called as the tracker is do it no harm", async () => {
  const { events, errors } = await live({
    body: '<form id="liveinsight" name="navigation"><input name="id"></form><img name="fetch" id="history">',
  });
  assert.deepEqual(types(events), ["page_view", "click", "custom", "heartbeat", "page_view"]);
  assert.deepEqual(errors, []);
});

/** Where the tracker cannot work, the page is none the wiser. */
for (const [name, prepare] of [
  ["TextEncoder", () => delete window.TextEncoder],
  ["TextDecoder", () => delete window.TextDecoder],
  ["AbortController", () => delete window.AbortController],
  ["crypto", () => Object.defineProperty(window, "crypto", { value: undefined })],
  ["fetch", () => Object.defineProperty(window, "fetch", { value: undefined })],
  ["performance", () => Object.defineProperty(window, "performance", { value: undefined })],
  ["URL", () => delete window.URL],
  [
    "Proxy",
    () => {
      for (const name of ["navigation", "Proxy"]) delete window[name];
    },
  ],
]) {
  test(`page without ${name} is told nothing of it`, async () => {
    const collector = await startCollector();
    const site = await startSite(collector);
    const { page, errors, messages } = await openPage(browser);
    await page.addInitScript(prepare);
    await page.goto(site.origin);
    await page.waitForLoadState("load");
    const pushed = await page.evaluate((names) => {
      for (const name of names) window.liveinsight?.[name]?.("x");
      document.body.click();
      window.history.pushState({}, "", "/b");
      return location.pathname;
    }, NAMES);
    assert.equal(pushed, "/b");
    await setHidden(page, true);
    await page.goto("about:blank");
    assert.deepEqual([errors, messages], [[], []]);
  });
}

test("title that cannot be read is nothing to the page", async () => {
  const { page, errors, messages } = await openSite(browser, {
    prepare: () =>
      Object.defineProperty(document, "title", {
        get() {
          throw new Error("mine");
        },
      }),
  });
  await page.evaluate(() => {
    liveinsight.conversion("x");
    document.body.click();
    history.pushState({}, "", "/b");
  });
  await page.goto("about:blank");
  assert.deepEqual([errors, messages], [[], []]);
});

for (const [kind, head] of [
  ["script", undefined],
  [
    "package",
    (collector) => `<script type="module">
      import { init } from "${collector.origin}/package/index.js";
      const { endpoint } = { endpoint: "${collector.endpoint}" };
      window.liveinsight = init({ siteId: "test-site", endpoint, test: true });</script>`,
  ],
]) {
  test(`${kind} runs, but for navigation, where neither history nor browser tell of it`, async () => {
    const { collector, page, errors, messages } = await openSite(browser, {
      page: (_, collector) => (head ? { head: head(collector) } : {}),
      prepare: () => {
        delete window.navigation;
        Object.freeze(history);
        Object.freeze(History.prototype);
      },
    });
    await page.evaluate(() => liveinsight.event("told"));
    await collector.untilEvents("page_view");
    assert.deepEqual(types(await everything(page, collector)), ["page_view", "custom"]);
    assert.deepEqual([errors, messages], [[], []]);
  });
}

test("page without Intl delivers what an earlier one could not", async () => {
  const { collector, page, url } = await openSite(browser, {
    prepare: () => {
      for (const name of ["Temporal", "Intl"]) delete window[name];
    },
  });
  await collector.untilEvents("page_view", 1);
  collector.answerWith(status(503, { "retry-after": "60" }));
  await page.evaluate(() => {
    liveinsight.event("lost");
    liveinsight.flush();
  });
  await page.waitForFunction(unsent);
  collector.answerWith();
  await page.goto(url("/next"));
  await collector.untilEvents("custom");
});

/** Chromium up to 113 compiles no more than 4 KB at once on the main thread. */
const oldChromium = () => {
  WebAssembly.Module = new Proxy(WebAssembly.Module, {
    construct() {
      throw new RangeError(
        "WebAssembly.Compile is disallowed on the main thread, if the buffer size is larger",
      );
    },
  });
};

test("browser that compiles little at once is tracked like any other", async () => {
  assertUnspoilt(await live({ prepare: oldChromium }));
});

/** Opens a page whose module comes, one way or the other, only after `release()`. */
async function openBeforeModule({ attributes, prepare = () => {} } = {}) {
  const gates = { promise: undefined, release: undefined };
  gates.promise = new Promise((resolve) => {
    gates.release = resolve;
  });
  const collector = await startCollector();
  const site = await startSite(collector, () => ({
    head: scriptTag(collector, attributes),
    body: '<p id="mark" data-li-event="mark">Mark</p>',
  }));
  const { page, errors } = await openPage(browser);
  await page.addInitScript(oldChromium);
  await page.addInitScript(prepare);
  await page.route("**/li-fallback-*", async (route) => {
    await gates.promise;
    await route.continue();
  });
  await page.goto(site.origin);
  await untilStarted(page);
  return { collector, page, errors, release: gates.release };
}

test("calls and clicks made before the module is there arrive in order", async () => {
  const { collector, page, errors, release } = await openBeforeModule();
  await page.evaluate(() => {
    liveinsight.event("one");
    liveinsight.identify("customer-1042");
    liveinsight.conversion("two", { revenue: { amount: "1.00", currency: "EUR" } });
  });
  await page.click("#mark");
  await page.evaluate(() => {
    liveinsight.event("three");
    liveinsight.flush();
  });
  assert.equal(collector.requests.length, 0);
  release();
  const events = await everything(page, collector);
  assert.deepEqual(
    events.map(({ type, name, target }) => name ?? target?.name ?? type),
    ["page_view", "one", "two", "mark", "three"],
  );
  assert.equal(collector.requests.at(-1).batch.person_id, "customer-1042");
  assert.deepEqual(errors, []);
});

test("consent given before the module is there holds", async () => {
  const { collector, page, release } = await openBeforeModule({
    attributes: 'data-consent="pending"',
    prepare: () => {
      window.liveinsight = { q: [["conversion", "before"], ["grant"], ["conversion", "after"]] };
    },
  });
  release();
  const events = await everything(page, collector);
  assert.deepEqual(
    events.map(({ type, name }) => name ?? type),
    ["page_view", "before", "after"],
  );
});

test("refusal made before the module is there holds", async () => {
  const { collector, page, errors, release } = await openBeforeModule();
  await page.evaluate(() => {
    liveinsight.event("before");
    liveinsight.consent.deny();
    liveinsight.event("after");
  });
  const loaded = page.waitForResponse("**/li-fallback-*");
  release();
  await loaded;
  await setHidden(page, true);
  await page.goto("about:blank");
  assert.deepEqual([collector.requests, errors], [[], []]);
});

test("package under a policy without WebAssembly starts again after stop()", async () => {
  const collector = await startCollector();
  const module = `
    import { init } from "${collector.origin}/package/index.js";
    const options = { siteId: "test-site", endpoint: "${collector.endpoint}", test: true };
    window.liveinsight = init(options);
    window.again = () => { liveinsight.stop(); window.liveinsight = init(options); };`;
  const site = await startSite(collector, () => ({
    head: `<script type="module">${module}</script>`,
    headers: {
      "content-security-policy": `script-src ${collector.origin} 'unsafe-inline'; connect-src ${collector.origin}`,
    },
  }));
  const { page, errors } = await openPage(browser);
  await page.goto(site.origin);
  await untilStarted(page);
  await collector.untilEvents("page_view", 1);
  await page.evaluate(() => window.again());
  await collector.untilEvents("page_view", 2);
  assert.deepEqual(errors, []);
});

test("tag without a site is nothing to the page", async () => {
  const collector = await startCollector();
  const head = scriptTag(collector).replace('data-site-id="test-site"', "");
  const site = await startSite(collector, () => ({ head }));
  const { page, errors } = await openPage(browser);
  await page.goto(site.origin);
  await page.waitForLoadState("load");
  assert.deepEqual(errors, []);
});
