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
  types,
  untilStarted,
} from "./support.mjs";

const browser = await startBrowser();

/** Runs before the page: the stub, with options an attribute cannot hold. `name` is one of these. */
function stub(name) {
  const options = {
    maskUrl: { maskUrl: (url) => url.replace(/customer-\d+/, "customer") },
    maskAll: { maskUrl: () => "" },
    lists: { mask: ["/users/*", "/orders/*/items/*"], query: ["q"] },
    edits: {
      beforeSend(event) {
        if (event.type === "page_view") event.title = event.title.toUpperCase();
        if (event.name === "dropped") return false;
        if (event.name === "nulled") return null;
        if (event.name === "forgotten") return undefined;
        if (event.name === "thrown") throw new Error("mine");
        if (event.name === "edited") return { ...event, props: { text: 'a\t"b"\n\u2028', more: "한" } };
        return event;
      },
    },
  };
  window.liveinsight = { q: [], options: options[name] };
}

const stubbed = (name, more = {}) => openSite(browser, { prepare: stub, given: name, ...more });
const named = (events) => events.flatMap(({ name }) => (name ? [name] : []));

test("masked parts of addresses leave the browser nowhere: page, referrer, link, form, context", async () => {
  const body = `<a href="https://other.example/users/9/x" data-li-event="out">Out</a>
    <form action="/users/8"><button>Send</button></form>`;
  const { collector, page, url } = await openSite(browser, {
    attributes: 'data-mask="/users/*, /orders/*/items/*"',
    path: "/users/17/edit?tab=2",
    page: () => ({ title: "Shop", body }),
  });
  await collector.untilEvents("page_view", 1);
  await page.evaluate(() => {
    for (const type of ["click", "submit"]) addEventListener(type, (event) => event.preventDefault());
  });
  await page.click("a");
  await page.evaluate(() => document.forms[0].requestSubmit());
  await page.evaluate(() => history.pushState({}, "", "/orders/44/items/55"));
  await collector.untilEvents("page_view", 2);
  await page.evaluate(() => history.pushState({}, "", "/orders/44"));
  await collector.untilEvents("page_view", 3);
  await page.evaluate(() => history.pushState({}, "", "/users/18"));
  const views = await collector.untilEvents("page_view", 4);
  const events = await everything(page, collector);
  assert.deepEqual(
    views.map((view) => view.url),
    [url("/users/*/edit?tab=2"), url("/orders/*/items/*"), url("/orders/44"), url("/users/*")],
  );
  assert.equal(views[1].referrer, url("/users/*/edit?tab=2"));
  assert.equal(events.find(({ type }) => type === "click").target.href, "https://other.example/users/*/x");
  assert.equal(events.find(({ type }) => type === "custom").props.form_action, url("/users/*"));
  await page.evaluate(() => location.assign("/next"));
  const [, , , , next] = await collector.untilEvents("page_view", 5);
  assert.equal(next.referrer, url("/users/*"));
  assert.ok(!/\/1[78]|\/55|\/users\/[89]/.test(JSON.stringify(collector.requests)));
});

test("masked pages of two visitors are one page: going from one to the other is none", async () => {
  const { collector, page } = await openSite(browser, {
    attributes: 'data-mask="/users/*"',
    path: "/users/1",
  });
  await collector.untilEvents("page_view");
  await page.evaluate(() => history.pushState({}, "", "/users/2"));
  assert.deepEqual(types(await everything(page, collector)), ["page_view"]);
});

const QUERY = "/find?q=beans&token=secret&page=2&utm_source=mail&gclid=g1&fbclid=f1&email=secret";

test("only parameters the site names are told, and those that tell where a visitor comes from", async () => {
  const { collector, url } = await openSite(browser, { attributes: 'data-query="q,page"', path: QUERY });
  const [view] = await collector.untilEvents("page_view");
  assert.equal(view.url, url("/find?q=beans&page=2&utm_source=mail&gclid=g1&fbclid=f1"));
  assert.ok(!JSON.stringify(collector.requests).includes("secret"));
});

test("no parameters are told where the site names none, but those that tell where a visitor comes from", async () => {
  const { collector, url, errors } = await openSite(browser, { attributes: 'data-query=""', path: QUERY });
  const [view] = await collector.untilEvents("page_view");
  assert.equal(view.url, url("/find?utm_source=mail&gclid=g1&fbclid=f1"));
  assert.deepEqual(errors, []);
});

test("empty list of masks masks nothing", async () => {
  const { collector, url } = await openSite(browser, { attributes: 'data-mask=""', path: "/users/1" });
  const [view] = await collector.untilEvents("page_view");
  assert.equal(view.url, url("/users/1"));
});

test("masks and parameters may be given as lists", async () => {
  const { collector, url } = await stubbed("lists", { path: "/users/17?q=1&page=2" });
  const [view] = await collector.untilEvents("page_view");
  assert.equal(view.url, url("/users/*?q=1"));
});

test("function of the site has the last word on addresses", async () => {
  const { collector, page, url } = await stubbed("maskUrl", { path: "/customer-1042/orders" });
  await collector.untilEvents("page_view");
  await page.evaluate(() => history.pushState({}, "", "/customer-7"));
  const views = await collector.untilEvents("page_view", 2);
  assert.deepEqual(
    views.map((view) => [view.url, view.referrer]),
    [
      [url("/customer/orders"), undefined],
      [url("/customer"), url("/customer/orders")],
    ],
  );
  assert.ok(!/1042|-7/.test(JSON.stringify(collector.requests.map(({ batch }) => batch.context))));
});

test("page whose address the site's function takes away is not tracked", async () => {
  const { collector, page, errors } = await stubbed("maskAll");
  await page.evaluate(() => {
    liveinsight.conversion("x");
    liveinsight.flush();
  });
  await setHidden(page, true);
  await page.goto("about:blank");
  assert.deepEqual(collector.requests, []);
  assert.deepEqual(errors, []);
});

test("hook of the site edits events, takes them out, and loses only those it fails at", async () => {
  const { collector, page, errors } = await stubbed("edits");
  await page.evaluate(() => {
    for (const name of ["plain", "dropped", "nulled", "forgotten", "thrown", "edited"])
      liveinsight.event(name, { given: 1 });
    liveinsight.event("later");
  });
  const events = await everything(page, collector);
  assert.equal(events[0].title, "PAGE /");
  assert.deepEqual(named(events), ["plain", "edited", "later"]);
  assert.deepEqual(events[1].props, { given: "1" });
  assert.deepEqual(events[2].props, { text: 'a\t"b"\n\u2028', more: "한" });
  assert.deepEqual(errors, []);
});

test("page view of a site with a hook leaves as soon as any other", async () => {
  const collector = await startCollector();
  const site = await startSite(collector);
  const { page } = await openPage(browser);
  await page.clock.install();
  await page.addInitScript(stub, "edits");
  await page.goto(site.origin);
  await untilStarted(page);
  await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 2_000);
  const [view] = await collector.untilEvents("page_view");
  assert.equal(view.title, "PAGE /");
});

test("last words of a page with a hook arrive", async () => {
  const { collector, page } = await stubbed("edits");
  await page.evaluate(() => liveinsight.event("later"));
  await page.goto("about:blank");
  const [beat] = await collector.untilEvents("heartbeat");
  assert.equal(beat.final, true);
  await collector.untilEvents("custom");
  assert.deepEqual(types(collector.events()).sort(), ["custom", "heartbeat", "page_view"]);
});

/** Opens a page that is not to be tracked, does what it can do, and gives what is stored. */
async function stayAway({ prepare, head, attributes = "" }) {
  const collector = await startCollector();
  const site = await startSite(collector, () => ({
    head: head?.(collector) ?? scriptTag(collector, attributes),
  }));
  const { page, errors, messages } = await openPage(browser);
  if (prepare) await page.addInitScript(prepare);
  await page.goto(site.origin);
  await untilStarted(page);
  await page.evaluate(() => {
    liveinsight.conversion("x");
    liveinsight.identify("x");
    liveinsight.reset();
    liveinsight.consent.grant();
    liveinsight.flush();
    history.pushState({}, "", "/b");
    document.body.click();
  });
  const stored = await page.evaluate(() => Object.keys(localStorage));
  await page.goto("about:blank");
  assert.deepEqual([collector.requests, errors, messages], [[], [], []]);
  return stored.filter((name) => name !== "liveinsight.optout");
}

test("visitor who has opted out is left alone", async () => {
  const stored = await stayAway({
    prepare: () => location.protocol === "http:" && localStorage.setItem("liveinsight.optout", "1"),
  });
  assert.deepEqual(stored, []);
});

test("automated browsers and local pages are left alone unless the site tests", async () => {
  const head = (collector) => scriptTag(collector).replace("data-test", "");
  assert.deepEqual(await stayAway({ head }), []);
  const visible = () => Object.defineProperty(navigator, "webdriver", { value: false });
  assert.deepEqual(await stayAway({ head, prepare: visible }), []);
});
