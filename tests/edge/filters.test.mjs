// What is understood but not counted: where it goes, what its receipts and the ledger say, and how it gets out again.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { batch, FIREFOX, pageView, post, uuid7 } from "../support/batch.mjs";
import { allRows, eventually, rows, startStack } from "../support/stack.mjs";

const GPTBOT =
  "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)";
const HEADLESS =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36";

const SITES = [
  { id: "shop", domains: ["shop.example"], exclusions: { paths: ["/admin/*"], countries: ["XX"] } },
  { id: "frank", domains: ["frank.example"], honour_opt_out: false, place: "none" },
];

let stack;
before(async () => {
  stack = await startStack({ LIVEINSIGHT_SITES: JSON.stringify(SITES) });
});
after(() => stack?.stop());

const send = (sent, headers = {}) =>
  post(stack, { site_id: "shop", ...sent }, { origin: `https://${sent.site_id}.example`, ...headers });
const shop = (events, fields = {}) => batch(events, { site_id: "shop", ...fields });
const reasons = (answer) => answer.body.receipts.map(({ status, reason }) => [status, reason]);
const partition = async (prefix) =>
  (await rows(stack.dynamodb, "Events")).filter((row) => row.pk.startsWith(prefix));

for (const [what, headers, change, reason] of [
  ["an AI's crawler", { "user-agent": GPTBOT }, {}, "bot"],
  ["a program", { "user-agent": "python-requests/2.32" }, {}, "bot"],
  ["a browser without a screen", { "user-agent": HEADLESS }, {}, "headless"],
  ["a spammer", {}, { referrer: "https://semalt.com/crawler" }, "spam"],
]) {
  test(`${what} is kept apart as ${reason}, and not among the visitors`, async () => {
    const sent = shop([pageView(change)]);
    const answer = await send(sent, headers);
    assert.equal(answer.status, 200);
    assert.deepEqual(reasons(answer), [["filtered", reason]]);
    const { events, sessions, active } = await allRows(stack.dynamodb);
    assert.ok(![...events, ...sessions, ...active].some((row) => row.session_id === sent.session_id));
    const kept = (await partition("shop#quarantine#")).filter((row) => row.sk.startsWith(sent.session_id));
    assert.deepEqual(
      kept.map((row) => row.reason),
      [reason],
    );
  });
}

for (const [what, headers, url, reason] of [
  ["a visitor who objects by GPC", { "sec-gpc": "1" }, undefined, "opted_out"],
  ["a visitor who objects by DNT", { dnt: "1" }, undefined, "opted_out"],
  ["a page loaded ahead", { "sec-purpose": "prefetch;prerender" }, undefined, "prerender"],
  ["an excluded path", {}, "https://shop.example/admin/users", "excluded"],
]) {
  test(`${what} leaves nothing behind but the receipt ${reason}`, async () => {
    const before = await allRows(stack.dynamodb);
    const answer = await send(shop([url ? pageView({ url }) : pageView()]), headers);
    assert.deepEqual(reasons(answer), [["filtered", reason]]);
    assert.deepEqual(await allRows(stack.dynamodb), before);
  });
}

test("of a batch only the events on excluded paths are left out", async () => {
  const open = pageView();
  const answer = await send(shop([open, pageView({ url: "https://shop.example/admin/" })]));
  assert.deepEqual(reasons(answer), [
    ["accepted", undefined],
    ["filtered", "excluded"],
  ]);
  const stored = (await allRows(stack.dynamodb)).events.filter((row) => row.sk === open.id);
  assert.equal(stored.length, 1);
});

test("a site may count those who object, and need not know where they are", async () => {
  const sent = batch([pageView()], { site_id: "frank" });
  const answer = await send(sent, { "sec-gpc": "1" });
  assert.deepEqual(reasons(answer), [["accepted", undefined]]);
  const [event] = (await allRows(stack.dynamodb)).events.filter((row) => row.session_id === sent.session_id);
  assert.equal(event.country, undefined);
  assert.equal(event.city, undefined);
});

test("a sender who debugs is told why, and what was made of each event", async () => {
  const view = pageView({
    url: "https://shop.example/tea?utm_source=june&utm_medium=email&gclid=secret",
    referrer: "https://www.google.com/",
  });
  const bad = pageView({ url: "nowhere" });
  const answer = await send(shop([view, bad]), { "x-liveinsight-debug": "1" });
  const [good, refused] = answer.body.receipts;
  assert.equal(good.detail.explanation, "stored");
  const { browser, browser_version, os, device, source, channel, utm_medium, click_id } =
    good.detail.enriched;
  assert.deepEqual(
    { browser, browser_version, os, device, source, channel, utm_medium, click_id },
    {
      browser: "Firefox",
      browser_version: "144",
      os: "macOS",
      device: "desktop",
      source: "june",
      channel: "Email",
      utm_medium: "email",
      click_id: "gclid",
    },
  );
  assert.match(refused.detail.explanation, /absolute http or https address/);
  assert.ok(!JSON.stringify(answer.body).includes("secret"));
  const quiet = await send(shop([pageView()]));
  assert.equal(quiet.body.receipts[0].detail, undefined);
});

test("a newer browser's hints and Korean in-app browsers are understood", async () => {
  const sent = shop([pageView()]);
  await send(sent, {
    "user-agent":
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "sec-ch-ua": '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"',
    "sec-ch-ua-platform": '"Windows"',
    "sec-ch-ua-platform-version": '"15.0.0"',
  });
  const inside = shop([pageView()]);
  await send(inside, {
    "user-agent":
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 NAVER(inapp; search; 1010; 12.9.3; 15PRO)",
  });
  const { events } = await allRows(stack.dynamodb);
  const of = (sent) => {
    const { browser, os, os_version, device } = events.find((row) => row.session_id === sent.session_id);
    return { browser, os, os_version, device };
  };
  assert.deepEqual(of(sent), { browser: "Chrome", os: "Windows", os_version: "11", device: "desktop" });
  assert.deepEqual(of(inside), { browser: "NAVER", os: "iOS", os_version: "18.6", device: "mobile" });
});

test("the ledger counts each outcome of a site by the hour", async () => {
  const counted = async () => {
    const ledger = (await rows(stack.dynamodb, "Accounts")).filter((row) =>
      row.pk.startsWith("ledger#shop#"),
    );
    const sum = (code) => ledger.reduce((all, row) => all + (row[code] ?? 0), 0);
    return Object.fromEntries(
      ["accepted", "bot", "opted_out", "invalid_url", "unknown_type"].map((c) => [c, sum(c)]),
    );
  };
  // What earlier tests counted is written first, so that the difference is this test's.
  const marker = shop([{ ...pageView(), type: "hologram" }]);
  await send(marker);
  await eventually(async () => (await counted()).unknown_type === 1, 40_000);
  const before = await counted();
  await send(shop([pageView(), pageView(), pageView({ url: "nowhere" })]));
  await send(shop([pageView()]), { "user-agent": GPTBOT });
  await send(shop([pageView(), pageView()]), { "sec-gpc": "1" });
  await eventually(async () => {
    const after = await counted();
    assert.deepEqual(after, {
      accepted: before.accepted + 2,
      bot: before.bot + 1,
      opted_out: before.opted_out + 2,
      invalid_url: before.invalid_url + 1,
      unknown_type: 1,
    });
  }, 40_000);
});

test("a batch of a clock gone mad is stored at its arrival, marked, and once", async () => {
  const year = 365 * 86_400_000;
  const at = Date.now() + year;
  const sent = shop([pageView({ at })], { session_id: uuid7(at), sent_at: at });
  for (let n = 0; n < 3; n += 1) {
    const answer = await send({ ...sent, sent_at: Date.now() + year });
    assert.deepEqual(reasons(answer), [["accepted", undefined]]);
  }
  const { events } = await allRows(stack.dynamodb);
  const stored = events.filter((row) => row.clock === "corrected");
  assert.equal(stored.length, 1);
  assert.ok(Math.abs(stored[0].at - Date.now()) < 60_000);
});

test("a request of a browser reaches the site it names and no other", async () => {
  const answer = await send(
    { ...shop([pageView()]) },
    { origin: "https://frank.example", "user-agent": FIREFOX },
  );
  assert.equal(answer.status, 403);
  assert.equal(answer.body.code, "origin_not_allowed");
  assert.equal(answer.headers.get("access-control-allow-origin"), "https://frank.example");
});
