// Live push on the built worker in workerd.

import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, test } from "node:test";
import { caller } from "../support/account.mjs";
import { batch, pageView, post, signIn, uuid7 } from "../support/batch.mjs";
import { ack, watch } from "../support/live.mjs";
import { eventually, startStack } from "../support/stack.mjs";

const LIVE = "/api/live?site_id=demo-shop";

let stack;
let owner;
let own;
before(async () => {
  stack = await startStack();
  const { cookie } = await signIn(stack);
  own = { cookie, origin: stack.url };
  owner = caller(stack, { cookie });
});
after(() => stack?.stop());

// The status with which a connection is refused, which WebSockets keep to themselves; 101 if it is not.
function status(path, headers) {
  return new Promise((resolve, reject) => {
    const upgrade = {
      connection: "upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    };
    const sent = request(stack.url + path, { headers: { ...upgrade, ...headers } });
    sent.on("upgrade", (answer, socket) => {
      socket.destroy();
      resolve({ status: answer.statusCode });
    });
    sent.on("response", (answer) => {
      let text = "";
      answer.on("data", (data) => {
        text += data;
      });
      answer.on("end", () => resolve({ status: answer.statusCode, ...JSON.parse(text) }));
    });
    sent.on("error", reject);
    sent.end();
  });
}

const isHere = (session) => (frame) =>
  frame.kind === "delta" && frame.changes.some((change) => change.session_id === session);

test("nobody watches without the right to, nor from a page of another site", async () => {
  assert.equal((await status(LIVE, {})).code, "sign_in_required");
  assert.equal((await status(LIVE, { ...own, origin: "https://evil.example" })).code, "cross_site");
  assert.equal((await status(LIVE, { cookie: own.cookie })).code, "cross_site");
  assert.equal((await status(LIVE, { authorization: "Bearer nothing" })).code, "sign_in_required");
  assert.equal((await status("/api/live?site_id=other", own)).code, "unknown_site");
  assert.equal((await status(`${LIVE}&after=x`, own)).code, "invalid_parameter");
  assert.equal((await status(LIVE, own)).status, 101);
  const plain = await fetch(stack.url + LIVE, { headers: own });
  assert.equal(plain.status, 426);
  const token = async (...scopes) => {
    const made = await owner("POST", "/api/tokens", { name: "t", scopes, site_id: "demo-shop" });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return made.body.secret;
  };
  const bearer = (secret) => ({ authorization: `Bearer ${secret}` });
  assert.equal((await status(LIVE, bearer(await token("read")))).status, 101);
  assert.equal((await status(LIVE, bearer(await token("ingest")))).status, 403);
});

test("a click is seen within a second, with its rows and its minute", async () => {
  const [first, second] = [await watch(stack, LIVE, own), await watch(stack, LIVE, own)];
  const snapshot = await first.next((frame) => frame.kind === "snapshot");
  await second.next((frame) => frame.kind === "snapshot");
  const view = pageView({ referrer: "https://www.google.com/" });
  const visit = batch([view], { context: { url: view.url } });
  // Isolates that were told that nobody watches are quiet for ten seconds; the hub looks into the tables meanwhile.
  await post(stack, visit);
  await first.next(isHere(visit.session_id));
  await eventually(async () => {
    // Tells nothing new: what is stored twice is there once.
    const click = {
      id: uuid7(),
      type: "click",
      at: Date.now(),
      page_id: view.page_id,
      target: { kind: "button" },
    };
    const sent = Date.now();
    await post(stack, { ...visit, sent_at: Date.now(), events: [click] });
    const stored = Date.now();
    const clicked = (frame) =>
      frame.kind === "delta" && frame.feed.some((entry) => entry.kind === "click" && entry.at === click.at);
    for (const reader of [first, second]) {
      const frame = await reader.next(clicked);
      assert.ok(frame.received_at - stored < 1_000, `${frame.received_at - sent} ms`);
      const [entry] = frame.feed.filter((entry) => entry.at === click.at);
      assert.deepEqual([entry.page, entry.session_id], ["/products/guji", visit.session_id]);
      assert.equal(Buffer.from(frame.rows.subarray(0, 4)).toString(), "LVSG");
      assert.equal(frame.minutes.length, 1);
      assert.ok(frame.seq > snapshot.seq);
    }
  }, 30_000);
  // Who is here is the same as the read API says.
  const get = await signIn(stack);
  const third = await watch(stack, LIVE, own);
  const now = await third.next((frame) => frame.kind === "snapshot");
  const active = await get("/api/sessions/active?site_id=demo-shop");
  const here = now.visits.filter((it) => !it.left && it.last_seen + 2_000 * it.interval_s >= now.time);
  assert.deepEqual(
    here.map((it) => it.session_id).sort(),
    active.sessions
      .filter((it) => it.now)
      .map((it) => it.session_id)
      .sort(),
  );
  const { now: _, ...row } = active.sessions.find((it) => it.session_id === visit.session_id);
  const { interval_s, left, ...same } = now.visits.find((it) => it.session_id === visit.session_id);
  assert.deepEqual(same, row);
  assert.deepEqual([interval_s, left], [15, false]);
  for (const reader of [first, second, third]) reader.close();
});

test("a batch that comes twice is shown once", async () => {
  const reader = await watch(stack, LIVE, own);
  await reader.next((frame) => frame.kind === "snapshot");
  const visit = batch([pageView()]);
  await post(stack, visit);
  await reader.next(isHere(visit.session_id));
  await post(stack, visit);
  const later = batch([pageView()]);
  await post(stack, later);
  await reader.next(isHere(later.session_id));
  const shown = reader.frames.filter((frame) => frame.kind === "delta").flatMap((frame) => frame.feed);
  assert.equal(shown.filter((entry) => entry.session_id === visit.session_id).length, 1);
  reader.close();
});

test("who comes back goes on where they were, and nothing is missed or doubled", async () => {
  const reader = await watch(stack, LIVE, own);
  const hello = await reader.next((frame) => frame.kind === "hello" && frame.epoch > 0n);
  await reader.next((frame) => frame.kind === "snapshot");
  const stays = await watch(stack, LIVE, own);
  const visit = batch([pageView()]);
  await post(stack, visit);
  const { seq } = await reader.next(isHere(visit.session_id));
  reader.close();
  await reader.closed;
  const missed = batch([pageView()]);
  await post(stack, missed);
  await stays.next(isHere(missed.session_id));
  const again = await watch(stack, `${LIVE}&after=${hello.epoch}.${seq}`, own);
  await again.next(isHere(missed.session_id));
  assert.deepEqual(
    again.frames.map((frame) => frame.kind).filter((kind) => kind !== "delta"),
    ["hello"],
  );
  assert.ok(again.frames.filter((frame) => frame.kind === "delta").every((frame) => frame.seq > seq));
  // Of another memory nothing is known: all is sent anew, after a word that what the reader has is void.
  const stranger = await watch(stack, `${LIVE}&after=7.1`, own);
  await stranger.next((frame) => frame.kind === "snapshot");
  assert.ok(stranger.frames.some((frame) => frame.kind === "resync"));
  for (const it of [again, stranger, stays]) it.close();
});

test("readers of a share link see what it shows, without ids and rows", async () => {
  const made = await owner("POST", "/api/sites/demo-shop/shares", {
    name: "products",
    filter: { page: "/products/*" },
  });
  const opened = await caller(stack)("POST", "/api/shares/open", { token: made.body.token });
  const headers = { cookie: opened.cookie, origin: stack.url };
  assert.equal((await status(LIVE, { ...headers, origin: "https://evil.example" })).code, "cross_site");
  const [reader, all] = [await watch(stack, LIVE, headers), await watch(stack, LIVE, own)];
  await reader.next((frame) => frame.kind === "snapshot");
  await all.next((frame) => frame.kind === "snapshot");
  const page = (path) => {
    const view = pageView({ url: `https://shop.example${path}` });
    return batch([view], { context: { url: view.url } });
  };
  const [shown, hidden] = [page("/products/shown"), page("/hidden")];
  await post(stack, hidden);
  await all.next(isHere(hidden.session_id));
  await post(stack, shown);
  await all.next(isHere(shown.session_id));
  const seen = await reader.next(
    (frame) => frame.kind === "delta" && frame.changes.some((change) => change.page === "/products/shown"),
  );
  const active = await caller(stack, { cookie: opened.cookie })(
    "GET",
    "/api/sessions/active?site_id=demo-shop",
  );
  const names = active.body.sessions.map((session) => session.session_id);
  for (const change of seen.changes) {
    assert.equal(change.user_id, "");
    assert.ok(names.includes(change.session_id), "the name is that of the read API");
  }
  // The visitor goes where the link does not reach.
  const away = { ...shown, sent_at: Date.now(), context: { url: "https://shop.example/hidden" } };
  away.events = [pageView({ url: "https://shop.example/hidden" })];
  await post(stack, away);
  const gone = await reader.next(
    (frame) => frame.kind === "delta" && frame.changes.some((change) => change.kind === "gone"),
  );
  assert.equal(gone.changes[0].session_id, seen.changes.at(-1).session_id);
  const everything = JSON.stringify(reader.frames, (_, value) =>
    typeof value === "bigint" ? `${value}` : value,
  );
  for (const secret of ["/hidden", shown.session_id, shown.user_id, hidden.session_id]) {
    assert.ok(!everything.includes(secret), secret);
  }
  assert.ok(reader.frames.every((frame) => !frame.rows?.length));
  for (const it of [reader, all]) it.close();
});

test("a reader who takes nothing in is sent no more than a window", async () => {
  const [slow, quick] = [
    await watch(stack, LIVE, own, { acknowledges: false }),
    await watch(stack, LIVE, own),
  ];
  await slow.next((frame) => frame.kind === "snapshot");
  await quick.next((frame) => frame.kind === "snapshot");
  let last;
  // Each batch is a frame of its own, because the frame before it is waited for.
  for (let n = 0; n < 40; n++) {
    const visit = batch([pageView()]);
    await post(stack, visit);
    last = await quick.next(isHere(visit.session_id));
  }
  const sent = () => slow.frames.filter((frame) => frame.seq !== undefined && frame.kind !== "hello");
  await eventually(() => sent().length === 32);
  slow.socket.send(ack(sent().at(-1).seq));
  await slow.next((frame) => frame.seq === last.seq);
  const numbers = sent().map((frame) => frame.seq);
  assert.deepEqual(numbers, [...new Set(numbers)], "nothing is doubled");
  for (const it of [slow, quick]) it.close();
});

test("a ping is answered, and what is not understood closes the connection", async () => {
  const reader = await watch(stack, LIVE, own);
  await reader.next((frame) => frame.kind === "snapshot");
  reader.socket.send("ping");
  await eventually(() => reader.texts.includes("pong"));
  reader.socket.send(new Uint8Array([1, 1]));
  const { time } = await reader.next((frame) => frame.kind === "ping");
  assert.ok(Math.abs(time - Date.now()) < 60_000);
  reader.socket.send("something else");
  assert.equal((await reader.closed).code, 4003);
});
