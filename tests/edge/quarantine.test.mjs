// The quarantine and the ledger through the API: what was kept apart can be looked at, counted after all, or deleted.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { caller, results } from "../support/account.mjs";
import { batch, FIREFOX, pageView, post, signIn } from "../support/batch.mjs";
import { allRows, eventually, startStack } from "../support/stack.mjs";

const BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
const SITES = [
  { id: "shop", domains: ["shop.example"] },
  { id: "blog", domains: ["blog.example"] },
];
const today = new Date().toISOString().slice(0, 10);

let stack;
let get;
before(async () => {
  stack = await startStack({ LIVEINSIGHT_SITES: JSON.stringify(SITES) });
  get = await signIn(stack);
});
after(() => stack?.stop());

async function send(site, agent, events = [pageView()]) {
  const sent = batch(events, { site_id: site });
  const headers = { origin: `https://${site}.example`, "user-agent": agent };
  assert.equal((await post(stack, sent, headers)).status, 200);
  return sent;
}

async function act(site, action, body, headers = {}) {
  const answer = await fetch(`${stack.url}/api/sites/${site}/quarantine/${action}`, {
    method: "POST",
    headers: { cookie: get.cookie, origin: stack.url, "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

const list = (site) => get(`/api/sites/${site}/quarantine?day=${today}`);

test("a bot's batch is listed with what a person wants to see of it", async () => {
  const sent = await send("shop", BOT, [
    pageView({ url: "https://shop.example/tea?token=secret" }),
    pageView(),
  ]);
  const { day, batches } = await list("shop");
  assert.equal(day, today);
  const [kept] = batches.filter((row) => row.id.startsWith(sent.session_id));
  const { reason, user_agent, path, events } = kept;
  assert.deepEqual(
    { reason, user_agent, path, events },
    { reason: "bot", user_agent: BOT, path: "/tea", events: 2 },
  );
  assert.ok(!JSON.stringify(await allRows(stack.dynamodb)).includes("secret"));
  assert.deepEqual((await list("blog")).batches, []);
});

test("a released batch counts as if it had never been kept apart, and only once", async () => {
  const ask = caller(stack, { cookie: get.cookie });
  const [before] = await results(ask, { site_id: "shop" });
  const sent = await send("shop", BOT);
  const { batches } = await list("shop");
  const { id } = batches.find((row) => row.id.startsWith(sent.session_id));
  const released = await act("shop", "release", { day: today, ids: [id] });
  assert.deepEqual(released, { status: 200, body: { batches: 1, more: false } });
  assert.ok(!(await list("shop")).batches.some((row) => row.id === id));
  const [after] = await results(ask, { site_id: "shop" });
  assert.deepEqual(
    after.metrics,
    before.metrics.map((number) => number + 1),
  );
  const again = await act("shop", "release", { day: today, ids: [id] });
  assert.deepEqual(again.body, { batches: 0, more: false });
  const { events, sessions } = await allRows(stack.dynamodb);
  assert.equal(events.filter((row) => row.sk === sent.events[0].id).length, 1);
  assert.equal(sessions.find((row) => row.sk === sent.session_id).views.length, 1);
});

test("purging by reason leaves the others, and nothing of what was purged", async () => {
  const bot = await send("blog", BOT);
  const spam = await send("blog", FIREFOX, [pageView({ referrer: "https://semalt.com/" })]);
  const purged = await act("blog", "purge", { day: today, reason: "bot" });
  assert.deepEqual(purged.body, { batches: 1, more: false });
  const { batches } = await list("blog");
  assert.deepEqual(
    batches.map((row) => row.reason),
    ["spam"],
  );
  const everything = JSON.stringify(await allRows(stack.dynamodb));
  assert.ok(!everything.includes(bot.session_id) && everything.includes(spam.session_id));
});

test("what is no day, no id or another site's is refused", async () => {
  for (const [body, status] of [
    [{ day: "yesterday" }, 400],
    [{ day: today, ids: ["x"] }, 400],
    [{ day: today, ids: Array.from({ length: 101 }, () => "x") }, 400],
    [{}, 400],
  ]) {
    assert.equal((await act("shop", "release", body)).status, status, JSON.stringify(body));
  }
  assert.equal((await act("shop", "release", { day: today }, { cookie: "" })).status, 401);
  assert.equal((await act("shop", "purge", { day: today }, { origin: "https://evil.example" })).status, 403);
});

test("the ledger says by the hour what became of a site's events, and what that means", async () => {
  await send("blog", FIREFOX, [pageView(), pageView({ url: "nowhere" })]);
  await eventually(async () => {
    const ledger = await get("/api/sites/blog/ledger");
    assert.ok(ledger.totals.accepted >= 1 && ledger.totals.invalid_url === 1 && ledger.totals.bot === 1);
    assert.match(ledger.explanations.invalid_url, /absolute http or https address/);
    const hours = ledger.hours.reduce((sum, hour) => sum + (hour.counts.accepted ?? 0), 0);
    assert.equal(hours, ledger.totals.accepted);
  }, 40_000);
});
