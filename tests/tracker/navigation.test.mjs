import assert from "node:assert/strict";
import { test } from "node:test";
import {
  everything,
  openSite,
  scriptTag,
  setHidden,
  startBrowser,
  startCollector,
  startSite,
  status,
  types,
} from "./support.mjs";

const browser = await startBrowser();
const paths = (events, url) =>
  events.filter(({ type }) => type === "page_view").map((view) => view.url.slice(url("").length));

test("fragments are pages where the site says so", async () => {
  const { collector, page, url, errors } = await openSite(browser, {
    attributes: "data-hash",
    path: "/#/start",
  });
  await collector.untilEvents("page_view", 1);
  await page.evaluate(() => {
    location.hash = "#/beans";
  });
  await collector.untilEvents("page_view", 2);
  await page.evaluate(() => history.pushState({}, "", "#/cart?step=1"));
  await collector.untilEvents("page_view", 3);
  await page.goBack();
  await collector.untilEvents("page_view", 4);
  const events = await everything(page, collector);
  assert.deepEqual(paths(events, url), ["/#/start", "/#/beans", "/#/cart?step=1", "/#/beans"]);
  assert.equal(events.filter(({ final }) => final).length, 3);
  assert.equal(collector.requests.at(-1).batch.context.url, url("/#/beans"));
  assert.deepEqual(errors, []);
});

test("fragments are neither pages nor told where the site says nothing", async () => {
  const { collector, page } = await openSite(browser, { path: "/#access_token=secret" });
  await collector.untilEvents("page_view");
  await page.evaluate(() => {
    location.hash = "#/beans";
  });
  await page.evaluate(() => history.pushState({}, "", "#/secret"));
  await page.goBack();
  assert.deepEqual(types(await everything(page, collector)), ["page_view"]);
  assert.ok(!JSON.stringify(collector.requests).includes("secret"));
});

for (const api of ["with", "without"]) {
  test(`title set by the router after the address is the one recorded, ${api} the Navigation API`, async () => {
    const { collector, page } = await openSite(browser, {
      prepare: (api) => {
        if (api === "without") delete window.navigation;
      },
      given: api,
    });
    await collector.untilEvents("page_view");
    await page.evaluate(() => {
      history.pushState({}, "", "/b");
      setTimeout(() => {
        document.title = "Title of b";
      });
    });
    await collector.untilEvents("page_view", 2);
    await page.evaluate(() => {
      history.pushState({}, "", "/c");
      requestAnimationFrame(() => {
        document.title = "Title of c";
      });
    });
    const views = await collector.untilEvents("page_view", 3);
    assert.deepEqual(
      views.map(({ title }) => title),
      ["Page /", "Title of b", "Title of c"],
    );
  });
}

test("page that answers with an error says so, once", async () => {
  const { collector, page, url } = await openSite(browser, {
    path: "/gone",
    page: (path) => ({ code: path === "/gone" ? 404 : 200 }),
  });
  await collector.untilEvents("page_view", 1);
  await page.evaluate(() => history.pushState({}, "", "/in-the-app"));
  await collector.untilEvents("page_view", 2);
  await page.goto(url("/there"));
  const views = await collector.untilEvents("page_view", 3);
  assert.deepEqual(
    views.map(({ props }) => props),
    [{ http_status: "404" }, undefined, undefined],
  );
});

/**
 * Opens `/`, which has `/next` prerendered and goes there when the test says so. Playwright forbids
 * prerendering in its pages, so this one is none of its own. Whether to prerender is Chromium's to decide:
 * where it does not, the page is opened again.
 */
async function prerender(head) {
  const collector = await startCollector();
  const { promise: activated, resolve: activate } = Promise.withResolvers();
  const { promise: rendered, resolve: tellRendered } = Promise.withResolvers();
  const rules = JSON.stringify({ prerender: [{ urls: ["/next"], eagerness: "immediate" }] });
  const site = await startSite(collector, async (path) => {
    if (path === "/rendered") tellRendered(true);
    if (path === "/go") await activated;
    if (path !== "/next") {
      const goes = `fetch("/go").then(() => { location.href = "/next"; });
        addEventListener("load", () => requestIdleCallback(() => {
          const rules = Object.assign(document.createElement("script"), { type: "speculationrules" });
          rules.textContent = '${rules}';
          document.head.append(rules);
        }));`;
      return { head: `<script>${goes}</script>` };
    }
    // Once the tracker has started and could have sent something.
    const started = `(function look() {
      if (!window.liveinsight?.flush || liveinsight.q) return setTimeout(look, 10);
      liveinsight.flush();
      fetch("/rendered");
    })()`;
    return { head: `<script>${head};if (document.prerendering) ${started}</script>${scriptTag(collector)}` };
  });
  for (let attempt = 0; attempt < 8; attempt++) {
    const own = await startBrowser();
    const cdp = await own.newBrowserCDPSession();
    const { targetId } = await cdp.send("Target.createTarget", { url: site.origin });
    const late = new Promise((resolve) => setTimeout(resolve, 3_000));
    const close = () => cdp.send("Target.closeTarget", { targetId });
    if (await Promise.race([rendered, late])) return { collector, activate, close, site };
    await own.close();
  }
  throw new Error("Chromium prerenders nothing");
}

test("prerendered page is counted when the visitor goes there, and not before", async () => {
  const { collector, activate, close, site } = await prerender("");
  assert.equal(collector.requests.length, 0);
  activate();
  const [view] = await collector.untilEvents("page_view");
  await close();
  await collector.untilEvents("heartbeat");
  assert.deepEqual([view.url, view.referrer], [`${site.origin}/next`, `${site.origin}/`]);
  assert.deepEqual(types(collector.events()), ["page_view", "heartbeat"]);
});

test("prerendered page that is never seen sends nothing", async () => {
  const { collector, close } = await prerender("");
  await close();
  assert.equal(collector.requests.length, 0);
});

const STUB = `
  window.liveinsight = { q: [] };
  liveinsight.conversion = (...args) => liveinsight.q.push(["conversion", ...args]);
  liveinsight.conversion("on load");`;

test("what the site reports while its page is prerendered arrives with the page view", async () => {
  const { collector, activate, close } = await prerender(STUB);
  assert.equal(collector.requests.length, 0);
  activate();
  await collector.untilEvents("page_view");
  await close();
  await collector.untilEvents("heartbeat");
  assert.deepEqual(types(collector.events()), ["page_view", "conversion", "heartbeat"]);
});

test("what the site reports on a page opened in the background arrives when it is first seen", async () => {
  const { collector, page } = await openSite(browser, {
    prepare: () => Object.defineProperty(document, "hidden", { value: true, configurable: true }),
  });
  await page.evaluate(() => liveinsight.conversion("on load"));
  assert.equal(collector.requests.length, 0);
  await setHidden(page, false);
  assert.deepEqual(
    (await everything(page, collector)).map(({ type, name }) => name ?? type),
    ["page_view", "on load"],
  );
});

test("what scrolls inside the page is not how far down it was seen", async () => {
  const body = `<div id="box" style="height: 200px; overflow: auto"><p style="height: 9000px">long</p></div>
    <div style="height: 2000px"></div>`;
  const { collector, page } = await openSite(browser, {
    page: () => ({ body }),
    options: { viewport: { width: 800, height: 600 } },
  });
  await collector.untilEvents("page_view");
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        const box = document.querySelector("#box");
        box.addEventListener("scroll", resolve, { once: true });
        box.scrollTo(0, 9_000);
      }),
  );
  await setHidden(page, true);
  const [beat] = await collector.untilEvents("heartbeat");
  const expected = await page.evaluate(() => Math.floor(60_000 / document.documentElement.scrollHeight));
  assert.equal(beat.scroll_percent, expected);
});

test("link is followed at once even if the collector never answers", async () => {
  const collector = await startCollector();
  collector.answerWith(() => new Promise(() => {}));
  const site = await startSite(collector, () => ({
    body: '<a href="/b" data-li-event="go">Go</a><form action="/c"><button>Send</button></form>',
  }));
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${site.origin}/a`);
  await collector.until("a request", () => collector.requests.length);
  // Nothing of the tracker's own stands in the way: the browser is told so.
  await page.evaluate(() =>
    addEventListener("click", (event) => sessionStorage.setItem("prevented", event.defaultPrevented)),
  );
  await page.click("a");
  await page.waitForURL("**/b");
  assert.equal(await page.evaluate(() => sessionStorage.prevented), "false");
  await page.click("button");
  await page.waitForURL("**/c?");
  collector.answerWith(status(204));
});
