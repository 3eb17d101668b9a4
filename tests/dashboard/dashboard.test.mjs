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
    // A failed request or connection is what some tests are about; Chromium reports it by itself.
    if (message.type() === "error" && !/Failed to load resource|WebSocket/.test(message.text())) {
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
  await page.waitForSelector('[data-testid="source"][data-source="browser"]');
  await eventually(async () => (await value("total-pageviews")) !== "");
  await page.evaluate(() => {
    document.querySelector('[data-testid="visitors-now"]').marked = true;
  });
  const before = Number((await value("total-pageviews")) ?? 0);
  const sent = batch([pageView({ url: "https://shop.example/new-arrival" })]);
  await post(stack, sent);
  await eventually(async () => Number(await value("total-pageviews")) === before + 1, 2_000);
  await page.waitForSelector('[data-testid="pages-row"][data-name="/new-arrival"]');
  assert.ok(await page.evaluate(() => document.querySelector('[data-testid="visitors-now"]').marked));
  await page.getByRole("link", { name: "Live", exact: true }).click();
  await page.waitForSelector(`[data-testid="active-row"][data-session-id="${sent.session_id}"]`);
  assert.equal(new URL(page.url()).pathname, "/live");
  await page.goBack();
  await page.waitForSelector('[data-testid="pages-row"][data-name="/new-arrival"]');
});

test("a failing store keeps the last numbers on show and says so until it is back", async () => {
  await signIn();
  await post(stack, batch([pageView()]));
  await eventually(async () => Number(await value("total-pageviews")) > 0);
  const shown = await value("total-pageviews");
  proxy.set("error500");
  await page.waitForSelector('[data-testid="reconnecting"]');
  assert.equal(await value("total-pageviews"), shown);
  proxy.set("none");
  await page.waitForSelector('[data-testid="reconnecting"]', { state: "detached" });
});

test("the period is chosen, the address remembers it, and back undoes it", async () => {
  await signIn();
  await post(stack, batch([pageView()]));
  await page.waitForSelector('[data-testid="chart"]');
  const dates = () => page.textContent('[data-testid="period-dates"]');
  const before = await dates();
  await page.selectOption('[data-testid="period"]', "30d");
  await eventually(async () => (await dates()) !== before);
  assert.match(page.url(), /period=30d/);
  await page.keyboard.press("ArrowLeft");
  await eventually(() => /back=1/.test(page.url()));
  await page.goBack();
  await page.goBack();
  await eventually(async () => (await dates()) === before);
});

test("a click on a row filters every card, a click with Alt excludes, and a pill takes it back", async () => {
  await signIn();
  const pages = ["/filter-a", "/filter-b", "/filter-b"];
  for (const path of pages) await post(stack, batch([pageView({ url: `https://shop.example${path}` })]));
  const row = (name) => `[data-testid="pages-row"][data-name="${name}"] button`;
  await page.waitForSelector(row("/filter-b"));
  const all = Number(await value("total-pageviews"));
  await page.click(row("/filter-b"));
  await eventually(async () => (await value("total-pageviews")) === "2");
  assert.match(page.url(), /f=is,event:page,\/filter-b/);
  await page.waitForSelector(row("/filter-a"), { state: "detached" });
  await page.getByRole("button", { name: /remove the filter/i }).click();
  await eventually(async () => Number(await value("total-pageviews")) >= all);
  await page.click(row("/filter-b"), { modifiers: ["Alt"] });
  await page.waitForSelector(row("/filter-b"), { state: "detached" });
  await page.waitForSelector(row("/filter-a"));
  await page.keyboard.press("Escape");
  await page.waitForSelector(row("/filter-b"));
});

test("the browser works the numbers out itself, and the worker does where the browser cannot", async () => {
  await signIn();
  await page.waitForSelector('[data-testid="source"][data-source="browser"]');
  await post(stack, batch([pageView({ url: "https://shop.example/both" })]));
  await page.waitForSelector('[data-testid="pages-row"][data-name="/both"]');
  const inBrowser = await value("total-pageviews");
  await context.route(/\/assets\/engine-.*\.js$/, (route) => route.fulfill({ status: 404, body: "" }));
  await page.reload();
  await page.waitForSelector('[data-testid="source"][data-source="edge"]');
  await page.waitForSelector('[data-testid="pages-row"][data-name="/both"]');
  assert.equal(await value("total-pageviews"), inBrowser);
});

test("the worker answers where the program of the engine cannot be fetched", async () => {
  await context.route(/\/assets\/engine-.*\.wasm$/, (route) => route.abort());
  await signIn();
  await post(stack, batch([pageView({ url: "https://shop.example/no-program" })]));
  await page.waitForSelector('[data-testid="source"][data-source="edge"]');
  await page.waitForSelector('[data-testid="pages-row"][data-name="/no-program"]');
});

test("what the browser answers by itself does not hide that it is offline", async () => {
  await signIn();
  await page.waitForSelector('[data-testid="source"][data-source="browser"]');
  await post(stack, batch([pageView({ url: "https://shop.example/offline" })]));
  const row = '[data-testid="pages-row"][data-name="/offline"] button';
  await page.waitForSelector(row);
  await context.setOffline(true);
  const notice = await page.waitForSelector('[data-testid="reconnecting"]');
  await page.click(row);
  await eventually(async () => (await value("total-pageviews")) === "1");
  assert.ok(await notice.evaluate((element) => element.isConnected));
  await context.setOffline(false);
  await page.waitForSelector('[data-testid="reconnecting"]', { state: "detached" });
});

test("the details are searched and ordered", async () => {
  await signIn();
  for (const path of ["/deep-a", "/deep-b", "/deep-b"]) {
    await post(stack, batch([pageView({ url: `https://shop.example${path}` })]));
  }
  await page.waitForSelector('[data-testid="pages-row"]');
  await page.getByRole("button", { name: "Details: Top" }).click();
  await page.getByRole("searchbox").fill("DEEP-");
  const names = () =>
    page.$$eval('[data-testid="details-row"] th', (cells) => cells.map((cell) => cell.textContent.trim()));
  await eventually(async () => (await names()).join() === "/deep-b,/deep-a");
  await page.getByRole("button", { name: "Visitors", exact: true }).last().click();
  await eventually(async () => (await names()).join() === "/deep-a,/deep-b");
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "detached" });
});

test("the language is chosen and kept", async () => {
  await signIn();
  await page.selectOption('[data-testid="language"]', "ko");
  await page.getByRole("link", { name: "개요" }).waitFor();
  assert.equal(await page.getAttribute("html", "lang"), "ko");
  await page.reload();
  await page.getByRole("link", { name: "개요" }).waitFor();
});

test("the help lists the keys of the page", async () => {
  await signIn();
  await page.waitForSelector('[data-testid="total-visitors"]');
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  assert.match(await page.textContent("dialog"), /Comparison on or off/);
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "detached" });
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
  await eventually(async () => /visitors/i.test(await said()));
});

test("light and dark are chosen and kept", async () => {
  await signIn();
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: "light" });
  const light = await background();
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await background();
  assert.notEqual(dark, light);
  const theme = () => page.getAttribute("html", "data-theme");
  assert.equal(await theme(), null);
  const button = page.getByRole("button", { name: /^colours:/i });
  await button.click();
  await eventually(async () => (await theme()) === "light" && (await background()) === light);
  await page.reload();
  await page.waitForSelector(now);
  assert.deepEqual([await theme(), await background()], ["light", light]);
  await page.emulateMedia({ colorScheme: "light" });
  await button.click();
  await eventually(async () => (await theme()) === "dark" && (await background()) === dark);
  await page.reload();
  await page.waitForSelector(now);
  assert.deepEqual([await theme(), await background()], ["dark", dark]);
});

test("where one is stands in sight on a phone", async () => {
  await page.setViewportSize({ width: 360, height: 780 });
  await signIn();
  for (const path of ["/settings/account", "/behaviour/times", "/sessions"]) {
    await page.goto(stack.url + path);
    await page.waitForSelector('main [aria-current="page"], main .card');
    const outside = () =>
      page.$$eval(
        '[aria-current="page"], [aria-current="true"]',
        (links) =>
          links.filter((link) => {
            const [at, box] = [link, link.closest("ul")].map((it) => it.getBoundingClientRect());
            return at.left < Math.max(0, box.left) - 1 || at.right > Math.min(innerWidth, box.right) + 1;
          }).length,
      );
    await eventually(async () => (await outside()) === 0);
  }
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
