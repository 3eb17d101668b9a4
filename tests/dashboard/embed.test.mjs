// A share link within a page of another site; everything else refuses to be there.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { caller } from "../support/account.mjs";
import { batch, pageView, post, signIn as signInByApi } from "../support/batch.mjs";
import { launch } from "../support/browser.mjs";
import { openPage, signInOn } from "../support/dashboard.mjs";
import { eventually, startStack } from "../support/stack.mjs";

let stack;
let browser;
let host;
let other;
let made;
// What the page of the other site has in it.
let content = "";
before(async () => {
  stack = await startStack();
  browser = await launch();
  const owner = caller(stack, await signInByApi(stack));
  ({ body: made } = await owner("POST", "/api/sites/demo-shop/shares", { name: 'The "shop"' }));
  host = createServer((_, answer) => {
    answer.setHeader("content-type", "text/html");
    answer.end(`<!doctype html><title>Elsewhere</title>${content}`);
  });
  await new Promise((resolve) => host.listen(0, "127.0.0.1", resolve));
  // By name it is another site, so that no cookie of the dashboard goes along.
  other = `http://localhost:${host.address().port}/`;
});
after(async () => {
  await browser?.close();
  host?.close();
  await stack?.stop();
});

// The frame with what `html` shows within the page of the other site.
async function framed(page, html, address = other) {
  content = html;
  await page.goto(address);
  return page.frames().at(-1);
}

test("a share link shows its numbers within another site's page, live and in the colours asked for", async () => {
  const { context, page, complaints } = await openPage(browser, { colorScheme: "light" });
  try {
    await post(stack, batch([pageView({ url: "https://shop.example/framed" })]));
    const source = `${stack.url}/embed?theme=dark#share=${made.token}`;
    const frame = await framed(page, `<iframe src="${source}" width="900" height="900"></iframe>`);
    await frame.waitForSelector('[data-testid="pages-row"][data-name="/framed"]');
    assert.equal(await frame.getAttribute("html", "data-theme"), "dark");
    assert.equal(await frame.$(".bar"), null, "there is no navigation");
    assert.match(await frame.textContent("h1"), /shop/i);
    // Nothing but the token lets it in, so what happens still has to arrive.
    await post(stack, batch([pageView({ url: "https://shop.example/framed-later" })]));
    await frame.waitForSelector('[data-testid="pages-row"][data-name="/framed-later"]');
    // A filter changes the frame's own address, and keeps the colours and the link.
    await frame.click('[data-testid="pages-row"][data-name="/framed"] button');
    await eventually(() => /\/embed\?f=is,event:page,\/framed&theme=dark#share=/.test(frame.url()));
    await frame.waitForSelector('[data-testid="pages-row"][data-name="/framed-later"]', {
      state: "detached",
    });
  } finally {
    await context.close();
  }
  assert.deepEqual(complaints, [], "neither the policy nor the code may complain");
});

test("no other page can be framed, and the one that can knows nobody who is signed in", async () => {
  const { context, page } = await openPage(browser);
  try {
    await signInOn(page, stack);
    for (const path of ["/", `/#share=${made.token}`, "/live", "/settings/site", "/embed/"]) {
      const frame = await framed(page, `<iframe src="${stack.url}${path}"></iframe>`);
      await eventually(() => frame.url().startsWith("chrome-error://"));
    }
    // Another port of the same host is the same site: the cookie of whoever is signed in goes along.
    const near = `http://127.0.0.1:${host.address().port}/`;
    const frame = await framed(page, `<iframe src="${stack.url}/embed"></iframe>`, near);
    await frame.waitForSelector(".gate-title");
    assert.equal(await frame.$(".bar, .figures"), null);
    // Nor does it ask anybody for a password: whoever frames it could show that as their own.
    for (const fragment of ["", "#invitation=secret"]) {
      await page.goto("about:blank");
      await page.goto(`${stack.url}/embed${fragment}`);
      await page.waitForSelector(".gate-title");
      assert.match(await page.textContent(".gate-title"), /not complete/);
      assert.equal(await page.$(".bar, .figures, input"), null);
    }
  } finally {
    await context.close();
  }
});

test("headers let only the embedded view be framed", async () => {
  const policy = async (path) => (await fetch(stack.url + path)).headers.get("content-security-policy");
  const own = await policy("/");
  assert.match(own, /frame-ancestors 'none'$/);
  for (const path of ["/live", "/settings/shares", "/embed/", "/embed/x", "/embedded", "/index.html"]) {
    assert.equal(await policy(path), own, path);
  }
  // Nothing else is different.
  assert.equal(await policy("/embed"), own.replace("frame-ancestors 'none'", "frame-ancestors *"));
});

test("the frame's code stands where links are made, and works as it is", async () => {
  const { context, page, complaints } = await openPage(browser);
  try {
    await signInOn(page, stack);
    await page.goto(`${stack.url}/settings/shares`);
    await page.fill('[data-testid="new-share"] [name="name"]', 'A "partner"');
    await page.click('[data-testid="new-share"] [type="submit"]');
    const code = page.locator('[data-testid="copy-line"]', { hasText: "<iframe" });
    const frame = await framed(page, await code.textContent());
    await frame.waitForSelector('[data-testid="total-visitors"]');
    assert.equal(await page.getAttribute("iframe", "title"), 'A "partner"');
  } finally {
    await context.close();
  }
  assert.deepEqual(complaints, [], "neither the policy nor the code may complain");
});
