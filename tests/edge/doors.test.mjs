// The other doors: compressed bodies, images, and the scripts of other products.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { batch, FIREFOX, pageView, post } from "../support/batch.mjs";
import { allRows, startStack } from "../support/stack.mjs";

const SITES = [{ id: "shop", domains: ["shop.example"], aliases: ["0b2c1f7e-5d52-4d6b-9c2a-1f6f3a2b4c5d"] }];
const ORIGIN = "https://shop.example";

let stack;
before(async () => {
  stack = await startStack({ LIVEINSIGHT_SITES: JSON.stringify(SITES) });
});
after(() => stack?.stop());

async function send(path, body, headers = {}) {
  const answer = await fetch(stack.url + path, {
    method: "POST",
    headers: { origin: ORIGIN, "user-agent": FIREFOX, "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text && JSON.parse(text) };
}

// The events that come to be while something is done.
async function storedBy(what) {
  const before = new Set((await allRows(stack.dynamodb)).events.map((row) => row.sk));
  const answer = await what();
  const { events } = await allRows(stack.dynamodb);
  return { answer, events: events.filter((row) => !before.has(row.sk)) };
}

test("a compressed body is taken, and one that inflates beyond the limit is not", async () => {
  const sent = batch([pageView(), pageView()], { site_id: "shop" });
  const headers = { origin: ORIGIN, "content-encoding": "gzip" };
  const { answer, events } = await storedBy(() => post(stack, gzipSync(JSON.stringify(sent)), headers));
  assert.equal(answer.status, 200);
  assert.deepEqual(events.map((row) => row.sk).sort(), sent.events.map((event) => event.id).sort());

  const bomb = await post(stack, gzipSync(Buffer.alloc(50_000_000, " ")), headers);
  assert.deepEqual([bomb.status, bomb.body.code], [413, "body_too_large"]);
  const broken = await post(stack, gzipSync("{}").subarray(0, 12), headers);
  assert.deepEqual([broken.status, broken.body.code], [400, "invalid_json"]);
  const other = await post(stack, "{}", { ...headers, "content-encoding": "br" });
  assert.deepEqual([other.status, other.body.code], [415, "unsupported_media_type"]);
});

test("an image on a page without scripts is a page view", async () => {
  const url = `${ORIGIN}/plain?utm_source=june`;
  const { answer, events } = await storedBy(() =>
    fetch(`${stack.url}/p.gif?site_id=shop&url=${encodeURIComponent(url)}&title=Plain`, {
      headers: { referer: `${ORIGIN}/`, "user-agent": FIREFOX },
    }),
  );
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("content-type"), "image/gif");
  assert.equal(answer.headers.get("cache-control"), "no-store");
  assert.equal(
    Buffer.from(await answer.arrayBuffer())
      .subarray(0, 6)
      .toString(),
    "GIF89a",
  );
  assert.deepEqual(
    events.map(({ type, path, title, source }) => ({ type, path, title, source })),
    [{ type: "page_view", path: "/plain", title: "Plain", source: "june" }],
  );
});

test("an image on a page of someone else is refused", async () => {
  for (const [query, referer, status] of [
    ["site_id=shop&url=https%3A%2F%2Fshop.example%2F", "https://evil.example/", 403],
    ["site_id=shop&url=https%3A%2F%2Fshop.example%2F", "", 403],
    ["site_id=nowhere", `${ORIGIN}/`, 404],
    ["site_id=", `${ORIGIN}/`, 400],
    ["site_id=shop&url=nowhere", `${ORIGIN}/`, 400],
  ]) {
    const { answer, events } = await storedBy(() =>
      fetch(`${stack.url}/p.gif?${query}`, { headers: { referer, "user-agent": FIREFOX } }),
    );
    assert.equal(answer.status, status, query + referer);
    assert.deepEqual(events, []);
  }
});

test("Plausible's events arrive, by long names and short ones", async () => {
  const { answer, events } = await storedBy(async () => {
    const url = `${ORIGIN}/pricing`;
    const answers = [
      await send("/api/event", {
        name: "pageview",
        url,
        domain: "shop.example",
        referrer: "https://news.ycombinator.com/",
      }),
      await send(
        "/api/event",
        { n: "engagement", u: url, d: "shop.example", e: 4200, sd: 61 },
        { "content-type": "text/plain" },
      ),
      await send("/api/event", {
        n: "Purchase",
        u: url,
        d: "shop",
        $: { currency: "USD", amount: "1322.22" },
        p: { plan: "pro" },
      }),
      await send("/api/event", {
        n: "Outbound Link: Click",
        u: url,
        d: "shop.example",
        p: { url: "https://docs.example/" },
      }),
    ];
    return answers.map(({ status, headers }) => [status, headers.get("x-plausible-dropped")]);
  });
  assert.deepEqual(
    answer,
    Array.from({ length: 4 }, () => [202, null]),
  );
  const of = (type) => events.find((row) => row.type === type);
  assert.equal(events.length, 4);
  assert.deepEqual(
    [of("page_view").path, of("page_view").referrer],
    ["/pricing", "https://news.ycombinator.com/"],
  );
  assert.deepEqual(
    [of("heartbeat").engaged_ms, of("heartbeat").scroll_percent, of("heartbeat").path],
    [4200, 61, "/pricing"],
  );
  assert.deepEqual([of("conversion").amount, of("conversion").currency], ["1322.22", "USD"]);
  assert.equal(of("click").target.href, "https://docs.example/");
  assert.equal(new Set(events.map((row) => row.session_id)).size, 1, "one visit");
  assert.equal(new Set(events.map((row) => row.user_id)).size, 1, "one visitor");
});

test("what Plausible's script is told is dropped is what is not counted", async () => {
  const event = { n: "pageview", u: `${ORIGIN}/`, d: "shop.example" };
  const bot = await send("/api/event", event, {
    "user-agent": "Googlebot/2.1 (+http://www.google.com/bot.html)",
  });
  assert.deepEqual([bot.status, bot.headers.get("x-plausible-dropped")], [202, "1"]);
  for (const [body, headers, status, code] of [
    [{ ...event, d: "nowhere.example" }, {}, 404, "unknown_site"],
    [event, { origin: "https://evil.example" }, 403, "origin_not_allowed"],
    [{ n: "pageview" }, {}, 400, "invalid_json"],
    ["{", {}, 400, "invalid_json"],
  ]) {
    const answer = await send("/api/event", body, headers);
    assert.deepEqual([answer.status, answer.body.code], [status, code]);
  }
});

const umami = (fields, type = "event") => ({
  type,
  payload: {
    website: SITES[0].aliases[0],
    hostname: "shop.example",
    url: "/pricing?x=1#h",
    referrer: "https://x.com/",
    title: "Pricing",
    screen: "1920x1080",
    language: "en-US",
    ...fields,
  },
});

test("Umami's events arrive under the website's id", async () => {
  const { answer, events } = await storedBy(async () => {
    const answers = [
      await send("/api/send", umami({})),
      await send(
        "/api/send",
        umami({ name: "signup", data: { plan: "pro", revenue: 9.99, currency: "USD" }, id: "user-42" }),
      ),
      await send("/api/send", umami({ name: "play", data: { film: { id: 7 } }, tag: "v2" })),
      await send("/api/send", umami({ lcp: 2500, cls: 0.1 }, "performance")),
    ];
    return answers.map(({ status, body }) => [status, Object.keys(body)]);
  });
  assert.deepEqual(
    answer,
    Array.from({ length: 4 }, () => [200, ["cache", "sessionId", "visitId"]]),
  );
  const view = events.find((row) => row.type === "page_view");
  assert.deepEqual(
    [view.path, view.title, view.screen, view.language],
    ["/pricing", "Pricing", "1920x1080", "en-US"],
  );
  const sale = events.find((row) => row.type === "conversion");
  assert.deepEqual([sale.name, sale.amount, sale.person_id], ["signup", "9.99", "user-42"]);
  const customs = events.filter((row) => row.type === "custom").map(({ name, props }) => [name, props]);
  assert.deepEqual(
    customs.sort(([a], [b]) => a.localeCompare(b)),
    [
      ["play", { "film.id": "7", tag: "v2" }],
      ["web_vitals", { cls: "0.1", lcp: "2500" }],
    ],
  );
});

test("Umami's batches say how many of their events arrived, and its bots are told so", async () => {
  const { answer, events } = await storedBy(() =>
    send("/api/batch", [umami({}), umami({ website: "nowhere" }), umami({ name: "play" })]),
  );
  assert.equal(answer.status, 200);
  const { size, processed, errors, details } = answer.body;
  assert.deepEqual([size, processed, errors, details[0].index], [3, 2, 1, 1]);
  assert.equal(events.length, 2);
  const bot = await send("/api/send", umami({}), { "user-agent": "Googlebot/2.1" });
  assert.deepEqual(bot.body, { beep: "boop" });
});

test("pages may ask these doors from their own origin and no other", async () => {
  for (const path of ["/events", "/api/event", "/api/send", "/api/batch"]) {
    const ask = (origin) =>
      fetch(stack.url + path, {
        method: "OPTIONS",
        headers: {
          origin,
          "access-control-request-method": "POST",
          "access-control-request-headers": "content-type, x-umami-cache",
        },
      });
    const own = await ask(ORIGIN);
    assert.equal(own.status, 204, path);
    assert.equal(own.headers.get("access-control-allow-origin"), ORIGIN);
    assert.match(own.headers.get("access-control-allow-headers"), /content-type.*x-umami-cache/);
    assert.equal(own.headers.get("access-control-max-age"), "86400");
    for (const origin of ["https://evil.example", "null"]) {
      const other = await ask(origin);
      assert.equal(other.status, 403);
      assert.equal(other.headers.get("access-control-allow-origin"), null);
    }
  }
});

test("a sender who sends too much is told when to try again, and others are not held up", async () => {
  const flood = { "cf-connecting-ip": "203.0.113.99" };
  // The limiter counts in windows of ten seconds: a flood that straddles two may take twice the limit.
  let refused = [];
  for (let n = 0; refused.length === 0 && n < 40; n += 1) {
    const round = await Promise.all(Array.from({ length: 25 }, () => send("/events", "{", flood)));
    refused = round.filter((answer) => answer.status === 429);
  }
  assert.ok(refused.length > 0, "nobody was refused");
  assert.equal(refused[0].headers.get("retry-after"), "10");
  assert.equal(refused[0].body.code, "too_many_requests");
  // Servers speak for many visitors: they are limited by their site alone.
  const server = await post(stack, batch([pageView()], { site_id: "shop" }), {
    origin: "",
    "x-liveinsight-key": stack.ingest_key,
  });
  assert.equal(server.status, 200);
});
