/**
 * What the package's README tells sites to do, done: its code blocks are taken out of it and run as they
 * are, on `https://shop.example`, with a LiveInsight at `https://insight.example`.
 */

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { compileScript, parse } from "vue/compiler-sfc";
import { distFile, everything, openPage, startBrowser, startCollector, types } from "./support.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const README = await readFile(join(ROOT, "tracker-wasm/npm/README.md"), "utf8");
const SITE = "https://shop.example/";

const browser = await startBrowser();

/** Every code block of the README: the heading above it, its language, the file it names, and the code. */
const blocks = [];
for (const [, heading, language, code] of README.matchAll(/^##+ ([^\n]*)$|^ *```(\w*)\n(.*?)^ *```$/gms)) {
  if (heading) blocks.heading = heading;
  else {
    const file = /^(?:\/\/|<!--) (\S+\.\w+)/.exec(code)?.[1];
    blocks.push({ heading: blocks.heading, language, file, code, tried: false });
  }
}

/** The code blocks below a heading, in order. */
function snippets(heading) {
  const found = blocks.filter((block) => block.heading === heading);
  assert.ok(found.length > 0, `no code below "${heading}"`);
  for (const block of found) block.tried = true;
  return found;
}

const codeOf = (heading) => snippets(heading)[0].code;

/**
 * Opens a page of the site. `head` and `body` are its HTML, `script` is what it has as `/app.js`. Nothing
 * tells the tracker that this is a test: the site is not of this machine, and the browser denies being driven.
 */
async function visit({ head = "", body = "", script = "", headers = {}, hold = Promise.resolve() }) {
  const collector = await startCollector();
  const opened = await openPage(browser);
  const { page, context } = opened;
  const loaded = [];
  await context.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, "webdriver", { value: false });
  });
  await context.route("https://insight.example/**", async (route) => {
    const { pathname } = new URL(route.request().url());
    loaded.push(pathname);
    if (pathname.endsWith(".js")) await hold;
    const response = await route.fetch({ url: collector.origin + pathname }).catch(() => undefined);
    if (response) await route.fulfill({ response });
  });
  const html = `<!doctype html><html lang="en"><head><title>Shop</title>${head}</head><body>${body}</body></html>`;
  await context.route(`${SITE}**`, (route) =>
    route.request().url() === `${SITE}app.js`
      ? route.fulfill({ contentType: "text/javascript", body: script })
      : route.fulfill({ contentType: "text/html", body: html, headers }),
  );
  await page.goto(SITE, { waitUntil: "commit" });
  return { collector, loaded, ...opened };
}

const tracked = (page) => page.waitForFunction(() => window.liveinsight && !window.liveinsight.q);

/** A project that has installed the package and holds the files below `heading`; gives its bundle. */
async function bundle(heading, entry) {
  const folder = await mkdtemp(join(tmpdir(), "liveinsight-snippets-"));
  after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "node_modules/@liveinsight"), { recursive: true });
  await symlink(distFile("tracker"), join(folder, "node_modules/@liveinsight/tracker"));
  for (const { file, code } of snippets(heading).filter(({ file }) => file)) {
    await mkdir(join(folder, dirname(file)), { recursive: true });
    await writeFile(join(folder, file), code);
  }
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: folder, loader: "jsx" },
    bundle: true,
    write: false,
    format: "iife",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"development"' },
    nodePaths: [join(ROOT, "node_modules")],
    plugins: [{ name: "vue", setup: ({ onLoad }) => onLoad({ filter: /\.vue$/ }, component) }],
  });
  return outputFiles[0].text;
}

async function component({ path }) {
  const { descriptor } = parse(await readFile(path, "utf8"), { filename: path });
  return { contents: compileScript(descriptor, { id: path, inlineTemplate: true }).content, loader: "js" };
}

/** A page with `<div id="root">` that runs `script`. */
const app = (script) => visit({ body: '<div id="root"></div><script src="/app.js"></script>', script });

/** A router's navigation, and a click on the only button: what was sent of it. */
async function useApp({ page, collector, errors }) {
  await collector.untilEvents("page_view");
  await page.evaluate(() => history.pushState({}, "", "/second"));
  await collector.untilEvents("page_view", 2);
  await page.click("button");
  await collector.untilEvents("conversion");
  assert.deepEqual(errors, []);
  return collector.events();
}

test("plain page: calls made before the script is there are made up for, and then it is called directly", async () => {
  let release;
  const hold = new Promise((resolve) => {
    release = resolve;
  });
  const [tags, call] = snippets("As a script");
  const { page, collector, errors, messages } = await visit({ head: tags.code, hold });
  await page.waitForFunction(() => window.liveinsight);
  const names = () =>
    page.evaluate(() =>
      Object.keys({ ...liveinsight, ...liveinsight.consent }).filter((name) => name !== "q"),
    );
  const early = await names();
  await page.evaluate(call.code);
  await page.evaluate(() => {
    window.early = liveinsight;
    liveinsight.consent.grant();
    liveinsight.identify("customer-1042");
    liveinsight.event("known", { early: true });
  });
  release();
  await tracked(page);
  assert.deepEqual((await names()).sort(), early.sort());
  await page.evaluate(() => window.early.event("to the stub, which is gone"));
  await page.evaluate(call.code);
  const events = await everything(page, collector);
  assert.deepEqual(types(events), ["page_view", "conversion", "custom", "conversion"]);
  assert.equal(events[0].url, SITE);
  assert.equal(events[1].name, "purchase");
  assert.deepEqual(events[1].revenue, { amount: "49000", currency: "KRW" });
  assert.deepEqual(events[2].props, { early: "true" });
  const known = collector.requests.find(({ batch }) => batch.events.some(({ name }) => name === "known"));
  assert.deepEqual([known.batch.site_id, known.batch.person_id], ["my-site", "customer-1042"]);
  assert.deepEqual([errors, messages], [[], []]);
});

/** The plain page's tags with `between` between them. */
const plainWith = (between) => codeOf("As a script").replace("<script async", `${between}<script async`);

test("options that are functions are given between the tags", async () => {
  const { page, collector, errors } = await visit({ head: plainWith(codeOf("Options")) });
  await tracked(page);
  await page.evaluate(() => history.pushState({}, "", "/invite/s3cret"));
  const views = await collector.untilEvents("page_view", 2);
  assert.equal(views[1].url, `${SITE}invite/*`);
  assert.deepEqual(errors, []);
});

test("beforeSend drops forms and takes the text out of clicks", async () => {
  const { page, collector, errors } = await visit({
    head: plainWith(codeOf("A look at each event")),
    body: '<a href="#" data-li-event="mark">Anna</a><form action="/search"><button>Search</button></form>',
  });
  await tracked(page);
  await page.evaluate(() => addEventListener("submit", (event) => event.preventDefault()));
  await page.click("a");
  await page.click("button");
  const events = await everything(page, collector);
  assert.deepEqual(types(events), ["page_view", "click"]);
  assert.deepEqual(events[1].target, {
    kind: "marked",
    name: "mark",
    href: SITE,
    selector: "html > body > a",
  });
  assert.deepEqual(errors, []);
});

/** Runs in the page: puts in custom HTML as Google Tag Manager does, which makes each script element anew. */
function fireTag(html) {
  const holder = document.createElement("div");
  holder.innerHTML = html;
  for (const written of holder.querySelectorAll("script")) {
    const script = document.createElement("script");
    script.async = false;
    script.text = written.text;
    if (written.src) script.src = written.src;
    document.body.append(script);
  }
}

for (const current of ["the running script", "nothing"]) {
  test(`tag manager: starts one tracker however often it fires, document.currentScript being ${current}`, async () => {
    const { page, collector, errors, messages } = await visit({});
    if (current === "nothing")
      await page.evaluate(() => Object.defineProperty(document, "currentScript", { value: null }));
    const tag = codeOf("By a tag manager");
    await page.evaluate(fireTag, tag);
    await page.evaluate(
      fireTag,
      '<script>liveinsight.conversion("sign-up", { props: { early: 1 } })</script>',
    );
    await page.evaluate(fireTag, tag);
    await tracked(page);
    await page.evaluate(fireTag, tag);
    const events = await everything(page, collector);
    assert.deepEqual(types(events), ["page_view", "conversion"]);
    assert.deepEqual(events[1].props, { early: "1" });
    assert.equal(collector.requests[0].batch.site_id, "my-site");
    assert.deepEqual([errors, messages], [[], []]);
  });
}

test("package: init() tracks the page", async () => {
  const [, { code }] = snippets("As a package");
  const opened = await app(await bundle("As a package", `${code}; tracker.conversion("sign-up");`));
  await opened.collector.untilEvents("conversion");
  assert.deepEqual(types(opened.collector.events()), ["page_view", "conversion"]);
  assert.equal(opened.collector.requests[0].batch.site_id, "my-site");
  assert.deepEqual([opened.errors, opened.messages], [[], []]);
});

const REACT = (inside) => `
  import { StrictMode, useEffect } from "react";
  import { createRoot } from "react-dom/client";
  import { init } from "@liveinsight/tracker";
  import { Buy } from "./src/Buy.jsx";
  import { tracker } from "./src/tracker.js";
  function App() {
    useEffect(() => {
      window.mounts = (window.mounts ?? 0) + 1;
      ${inside}
    }, []);
    return <Buy />;
  }
  createRoot(document.getElementById("root")).render(<StrictMode><App /></StrictMode>);`;

test("React: page views, navigation and a conversion out of a component, once each under StrictMode", async () => {
  const opened = await app(await bundle("React", REACT("")));
  const events = await useApp(opened);
  assert.equal(await opened.page.evaluate(() => window.mounts), 2);
  assert.deepEqual(types(events), ["page_view", "heartbeat", "page_view", "conversion"]);
  assert.deepEqual(events[3].revenue, { amount: "49000", currency: "KRW" });
});

test("React: effects that StrictMode runs twice start no second tracker", async () => {
  const inside = 'window.same = init({ siteId: "other", endpoint: "/other" }) === tracker;';
  const opened = await app(await bundle("React", REACT(inside)));
  const events = await useApp(opened);
  assert.equal(await opened.page.evaluate(() => window.same), true);
  assert.deepEqual(types(events), ["page_view", "heartbeat", "page_view", "conversion"]);
  assert.equal(opened.messages.filter((text) => text.includes("init() was called twice")).length, 2);
});

test("Vue: page views, navigation and a conversion out of a component", async () => {
  const entry = `
    import { createApp } from "vue";
    import SignUp from "./src/SignUp.vue";
    createApp(SignUp).mount("#root");`;
  const events = await useApp(await app(await bundle("Vue", entry)));
  assert.deepEqual(types(events), ["page_view", "heartbeat", "page_view", "conversion"]);
  assert.equal(events[3].name, "sign-up");
});

const TAG = codeOf("As a script").slice(codeOf("As a script").indexOf("<script async"));

test("marked elements are recorded by their names", async () => {
  const { page, collector } = await visit({ head: TAG, body: codeOf("Clicks") });
  await tracked(page);
  await page.evaluate(() => addEventListener("click", (event) => event.preventDefault()));
  await page.click("a");
  await page.click("button >> nth=1");
  const clicks = (await everything(page, collector)).filter(({ type }) => type === "click");
  assert.deepEqual(
    clicks.map(({ target: { kind, name, text } }) => [kind, name, text]),
    [
      ["marked", "hero-order", "Order now"],
      ["button", "filter", "Single origins"],
    ],
  );
});

test("whoever has opted out is not tracked from the next page on", async () => {
  const { page, collector, errors } = await visit({ head: TAG });
  await collector.untilEvents("page_view");
  await page.evaluate(codeOf("Privacy"));
  await page.reload();
  await tracked(page);
  await page.evaluate(() => {
    liveinsight.conversion("unseen");
    liveinsight.flush();
    localStorage.removeItem("liveinsight.optout");
  });
  await page.reload();
  await tracked(page);
  const events = await everything(page, collector);
  assert.equal(events.filter(({ type }) => type === "page_view").length, 2);
  assert.ok(!types(events).includes("conversion"));
  assert.deepEqual(errors, []);
});

test("policy of the README lets WebAssembly run, and without its keyword the other file does the same", async () => {
  const policy = codeOf("Content-Security-Policy").trim();
  for (const [allowed, expected] of [
    [policy, false],
    [policy.replace(" 'wasm-unsafe-eval'", ""), true],
  ]) {
    const { page, collector, loaded, errors } = await visit({
      head: TAG,
      headers: { "content-security-policy": allowed },
    });
    await tracked(page);
    await page.evaluate(() => liveinsight.conversion("sign-up"));
    await collector.untilEvents("conversion");
    assert.deepEqual(types(collector.events()), ["page_view", "conversion"]);
    assert.equal(
      loaded.some((path) => path.startsWith("/li-fallback-")),
      expected,
    );
    assert.deepEqual(errors, []);
  }
});

test("pinned version is taken with the integrity that is listed, and no other", async () => {
  const integrity = JSON.parse(await readFile(distFile("cdn/integrity.json"), "utf8"));
  const [name, hash] = Object.entries(integrity).find(([name]) => /^li-\d/.test(name));
  const tag = codeOf("Pinned versions").replace("li-<version>-<hash>.js", name);
  const right = await visit({ head: tag.replace("sha384-…", hash) });
  await right.collector.untilEvents("page_view");
  const wrong = await visit({ head: tag.replace("sha384-…", integrity[Object.keys(integrity).at(-1)]) });
  await wrong.page.waitForLoadState("load");
  assert.equal(await wrong.page.evaluate(() => typeof window.liveinsight), "undefined");
  assert.deepEqual(right.errors, []);
});

test("no snippet is untried but Next's", () => {
  const untried = blocks.filter(({ tried }) => !tried);
  assert.deepEqual(
    untried.map(({ heading, file }) => [heading, file]),
    [
      ["Next", "app/tracker.js"],
      ["Next", "app/layout.js"],
    ],
  );
});
