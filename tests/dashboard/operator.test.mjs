// The page of those who operate the installation, in Chromium on the real stack.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { caller, letIn } from "../support/account.mjs";
import { batch, pageView, post, signIn } from "../support/batch.mjs";
import { launch } from "../support/browser.mjs";
import { openPage, signInOn } from "../support/dashboard.mjs";
import { eventually, startStack } from "../support/stack.mjs";

let stack;
let browser;
before(async () => {
  stack = await startStack();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await stack?.stop();
});

test("figures move when events are sent, and a worker that is away is said and tried again", async () => {
  const { context, page, complaints } = await openPage(browser);
  try {
    await signInOn(page, stack, "/settings/account");
    await page.getByRole("link", { name: "Operation" }).click();
    await page.waitForSelector('[data-testid="verdict"][data-state="fine"]');
    const tile = page.locator('[data-testid="tile-EventsProcessed"]');
    const before = Number(await tile.getAttribute("data-value"));
    await post(stack, batch([pageView(), pageView(), pageView()]));
    await eventually(async () => Number(await tile.getAttribute("data-value")) === before + 3);
    await eventually(async () => /L/.test(await tile.locator("path").getAttribute("d")));
    await page.getByRole("rowheader", { name: "Events stored" }).waitFor();

    let asked = 0;
    const away = (route) => {
      asked += 1;
      return route.abort();
    };
    const tryAgain = async () => {
      const before = asked;
      await page.getByRole("button", { name: "Try again" }).click();
      await eventually(() => asked > before);
    };
    await context.route("**/api/operator/metrics", away);
    await page.waitForSelector(".operator-lost");
    await tryAgain();
    assert.equal(Number(await tile.getAttribute("data-value")), before + 3, "what was known stays");
    await page.reload();
    await page.waitForSelector('.failed[role="alert"]');
    await tryAgain();
    await context.unroute("**/api/operator/metrics", away);
    await tile.waitFor();
  } finally {
    await context.close();
  }
  assert.deepEqual(complaints, [], "neither the policy nor the code may complain");
});

test("the page is neither listed for editors nor shown to them", async () => {
  const owner = caller(stack, await signIn(stack));
  const cookie = await letIn(owner, stack, { email: "editor@shop.example", role: "editor" });
  const { context, page } = await openPage(browser);
  try {
    const [name, value] = cookie.split("=");
    await context.addCookies([{ name, value, url: stack.url }]);
    await page.goto(`${stack.url}/settings/account`);
    await page.waitForSelector('[data-testid="own-session"]');
    assert.equal(await page.getByRole("link", { name: "Operation" }).count(), 0);
    await page.goto(`${stack.url}/operator`);
    await page.waitForSelector('main [role="alert"]');
    assert.equal(await page.locator('[data-testid="verdict"]').count(), 0);
  } finally {
    await context.close();
  }
});
