// The dashboard on live push, in Chromium on the real stack: a visitor in one browser changes what another shows.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { caller } from "../support/account.mjs";
import { batch, pageView, post, signIn as signInByApi, uuid7 } from "../support/batch.mjs";
import { launch } from "../support/browser.mjs";
import { eventually, freePorts, startDynamoDb, startStack } from "../support/stack.mjs";

let store;
let dataDir;
let environment;
let stack;
let browser;
let context;
let page;
let complaints;
before(async () => {
  store = await startDynamoDb();
  // The same data folder for every start, so that secrets and with them sessions stay.
  dataDir = await mkdtemp(join(tmpdir(), "liveinsight-live-"));
  environment = {
    LIVEINSIGHT_DYNAMODB_ENDPOINT: store.endpoint,
    LIVEINSIGHT_DATA_DIR: dataDir,
    LIVEINSIGHT_PORT: String(await freePorts()),
  };
  stack = await startStack(environment);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await stack?.stop();
  await store?.stop();
  if (dataDir) await rm(dataDir, { recursive: true, force: true });
});
beforeEach(async () => {
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
});
afterEach(async () => {
  await context.close();
  assert.deepEqual(complaints, [], "neither the policy nor the code may complain");
});

async function signedIn(path = "/") {
  await page.goto(stack.url + path);
  await page.fill('[data-testid="sign-in"] input[name="email"]', stack.email);
  await page.fill('[data-testid="sign-in"] input[name="password"]', stack.password);
  await page.press('[data-testid="sign-in"] input[name="password"]', "Enter");
  await page.waitForSelector('[data-testid="visitors-now"]');
}

const value = (id) => page.getAttribute(`[data-testid="${id}"]`, "data-value");
const connected = (how = "live") => page.waitForSelector(`[data-testid="connection"][data-push="${how}"]`);
const at = (path, more = {}) => {
  const view = pageView({ url: new URL(path, stack.shop).href });
  return batch([view], { context: { url: view.url }, ...more });
};
// As a server would send it, which may say where its visitor is.
const from = (country, city) => ({
  origin: "",
  "x-liveinsight-key": stack.ingest_key,
  "x-liveinsight-country": country,
  "x-liveinsight-city": city,
});
const feed = (path) => `[data-testid="feed-row"][data-page="${path}"]`;

test("a click in one browser changes the other", async () => {
  await signedIn("/live");
  await connected();
  const visitor = await launch();
  try {
    const shop = await (await visitor.newContext()).newPage();
    await shop.goto(new URL("/products", stack.shop).href);
    await page.waitForSelector(`${feed("/products")}[data-kind="page_view"]`);
    await page.waitForSelector('[data-testid="page-now"][data-name="/products"]');
    await shop.route(/example\.(org|com)/, (route) => route.fulfill({ body: "elsewhere" }));
    await shop.click('[data-test="download"]');
    await page.waitForSelector('[data-testid="feed-row"][data-kind="click"]');
    await eventually(async () => (await page.textContent('[data-testid="live-now"]')) === "1");
    assert.equal(await page.textContent('[data-testid="visitors-now"]'), "1");
  } finally {
    await visitor.close();
  }
});

test("every card follows what is pushed, without asking for the events again", async () => {
  await signedIn();
  await page.waitForSelector('[data-testid="source"][data-source="browser"]');
  await post(stack, at("/first-of-all"));
  await page.waitForSelector('[data-testid="pages-row"][data-name="/first-of-all"]');
  const before = Number(await value("total-pageviews"));
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  for (let n = 1; n <= 5; n++) {
    await post(stack, at("/pushed"));
    await eventually(async () => Number(await value("total-pageviews")) === before + n, 3_000);
  }
  await page.waitForSelector('[data-testid="pages-row"][data-name="/pushed"][data-value="5"]');
  assert.equal(asked.filter((path) => path === "/api/sessions/active").length, 0);
  assert.ok(asked.filter((path) => path === "/api/segments/tail").length <= 2, asked.join());
});

test("a worker that was restarted in between leaves nothing out and doubles nothing", async () => {
  await signedIn();
  await page.waitForSelector('[data-testid="source"][data-source="browser"]');
  await post(stack, at("/before"));
  await page.waitForSelector('[data-testid="pages-row"][data-name="/before"][data-value="1"]');
  const before = Number(await value("total-pageviews"));
  await stack.stop();
  await page.waitForSelector('[data-testid="reconnecting"]');
  stack = await startStack(environment);
  await post(stack, at("/between"));
  await page.waitForSelector('[data-testid="reconnecting"]', { state: "detached" });
  await page.waitForSelector('[data-testid="pages-row"][data-name="/between"][data-value="1"]');
  await post(stack, at("/after"));
  await page.waitForSelector('[data-testid="pages-row"][data-name="/after"][data-value="1"]');
  assert.equal(Number(await value("total-pageviews")), before + 2);
  await page.getByRole("link", { name: "Live", exact: true }).click();
  await connected();
  for (const path of ["/before", "/between", "/after"]) {
    await page.waitForSelector(feed(path));
    assert.equal((await page.$$(feed(path))).length, 1, path);
  }
});

test("without a connection the page asks instead, says so, and goes back by itself", async () => {
  let isOpen = false;
  await page.routeWebSocket(/\/api\/live/, (socket) => {
    if (isOpen) socket.connectToServer();
    else socket.close();
  });
  await signedIn("/live");
  await connected("polling");
  assert.match(await page.textContent('[data-testid="connection"]'), /Asking every second/);
  const visit = at("/polled");
  await post(stack, visit);
  await page.waitForSelector(`[data-testid="active-row"][data-session-id="${visit.session_id}"]`);
  isOpen = true;
  await connected("live");
  await page.waitForSelector(feed("/polled"));
});

test("readers of a share link are pushed what it shows, and open no visits", async () => {
  const owner = caller(stack, await signInByApi(stack));
  const made = await owner("POST", "/api/sites/demo-shop/shares", {
    name: "products",
    filter: { page: "/products/*" },
  });
  await page.goto(`${stack.url}/live#share=${made.body.token}`);
  await connected();
  await post(stack, at("/hidden"));
  await post(stack, at("/products/shown"));
  await page.waitForSelector(feed("/products/shown"));
  assert.equal((await page.$$(feed("/hidden"))).length, 0);
  assert.equal((await page.$$('[data-testid="feed"] button, [data-testid="active-row"] button')).length, 0);
});

test("rows stay where they are while the pointer is among them", async () => {
  await signedIn("/live");
  await connected();
  await post(stack, at("/still-a"));
  await page.waitForSelector(feed("/still-a"));
  const rows = () =>
    page.$$eval('[data-testid="active-row"]', (all) => all.map((row) => row.dataset.sessionId).join());
  await page.hover('[data-testid="active-row"]');
  const before = await rows();
  await post(stack, at("/still-b"));
  await page.waitForSelector(feed("/still-b"));
  assert.equal(await rows(), before);
  await page.mouse.move(5, 5);
  await eventually(async () => (await rows()) !== before);
});

test("the feed pauses and goes on", async () => {
  await signedIn("/live");
  await connected();
  await post(stack, at("/unpaused"));
  await page.waitForSelector(feed("/unpaused"));
  await page.click('[data-testid="feed-pause"]');
  await page.mouse.move(5, 5);
  await post(stack, at("/paused"));
  await page.waitForSelector('[data-testid="page-now"][data-name="/paused"]');
  await eventually(async () => /Paused · 1 new/.test(await page.textContent(".feed-note")));
  assert.equal((await page.$$(feed("/paused"))).length, 0);
  await page.click('[data-testid="feed-pause"]');
  await page.mouse.move(5, 5);
  await page.waitForSelector(feed("/paused"));
});

test("the feed rests while somebody is in it by keyboard", async () => {
  await signedIn("/live");
  await connected();
  await post(stack, at("/before-focus"));
  await page.waitForSelector(feed("/before-focus"));
  await page.mouse.move(5, 5);
  await page.focus(".feed-box");
  await post(stack, at("/while-focused"));
  await eventually(async () => /Rests while you are here · 1 new/.test(await page.textContent(".feed-note")));
  assert.equal((await page.$$(feed("/while-focused"))).length, 0);
  await page.keyboard.press("Shift+Tab");
  await page.waitForSelector(feed("/while-focused"));
});

test("a visit opens as a timeline, with its conversion", async () => {
  await signedIn("/live");
  await connected();
  const view = pageView({ url: new URL("/timeline", stack.shop).href });
  const conversion = {
    id: uuid7(),
    type: "conversion",
    at: Date.now(),
    page_id: view.page_id,
    name: "subscribed",
    revenue: { amount: "49000", currency: "KRW" },
  };
  const visit = batch([view, conversion], { context: { url: view.url } });
  await post(stack, visit);
  await page.waitForSelector('[data-testid="conversions"]');
  assert.match(await page.textContent('[data-testid="conversions"]'), /subscribed.*₩49,000/s);
  await page.click(`[data-testid="active-row"][data-session-id="${visit.session_id}"] button`);
  await page.getByRole("dialog").waitFor();
  await eventually(async () =>
    /timeline.*subscribed/s.test(await page.textContent('[data-testid="timeline"]')),
  );
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "detached" });
});

test("the map shows where visitors are, is read by keyboard, and filters", async () => {
  await signedIn("/?f=contains,event:page,/from-");
  await post(stack, at("/from-korea"), from("KR", "Seoul"));
  await post(stack, at("/from-korea"), from("KR", "Busan"));
  await post(stack, at("/from-singapore"), from("SG", "Singapore"));
  await page.click('[data-testid="tab-map"]');
  await page.waitForSelector('[data-testid="world"] path[data-code="KR"].is-shade-5');
  // Too small to be seen as a shape.
  await page.waitForSelector('[data-testid="world"] circle[data-code="SG"]:not(.is-shade-0)');
  await page.focus('[data-testid="world"]');
  await page.keyboard.press("ArrowRight");
  const said = () => page.textContent('[data-testid="world"] [aria-live]');
  await eventually(async () => /South Korea: \d+ visitors/.test(await said()));
  await page.keyboard.press("Enter");
  await eventually(() => /f=is,visit:country,KR/.test(page.url()));
  await page.waitForSelector('[data-testid="world"] circle[data-code="SG"].is-shade-0');
  await page.click('[data-testid="tab-countries"]');
  const flag = await page.waitForSelector('[data-testid="countries-row"][data-name="KR"] img.flag');
  await eventually(() => flag.evaluate((image) => image.complete && image.naturalWidth > 0));
});
