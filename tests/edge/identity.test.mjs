// Visitors whose browser keeps no id: one person a day, one visit until half an hour passes, and no address anywhere.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { batch, FIREFOX, pageView, post, uuid7 } from "../support/batch.mjs";
import { allRows, rows, startStack } from "../support/stack.mjs";

const SAFARI =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1";
const SITES = [
  { id: "quiet", domains: ["quiet.example"], privacy: "cookieless" },
  { id: "other", domains: ["other.example"], privacy: "cookieless" },
  { id: "shop", domains: ["shop.example"] },
];

let stack;
before(async () => {
  stack = await startStack({ LIVEINSIGHT_SITES: JSON.stringify(SITES) });
});
after(() => stack?.stop());

// A page of the site by a server that speaks for its visitor, so that the test chooses the address.
async function visit(site, address, agent = FIREFOX, fields = {}) {
  const now = Date.now();
  const sent = batch([pageView()], { site_id: site, user_id: uuid7(now), session_id: uuid7(now), ...fields });
  const answer = await post(stack, sent, {
    origin: "",
    "x-liveinsight-key": stack.ingest_key,
    "x-liveinsight-ip": address,
    "x-liveinsight-user-agent": agent,
  });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  const { events } = await allRows(stack.dynamodb);
  const { user_id, session_id } = events.find((row) => row.sk === sent.events[0].id);
  return { user_id, session_id, sent };
}

test("two pages of one browser are one visitor and one visit, though their ids differ", async () => {
  const first = await visit("quiet", "203.0.113.7");
  const second = await visit("quiet", "203.0.113.7");
  assert.notEqual(first.user_id, first.sent.user_id);
  assert.equal(second.user_id, first.user_id);
  assert.equal(second.session_id, first.session_id);
});

test("another address, another browser and another site are other visitors", async () => {
  const users = await Promise.all([
    visit("quiet", "203.0.113.20"),
    visit("quiet", "203.0.113.21"),
    visit("quiet", "203.0.113.20", SAFARI),
    visit("other", "203.0.113.20"),
  ]);
  assert.equal(new Set(users.map(({ user_id }) => user_id)).size, 4);
});

test("devices of one IPv6 household network with the same browser are one visitor", async () => {
  const first = await visit("quiet", "2001:db8:7:7:1::1");
  assert.equal((await visit("quiet", "2001:db8:7:7:2::9")).user_id, first.user_id);
});

test("a tracker that keeps nothing is a derived visitor on any site", async () => {
  const first = await visit("shop", "203.0.113.30", FIREFOX, { cookieless: true });
  const second = await visit("shop", "203.0.113.30", FIREFOX, { cookieless: true });
  assert.equal(second.user_id, first.user_id);
  const kept = await visit("shop", "203.0.113.30");
  assert.equal(kept.user_id, kept.sent.user_id);
});

test("the day's secret is in Accounts, and no address in any table", async () => {
  const accounts = await rows(stack.dynamodb, "Accounts");
  const salts = accounts.filter((row) => row.pk === "salt");
  // From noon on tomorrow's is made ahead.
  const [today, tomorrow] = [0, 86_400_000].map((later) =>
    new Date(Date.now() + later).toISOString().slice(0, 10),
  );
  const days = salts.map((row) => row.sk);
  assert.ok(days.includes(today) && days.every((day) => [today, tomorrow].includes(day)), `${days}`);
  const everything = JSON.stringify([await allRows(stack.dynamodb), accounts]);
  for (const trace of ["203.0.113", "2001:db8"]) assert.ok(!everything.includes(trace), trace);
});
