// Plausible's own script, as its package ships it, on a page of a site: changing the address it sends to is all
// it takes to see its events here.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { launch } from "../support/browser.mjs";
import { allRows, eventually, startStack } from "../support/stack.mjs";

let site;
let html = "";
let stack;
let browser;
before(async () => {
  site = createServer((_, answer) => {
    answer.setHeader("content-type", "text/html");
    answer.end(html);
  });
  await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
  const domains = [`127.0.0.1:${site.address().port}`];
  stack = await startStack({ LIVEINSIGHT_SITES: JSON.stringify([{ id: "trial", domains }]) });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await stack?.stop();
  site?.close();
});

async function bundle(options) {
  const result = await build({
    stdin: {
      contents: `import { init, track } from "@plausible-analytics/tracker";
        init(${JSON.stringify(options)});
        window.plausible = track;`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    format: "iife",
    write: false,
  });
  return result.outputFiles[0].text;
}

test("its page views, events, outbound clicks and engagement become ours", async () => {
  const script = await bundle({
    domain: "trial",
    endpoint: `${stack.url}/api/event`,
    captureOnLocalhost: true,
    outboundLinks: true,
  });
  const context = await browser.newContext();
  // The script counts no browsers that a program drives, but for those with this mark.
  await context.addInitScript(() => {
    window.__plausible = true;
  });
  const page = await context.newPage();
  html = `<!doctype html><title>Trial</title><script>${script}</script>
    <a id="out" href="https://docs.example/guide">Docs</a>`;
  await context.route("https://docs.example/**", (route) => route.fulfill({ body: "elsewhere" }));
  const statuses = [];
  page.on("response", (answer) => {
    if (answer.url().endsWith("/api/event")) statuses.push(answer.status());
  });

  await page.goto(`http://127.0.0.1:${site.address().port}/trial/one?utm_source=june&utm_medium=email`);
  const rowsOf = async (type) => (await allRows(stack.dynamodb)).events.filter((row) => row.type === type);
  await eventually(async () => (await rowsOf("page_view")).length === 1);
  await page.evaluate(() => window.plausible("Purchase", { revenue: { currency: "EUR", amount: "12.50" } }));
  await page.evaluate(() => window.plausible("Signup", { props: { plan: "pro" } }));
  await eventually(async () => (await rowsOf("custom")).length === 1);
  await page.evaluate(() => history.pushState({}, "", "/trial/two"));
  await eventually(async () => (await rowsOf("page_view")).length === 2);
  await page.click("#out");
  await page.waitForURL("https://docs.example/guide");
  await eventually(async () => (await rowsOf("click")).length === 1);

  const { events, sessions } = await allRows(stack.dynamodb);
  const of = (type) => events.filter((row) => row.type === type);
  assert.deepEqual(
    of("page_view")
      .map(({ path }) => path)
      .sort(),
    ["/trial/one", "/trial/two"],
  );
  const landing = of("page_view").find((row) => row.path === "/trial/one");
  assert.deepEqual([landing.source, landing.channel, landing.browser], ["june", "Email", "Chromium"]);
  assert.deepEqual(
    of("conversion").map(({ name, amount, currency }) => [name, amount, currency]),
    [["Purchase", "12.50", "EUR"]],
  );
  assert.deepEqual(
    of("custom").map(({ name, props }) => [name, props.plan]),
    [["Signup", "pro"]],
  );
  assert.equal(of("click")[0].target.href, "https://docs.example/guide");
  assert.equal(sessions.length, 1, "one visit");
  assert.equal(new Set(events.map((row) => row.user_id)).size, 1, "one visitor");
  assert.ok(statuses.length >= 4 && statuses.every((status) => status === 202), statuses.join(", "));
});
