// POST /events on the built worker in workerd, with a real DynamoDB API behind it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { batch, pageView, post, signIn, uuid7 } from "../support/batch.mjs";
import { allRows, startStack } from "../support/stack.mjs";

let stack;
before(async () => {
  stack = await startStack();
});
after(() => stack?.stop());

test("a batch is answered with a receipt for each event and stored in three tables", async () => {
  const before = await allRows(stack.dynamodb);
  const sent = batch([
    pageView(),
    { ...pageView(), type: "click", target: { kind: "outbound", href: "https://docs.example/" } },
  ]);
  const answer = await post(stack, sent);
  assert.equal(answer.status, 200);
  assert.deepEqual(
    answer.body.receipts,
    sent.events.map((event) => ({ id: event.id, status: "accepted" })),
  );
  assert.ok(Math.abs(answer.body.server_time - Date.now()) < 5_000);

  const after = await allRows(stack.dynamodb);
  assert.equal(after.events.length, before.events.length + 2);
  assert.equal(after.sessions.filter((row) => row.sk === sent.session_id).length, 1);
  const [active] = after.active.filter((row) => row.sk === sent.session_id);
  assert.equal(active.user_id, sent.user_id);
  assert.equal(active.page, "/products/guji");
});

test("the documented batch is taken when its times are of today", async () => {
  const text = await readFile(new URL("../fixtures/batch.json", import.meta.url), "utf8");
  const sent = JSON.parse(text);
  for (const event of sent.events) Object.assign(event, { at: Date.now(), id: uuid7() });
  const answer = await post(stack, { ...sent, session_id: uuid7(), sent_at: Date.now() });
  assert.deepEqual(
    answer.body.receipts.map((receipt) => receipt.status),
    sent.events.map(() => "accepted"),
  );
});

test("a custom event and who sent it stand in the row of the event, the person in that of the visit", async () => {
  const { id, at, page_id } = pageView();
  const custom = {
    id,
    at,
    page_id,
    type: "custom",
    name: "video_play",
    props: { film: "guji", seconds: 12 },
  };
  const sent = batch([custom], {
    person_id: "customer-1042",
    cookieless: true,
    dropped: 2,
    faults: 1,
    context: { language: "ko-KR", tab: "k3x9", url: "https://shop.example/films" },
  });
  const answer = await post(stack, sent);
  assert.deepEqual([answer.status, answer.body.receipts], [200, [{ id, status: "accepted" }]]);

  const { events, sessions, active } = await allRows(stack.dynamodb);
  const [event] = events.filter((row) => row.sk === id);
  const { type, name, props, person_id, cookieless, tab } = event;
  assert.deepEqual(
    { type, name, props, person_id, cookieless, tab },
    {
      type: "custom",
      name: "video_play",
      props: { film: "guji", seconds: "12" },
      person_id: "customer-1042",
      cookieless: true,
      tab: "k3x9",
    },
  );
  // The browser keeps no ids, so the worker has put the event into a visit of its own finding.
  const [session] = sessions.filter((row) => row.sk === event.session_id);
  assert.deepEqual(session.person_ids, ["customer-1042"]);
  assert.equal(active.filter((row) => row.sk === event.session_id)[0].page, "/films");
});

test("a batch sent three times changes nothing after the first", async () => {
  const sent = JSON.stringify(batch([pageView(), pageView()]));
  assert.equal((await post(stack, sent)).status, 200);
  const first = await allRows(stack.dynamodb);
  assert.equal((await post(stack, sent)).status, 200);
  assert.equal((await post(stack, sent)).status, 200);
  assert.deepEqual(await allRows(stack.dynamodb), first);
});

test("application/json is taken as well, after its preflight", async () => {
  const origin = new URL(stack.shop).origin;
  const preflight = await fetch(`${stack.url}/events`, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type",
    },
  });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get("access-control-allow-origin"), origin);
  assert.equal(preflight.headers.get("access-control-allow-headers").split(", ")[0], "content-type");
  assert.equal(preflight.headers.get("access-control-max-age"), "86400");
  const answer = await post(stack, batch([pageView()]), { "content-type": "application/json" });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("access-control-allow-origin"), origin);
});

const tooMany = () => batch(Array.from({ length: 101 }, () => pageView()));
for (const [what, body, headers, status, code] of [
  ["what is not JSON", () => "{", {}, 400, "invalid_json"],
  ["no body", () => "", {}, 400, "invalid_json"],
  ["another shape", () => '{"v":1,"events":7}', {}, 400, "invalid_batch"],
  ["a malformed id", () => batch([pageView()], { user_id: "me" }), {}, 400, "invalid_batch"],
  [
    "a person's id that is too long",
    () => batch([pageView()], { person_id: "x".repeat(129) }),
    {},
    400,
    "invalid_batch",
  ],
  ["another version", () => batch([pageView()], { v: 2 }), {}, 400, "unsupported_version"],
  ["an empty batch", () => batch([]), {}, 400, "empty_batch"],
  ["too many events", tooMany, {}, 413, "too_many_events"],
  ["a body over the limit", () => " ".repeat(65_537), {}, 413, "body_too_large"],
  [
    "another media type",
    () => batch([pageView()]),
    { "content-type": "text/html" },
    415,
    "unsupported_media_type",
  ],
  ["an unknown site", () => batch([pageView()], { site_id: "nowhere" }), {}, 404, "unknown_site"],
  [
    "another origin",
    () => batch([pageView()]),
    { origin: "https://evil.example" },
    403,
    "origin_not_allowed",
  ],
  ["the null origin", () => batch([pageView()]), { origin: "null" }, 403, "origin_not_allowed"],
  [
    "a wrong ingest key",
    () => batch([pageView()]),
    { "x-liveinsight-key": "guess" },
    403,
    "invalid_ingest_key",
  ],
]) {
  test(`${what} is refused with ${status} ${code} and leaves no row`, async () => {
    const before = await allRows(stack.dynamodb);
    const answer = await post(stack, body(), headers);
    assert.equal(answer.status, status);
    assert.equal(answer.headers.get("content-type"), "application/problem+json");
    assert.equal(answer.body.code, code);
    assert.equal(answer.body.status, status);
    assert.equal(answer.body.type, `urn:liveinsight:problem:${code}`);
    assert.deepEqual(await allRows(stack.dynamodb), before);
  });
}

test("a body that hides its length is not read beyond the limit", async () => {
  const chunk = new Uint8Array(16_384).fill(32);
  const stream = new ReadableStream({
    start(controller) {
      for (let n = 0; n < 8; n += 1) controller.enqueue(chunk);
      controller.close();
    },
  });
  const answer = await fetch(`${stack.url}/events`, {
    method: "POST",
    headers: { origin: new URL(stack.shop).origin, "content-type": "text/plain" },
    body: stream,
    duplex: "half",
  });
  assert.equal(answer.status, 413);
});

test("one bad event among good ones is refused alone", async () => {
  const good = [pageView(), pageView()];
  const bad = pageView({ url: "not a url" });
  const unknown = { ...pageView(), type: "hologram" };
  const sent = batch([good[0], bad, unknown, good[1]]);
  const answer = await post(stack, sent);
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body.receipts, [
    { id: good[0].id, status: "accepted" },
    { id: bad.id, status: "rejected", reason: "invalid_url" },
    { id: unknown.id, status: "skipped", reason: "unknown_type" },
    { id: good[1].id, status: "accepted" },
  ]);
  const { events } = await allRows(stack.dynamodb);
  const stored = events.filter((row) => row.session_id === sent.session_id).map((row) => row.sk);
  assert.deepEqual(stored.sort(), good.map((event) => event.id).sort());
});

test("other methods and addresses have their problem", async () => {
  const wrong = await fetch(`${stack.url}/events`);
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.get("allow"), "POST, OPTIONS");
  assert.equal((await fetch(`${stack.url}/api/nothing`)).status, 404);
  assert.deepEqual(await (await fetch(`${stack.url}/health`)).json(), { status: "ok" });
});

test("a server with the ingest key says where its visitor is", async () => {
  const sent = batch([pageView()]);
  const answer = await post(stack, sent, {
    origin: "",
    "x-liveinsight-key": stack.ingest_key,
    "x-liveinsight-country": "jp",
    "x-liveinsight-city": "Osaka",
    "user-agent":
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Version/18.6 Safari/604.1",
  });
  assert.equal(answer.status, 200);
  const get = await signIn(stack);
  const { sessions } = await get("/api/sessions/active?site_id=demo-shop");
  const [session] = sessions.filter((row) => row.session_id === sent.session_id);
  assert.deepEqual(
    [session.country, session.city, session.device, session.browser, session.os],
    ["JP", "Osaka", "mobile", "Safari", "iOS"],
  );
});

test("a page cannot say where its visitor is, and no address is stored", async () => {
  const sent = batch([pageView()]);
  await post(stack, sent, {
    "x-liveinsight-country": "jp",
    "cf-connecting-ip": "203.0.113.77",
    "x-forwarded-for": "203.0.113.77",
  });
  const tables = await allRows(stack.dynamodb);
  const [event] = tables.events.filter((row) => row.session_id === sent.session_id);
  assert.notEqual(event.country, "JP");
  assert.ok(!JSON.stringify(tables).includes("203.0.113.77"));
});
