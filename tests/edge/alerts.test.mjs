// Alerts, from events that are sent to the webhook and the mail that arrive.

import assert from "node:assert/strict";
import { createHmac, timingSafeEqual } from "node:crypto";
import { after, before, test } from "node:test";
import { caller } from "../support/account.mjs";
import { batch, pageView, post, signIn, uuid7 } from "../support/batch.mjs";
import { startReceiver } from "../support/receiver.mjs";
import { eventually, startStack } from "../support/stack.mjs";

const SITES = ["shop", "blog", "news"].map((id) => ({ id, domains: [`${id}.example`] }));

let receiver;
let stack;
let owner;
before(async () => {
  receiver = await startReceiver();
  stack = await startStack({
    LIVEINSIGHT_SITES: JSON.stringify(SITES),
    LIVEINSIGHT_MAIL_FROM: "Stats <stats@shop.example>",
    LIVEINSIGHT_SES_ENDPOINT: `${receiver.url}/ses`,
  });
  const { cookie } = await signIn(stack);
  owner = caller(stack, { cookie });
});
after(async () => {
  await stack?.stop();
  await receiver?.stop();
});

async function made(path, body) {
  const answer = await owner("POST", path, body);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body;
}

const channel = (site, path, more = {}) =>
  made(`/api/sites/${site}/channels`, { name: path, kind: "webhook", target: receiver.url + path, ...more });

const limit = { name: "Full", kind: "spike", threshold: 3 };

// The rule looks at the hour up to the last full ten minutes, so its visitors came before that.
async function visitors(site, count) {
  const at = Date.now() - (Date.now() % 600_000) - 1_000;
  for (let number = 0; number < count; number += 1) {
    const sent = batch([pageView({ at })], { site_id: site, session_id: uuid7(at) });
    assert.equal((await post(stack, sent, { origin: `https://${site}.example` })).status, 200);
  }
}

const cron = async () => assert.ok((await fetch(`${stack.url}/cdn-cgi/handler/scheduled`)).ok);
const to = (path) => receiver.received.filter((request) => request.path === path);

async function delivered(site, { channel: { id } }, status) {
  return eventually(async () => {
    const { body } = await owner("GET", `/api/sites/${site}/channels/${id}/deliveries`);
    return body.deliveries.find((delivery) => delivery.status === status) ?? false;
  }, 30_000);
}

// As docs/alerts.md tells receivers to.
function isGenuine(secret, { headers, text }) {
  const mac = createHmac("sha256", secret).update(`${headers["x-liveinsight-timestamp"]}.${text}`);
  const expected = Buffer.from(`v1=${mac.digest("hex")}`);
  const given = Buffer.from(headers["x-liveinsight-signature"]);
  const isRecent = Math.abs(Date.now() / 1000 - Number(headers["x-liveinsight-timestamp"])) < 300;
  return isRecent && given.length === expected.length && timingSafeEqual(given, expected);
}

test("a spike reaches a webhook once, signed, and after an answer of 500", async () => {
  const hook = await channel("shop", "/shop");
  await made("/api/sites/shop/alerts", limit);
  await visitors("shop", 4);
  receiver.answers.push(500);
  await Promise.all([cron(), cron()]);
  const delivery = await delivered("shop", hook, "sent");
  assert.equal(delivery.attempts, 2);
  await cron();
  await delivered("shop", hook, "sent");
  const [first, second, ...more] = to("/shop");
  assert.deepEqual(more, []);
  for (const request of [first, second]) assert.ok(isGenuine(hook.secret, request));
  assert.equal(first.headers["x-liveinsight-delivery"], second.headers["x-liveinsight-delivery"]);
  const told = JSON.parse(second.text);
  assert.equal(told.event, "alert.fired");
  assert.equal(told.text, "4 visitors in the last hour; the limit is 3.");
  assert.ok(!isGenuine(hook.secret, { ...second, text: second.text.replace("4", "5") }));
  const { body } = await owner("GET", "/api/sites/shop/alerts");
  assert.equal(body.alerts[0].state.status, "open");
});

test("in quiet hours an alert is held back", async () => {
  const hour = new Date().getUTCHours();
  const quiet = { from: hour, to: (hour + 2) % 24 };
  const hook = await channel("blog", "/blog", { quiet });
  await made("/api/sites/blog/alerts", limit);
  await visitors("blog", 3);
  await cron();
  await delivered("blog", hook, "held");
  assert.deepEqual(to("/blog"), []);
});

test("a redirect is not followed, and what is no public host is refused", async () => {
  const hook = await channel("news", "/moved");
  receiver.answers.push(302);
  const path = `/api/sites/news/channels/${hook.channel.id}/test`;
  const { body } = await owner("POST", path, {});
  assert.equal(body.status, "failed");
  assert.match(body.problem, /^status 302/);
  assert.deepEqual(to("/elsewhere"), []);
  for (const target of ["https://10.0.0.1/", "http://example.com/", "https://printer.local/"]) {
    const refused = await owner("POST", "/api/sites/news/channels", { name: "x", kind: "slack", target });
    assert.equal(refused.status, 400, target);
  }
});

test("a mail is given to Amazon SES, signed, in the reader's language", async () => {
  const mail = await channel("news", "/mail", { kind: "email", target: "jo@news.example", language: "ko" });
  const path = `/api/sites/news/channels/${mail.channel.id}/test`;
  assert.equal((await owner("POST", path, {})).status, 400, "the address is not confirmed");
  const [asked] = to("/ses/v2/email/outbound-emails");
  const confirm = JSON.parse(asked.text).Content.Simple.Body.Text.Data.match(/\S+\/api\/confirm\?\S+/)[0];
  // As whoever reads it does, whose program looks at the link first.
  assert.match(await (await fetch(confirm)).text(), /<form method="post">/);
  assert.equal((await owner("POST", path, {})).status, 400, "looking at it confirms nothing");
  assert.equal((await fetch(confirm, { method: "POST" })).status, 200);
  const { body } = await owner("POST", path, {});
  assert.equal(body.status, "sent", JSON.stringify(body));
  const [, request] = to("/ses/v2/email/outbound-emails");
  assert.match(request.headers.authorization, /\/us-east-1\/ses\/aws4_request/);
  const sent = JSON.parse(request.text);
  assert.equal(sent.FromEmailAddress, "Stats <stats@shop.example>");
  assert.deepEqual(sent.Destination.ToAddresses, ["jo@news.example"]);
  const { Subject, Body, Headers } = sent.Content.Simple;
  assert.equal(Subject.Data, "news: 시험 메시지");
  assert.match(Body.Text.Data, /최근 1시간 동안 방문자 412명/);
  const link = Headers.find(({ Name }) => Name === "List-Unsubscribe").Value.slice(1, -1);
  // As a mail program does it.
  const done = await fetch(link, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "List-Unsubscribe=One-Click",
  });
  assert.equal(done.status, 200);
  const { body: listed } = await owner("GET", "/api/sites/news/channels");
  assert.ok(listed.channels.find(({ id }) => id === mail.channel.id).unsubscribed);
});
