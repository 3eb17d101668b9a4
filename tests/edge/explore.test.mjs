// Goals, funnels, visits, several questions at once, export and verification on the built worker in workerd.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { caller } from "../support/account.mjs";
import { batch, pageView, post, signIn, uuid7 } from "../support/batch.mjs";
import { startStack } from "../support/stack.mjs";

const HOUR = 3_600_000;
const VISITS = 12;
const now = Date.now();

let stack;
let cookie;
let ask;
before(async () => {
  stack = await startStack();
  ({ cookie } = await signIn(stack));
  ask = caller(stack, { cookie });
  for (let number = 0; number < VISITS; number += 1) {
    const at = now - 3 * HOUR + number * 60_000;
    const first = pageView({ at, url: "https://shop.example/" });
    const second = pageView({ at: at + 2_000, url: "https://shop.example/cart" });
    const purchase = {
      id: uuid7(at + 3_000),
      type: "conversion",
      at: at + 3_000,
      page_id: second.page_id,
      name: "purchase",
      props: { plan: number % 3 ? "free" : "pro" },
    };
    const sent = batch([first, second, purchase], { user_id: uuid7(at), session_id: uuid7(at) });
    assert.equal((await post(stack, sent)).status, 200);
  }
});
after(() => stack?.stop());

const date_range = [new Date(now - 6 * HOUR).toISOString(), new Date(now).toISOString()];

async function told(name, fields) {
  const answer = await ask("POST", `/api/v2/${name}`, { site_id: "demo-shop", date_range, ...fields });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

test("a goal with a condition is one in the next question and in funnels", async () => {
  const goal = {
    name: "Pro bought",
    event: "purchase",
    props: [{ key: "plan", values: ["pro"] }],
  };
  const made = await ask("POST", "/api/sites/demo-shop/goals", goal);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const rows = await told("query", { metrics: ["visitors"], dimensions: ["event:goal"] });
  assert.deepEqual(rows.results, [{ metrics: [4], dimensions: ["Pro bought"] }]);
  const steps = [{ page: "/" }, { page: "/cart" }, { goal: "Pro bought" }];
  const funnel = await told("funnel", { steps, strict: true });
  assert.deepEqual(funnel.visitors, [VISITS, VISITS, 4]);
  const gone = await ask("DELETE", `/api/sites/demo-shop/goals/${made.body.id}`);
  assert.equal(gone.status, 204);
});

test("a saved segment stands for its filters", async () => {
  const filters = [["is", "event:props:plan", ["pro"]]];
  const made = await ask("POST", "/api/sites/demo-shop/segments", { name: "Pro", filters });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const named = await told("query", {
    metrics: ["visitors"],
    filters: [["is", "segment", [made.body.id]]],
  });
  assert.deepEqual(named.results[0].metrics, [4]);
});

test("retention and journeys are told", async () => {
  const retention = await told("retention", { step: "day" });
  const sizes = retention.cohorts.map((cohort) => cohort.visitors[0]);
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    VISITS,
  );
  const journey = await told("journey", { anchor: { after: "/" }, steps: 2 });
  assert.equal(journey.steps[0].next[0].page, "/cart");
  assert.equal(journey.steps[0].next[0].visits, VISITS);
});

test("the properties of events are named, and where the data begins is told", async () => {
  const { properties } = await told("properties", {});
  assert.deepEqual(properties, [{ key: "plan", events: VISITS }]);
  const filters = [["is", "event:page", ["/"]]];
  assert.deepEqual((await told("properties", { filters })).properties, []);
  const { status, body } = await ask("GET", "/api/v2/began?site_id=demo-shop");
  assert.equal(status, 200);
  assert.ok(body.began <= now - 3 * HOUR, JSON.stringify(body));
});

test("visits are listed page by page, each with its timeline", async () => {
  const seen = [];
  let before;
  do {
    const page = await told("visits", { limit: 5, before });
    assert.equal(page.total, VISITS);
    seen.push(...page.visits);
    before = page.next;
  } while (before);
  assert.equal(new Set(seen.map((visit) => visit.visitor)).size, VISITS);
  const starts = seen.map((visit) => visit.started_at);
  assert.deepEqual(
    starts,
    starts.toSorted((a, b) => b - a),
  );
  const [{ visitor, started_at }] = seen;
  const timeline = await told("timeline", { visitor, started_at, date_range: undefined });
  const kinds = timeline.visits[0].events.map((event) => event.kind);
  assert.deepEqual(kinds, ["page_view", "page_view", "conversion"]);
});

test("several questions are answered in order, each with its own refusal", async () => {
  const queries = [
    { date_range, metrics: ["visitors"] },
    { date_range, metrics: ["money"] },
    { date_range, metrics: ["pageviews"], dimensions: ["event:page"] },
  ];
  const answer = await ask("POST", "/api/v2/queries", { site_id: "demo-shop", queries });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  const [first, second, third] = answer.body.results;
  assert.deepEqual(first.results[0].metrics, [VISITS]);
  assert.equal(second.problem.code, "invalid_parameter");
  assert.equal(third.results.length, 2);
});

test("the export streams every event and goes on after any of them", async () => {
  const path = `/api/export?site_id=demo-shop&from=${now - 6 * HOUR}&to=${now}`;
  const get = async (more = "", accept = "*/*") => {
    const answer = await fetch(stack.url + path + more, { headers: { cookie, accept } });
    assert.equal(answer.status, 200);
    return { type: answer.headers.get("content-type"), text: await answer.text() };
  };
  const whole = await get();
  assert.equal(whole.type, "application/x-ndjson");
  const lines = whole.text.trim().split("\n");
  assert.equal(lines.length, 3 * VISITS);
  const middle = JSON.parse(lines[10]);
  assert.equal(
    (await get(`&after=${middle.id}`)).text.trim().split("\n").join("\n"),
    lines.slice(11).join("\n"),
  );
  const table = await get("", "text/csv");
  assert.equal(table.text.trim().split("\r\n").length, 3 * VISITS + 1);
  assert.equal((await get("&format=csv")).text, table.text);
  const odd = await fetch(`${stack.url + path}&format=xml`, { headers: { cookie } });
  assert.equal(odd.status, 400);
  const nobody = await fetch(stack.url + path);
  assert.equal(nobody.status, 401);
});

test("a day is verified against its rows", async () => {
  const day = new Date(now - 3 * HOUR).toISOString().slice(0, 10);
  const answer = await ask("POST", "/api/sites/demo-shop/verify", { day });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.deepEqual(answer.body.differences, []);
  assert.ok(answer.body.compared >= 4);
});
