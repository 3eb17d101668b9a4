// What visitors do, as the built dashboard in Chromium shows it of events that were sent to the worker.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { caller } from "../support/account.mjs";
import { batch, pageView, post, signIn, uuid7 } from "../support/batch.mjs";
import { launch } from "../support/browser.mjs";
import { eventually, startStack } from "../support/stack.mjs";

const HOUR = 3_600_000;
const now = Date.now();
const SHOP = "https://shop.example";

let stack;
let browser;
let cookie;
let context;
let page;
let complaints;

// Six people open the shop two days ago, four of them the cart, two buy; three come back a day later.
async function send() {
  for (let person = 0; person < 6; person += 1) {
    const at = now - 50 * HOUR + person * 60_000;
    const user_id = uuid7(at);
    const first = pageView({ at, url: `${SHOP}/`, title: "Shop" });
    const events = [first];
    const cart = pageView({ at: at + 5_000, url: `${SHOP}/cart`, title: "Cart" });
    if (person < 4) events.push(cart);
    if (person < 2) {
      events.push({
        id: uuid7(at + 9_000),
        type: "conversion",
        at: at + 9_000,
        page_id: cart.page_id,
        name: "purchase",
        revenue: { amount: "12.50", currency: "EUR" },
        props: { plan: person === 0 ? "pro" : "free" },
      });
    }
    const who = person === 0 ? { person_id: "anna" } : {};
    const sent = await post(stack, batch(events, { user_id, session_id: uuid7(at), ...who }));
    assert.equal(sent.status, 200, JSON.stringify(sent.body));
    if (person > 2) continue;
    const later = at + 24 * HOUR;
    const back = pageView({ at: later, url: `${SHOP}/`, title: "Shop" });
    await post(stack, batch([back], { user_id, session_id: uuid7(later), ...who }));
  }
}

before(async () => {
  stack = await startStack();
  ({ cookie } = await signIn(stack));
  await send();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await stack?.stop();
});
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB" });
  const [name, value] = cookie.split("=");
  await context.addCookies([{ name, value, url: stack.url }]);
  page = await context.newPage();
  complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) {
      complaints.push(message.text());
    }
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
});
afterEach(async () => {
  await context.close();
  assert.deepEqual(complaints, [], "neither the policy nor the code may complain");
});

const open = (path) => page.goto(`${stack.url}${path}${path.includes("?") ? "&" : "?"}period=7d`);
const attribute = (selector, name) =>
  page.$$eval(selector, (all, name) => all.map((it) => it.getAttribute(name)), name);
const texts = (selector) => page.$$eval(selector, (all) => all.map((it) => it.textContent.trim()));
const is = (found, wanted) => assert.deepEqual(found, wanted) === undefined;

// Waits until `read` gives what is wanted; a failure says what it gave last.
async function shows(read, wanted) {
  let last;
  await eventually(async () => {
    last = await read();
    return JSON.stringify(last) === JSON.stringify(wanted);
  }).catch(() => is(last, wanted));
}

test("a funnel is made, drawn with its numbers, changed and removed", async () => {
  await open("/behaviour/funnels");
  await page.getByText("No funnels yet").waitFor();
  await page.getByRole("button", { name: "Add a funnel" }).click();
  const form = page.getByTestId("funnel-form");
  await form.getByLabel("Name").fill("Buying");
  await form.getByRole("combobox", { name: "Step 1", exact: true }).fill("/");
  await form.getByRole("combobox", { name: "Step 2", exact: true }).fill("/cart");
  await form.getByRole("button", { name: "Add a step" }).click();
  await form.getByRole("combobox", { name: "Kind of step 3" }).selectOption("event");
  await form.getByRole("combobox", { name: "Step 3", exact: true }).fill("purchase");
  await form.getByRole("button", { name: "Save" }).click();
  const steps = () => attribute('[data-testid="funnel-step"]', "data-value");
  await shows(steps, ["6", "4", "2"]);
  await page.waitForSelector('[data-testid="source"][data-source="browser"]');
  assert.match(await page.getByTestId("headline").textContent(), /33\.3/);
  // One after the other, the one who bought did not do anything in between.
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await form.getByLabel("Nothing else may happen in between").check();
  await form.getByRole("button", { name: /Take step 2 away/ }).click();
  await form.getByRole("button", { name: "Save" }).click();
  await shows(steps, ["6", "0"]);
  await page.reload();
  await shows(steps, ["6", "0"]);
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByText("No funnels yet").waitFor();
});

test("a funnel that says nothing is refused with a reason", async () => {
  await open("/behaviour/funnels");
  await page.getByRole("button", { name: "Add a funnel" }).click();
  const form = page.getByTestId("funnel-form");
  await form.getByLabel("Name").fill(" ");
  await form.getByRole("combobox", { name: "Step 1", exact: true }).fill("/");
  await form.getByRole("combobox", { name: "Step 2", exact: true }).fill("/cart");
  await form.getByRole("button", { name: "Save" }).click();
  await eventually(async () => /must not be empty/.test(await form.textContent()));
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "detached" });
});

test("a goal counts who reaches it, what it is worth, and filters everything", async () => {
  await open("/behaviour");
  const goals = () => attribute('[data-testid="goal"]', "data-name");
  // A site without goals has every conversion for one.
  await shows(goals, ["purchase"]);
  await page.getByRole("button", { name: "Add a goal" }).click();
  const form = page.getByTestId("goal-form");
  await form.getByLabel("Name").fill("Bought pro");
  await form.getByLabel("triggers an event").check();
  await form.getByRole("combobox", { name: "Name of the event" }).fill("purchase");
  await form.getByRole("button", { name: "Add a condition" }).click();
  await form.getByLabel("Property", { exact: true }).fill("plan");
  await form.getByLabel("Values, separated by commas").fill("pro");
  await form.getByRole("button", { name: "Save" }).click();
  await shows(goals, ["Bought pro"]);
  const row = page.locator('[data-testid="goal"][data-name="Bought pro"]');
  await shows(() => row.getAttribute("data-value"), "1");
  assert.match(await row.textContent(), /16\.7.*€12\.50/);
  await row.getByRole("button", { name: "Bought pro", exact: true }).click();
  await page.waitForSelector('[data-testid="filter"]');
  assert.match(page.url(), /f=is,event:goal,Bought%20pro/);
  await page.getByRole("button", { name: /remove the filter/i }).click();
  await page.getByRole("button", { name: "Remove Bought pro" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await shows(goals, ["purchase"]);
});

test("a property is broken down by its values", async () => {
  await open("/behaviour/properties");
  await shows(() => attribute('[data-testid="property-value"]', "data-name"), ["free", "pro"]);
  assert.equal(await page.getByTestId("property").inputValue(), "plan");
});

test("those who came back stand a day later in the row of their first day", async () => {
  await open("/behaviour/retention");
  const first = async () => (await texts('[data-testid="cohort"] td')).slice(0, 2);
  await shows(first, ["6", "50%"]);
  await shows(() => attribute('[data-testid="headline"]', "data-value"), ["50"]);
});

test("journeys are told from the start, and a click looks from a page", async () => {
  await open("/behaviour/journeys");
  const boxes = () => texts('[data-testid="journey-box"]');
  await shows(boxes, ["/9", "/cart4"]);
  await page.locator('[data-testid="journey-box"]', { hasText: "/cart" }).click();
  assert.match(page.url(), /pick=page%2C\/cart/);
  // Before it was the shop; after it nothing.
  await shows(boxes, ["/4", "/cart4"]);
  await page.goBack();
  await shows(boxes, ["/9", "/cart4"]);
});

test("hours of the week are counted and read by keyboard", async () => {
  await open("/behaviour/times?pick=pageviews");
  const sum = async () =>
    (await texts('[data-testid="weekday"] td')).reduce((sum, text) => sum + Number(text), 0);
  await shows(sum, 13);
  await page.locator('[data-cell="0-0"]').focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.cell), "1-1");
  assert.match(await page.getByTestId("times-read").textContent(), /Tue, 01:00 to 02:00/);
  assert.doesNotMatch(page.url(), /back=/);
});

test("every part says when there is nothing, and when the worker does not answer", async () => {
  for (const part of ["retention", "journeys", "times", "properties"]) {
    await page.goto(`${stack.url}/behaviour/${part}?period=2020-01-01..2020-01-07`);
    await page.locator("main .empty").waitFor();
  }
  await context.route(/\/assets\/engine-.*\.js$/, (route) => route.fulfill({ status: 404, body: "" }));
  await context.route(/\/api\/v2\//, (route) => route.abort());
  await open("/behaviour/retention");
  await page.locator("main").getByRole("button", { name: "Try again" }).waitFor();
  await context.unroute(/\/api\/v2\//);
  await page.locator("main").getByRole("button", { name: "Try again" }).click();
  await page.waitForSelector('[data-testid="cohort"]');
  // The same numbers, from the worker.
  assert.deepEqual((await texts('[data-testid="cohort"] td')).slice(0, 2), ["6", "50%"]);
  assert.equal(await page.getAttribute('[data-testid="source"]', "data-source"), "edge");
});

test("visits are listed, and each opens to what happened", async () => {
  await open("/sessions");
  await shows(() => texts('[data-testid="visits-count"]'), ["9 visits"]);
  // The oldest visit is the first buyer's.
  const visit = page.getByTestId("visit").last();
  await visit.click();
  await page.waitForSelector('[data-testid="timeline"]');
  await shows(() => texts('[data-testid="stop"] .stop-path'), ["Page view /", "Page view /cart"]);
  assert.match((await texts('[data-testid="act"]'))[0], /Conversion.*purchase.*€12\.50.*plan: pro/);
  await page.getByRole("button", { name: "All visits of anna" }).click();
  await shows(() => texts('[data-testid="visits-count"]'), ["2 visits"]);
  await page.getByRole("button", { name: /remove the filter/i }).click();
  await shows(() => texts('[data-testid="visits-count"]'), ["9 visits"]);
});

test("the visits of a visitor without a name are told one below the other", async () => {
  await open("/sessions?f=is,event:page,/cart");
  await shows(() => texts('[data-testid="visits-count"]'), ["4 visits"]);
  await page.getByTestId("visit").nth(1).click();
  await page.getByRole("button", { name: "All visits of this visitor" }).click();
  // One of the three who came back: a visit with the cart, another with the shop alone.
  await page.getByText("2 visits in this period").waitFor();
  assert.equal(await page.getByTestId("timeline").count(), 2);
  await page.getByRole("button", { name: "All sessions" }).click();
  await shows(() => texts('[data-testid="visits-count"]'), ["4 visits"]);
});

test("a filter is written in the form, with values to choose from, and changed", async () => {
  await open("/sessions");
  await shows(() => texts('[data-testid="visits-count"]'), ["9 visits"]);
  await page.keyboard.press("f");
  const form = page.getByTestId("filter-form");
  await form.getByTestId("suggestion").filter({ hasText: "/cart" }).click();
  await form.getByRole("button", { name: "Apply" }).click();
  await shows(() => texts('[data-testid="visits-count"]'), ["4 visits"]);
  assert.match(page.url(), /f=is,event:page,\/cart/);
  await page.getByRole("button", { name: /change the filter/i }).click();
  await form.locator("[name=op]").selectOption("matches");
  await form.getByRole("button", { name: /take \/cart out/i }).click();
  await form.locator("[name=value]").fill("^/c.r");
  await form.locator("[name=value]").press("Enter");
  await form.getByRole("button", { name: "Apply" }).click();
  assert.match(page.url(), /f=matches,event:page/);
  await shows(() => texts('[data-testid="visits-count"]'), ["4 visits"]);
  // The engine in the browser knows no expressions: the worker is asked.
  await page.getByRole("link", { name: "Overview" }).click();
  await shows(() => attribute('[data-testid="total-visitors"]', "data-value"), ["4"]);
});

test("filters are saved as a segment, used and removed", async () => {
  await open("/?f=is,event:page,/cart");
  await shows(() => attribute('[data-testid="total-visitors"]', "data-value"), ["4"]);
  await page.getByTestId("segments").click();
  const form = page.getByTestId("segment-form");
  await form.getByRole("textbox").fill("With a cart");
  await form.getByRole("button", { name: "Save" }).click();
  await eventually(async () => /With a cart/.test(await page.getByTestId("filter").textContent()));
  assert.match(page.url(), /f=is,segment,/);
  await shows(() => attribute('[data-testid="total-visitors"]', "data-value"), ["4"]);
  await page.getByRole("button", { name: "Clear all" }).click();
  await shows(() => attribute('[data-testid="total-visitors"]', "data-value"), ["6"]);
  await page.getByTestId("segments").click();
  await page.getByTestId("segment").getByRole("button", { name: "Use" }).click();
  await shows(() => attribute('[data-testid="total-visitors"]', "data-value"), ["4"]);
  await page.getByTestId("segments").click();
  await page.getByTestId("segment").getByRole("button", { name: "Remove" }).click();
  await page.getByTestId("segment").getByRole("button", { name: "Remove" }).click();
  await page.getByText("No segments yet").waitFor();
  await page.keyboard.press("Escape");
  await shows(() => attribute('[data-testid="total-visitors"]', "data-value"), ["6"]);
});

test("all time begins with the site's data, and a comparison is chosen by its days", async () => {
  await page.goto(`${stack.url}/?period=all`);
  await shows(() => attribute('[data-testid="total-visitors"]', "data-value"), ["6"]);
  const ask = caller(stack, { cookie });
  const { body } = await ask("GET", "/api/v2/began?site_id=demo-shop");
  assert.ok(body.began <= now - 50 * HOUR && body.began > now - 10 * 24 * HOUR, JSON.stringify(body));
  await open("/");
  await page.getByTestId("compare").selectOption("custom");
  await page.getByLabel("Compare from").fill("2026-01-01");
  await page.getByLabel("Compare to").fill("2026-01-07");
  await eventually(() => /compare=2026-01-01\.\.2026-01-07/.test(page.url()));
});

for (const part of ["", "/properties", "/funnels", "/retention", "/journeys", "/times", "sessions"]) {
  const path = part === "sessions" ? "/sessions" : `/behaviour${part}`;
  test(`nothing of ${path} overflows on a phone`, async () => {
    await page.setViewportSize({ width: 360, height: 780 });
    await open(path);
    await page.locator("main .card").first().waitFor();
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert.ok(overflow <= 0, `${overflow} px too wide`);
  });
}
