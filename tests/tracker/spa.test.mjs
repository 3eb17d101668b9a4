import assert from "node:assert/strict";
import { test } from "node:test";
import { everything, openPage, startBrowser, startCollector, startSite, types } from "./support.mjs";

const browser = await startBrowser();

async function visit(path = "/shop") {
  const collector = await startCollector();
  const site = await startSite(collector);
  const { page, errors } = await openPage(browser);
  await page.goto(site.origin + path);
  await collector.untilEvents("page_view");
  return { collector, page, errors, url: (to) => site.origin + to };
}

test("navigation by pushState ends the old page and begins another", async () => {
  const { collector, page, errors, url } = await visit();
  await page.evaluate(() => {
    history.pushState({}, "", "/shop/beans?sort=new#top");
    // Routers set the title after the address.
    queueMicrotask(() => (document.title = "Beans"));
  });
  const [first, second] = await collector.untilEvents("page_view", 2);
  const events = await everything(page, collector);
  assert.deepEqual(types(events), ["page_view", "heartbeat", "page_view"]);
  assert.equal(second.title, "Beans");
  assert.equal(second.url, url("/shop/beans?sort=new"));
  assert.equal(second.referrer, url("/shop"));
  assert.equal(events[1].final, true);
  assert.equal(events[1].page_id, first.page_id);
  assert.notEqual(second.page_id, first.page_id);
  assert.deepEqual(errors, []);
});

test("back and forward give page views", async () => {
  const { collector, page, url } = await visit();
  await page.evaluate(() => history.pushState({}, "", "/shop/beans"));
  await collector.untilEvents("page_view", 2);
  await page.evaluate(() => history.back());
  await collector.untilEvents("page_view", 3);
  await page.evaluate(() => history.forward());
  const views = await collector.untilEvents("page_view", 4);
  assert.deepEqual(
    views.map((view) => view.url),
    ["/shop", "/shop/beans", "/shop", "/shop/beans"].map(url),
  );
});

test("replaceState on the same path, the same address again and a mere fragment give none", async () => {
  const { collector, page } = await visit();
  await page.evaluate(() => {
    history.replaceState({ scroll: 1 }, "");
    history.replaceState({}, "", "/shop?page=2");
    history.pushState({}, "", "/shop?page=2");
    history.pushState({}, "", "/shop?page=2#reviews");
    location.hash = "specs";
  });
  assert.deepEqual(types(await everything(page, collector)), ["page_view"]);
});

test("replaceState to another path is a page view", async () => {
  const { collector, page, url } = await visit();
  await page.evaluate(() => history.replaceState({}, "", "/login"));
  const views = await collector.untilEvents("page_view", 2);
  assert.equal(views[1].url, url("/login"));
});

test("redirect inside the router gives one page view, of where it ends", async () => {
  const { collector, page, url } = await visit();
  await page.evaluate(() => {
    history.pushState({}, "", "/account");
    history.replaceState({}, "", "/login");
  });
  const views = await collector.untilEvents("page_view", 2);
  assert.equal(views[1].url, url("/login"));
  assert.deepEqual(types(await everything(page, collector)), ["page_view", "heartbeat", "page_view"]);
});

test("what happens right after a navigation belongs to the new page", async () => {
  const { collector, page } = await visit();
  await page.evaluate(() => {
    history.pushState({}, "", "/thanks");
    liveinsight.conversion("purchase");
  });
  const [conversion] = await collector.untilEvents("conversion");
  const events = await everything(page, collector);
  assert.deepEqual(types(events), ["page_view", "heartbeat", "page_view", "conversion"]);
  assert.equal(conversion.page_id, events[2].page_id);
});

test("without the Navigation API, history methods keep their behaviour, name and arity, and are restored by stop()", async () => {
  const collector = await startCollector();
  const site = await startSite(collector);
  const { page, errors } = await openPage(browser);
  await page.addInitScript(() => {
    // Browsers without the Navigation API: elsewhere `history` is not touched at all.
    delete window.navigation;
    window.originals = [history.pushState, history.replaceState];
  });
  await page.goto(site.origin);
  await collector.untilEvents("page_view");
  const seen = await page.evaluate(() => {
    const { pushState, replaceState } = history;
    const alike = [pushState, replaceState].every((method, index) => {
      const original = window.originals[index];
      return method !== original && method.name === original.name && method.length === original.length;
    });
    const before = history.length;
    pushState.call(history, { kept: 1 }, "", "/x");
    let thrown;
    try {
      history.pushState({}, "", "https://elsewhere.example/");
    } catch (error) {
      thrown = error.name;
    }
    liveinsight.stop();
    const restored = window.originals.every(
      (original, i) => original === [history.pushState, history.replaceState][i],
    );
    return { alike, state: history.state, grown: history.length - before, thrown, restored };
  });
  assert.deepEqual(seen, {
    alike: true,
    state: { kept: 1 },
    grown: 1,
    thrown: "SecurityError",
    restored: true,
  });
  assert.deepEqual(errors, []);
});

test("after stop() nothing is sent any more", async () => {
  const { collector, page } = await visit();
  await page.evaluate(() => liveinsight.stop());
  await collector.untilEvents("heartbeat");
  const count = collector.requests.length;
  await page.evaluate(() => {
    history.pushState({}, "", "/after");
    liveinsight.conversion("late");
    liveinsight.pageView();
    liveinsight.flush();
    document.body.click();
  });
  await page.goto("about:blank");
  assert.equal(collector.requests.length, count);
});
