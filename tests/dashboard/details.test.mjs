// The list in full, of a site with ten thousand pages.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { batch, pageView, post } from "../support/batch.mjs";
import { launch } from "../support/browser.mjs";
import { openPage, signInOn } from "../support/dashboard.mjs";
import { eventually, startStack } from "../support/stack.mjs";
import { longestTask } from "../support/tasks.mjs";

const PAGES = 10_000;
const AT_ONCE = 100;
// Those in sight, and a few above and below: see dashboard-wasm/src/model/listing.rs.
const MOST_DRAWN = 60;

let stack;
let browser;
let context;
let page;
let complaints;
before(async () => {
  stack = await startStack();
  browser = await launch();
  const name = (number) => `/page-${String(number).padStart(5, "0")}`;
  for (let from = 0; from < PAGES; from += AT_ONCE) {
    const views = Array.from({ length: AT_ONCE }, (_, place) =>
      pageView({ url: `https://shop.example${name(from + place)}` }),
    );
    const answer = await post(stack, batch(views));
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  }
});
after(async () => {
  await browser?.close();
  await stack?.stop();
});
beforeEach(async () => {
  ({ context, page, complaints } = await openPage(browser));
  await signInOn(page, stack);
  await page.waitForSelector('[data-testid="source"][data-source="browser"]');
  await page.goto(`${stack.url}/?open=pages`);
  await page.waitForSelector(ROW);
  await page.waitForFunction(() =>
    /10,000/.test(document.querySelector(".details [role=status]").textContent),
  );
});
afterEach(async () => {
  await context.close();
  assert.deepEqual(complaints, [], "neither the policy nor the code may complain");
});

const BOX = ".details-box";
const ROW = '[data-testid="details-row"]';
const places = () =>
  page.$$eval(ROW, (rows) => rows.map((row) => Number(row.getAttribute("aria-rowindex")) - 1));
const drawn = () => page.$$eval(ROW, (rows) => rows.length);
const focused = () =>
  page.evaluate(() => document.activeElement.closest("[aria-rowindex]")?.getAttribute("aria-rowindex"));

test("ten thousand rows scroll to the last with few of them drawn and no long task", async () => {
  assert.equal(await page.getAttribute(".details-table", "aria-rowcount"), String(PAGES + 1));
  const task = await longestTask(browser, page, async () => {
    const most = await page.evaluate(
      async ([box, row]) => {
        const element = document.querySelector(box);
        let most = 0;
        for (let frame = 0; frame < 150; frame++) {
          element.scrollTop += frame < 75 ? 90 : 1_500;
          await new Promise(requestAnimationFrame);
          most = Math.max(most, document.querySelectorAll(row).length);
        }
        return most;
      },
      [BOX, ROW],
    );
    assert.ok(most > 0 && most <= MOST_DRAWN, `${most} rows are drawn`);
  });
  assert.ok(task <= 50, `a task of ${task} ms while scrolling`);
  await page.hover(BOX);
  await page.mouse.wheel(0, PAGES * 40);
  await eventually(async () => (await places()).at(-1) === PAGES);
  assert.ok((await drawn()) <= MOST_DRAWN);
  // The last is not cut off.
  const hidden = await page.evaluate(
    ([box, row]) =>
      [...document.querySelectorAll(row)].at(-1).getBoundingClientRect().bottom -
      document.querySelector(box).getBoundingClientRect().bottom,
    [BOX, ROW],
  );
  assert.ok(hidden <= 1, `${hidden} px of the last row are out of sight`);
});

test("keys lead to the last row and back, and the row has the focus", async () => {
  await page.focus(BOX);
  await page.keyboard.press("ArrowDown");
  await eventually(async () => (await focused()) === "2");
  await page.keyboard.press("End");
  await eventually(async () => (await focused()) === String(PAGES + 1));
  await page.keyboard.press("ArrowUp");
  await eventually(async () => (await focused()) === String(PAGES));
  await page.keyboard.press("PageUp");
  await eventually(async () => Number(await focused()) < PAGES - 5);
  assert.ok((await drawn()) <= MOST_DRAWN);
  await page.keyboard.press("Home");
  await eventually(async () => (await focused()) === "2");
  // Scrolled away, the row leaves the focus in the box, from where the next key goes on.
  await page.hover(BOX);
  await page.mouse.wheel(0, 20_000);
  await eventually(async () => !(await places()).includes(1));
  await page.keyboard.press("ArrowDown");
  await eventually(async () => (await focused()) === "3");
});

test("names are ordered as well, and a row keeps its place while the list changes", async () => {
  await page.getByRole("columnheader", { name: "Page", exact: true }).getByRole("button").click();
  const first = () => page.textContent(`${ROW} th`);
  await eventually(async () => /page-00000/.test(await first()));
  await page.focus(BOX);
  await page.keyboard.press("End");
  await eventually(async () => (await focused()) === String(PAGES + 1));
  const name = () => page.evaluate(() => document.activeElement.textContent.trim());
  assert.equal(await name(), "/page-09999");
  await post(stack, batch([pageView({ url: "https://shop.example/page-05000" })]));
  await page.fill(".details-search", "page-05000");
  await eventually(async () => (await drawn()) === 1);
  await eventually(async () => (await page.textContent(`${ROW} td`)) === "2");
});
