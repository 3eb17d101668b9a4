// Every page in both themes under axe, and what is fetched before the overview is seen.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { batch, pageView, post } from "../support/batch.mjs";
import { launch } from "../support/browser.mjs";
import { assertAccessible, openPage, signInOn } from "../support/dashboard.mjs";
import { eventually, startStack } from "../support/stack.mjs";

// Pages by path, and what is there once they are drawn.
const PAGES = {
  "/": '[data-testid="pages-row"]',
  "/live": '[data-testid="active-row"]',
  "/behaviour": '[data-testid="headline"], main .empty',
  "/behaviour/properties": "main .card",
  "/behaviour/funnels": "main .card",
  "/behaviour/retention": "main .card",
  "/behaviour/journeys": '[data-testid="journey-box"]',
  "/behaviour/times": '[data-testid="weekday"]',
  "/sessions": '[data-testid="visit"]',
  "/settings/alerts": "main form",
  "/settings/site": '[data-testid="site-form"]',
  "/settings/tracker": '[data-testid="snippet-builder"]',
  "/settings/intake": '[data-testid="ledger"] :is([data-testid="ledger-accepted"], .empty)',
  "/settings/quarantine": '[data-testid="quarantined"]',
  "/settings/data": '[data-testid="export"]',
  "/settings/shares": '[data-testid="new-share"]',
  "/settings/people": '[data-testid="person"]',
  "/settings/tokens": '[data-testid="new-token"]',
  "/settings/audit": '[data-testid="audit"] :is(table, .empty)',
  "/settings/account": '[data-testid="own-session"]',
  "/operator": '[data-testid="verdict"][data-state="fine"]',
  "/no/such/page": ".gate-title",
};

let stack;
let browser;
before(async () => {
  stack = await startStack();
  browser = await launch();
  await post(stack, batch([pageView({ url: "https://shop.example/about" })]));
  const bot = { "user-agent": "Googlebot/2.1 (+http://www.google.com/bot.html)" };
  await post(stack, batch([pageView({ url: "https://shop.example/crawled" })]), bot);
});
after(async () => {
  await browser?.close();
  await stack?.stop();
});

for (const colorScheme of ["light", "dark"]) {
  test(`no page fails axe, ${colorScheme}`, async (t) => {
    const { context, page, complaints } = await openPage(browser, { axe: true, colorScheme });
    try {
      await page.goto(stack.url);
      await page.waitForSelector('[data-testid="sign-in"]');
      await assertAccessible(page, "sign-in");
      await signInOn(page, stack);
      for (const [path, shown] of Object.entries(PAGES)) {
        await t.test(path, async () => {
          await page.goto(stack.url + path);
          await page.waitForSelector(shown);
          await assertAccessible(page, path);
        });
      }
      for (const [name, open] of [
        [
          "details",
          () =>
            page
              .getByRole("button", { name: /^Details:/ })
              .first()
              .click(),
        ],
        ["help", () => page.keyboard.press("?")],
      ]) {
        await t.test(name, async () => {
          await page.goto(stack.url);
          await page.waitForSelector('[data-testid="pages-row"]');
          await open();
          await page.waitForSelector("dialog[open]");
          await assertAccessible(page, name);
        });
      }
    } finally {
      await context.close();
    }
    assert.deepEqual(complaints, [], "neither the policy nor the code may complain");
  });
}

test("what is fetched before the overview is seen is what its first load is said to be", async () => {
  const { context, page, complaints } = await openPage(browser);
  try {
    await signInOn(page, stack);
    const fetched = [];
    page.on("request", (request) => fetched.push(new URL(request.url()).pathname));
    await page.reload();
    const drawn = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const isDrawn = () =>
            document.querySelector('[data-testid="chart"] path') &&
            document.querySelector('[data-testid="total-visitors"]')?.dataset.value &&
            document.querySelectorAll(".board .skeleton").length === 0;
          const look = () => (isDrawn() ? resolve(performance.now()) : requestAnimationFrame(look));
          look();
        }),
    );
    const marks = await page.evaluate(
      (drawn) =>
        performance
          .getEntriesByType("resource")
          .filter(({ startTime }) => startTime < drawn)
          .map(({ name }) => new URL(name).pathname),
      drawn,
    );
    // Pictures of what is in the data are not part of the program: of each country a flag, half a KB.
    const isFlag = (path) => /^\/assets\/flags-[\d.]+\/\w+\.svg$/.test(path);
    const assets = [...new Set(marks.filter((path) => path.startsWith("/assets/") && !isFlag(path)))];
    const unexpected = assets.filter((path) => !/^\/assets\/dashboard-\w+\.(css|js|wasm)$/.test(path));
    assert.deepEqual(unexpected, []);
    assert.equal(assets.length, 3, assets.join());
    assert.equal(fetched.filter((path) => path === "/api/v2/queries").length, 1);
    // The engine and the rest come after.
    await page.waitForSelector('[data-testid="source"][data-source="browser"]');
    await eventually(() => fetched.some((path) => /^\/assets\/engine-\w+\.js$/.test(path)));
  } finally {
    await context.close();
  }
  assert.deepEqual(complaints, [], "neither the policy nor the code may complain");
});

test("pages of their own are loaded when they are opened, and again after a failure", async () => {
  const { context, page, complaints } = await openPage(browser);
  try {
    await signInOn(page, stack);
    await page.waitForSelector('[data-testid="pages-row"]');
    await context.route(/\/assets\/later-settings-/, (route) => route.abort());
    await page.getByRole("link", { name: "Settings" }).click();
    await page.waitForSelector('.failed[role="alert"]');
    await context.unroute(/\/assets\/later-settings-/);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.waitForSelector('[data-testid="site-form"]');
    // The loader says on the console what failed, and nothing else is said.
    assert.deepEqual(
      complaints.filter((line) => !/later-settings|import|Failed to fetch/.test(line)),
      [],
    );
  } finally {
    await context.close();
  }
});
