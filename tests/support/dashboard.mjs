// The dashboard as somebody who is signed in looks at it, with everything that is wrong with a page kept.

import assert from "node:assert/strict";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

// A page in a context of its own, with axe if it is to be looked at by it. `complaints` are what the policy, the code and the browser said against it.
export async function openPage(browser, { axe = false, ...options } = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: "en-GB",
    ...options,
  });
  const complaints = [];
  // A violation of the policy may go without a line on the console.
  await context.exposeBinding("reportViolation", (_, text) => complaints.push(text));
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) =>
      window.reportViolation(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
    );
  });
  // The policy of the page allows no foreign script; what is there before the page is not asked.
  if (axe) await context.addInitScript({ content: require("axe-core").source });
  const page = await context.newPage();
  page.on("console", (message) => {
    // A failed request is what some tests are about; Chromium reports it by itself.
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) {
      complaints.push(message.text());
    }
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return { context, page, complaints };
}

// Fills in the sign-in form that an address of the dashboard shows.
export async function signInOn(page, stack, path = "/") {
  await page.goto(stack.url + path);
  await page.fill('[data-testid="sign-in"] input[name="email"]', stack.email);
  await page.fill('[data-testid="sign-in"] input[name="password"]', stack.password);
  await page.press('[data-testid="sign-in"] input[name="password"]', "Enter");
  await page.waitForSelector(".nav-link");
}

// What axe finds wrong with a page, in lines that say where.
export async function violations(page) {
  const found = await page.evaluate(() =>
    window.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }),
  );
  return found.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} (${help}) at ${target.join(" ")}: ${failureSummary}`),
  );
}

// Fails with everything that axe finds.
export async function assertAccessible(page, name) {
  const found = await violations(page);
  assert.deepEqual(found, [], `${name}: ${found.length} violations`);
}
