import assert from "node:assert/strict";
import { test } from "node:test";
import {
  anyHost,
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
  untilStarted,
} from "./support.mjs";

const browser = await startBrowser();
const MINUTE = 60_000;
const DAY_S = 24 * 60 * 60;

/** A profile in which every host belongs to one site, below a suffix that takes no cookies: `co.kr`. */
async function visitHosts(attributes = "data-cookie") {
  const collector = await startCollector();
  const site = await startSite(collector, () => ({ head: scriptTag(collector, attributes) }));
  return { collector, ...(await openPage(browser, anyHost(site))) };
}

/** Values of a field of all batches, each once. */
const distinct = (collector, field) => [...new Set(collector.requests.map(({ batch }) => batch[field]))];

const kept = (page) =>
  page.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage), document.cookie].join());

test("cookie is one visitor's on all sub-domains, at the broadest domain the browser allows", async () => {
  const { collector, page, context, errors } = await visitHosts();
  await page.goto("http://shop.example.co.kr/a");
  await collector.untilEvents("page_view", 1);
  await page.goto("http://www.example.co.kr/b");
  await collector.untilEvents("page_view", 2);
  await page.goto("http://example.co.kr/c");
  await collector.untilEvents("page_view", 3);
  assert.equal(distinct(collector, "user_id").length, 1);
  assert.equal(distinct(collector, "session_id").length, 1);
  const cookies = await context.cookies();
  const { name, domain, path, sameSite, expires } = cookies[0];
  assert.equal(cookies.length, 1);
  assert.deepEqual(
    { name, domain, path, sameSite },
    { name: "liveinsight_test-site", domain: ".example.co.kr", path: "/", sameSite: "Lax" },
  );
  const days = (expires - Date.now() / 1_000) / DAY_S;
  assert.ok(days > 390 && days <= 400, `${days} days`);
  assert.ok(!(await page.evaluate(() => Object.keys(localStorage))).includes("liveinsight:test-site"));
  assert.deepEqual(errors, []);
});

test("cookie is renewed by every page: a visit that goes on for hours is one", async () => {
  const { collector, page } = await visitHosts();
  await page.clock.install();
  for (const [index, host] of ["shop", "www", "shop", "www", "shop"].entries()) {
    await page.goto(`http://${host}.example.co.kr/${index}`);
    await untilStarted(page);
    await page.clock.runFor(300);
    await collector.untilEvents("page_view", index + 1);
    await page.clock.fastForward(20 * MINUTE);
  }
  assert.equal(distinct(collector, "user_id").length, 1);
  assert.equal(distinct(collector, "session_id").length, 1);
});

test("cookie of another site is another visitor's", async () => {
  const { collector, page, context } = await visitHosts();
  await page.goto("http://one.co.kr/");
  await collector.untilEvents("page_view", 1);
  await page.goto("http://two.co.kr/");
  await collector.untilEvents("page_view", 2);
  assert.equal(distinct(collector, "user_id").length, 2);
  assert.deepEqual((await context.cookies()).map(({ domain }) => domain).sort(), [
    ".one.co.kr",
    ".two.co.kr",
  ]);
});

test("cookie works on a host that has no domain", async () => {
  const { collector, page, url } = await openSite(browser, { attributes: "data-cookie" });
  await collector.untilEvents("page_view", 1);
  await page.goto(url("/b"));
  await collector.untilEvents("page_view", 2);
  assert.equal(distinct(collector, "user_id").length, 1);
});

test("consent.deny() removes the cookie", async () => {
  const { collector, page, context } = await visitHosts();
  for (const host of ["shop", "www"]) {
    await page.goto(`http://${host}.example.co.kr/`);
    await untilStarted(page);
    await collector.until("a page view", () => collector.events().some(({ url }) => url?.includes(host)));
  }
  assert.equal((await context.cookies()).length, 1);
  await page.evaluate(() => liveinsight.consent.deny());
  assert.deepEqual(await context.cookies(), []);
});

test("cookieless visitors are tracked, and nothing is kept in their browser", async () => {
  const { collector, page, context, url, errors } = await openSite(browser, {
    attributes: 'data-consent="cookieless" data-cookie',
  });
  await collector.untilEvents("page_view", 1);
  assert.equal(await kept(page), "");
  await page.goto(url("/b"));
  await collector.untilEvents("page_view", 2);
  // Not even what could not be delivered is kept.
  collector.answerWith(status(503));
  await page.evaluate(() => liveinsight.conversion("lost"));
  await setHidden(page, true);
  await collector.until("a refused request", () => collector.requests.at(-1).status === 503);
  assert.equal(await kept(page), "");
  assert.deepEqual(await context.cookies(), []);
  await page.goto("about:blank");
  await page.goto(url("/robots"));
  assert.deepEqual(await context.cookies(), []);
  assert.ok(collector.requests.every(({ batch }) => batch.cookieless === true && isId(batch.user_id)));
  assert.deepEqual(errors, []);
});

test("visitor who agrees is not told to be without cookies", async () => {
  const { collector, page } = await openSite(browser, { attributes: 'data-consent="cookieless"' });
  await collector.untilEvents("page_view");
  await page.evaluate(() => liveinsight.consent.grant());
  await everything(page, collector);
  assert.equal(collector.requests[0].batch.cookieless, true);
  assert.equal(collector.requests.at(-1).batch.cookieless, undefined);
  assert.notEqual(await page.evaluate(() => localStorage["liveinsight:test-site"]), undefined);
});

test("page whose storage is full sends all the same, as one visitor", async () => {
  const { collector, page, errors } = await openSite(browser, {
    prepare: () => {
      Storage.prototype.setItem = () => {
        throw new DOMException("full", "QuotaExceededError");
      };
    },
  });
  await collector.untilEvents("page_view", 1);
  await page.evaluate(() => history.pushState({}, "", "/b"));
  await collector.untilEvents("page_view", 2);
  await setHidden(page, true);
  await collector.untilEvents("heartbeat", 2);
  assert.equal(distinct(collector, "user_id").length, 1);
  assert.equal(distinct(collector, "session_id").length, 1);
  assert.deepEqual(errors, []);
});

for (const attributes of ["", "data-cookie"]) {
  test(`page that may keep nothing sends all the same, ${attributes || "without data-cookie"}`, async () => {
    const { collector, page, errors, url } = await openSite(browser, {
      attributes,
      prepare: () => {
        // As in a sandboxed frame.
        const denied = {
          get() {
            throw new DOMException("denied", "SecurityError");
          },
          set() {
            throw new DOMException("denied", "SecurityError");
          },
        };
        for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, denied);
        Object.defineProperty(document, "cookie", denied);
      },
    });
    await collector.untilEvents("page_view", 1);
    await page.evaluate(() => history.pushState({}, "", "/b"));
    await collector.untilEvents("page_view", 2);
    assert.equal(distinct(collector, "user_id").length, 1);
    await page.goto(url("/c"));
    await collector.untilEvents("page_view", 3);
    assert.deepEqual(errors, []);
  });
}

/** The tab that told of the page view of a path; resolves when one did. */
async function tabOf(collector, path, count = 1) {
  const told = () =>
    collector.requests.filter(({ batch, status }) => {
      const viewed = ({ type, url }) => type === "page_view" && new URL(url).pathname === path;
      return status === 200 && batch.events.some(viewed);
    });
  const requests = await collector.until(`a view of ${path}`, () => told().length >= count && told());
  return requests.at(-1).batch.context.tab;
}

test("tab has one name from page to page and across reloads", async () => {
  const { collector, page, url } = await openSite(browser, { path: "/a" });
  const tab = await tabOf(collector, "/a");
  assert.match(tab, /^[a-z0-9]{1,8}$/);
  await page.reload();
  assert.equal(await tabOf(collector, "/a", 2), tab);
  await page.goto(url("/b"));
  assert.equal(await tabOf(collector, "/b"), tab);
});

test("another tab has another name, and both are one visitor", async () => {
  const { collector, context, url } = await openSite(browser, { path: "/a" });
  const tab = await tabOf(collector, "/a");
  const other = await context.newPage();
  await other.goto(url("/b"));
  assert.notEqual(await tabOf(collector, "/b"), tab);
  assert.equal(new Set(collector.requests.map(({ batch }) => batch.user_id)).size, 1);
});

/** A tab made by a page is given a copy of its storage, as one that is duplicated is. */
async function duplicate(page, path) {
  await page.evaluate(() => sessionStorage.setItem("mine", "copied"));
  const [copy] = await Promise.all([
    page.waitForEvent("popup"),
    page.evaluate((path) => void window.open(path), path),
  ]);
  assert.equal(await copy.evaluate(() => sessionStorage.getItem("mine")), "copied");
  return copy;
}

test("duplicated tab has a name of its own, and both keep theirs", async () => {
  const { collector, page, url } = await openSite(browser, { path: "/a" });
  const tab = await tabOf(collector, "/a");
  await page.reload();
  await tabOf(collector, "/a", 2);
  const copy = await duplicate(page, url("/copy"));
  const other = await tabOf(collector, "/copy");
  assert.notEqual(other, tab);
  await copy.goto(url("/copy/next"));
  assert.equal(await tabOf(collector, "/copy/next"), other);
  await page.goto(url("/next"));
  assert.equal(await tabOf(collector, "/next"), tab);
});

test("page that comes back from the back/forward cache is in the same tab, and its copy is not", async () => {
  const { collector, page, url } = await openSite(browser, { path: "/a" });
  const tab = await tabOf(collector, "/a");
  await page.evaluate(() => {
    window.kept = true;
  });
  await page.goto(url("/b"));
  assert.equal(await tabOf(collector, "/b"), tab);
  await page.goBack({ waitUntil: "commit" });
  assert.equal(await tabOf(collector, "/a", 2), tab);
  assert.equal(await page.evaluate(() => window.kept), true, "the page was kept in the cache");
  // It takes its name out of the storage again once it has nothing else to do.
  await page.waitForFunction(() => sessionStorage.getItem("liveinsight.tab") === null);
  await duplicate(page, url("/copy"));
  assert.notEqual(await tabOf(collector, "/copy"), tab);
  await page.goto(url("/c"));
  assert.equal(await tabOf(collector, "/c"), tab);
});
