// The built dashboard in Chromium, on a real worker and a real store that can be made to fail.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { acting, totp } from "../support/account.mjs";
import { batch, pageView, post } from "../support/batch.mjs";
import { launch } from "../support/browser.mjs";
import { startFaultProxy } from "../support/fault-proxy.mjs";
import { eventually, startDynamoDb, startStack } from "../support/stack.mjs";

let store;
let proxy;
let stack;
let browser;
let context;
let page;
let complaints;
before(async () => {
  store = await startDynamoDb();
  proxy = await startFaultProxy(store.endpoint);
  stack = await startStack({ LIVEINSIGHT_DYNAMODB_ENDPOINT: proxy.endpoint });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await stack?.stop();
  await proxy?.stop();
  await store?.stop();
});
beforeEach(async () => {
  proxy.set("none");
  context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB" });
  page = await context.newPage();
  complaints = [];
  page.on("console", (message) => {
    // A failed request is what some tests are about; Chromium reports it by itself.
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) {
      complaints.push(message.text());
    }
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(stack.url);
});
afterEach(async () => {
  await context.close();
  assert.deepEqual(complaints, [], "neither the policy nor the code may complain");
});

const email = '[data-testid="sign-in"] input[name="email"]';
const password = '[data-testid="sign-in"] input[name="password"]';
const code = '[data-testid="sign-in"] input[name="code"]';
const now = '[data-testid="visitors-now"]';
const value = (id) => page.getAttribute(`[data-testid="${id}"]`, "data-value");

async function signIn() {
  await page.fill(email, stack.email);
  await page.fill(password, stack.password);
  await page.press(password, "Enter");
  await page.waitForSelector(now);
}

test("a wrong password is said, and the right one still signs in", async () => {
  await page.fill(email, stack.email);
  await page.fill(password, "guess");
  await page.press(password, "Enter");
  await eventually(async () =>
    /not right/.test(await page.textContent('[data-testid="sign-in"] [role="alert"]')),
  );
  assert.equal(await page.$(now), null);
  await signIn();
});

test("the code of a second factor is asked for once the password was right", async () => {
  const post = await acting(stack);
  const { body: enrolment } = await post("/api/account/totp", { password: stack.password });
  const { body: recovery } = await post("/api/account/totp/confirm", { code: totp(enrolment.secret) });
  try {
    await page.fill(email, stack.email);
    await page.fill(password, stack.password);
    assert.equal(await page.$(code), null);
    await page.press(password, "Enter");
    await page.waitForSelector(code);
    assert.equal(await page.textContent('[data-testid="sign-in"] [role="alert"]'), "");
    await page.fill(code, "guess");
    await page.press(code, "Enter");
    await eventually(async () =>
      /not right/.test(await page.textContent('[data-testid="sign-in"] [role="alert"]')),
    );
    await page.fill(code, recovery.codes[0]);
    await page.press(code, "Enter");
    await page.waitForSelector(now);
  } finally {
    await post("/api/account/totp/disable", { password: stack.password });
  }
});

test("a session outlives a reload and ends with signing out", async () => {
  await signIn();
  await page.reload();
  await page.waitForSelector(now);
  await page.getByRole("button", { name: /sign out/i }).click();
  await page.waitForSelector(password);
  await page.reload();
  await page.waitForSelector(password);
});

test("an event shows without a reload, and what was on the page stays in place", async () => {
  await signIn();
  await page.waitForSelector('[data-testid="total-page_views"]');
  await page.evaluate(() => {
    document.querySelector('[data-testid="visitors-now"]').marked = true;
  });
  const before = Number((await value("total-page_views")) ?? 0);
  const sent = batch([pageView({ url: "https://shop.example/new-arrival" })]);
  await post(stack, sent);
  await eventually(async () => Number(await value("total-page_views")) === before + 1, 2_000);
  await page.waitForSelector(`[data-testid="active-row"][data-session-id="${sent.session_id}"]`);
  await page.waitForSelector('[data-testid="page-row"][data-name="/new-arrival"]');
  assert.ok(await page.evaluate(() => document.querySelector('[data-testid="visitors-now"]').marked));
});

test("a failing store keeps the last numbers on show and says so until it is back", async () => {
  await signIn();
  await post(stack, batch([pageView()]));
  await eventually(async () => Number(await value("total-page_views")) > 0);
  const shown = await value("total-page_views");
  proxy.set("error500");
  await page.waitForSelector('[data-testid="reconnecting"]');
  assert.equal(await value("total-page_views"), shown);
  proxy.set("none");
  await page.waitForSelector('[data-testid="reconnecting"]', { state: "detached" });
});

test("the period is chosen and the chart follows", async () => {
  await signIn();
  await post(stack, batch([pageView()]));
  await page.waitForSelector('[data-testid="chart"]');
  const asked = page.waitForRequest((request) => request.url().includes("interval=minute"));
  await page.getByRole("radio", { name: "Last 30 minutes" }).check({ force: true });
  await asked;
  await page.waitForSelector('[data-testid="chart"]');
});

test("the chart is read by keyboard", async () => {
  await signIn();
  await post(stack, batch([pageView()]));
  const chart = await page.waitForSelector('[data-testid="chart"]');
  await chart.evaluate((element) => {
    const target = element.matches("[tabindex]") ? element : element.querySelector("[tabindex]");
    target.focus();
  });
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowLeft");
  const said = () =>
    page.$$eval("[aria-live]", (elements) => elements.map((element) => element.textContent).join(" "));
  await eventually(async () => /page views/i.test(await said()));
});

test("light and dark are chosen and kept", async () => {
  await signIn();
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: "light" });
  const light = await background();
  await page.emulateMedia({ colorScheme: "dark" });
  assert.notEqual(await background(), light);
});

for (const [name, width] of [
  ["phone", 360],
  ["tablet", 820],
]) {
  test(`nothing overflows on a ${name}`, async () => {
    await page.setViewportSize({ width, height: 780 });
    await signIn();
    await post(stack, batch([pageView({ url: `https://shop.example/${"long-path-".repeat(20)}` })]));
    await page.waitForSelector('[data-testid="chart"]');
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert.ok(overflow <= 0, `${overflow} px too wide`);
  });
}
