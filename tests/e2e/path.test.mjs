// The whole path on real parts: a visitor in Chromium on the demo shop, the tracker, the worker in workerd, a
// DynamoDB API, the dashboard in another browser window.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { post, signIn, uuid7 } from "../support/batch.mjs";
import { launch } from "../support/browser.mjs";
import { allRows, eventually, startStack } from "../support/stack.mjs";

// From an event to its number on the dashboard.
const LIVE_MS = 2_000;

let stack;
let browser;
let dashboard;
before(async () => {
  stack = await startStack();
  browser = await launch();
  dashboard = await (await browser.newContext()).newPage();
  await dashboard.goto(stack.url);
  await dashboard.fill('[data-testid="sign-in"] input[name="email"]', stack.email);
  await dashboard.fill('[data-testid="sign-in"] input[name="password"]', stack.password);
  await dashboard.press('[data-testid="sign-in"] input[name="password"]', "Enter");
  await dashboard.waitForSelector('[data-testid="visitors-now"]');
});
after(async () => {
  await browser?.close();
  await stack?.stop();
});

const painted = (id) => dashboard.textContent(`[data-testid="${id}"]`);
const value = (id) => dashboard.getAttribute(`[data-testid="${id}"]`, "data-value");

// Waits until the dashboard shows `expected`, and says how long it took from now.
async function shows(read, expected, milliseconds = LIVE_MS) {
  const started = Date.now();
  let last;
  await eventually(async () => {
    last = await read();
    return last === expected;
  }, milliseconds).catch(() => {
    assert.fail(`the dashboard shows ${last}, not ${expected}, after ${Date.now() - started} ms`);
  });
  return Date.now() - started;
}

test("a visit becomes rows, an answer and numbers on the dashboard within two seconds", async () => {
  await shows(() => painted("visitors-now"), "0");
  const context = await browser.newContext({ locale: "ko-KR", timezoneId: "Asia/Seoul" });
  const shop = await context.newPage();
  // Links that lead out of the shop go nowhere here.
  await context.route(/example\.(org|com)/, (route) => route.fulfill({ body: "elsewhere" }));
  const accepted = [];
  shop.on("response", async (response) => {
    if (new URL(response.url()).pathname !== "/events" || response.status() !== 200) return;
    accepted.push(response.request().postDataJSON());
  });
  const delivered = (type) =>
    eventually(() => accepted.some((batch) => batch.events.some((event) => event.type === type)));

  await shop.goto(`${stack.shop}/`);
  await delivered("page_view");
  await shows(() => painted("visitors-now"), "1");
  await shows(() => value("total-pageviews"), "1");

  // Reads, clicks what leads out, and goes through the single-page part to a purchase.
  await shop.mouse.move(200, 300);
  await shop.mouse.wheel(0, 600);
  const [popup] = await Promise.all([
    context.waitForEvent("page"),
    shop.click('[data-test="outbound"]', { modifiers: ["ControlOrMeta"] }),
  ]);
  await popup.close();
  await shop.click('[data-test="shop-link"]');
  await shop.waitForURL(/\/shop/);
  await shop.click('[data-test^="product-"]');
  await shop.waitForURL(/\/shop\/.+/);
  await shop.click('[data-test="add-to-cart"]');
  await shop.waitForURL(/\/shop\/cart/);
  await shop.click('[data-test="checkout"]');
  await shop.waitForURL(/\/shop\/checkout/);
  await shop.click('[data-test="buy"]');
  await delivered("conversion");
  await shows(() => value("total-conversions"), "1");
  const [visit] = accepted;
  await shop.close({ runBeforeUnload: true });
  await shows(() => painted("visitors-now"), "0");

  const tables = await allRows(stack.dynamodb);
  const sorted = tables.events.toSorted((a, b) => a.sk.localeCompare(b.sk));
  const pages = sorted.filter((row) => row.type === "page_view").map((row) => row.path);
  assert.equal(pages[0], "/");
  assert.equal(pages[1], "/shop");
  assert.match(pages[2], /^\/shop\/[a-z-]+$/);
  assert.deepEqual(pages.slice(3, 5), ["/shop/cart", "/shop/checkout"]);
  const types = (type) => sorted.filter((row) => row.type === type);
  assert.deepEqual(
    types("click").map((row) => [row.target.kind, row.target.name]),
    [
      ["outbound", undefined],
      ["marked", "add-to-cart"],
    ],
  );
  const [purchase] = types("conversion");
  assert.equal(purchase.name, "purchase");
  assert.equal(purchase.currency, "KRW");
  assert.match(purchase.amount, /^\d+$/);
  const viewed = types("page_view").map((row) => row.page_id);
  const closed = types("heartbeat").map((row) => row.page_id);
  assert.deepEqual(
    [...new Set(closed)].sort(),
    [...viewed].sort(),
    "each page view ends with a final heartbeat",
  );
  for (const row of sorted) {
    assert.equal(row.user_id, visit.user_id);
    assert.equal(row.session_id, visit.session_id);
    assert.equal(row.pk.split("#")[0], "demo-shop");
    assert.equal(row.language, "ko-KR");
    assert.equal(row.time_zone, "Asia/Seoul");
    assert.equal(row.browser, "Chromium");
    assert.equal(row.device, "desktop");
  }

  const [session] = tables.sessions;
  assert.equal(tables.sessions.length, 1);
  assert.equal(session.sk, visit.session_id);
  assert.equal(session.user_id, visit.user_id);
  assert.deepEqual(
    session.views.map((view) => view.split(" ")[1].split("\t")[0]),
    pages,
  );
  assert.equal(session.clicks.length, 2);
  assert.equal(session.conversions.length, 1);
  assert.match(session.conversions[0], /^[0-9a-f]{18} purchase\t\d+ KRW$/);

  assert.ok(tables.active.length >= 1);
  const newest = tables.active.toSorted((a, b) => b.last_seen - a.last_seen || b.sk.length - a.sk.length)[0];
  assert.equal(newest.sk, `${visit.session_id}#left`);
  assert.ok(tables.active.every((row) => row.sk.startsWith(visit.session_id)));

  const get = await signIn(stack);
  const active = await get("/api/sessions/active?site_id=demo-shop");
  assert.deepEqual(
    [active.visitors_now, active.last_5_minutes, active.sessions.map((row) => row.session_id)],
    [0, 1, [visit.session_id]],
  );
  await shows(() => value("total-pageviews"), String(pages.length));
  await shows(() => value("total-visitors"), "1");
  await shows(() => value("total-visits"), "1");
  const top = await dashboard.$$eval('[data-testid="pages-row"]', (rows) =>
    rows.map((row) => row.dataset.name),
  );
  assert.deepEqual([...top].sort(), [...new Set(pages)].sort());
});

test("what the tracker sent may be sent again without effect", async () => {
  const context = await browser.newContext();
  const shop = await context.newPage();
  const bodies = [];
  // The device is read from headers: what is sent again comes from the same browser.
  let headers = {};
  shop.on("response", async (response) => {
    if (!response.url().endsWith("/events") || !response.ok()) return;
    bodies.push(response.request().postData());
    const all = Object.entries(await response.request().allHeaders());
    headers = Object.fromEntries(all.filter(([name]) => /^(user-agent$|sec-ch-ua)/.test(name)));
  });
  await shop.goto(`${stack.shop}/shop`);
  await eventually(() => bodies.length > 0);
  await shop.click('[data-test^="product-"]');
  await eventually(() => bodies.length > 1);
  await shop.close();
  const sent = bodies.flatMap((body) => JSON.parse(body).events);
  assert.ok(
    sent.some((event) => event.final),
    "the page that was left ends with a final heartbeat",
  );
  // Nothing may be on its way any more when the tables are compared.
  let before = await allRows(stack.dynamodb);
  await eventually(async () => {
    const earlier = before;
    before = await allRows(stack.dynamodb);
    assert.deepEqual(before, earlier);
    // The last words of the closed page, of whose answer nobody is told.
    const { session_id } = JSON.parse(bodies[0]);
    const left = before.active.find((row) => row.sk === `${session_id}#left`);
    assert.match(left?.page ?? "", /^\/shop\/.+/);
    const stored = before.events.map((row) => row.sk);
    assert.deepEqual(
      sent.map((event) => event.id).filter((id) => !stored.includes(id)),
      [],
    );
  });
  // In the order sent: of two signs of life the one stored last is who is here now.
  bodies.sort((a, b) => JSON.parse(a).sent_at - JSON.parse(b).sent_at);
  for (let round = 0; round < 3; round += 1) {
    for (const body of bodies) assert.equal((await post(stack, body, headers)).status, 200);
  }
  assert.deepEqual(await allRows(stack.dynamodb), before);
  await context.close();
});

test("a visitor elsewhere shows on the dashboard with page, country and device", async () => {
  const sessionId = uuid7();
  const at = Date.now();
  await post(
    stack,
    {
      v: 1,
      site_id: "demo-shop",
      user_id: uuid7(),
      session_id: sessionId,
      sent_at: at,
      context: { language: "ja-JP" },
      events: [
        {
          id: uuid7(at),
          type: "page_view",
          at,
          page_id: uuid7(at),
          url: `${stack.shop}/products`,
          title: "Products",
        },
      ],
    },
    {
      "x-liveinsight-key": stack.ingest_key,
      "x-liveinsight-country": "JP",
      "user-agent":
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Version/18.6 Safari/604.1",
    },
  );
  await dashboard.getByRole("link", { name: "Live", exact: true }).click();
  const row = `[data-testid="active-row"][data-session-id="${sessionId}"]`;
  await dashboard.waitForSelector(row, { timeout: LIVE_MS });
  const text = await dashboard.textContent(row);
  assert.match(text, /\/products/);
  assert.match(text, /Japan/);
  assert.match(text, /Safari/);
});
