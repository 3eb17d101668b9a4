// The graph over time: zooming with the pointer and by keyboard, and what is noted at it.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { caller, letIn } from "../support/account.mjs";
import { signIn as signInByApi } from "../support/batch.mjs";
import { launch } from "../support/browser.mjs";
import { openPage, signInOn } from "../support/dashboard.mjs";
import { eventually, startStack } from "../support/stack.mjs";
import { sendWeek } from "../support/week.mjs";

let stack;
let browser;
let context;
let page;
let complaints;
before(async () => {
  stack = await startStack();
  browser = await launch();
  await sendWeek(stack);
});
after(async () => {
  await browser?.close();
  await stack?.stop();
});
beforeEach(async () => {
  ({ context, page, complaints } = await openPage(browser));
  await signInOn(page, stack);
  await page.goto(`${stack.url}/?period=7d`);
  await page.waitForSelector(CHART);
});
afterEach(async () => {
  await context.close();
  assert.deepEqual(complaints, [], "neither the policy nor the code may complain");
});

const CHART = '[data-testid="chart"]';
const period = () => new URL(page.url()).searchParams.get("period");
const selection = () => page.$(".selection");
const spoken = () => page.textContent(`${CHART} [aria-live]`);

// Presses the button in the chart at one part of its width and moves to another.
async function drag(from, to) {
  const { x, y, width, height } = await (await page.waitForSelector(CHART)).boundingBox();
  await page.mouse.move(x + width * from, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width * to, y + height / 2, { steps: 8 });
}

test("dragging zooms to the days that were selected, then to hours, and back returns", async () => {
  await drag(0.3, 0.7);
  await eventually(async () => (await selection()) !== null);
  assert.match(await page.textContent(".readout"), /Release to zoom in/);
  await page.mouse.up();
  await eventually(() => /^\d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d$/.test(period()));
  const days = period();
  assert.equal(await selection(), null);
  await eventually(async () => /^Zoomed in to /.test(await spoken()));
  await page.waitForFunction(() => !document.querySelector(".is-outdated"));
  // A range of days is drawn by day; by hour a part of a day can be selected.
  await page.selectOption('[data-testid="interval"]', "hour");
  await page.waitForFunction(() => !document.querySelector(".is-outdated"));
  await drag(0.5, 0.55);
  await page.mouse.up();
  await eventually(() => /^\d{4}-\d\d-\d\dT\d\d:00Z\.\.\d{4}-\d\d-\d\dT\d\d:00Z$/.test(period()));
  await page.goBack();
  await eventually(() => period() === days);
  await page.goBack();
  await page.goBack();
  await eventually(() => period() === "7d");
});

test("Escape lets go of what is being selected, and the pointer zooms nothing then", async () => {
  await drag(0.3, 0.7);
  await eventually(async () => (await selection()) !== null);
  await page.keyboard.press("Escape");
  await eventually(async () => (await selection()) === null);
  await page.mouse.up();
  // Whatever a release did is done before the next key is answered.
  await page.keyboard.press("End");
  await eventually(async () => (await page.$(".readout")) !== null);
  assert.equal(period(), "7d");
});

test("Shift and the arrow keys select, Enter zooms, and all of it is spoken", async () => {
  await page.focus(CHART);
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  await eventually(async () => /selected\. Enter zooms in, Escape lets go\.$/.test(await spoken()));
  assert.ok(await selection());
  await page.keyboard.press("Escape");
  await eventually(async () => (await selection()) === null);
  assert.equal(period(), "7d");
  await page.keyboard.press("Shift+ArrowLeft");
  await page.keyboard.press("Enter");
  await eventually(() => period() !== "7d");
  const [from, to] = period()
    .split("..")
    .map((day) => Date.parse(day));
  assert.equal(to - from, 86_400_000, "two days");
  await eventually(async () => /^Zoomed in to /.test(await spoken()));
  await page.goBack();
  await eventually(() => period() === "7d");
});

const NOTE = '[data-testid="annotation"]';
const FORM = '[data-testid="annotation-form"]';
const open = () => page.click('[data-testid="annotations"] summary');

test("what happened is noted, marked, read, changed and taken away", async () => {
  const day = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10);
  await open();
  await page.fill(`${FORM} [name="at"]`, day);
  await page.fill(`${FORM} [name="text"]`, "Version 2");
  await page.press(`${FORM} [name="text"]`, "Enter");
  await page.waitForSelector(NOTE);
  assert.equal((await page.$$(".note-mark")).length, 1);
  await page.focus(CHART);
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await eventually(async () => /; Noted: Version 2$/.test(await spoken()));
  assert.equal(await page.textContent(".readout-note"), "Version 2");
  await page.locator(NOTE).getByRole("button", { name: "Edit" }).click();
  await eventually(async () => (await page.inputValue(`${FORM} [name="at"]`)) === day);
  await page.fill(`${FORM} [name="text"]`, "Version 2.1");
  await page.fill(`${FORM} [name="time"]`, "14:05");
  await page.locator(FORM).getByRole("button", { name: "Save" }).click();
  await page.locator(NOTE, { hasText: "Version 2.1" }).waitFor();
  assert.match(await page.textContent(`${NOTE} th`), /14:05/);
  // Beyond the range of the graph there is nothing to mark.
  await page.selectOption('[data-testid="period"]', "day");
  await eventually(async () => (await page.$(".note-mark")) === null);
  await page.goBack();
  await page.waitForSelector(".note-mark");
  await page.$eval('[data-testid="annotations"]', (list) => {
    list.open = true;
  });
  const row = page.locator(NOTE);
  await row.getByRole("button", { name: "Remove" }).click();
  await row.locator(".confirm").getByRole("button", { name: "Remove" }).click();
  await page.waitForSelector(NOTE, { state: "detached" });
  await page.waitForSelector(".note-mark", { state: "detached" });
});

test("viewers see what is noted and cannot change it, readers of a share link see nothing of it", async () => {
  const owner = caller(stack, await signInByApi(stack));
  const noted = { at: Date.now() - 86_400_000, text: "Sale" };
  const made = await owner("POST", "/api/sites/demo-shop/annotations", noted);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const grants = [{ site_id: "demo-shop", role: "viewer" }];
  const cookie = await letIn(owner, stack, { email: "viewer@shop.example", grants });
  const [name, value] = cookie.split("=");
  await context.clearCookies();
  await context.addCookies([{ name, value, url: stack.url }]);
  await page.goto(`${stack.url}/?period=7d`);
  await page.waitForSelector(".note-mark");
  await open();
  await page.locator(NOTE, { hasText: "Sale" }).waitFor();
  assert.equal(await page.$(`${FORM}, ${NOTE} button`), null);
  const viewer = caller(stack, { cookie });
  assert.equal((await viewer("POST", "/api/sites/demo-shop/annotations", noted)).status, 403);
  await context.clearCookies();
  const { body: share } = await owner("POST", "/api/sites/demo-shop/shares", { name: "Board" });
  await page.goto(`${stack.url}/?period=7d#share=${share.token}`);
  await page.reload();
  await page.waitForSelector(CHART);
  await page.waitForSelector('[data-testid="pages-row"]');
  assert.equal(await page.$('[data-testid="annotations"], .note-mark'), null);
  const reader = caller(stack, {});
  assert.equal((await reader("GET", "/api/sites/demo-shop/annotations")).status, 401);
});
