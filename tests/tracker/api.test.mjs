import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import {
  distFile,
  everything,
  isId,
  openPage,
  scriptTag,
  startBrowser,
  startCollector,
  startSite,
  types,
  untilStarted,
} from "./support.mjs";

const browser = await startBrowser();

async function visit(page = () => ({}), prepare = () => {}, setUp = () => {}) {
  const collector = await startCollector();
  const site = await startSite(collector, () => page(collector));
  const opened = await openPage(browser);
  await opened.page.addInitScript(prepare);
  await setUp(opened.page);
  await opened.page.goto(site.origin);
  await untilStarted(opened.page);
  return { collector, ...opened };
}

const conversions = (events) => events.filter(({ type }) => type === "conversion");

test("conversion carries name, revenue and properties", async () => {
  const { collector, page, errors } = await visit();
  await page.evaluate(() => {
    liveinsight.conversion("purchase", {
      revenue: { amount: "49000", currency: "KRW" },
      props: { items: 2, gift: true, coupon: '가을\n"10%"', cart: { nested: 1 }, none: null },
    });
    liveinsight.conversion("tip", { revenue: { amount: 0.5, currency: "eur" } });
    liveinsight.conversion("sign-up");
  });
  const events = conversions(await everything(page, collector));
  const view = collector.events().find(({ type }) => type === "page_view");
  assert.ok(events.every(({ page_id }) => page_id === view.page_id));
  assert.deepEqual(
    events.map(({ id, at, type, page_id, ...rest }) => rest),
    [
      {
        name: "purchase",
        revenue: { amount: "49000", currency: "KRW" },
        props: { items: "2", gift: "true", coupon: '가을 "10%"' },
      },
      { name: "tip", revenue: { amount: "0.5", currency: "EUR" } },
      { name: "sign-up" },
    ],
  );
  assert.deepEqual(errors, []);
});

test("conversion with a revenue that is none is kept without it", async () => {
  const { collector, page } = await visit();
  await page.evaluate(() => liveinsight.conversion("odd", { revenue: { amount: "1,50", currency: "EUR" } }));
  const [odd] = conversions(await everything(page, collector));
  assert.equal(odd.name, "odd");
  assert.equal(odd.revenue, undefined);
});

test("nonsense given to the methods is never thrown back at the page", async () => {
  const { collector, page, errors } = await visit();
  await page.evaluate(() => {
    const hostile = {
      get revenue() {
        throw new Error("mine");
      },
    };
    for (const args of [[], [""], [null, null], [Symbol("s")], ["a", { props: 7 }], ["x", { revenue: 1 }]]) {
      liveinsight.conversion(...args);
    }
    liveinsight.pageView(null);
    liveinsight.conversion("b", hostile);
  });
  assert.deepEqual(errors, []);
  assert.ok(types(await everything(page, collector)).includes("page_view"));
});

test("page views can be asked for, with properties", async () => {
  const { collector, page } = await visit();
  await page.evaluate(() => liveinsight.pageView({ props: { step: "2" } }));
  const events = await everything(page, collector);
  assert.deepEqual(types(events), ["page_view", "heartbeat", "page_view"]);
  assert.deepEqual(events[2].props, { step: "2" });
});

test("calls made before the script has loaded are made up for, in order", async () => {
  const { collector, page } = await visit(undefined, () => {
    window.liveinsight = { q: [] };
    for (const name of ["conversion", "pageView", "flush", "stop"]) {
      window.liveinsight[name] = (...args) => window.liveinsight.q.push([name, ...args]);
    }
    window.liveinsight.conversion("early", { props: { a: 1 } });
    window.liveinsight.conversion("later");
  });
  await page.waitForFunction(() => !liveinsight.q);
  const events = await everything(page, collector);
  assert.deepEqual(types(events), ["page_view", "conversion", "conversion"]);
  assert.deepEqual(
    conversions(events).map(({ name }) => name),
    ["early", "later"],
  );
});

test("script leaves one global and throws nothing", async () => {
  const before = () => {
    window.before = Object.getOwnPropertyNames(window);
  };
  const { page, errors, messages } = await visit(undefined, before);
  const added = await page.evaluate(() =>
    Object.getOwnPropertyNames(window).filter((name) => !window.before.includes(name) && name !== "before"),
  );
  assert.deepEqual(added, ["liveinsight"]);
  assert.deepEqual([errors, messages], [[], []]);
});

test("script included twice warns once and keeps the first", async () => {
  const { collector, page, errors, messages } = await visit((collector) => ({
    head: scriptTag(collector) + scriptTag(collector).replace("test-site", "other"),
  }));
  await page.waitForLoadState("load");
  assert.deepEqual(types(await everything(page, collector)), ["page_view"]);
  assert.equal(messages.filter((text) => text.includes("included twice")).length, 1);
  assert.deepEqual(errors, []);
});

test("page that forbids WebAssembly is tracked by the same module as JavaScript", async () => {
  const { collector, page, errors } = await visit((collector) => ({
    headers: {
      "content-security-policy": `default-src 'self'; script-src ${collector.origin}; connect-src ${collector.origin}`,
    },
    body: '<a href="#" data-li-event="mark">Mark</a>',
  }));
  await page.evaluate(() =>
    liveinsight.conversion("early", { revenue: { amount: "4.50", currency: "EUR" } }),
  );
  await page.click("a");
  await page.evaluate(() => history.pushState({}, "", "/b"));
  const events = await collector.untilEvents("page_view", 2).then(() => everything(page, collector));
  assert.deepEqual(types(events), ["page_view", "conversion", "click", "heartbeat", "page_view"]);
  assert.deepEqual(conversions(events)[0].revenue, { amount: "4.50", currency: "EUR" });
  assert.equal(events[3].final, true);
  assert.ok(events.every((event) => isId(event.id)));
  assert.deepEqual(errors, []);
});

test("visitor who leaves before the module is there is counted all the same, once", async () => {
  const policy = (collector) => `script-src ${collector.origin}; connect-src ${collector.origin}`;
  const { collector, page, context } = await visit(
    (collector) => ({
      headers: { "content-security-policy": policy(collector) },
      title: 'A "quoted" title',
    }),
    undefined,
    (page) => page.route("**/li-fallback-*", () => {}),
  );
  await page.goto("about:blank");
  const [view] = await collector.untilEvents("page_view");
  assert.equal(view.title, 'A "quoted" title');
  assert.ok(isId(view.id) && isId(view.page_id));
  const [{ batch }] = collector.requests;
  assert.ok(isId(batch.user_id) && isId(batch.session_id));
  // The next page, where the module comes, belongs to the same visit.
  const next = await context.newPage();
  await next.goto(new URL("/next", view.url).href);
  const views = await collector.untilEvents("page_view", 2);
  assert.equal(views.length, 2);
  assert.equal(collector.requests.at(-1).batch.session_id, batch.session_id);
  assert.equal(collector.requests.at(-1).batch.user_id, batch.user_id);
});

test("trap inside the module ends the tracker, not the page, and the next page says so", async () => {
  const { collector, page, errors } = await visit(undefined, undefined, (page) =>
    page.addInitScript(() => {
      const { Instance } = WebAssembly;
      WebAssembly.Instance = class {
        constructor(module) {
          const { exports } = new Instance(module);
          const tell = (...args) => {
            if (window.trap) throw new WebAssembly.RuntimeError("unreachable");
            return exports.tell(...args);
          };
          this.exports = { ...exports, tell };
        }
      };
    }),
  );
  await collector.untilEvents("page_view");
  const pushed = await page.evaluate(() => {
    window.trap = true;
    liveinsight.conversion("x");
    window.trap = false;
    for (let i = 0; i < 3; i++) liveinsight.conversion("y");
    liveinsight.flush();
    document.body.click();
    dispatchEvent(new Event("focus"));
    history.pushState({}, "", "/b");
    return location.pathname;
  });
  assert.equal(pushed, "/b");
  assert.equal(collector.requests.length, 1);
  await page.reload();
  await collector.untilEvents("page_view", 2);
  assert.deepEqual(
    collector.requests.map(({ batch }) => batch.faults),
    [undefined, 1],
  );
  await page.waitForFunction(() => !localStorage.getItem("liveinsight.faults:test-site"));
  await everything(page, collector);
  assert.equal(collector.requests.at(-1).batch.faults, undefined);
  assert.deepEqual(errors, []);
});

test("package: init() starts once, and again after stop()", async () => {
  const { collector, page, errors, messages } = await visit((collector) => ({
    head: `<script type="module">
      import { init } from "${collector.origin}/package/index.js";
      const options = { siteId: "by-import", endpoint: "${collector.endpoint}", test: true };
      window.liveinsight = init(options);
      window.same = init(options) === window.liveinsight;
      window.again = () => { liveinsight.stop(); window.liveinsight = init(options); };
    </script>`,
  }));
  const [view] = await everything(page, collector);
  assert.equal(view.type, "page_view");
  assert.equal(collector.requests[0].batch.site_id, "by-import");
  assert.equal(await page.evaluate(() => window.same), true);
  assert.equal(messages.length, 1);
  await page.evaluate(() => window.again());
  await collector.untilEvents("page_view", 2);
  assert.deepEqual(errors, []);
});

test("package can be imported and called where there is no document", async () => {
  const { init } = await import(pathToFileURL(distFile("tracker/index.js")));
  const tracker = init({ siteId: "a", endpoint: "https://a.example/events" });
  const methods = ["conversion", "event", "flush", "identify", "pageView", "reset", "stop"];
  assert.deepEqual(Object.keys(tracker).sort(), ["consent", ...methods].sort());
  for (const method of methods) tracker[method]("x");
  tracker.consent.grant();
  tracker.consent.deny();
});
