import assert from "node:assert/strict";
import { test } from "node:test";
import {
  everything,
  openSite,
  setHidden,
  startBrowser,
  startCollector,
  startSite,
  status,
  types,
  unsent,
} from "./support.mjs";

const browser = await startBrowser();
const PENDING = { attributes: 'data-consent="pending"' };

const kept = (page) =>
  page.evaluate(() =>
    [...Object.keys(localStorage), ...Object.keys(sessionStorage), document.cookie].filter(Boolean),
  );
const labels = (events) => events.map(({ name, type }) => name ?? type);

/** Does what would be told, and would be remembered, with consent. */
const act = (page) =>
  page.evaluate(() => {
    liveinsight.identify("customer-1042");
    liveinsight.conversion("first");
    history.pushState({}, "", "/b");
    liveinsight.event("second");
    liveinsight.flush();
  });

test("until the visitor has agreed nothing is sent or kept, not even by a page that is left", async () => {
  const { collector, page, url, errors } = await openSite(browser, PENDING);
  await act(page);
  await setHidden(page, true);
  await setHidden(page, false);
  assert.deepEqual(await kept(page), []);
  await page.goto(url("/next"));
  assert.deepEqual(await kept(page), []);
  await page.goto("about:blank");
  assert.deepEqual(collector.requests, []);
  assert.deepEqual(errors, []);
});

test("what happened before the visitor agreed arrives then, in order and as one visitor's", async () => {
  const { collector, page, url } = await openSite(browser, PENDING);
  await act(page);
  assert.equal(collector.requests.length, 0);
  await page.evaluate(() => liveinsight.consent.grant());
  const events = await everything(page, collector);
  assert.deepEqual(labels(events), ["page_view", "first", "heartbeat", "page_view", "second"]);
  assert.deepEqual([events[0].url, events[3].url], [url("/"), url("/b")]);
  assert.equal(new Set(collector.requests.map(({ batch }) => batch.user_id)).size, 1);
  assert.equal(collector.requests.at(-1).batch.person_id, "customer-1042");
  assert.ok(collector.requests.every(({ batch }) => batch.cookieless === undefined));
  assert.ok((await kept(page)).includes("liveinsight:test-site"));
});

test("visitor who is known and agrees again is the same one", async () => {
  const { collector, page, url } = await openSite(browser, PENDING);
  await page.evaluate(() => liveinsight.consent.grant());
  await collector.untilEvents("page_view", 1);
  await page.goto(url("/next"));
  await page.evaluate(() => liveinsight.consent.grant());
  await collector.untilEvents("page_view", 2);
  const visitors = collector.requests.map(({ batch }) => `${batch.user_id} ${batch.session_id}`);
  assert.equal(new Set(visitors).size, 1);
});

test("consent given before the script has loaded is made up for", async () => {
  const { collector, page } = await openSite(browser, {
    ...PENDING,
    prepare: () => {
      window.liveinsight = { q: [["conversion", "early"], ["grant"], ["event", "late"]] };
    },
  });
  const events = await everything(page, collector);
  assert.deepEqual(labels(events), ["page_view", "early", "late"]);
});

test("visitor who does not agree is forgotten: nothing is sent, and nothing is left", async () => {
  const { collector, page, url, errors } = await openSite(browser, { attributes: "data-cookie" });
  await collector.untilEvents("page_view");
  // Something that could not be delivered is kept, too.
  collector.answerWith(status(503, { "retry-after": "1" }));
  await page.evaluate(() => liveinsight.conversion("not delivered"));
  await page.waitForFunction(unsent);
  await page.evaluate(() => liveinsight.consent.deny());
  assert.deepEqual(await kept(page), []);
  const count = collector.requests.length;
  collector.answerWith();
  await act(page);
  await setHidden(page, true);
  await setHidden(page, false);
  await page.goto("about:blank");
  assert.equal(collector.requests.length, count);
  await page.goto(url("/robots.txt"));
  assert.ok(!(await kept(page)).some((name) => name.includes("customer")));
  assert.deepEqual(errors, []);
});

test("refusal takes away what earlier pages could not deliver", async () => {
  const { collector, page, url } = await openSite(browser);
  await collector.untilEvents("page_view");
  collector.answerWith(status(503, { "retry-after": "60" }));
  await page.evaluate(() => liveinsight.conversion("not delivered"));
  await page.waitForFunction(unsent);
  await page.goto(url("/next"));
  await page.evaluate(() => liveinsight.consent.deny());
  assert.equal(await page.evaluate(unsent), "");
  collector.answerWith();
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await page.goto("about:blank");
  assert.ok(!labels(collector.events()).includes("not delivered"));
});

test("visitor who agrees after a refusal begins anew, and what was done meanwhile stays untold", async () => {
  const { collector, page, errors } = await openSite(browser);
  await collector.untilEvents("page_view", 1);
  const before = collector.requests[0].batch;
  await page.evaluate(() => {
    liveinsight.conversion("before the refusal");
    liveinsight.consent.deny();
    liveinsight.conversion("refused");
    history.pushState({}, "", "/refused");
    liveinsight.consent.grant();
    liveinsight.conversion("agreed");
  });
  const events = await everything(page, collector);
  assert.deepEqual(labels(events), ["page_view", "page_view", "agreed"]);
  const after = collector.requests.at(-1).batch;
  assert.notEqual(after.user_id, before.user_id);
  assert.notEqual(after.session_id, before.session_id);
  assert.deepEqual(errors, []);
});

test("refusal while consent is pending forgets what waited", async () => {
  const { collector, page } = await openSite(browser, PENDING);
  await act(page);
  await page.evaluate(() => {
    liveinsight.consent.deny();
    liveinsight.consent.grant();
  });
  const events = await everything(page, collector);
  assert.deepEqual(types(events), ["page_view"]);
});

test("visitor who refused is still refusing on a page that begins so", async () => {
  const { collector, page, errors } = await openSite(browser, { attributes: 'data-consent="denied"' });
  await act(page);
  await setHidden(page, true);
  await page.goto("about:blank");
  assert.deepEqual([collector.requests, errors], [[], []]);
});

test("other sites of the same origin keep what is theirs", async () => {
  const collector = await startCollector();
  const site = await startSite(collector);
  const { page } = await openSite(browser);
  await page.goto(site.origin);
  await collector.untilEvents("page_view");
  await page.evaluate(() => {
    localStorage.setItem("liveinsight:test-site-2", "theirs");
    localStorage.setItem("liveinsight:other:abc", "theirs");
    liveinsight.consent.deny();
  });
  assert.deepEqual((await kept(page)).sort(), ["liveinsight:other:abc", "liveinsight:test-site-2"]);
});
