// Questions and segments on the built worker in workerd: what is answered never depends on what was compacted.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { caller } from "../support/account.mjs";
import { batch, pageView, post, signIn, uuid7 } from "../support/batch.mjs";
import { eventually, startStack } from "../support/stack.mjs";

const HOUR = 3_600_000;

let stack;
let ask;
let program;
before(async () => {
  stack = await startStack();
  const { cookie } = await signIn(stack);
  ask = caller(stack, { cookie });
  const made = await ask("POST", "/api/tokens", { name: "reports", scopes: ["read"], site_id: "demo-shop" });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  program = caller(stack, { token: made.body.secret ?? made.body.token });
});
after(() => stack?.stop());

const now = Date.now();
const iso = (at) => new Date(at).toISOString();
const RANGE = [iso(now - 30 * HOUR), iso(now + 60_000)];

// A visit of two pages and a purchase.
function visit(at) {
  const first = pageView({ at, referrer: "https://www.google.com/", url: "https://shop.example/" });
  const second = pageView({ at: at + 20_000, url: "https://shop.example/cart", props: { plan: "pro" } });
  const purchase = {
    id: uuid7(at + 30_000),
    type: "conversion",
    at: at + 30_000,
    page_id: second.page_id,
    name: "purchase",
    revenue: { amount: "12.50", currency: "EUR" },
  };
  return batch([first, second, purchase], { user_id: uuid7(at), session_id: uuid7(at) });
}

async function question(fields = {}, who = ask) {
  const body = {
    site_id: "demo-shop",
    metrics: ["visitors", "visits", "pageviews", "conversions", "total_revenue"],
    date_range: RANGE,
    ...fields,
  };
  return who("POST", "/api/v2/query", body);
}

async function results(fields, who) {
  const answer = await question(fields, who);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body.results;
}

const list = async () => {
  const answer = await ask("GET", `/api/segments?site_id=demo-shop&from=${now - 30 * HOUR}&to=${now}`);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
};

// What the platform does once an hour.
async function cron() {
  const answer = await fetch(`${stack.url}/cdn-cgi/handler/scheduled`);
  assert.equal(answer.status, 200);
}

const QUESTIONS = [
  {},
  { dimensions: ["event:page"] },
  { dimensions: ["visit:source"], metrics: ["visitors", "bounce_rate", "visit_duration"] },
  { dimensions: ["time:hour"], metrics: ["visits"] },
  { dimensions: ["event:props:plan"], filters: [["is", "event:page", ["/cart"]]] },
];
const all = async () => {
  const answers = [];
  for (const fields of QUESTIONS) answers.push(await results(fields));
  return answers;
};

test("what is answered is the same before and after compaction, and late events show at once", async () => {
  for (const hours of [28, 5, 3]) assert.equal((await post(stack, visit(now - hours * HOUR))).status, 200);
  assert.equal((await post(stack, visit(now - 60_000))).status, 200);
  const before = await all();
  const revenue = { value: "50", currency: "EUR" };
  assert.deepEqual(before[0], [{ metrics: [4, 4, 8, 4, revenue], dimensions: [] }]);

  await cron();
  const events = (segments) => segments.reduce((sum, segment) => sum + segment.events, 0);
  await eventually(async () => {
    const { segments, tail_hours } = await list();
    return events(segments) === 9 && tail_hours.length <= 2;
  }, 60_000);
  assert.deepEqual(await all(), before);

  const at = now - 5 * HOUR + 60_000;
  assert.equal((await post(stack, visit(at))).status, 200);
  const hour = iso(at).slice(0, 13);
  assert.ok((await list()).tail_hours.includes(hour), "the late event must mark its hour");
  const late = await all();
  assert.deepEqual(late[0][0].metrics.slice(0, 3), [5, 5, 10]);

  await cron();
  await eventually(async () => !(await list()).tail_hours.includes(hour), 60_000);
  assert.equal(events((await list()).segments), 12);
  assert.deepEqual(await all(), late);
});

test("a dashboard gets the bytes of segments, which it may keep, and the hours that have none", async () => {
  const { segments } = await list();
  const [first] = segments;
  const path = `/api/segments/${first.bucket}/${first.hash}?site_id=demo-shop`;
  const { cookie } = await signIn(stack);
  const answer = await fetch(stack.url + path, { headers: { cookie } });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("cache-control"), /immutable/);
  const bytes = Buffer.from(await answer.arrayBuffer());
  assert.equal(bytes.subarray(0, 4).toString(), "LVSG");
  assert.equal(bytes.length, first.bytes);
  const etag = answer.headers.get("etag");
  const again = await fetch(stack.url + path, { headers: { cookie, "if-none-match": etag } });
  assert.equal(again.status, 304);
  const other = path.replace(first.hash, "0".repeat(32));
  assert.equal((await fetch(stack.url + other, { headers: { cookie } })).status, 404);
  const range = `site_id=demo-shop&from=${now - 30 * HOUR}&to=${now}`;
  const tail = await fetch(`${stack.url}/api/segments/tail?${range}`, { headers: { cookie } });
  assert.equal(tail.status, 200);
  assert.equal(
    Buffer.from(await tail.arrayBuffer())
      .subarray(0, 4)
      .toString(),
    "LVSG",
  );
});

test("a client of Plausible's Stats API v2 is understood, with a token", async () => {
  const answer = await question(
    {
      metrics: ["visitors", "visits", "pageviews", "views_per_visit", "bounce_rate", "visit_duration"],
      dimensions: ["visit:source", "visit:device"],
      filters: [
        ["contains", "event:page", ["/"]],
        ["is_not", "visit:country", ["XX"]],
      ],
      order_by: [["visitors", "desc"]],
      include: { imports: true, total_rows: true },
      pagination: { limit: 10, offset: 0 },
    },
    program,
  );
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  const [row] = answer.body.results;
  assert.deepEqual(row.dimensions, ["Google", "desktop"]);
  assert.equal(row.metrics[0], 5);
  assert.equal(row.metrics[3], 2);
  assert.equal(answer.body.meta.total_rows, 1);
  assert.deepEqual(answer.body.query.metrics.slice(0, 2), ["visitors", "visits"]);
});

test("days are those of the site's zone", async () => {
  const sites = await ask("GET", "/api/sites/demo-shop");
  const zone = "Asia/Kathmandu";
  const changed = await ask("PUT", "/api/sites/demo-shop", { ...sites.body, time_zone: zone });
  assert.equal(changed.status, 200, JSON.stringify(changed.body));
  const answer = await question({ date_range: "day", dimensions: ["time:day"], metrics: ["visits"] });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.match(answer.body.query.date_range[0], /T00:00:00\+05:45$/);
  const { time_zone } = sites.body;
  const now = await ask("GET", "/api/sites/demo-shop");
  await ask("PUT", "/api/sites/demo-shop", { ...now.body, time_zone });
});

test("answers come as CSV and as one object a line", async () => {
  const { cookie } = await signIn(stack);
  const as = async (accept) => {
    const answer = await fetch(`${stack.url}/api/v2/query`, {
      method: "POST",
      headers: { cookie, origin: stack.url, accept, "content-type": "application/json" },
      body: JSON.stringify({
        site_id: "demo-shop",
        metrics: ["visitors"],
        date_range: RANGE,
        dimensions: ["event:page"],
      }),
    });
    assert.equal(answer.status, 200);
    return answer.text();
  };
  assert.equal(await as("text/csv"), "event:page,visitors\r\n/,5\r\n/cart,5\r\n");
  const lines = (await as("application/x-ndjson"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(lines[1], { "event:page": "/cart", visitors: 5 });
});

test("what is not supported is refused by name, and nobody asks without a right to", async () => {
  for (const [fields, place] of [
    [{ metrics: ["visitors", "money"] }, "metrics"],
    [{ dimensions: ["visit:country_name"] }, "dimensions"],
    [{ date_range: "yesterday" }, "date_range"],
    [{ filters: [["near", "visit:city", ["Seoul"]]] }, "filters"],
    [{ filters: [["matches", "event:page", ["("]]] }, "filters"],
    [{ limit: 5 }, "query"],
  ]) {
    const answer = await question(fields);
    assert.equal(answer.status, 400, JSON.stringify(fields));
    assert.equal(answer.body.code, "invalid_parameter");
    assert.match(answer.body.detail, new RegExp(place));
  }
  const nobody = caller(stack);
  assert.equal((await question({}, nobody)).status, 401);
  assert.equal((await question({ site_id: "other" })).status, 404);
  assert.equal((await nobody("GET", `/api/segments?site_id=demo-shop&from=1&to=2`)).status, 401);
});
