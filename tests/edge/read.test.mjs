// Signing in and the read API on the built worker in workerd.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { caller, results } from "../support/account.mjs";
import { batch, pageView, post, signIn, uuid7 } from "../support/batch.mjs";
import { startStack } from "../support/stack.mjs";

let stack;
before(async () => {
  stack = await startStack();
});
after(() => stack?.stop());

const READS = ["/api/session", "/api/sessions/active?site_id=demo-shop", "/api/sites/demo-shop/goals"];

test("nothing is read without signing in, nor with a tampered session", async () => {
  const { cookie } = await signIn(stack);
  const tampered = cookie.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
  for (const path of READS) {
    for (const headers of [{}, { cookie: tampered }, { cookie: "li_session=v1.9999999999.00" }]) {
      const answer = await fetch(stack.url + path, { headers });
      assert.equal(answer.status, 401, path);
      assert.equal((await answer.json()).code, "sign_in_required");
    }
    assert.equal((await fetch(stack.url + path, { headers: { cookie } })).status, 200, path);
  }
});

test("only the right password signs in, as JSON", async () => {
  const attempt = (body, type = "application/json") =>
    fetch(`${stack.url}/api/session`, { method: "POST", headers: { "content-type": type }, body });
  const wrong = await attempt(JSON.stringify({ email: stack.email, password: "guess" }));
  assert.equal(wrong.status, 401);
  assert.equal((await wrong.json()).code, "wrong_credentials");
  assert.equal(wrong.headers.get("set-cookie"), null);
  assert.equal((await attempt("password=guess", "application/x-www-form-urlencoded")).status, 415);
  assert.equal((await attempt("{}")).status, 400);
  const right = await attempt(JSON.stringify({ email: stack.email, password: stack.password }));
  assert.equal(right.status, 200);
  assert.match(right.headers.get("set-cookie"), /HttpOnly; SameSite=Strict/);
  assert.deepEqual(
    (await right.json()).sites.map((site) => site.id),
    ["demo-shop"],
  );
});

test("signing out takes the cookie away", async () => {
  const answer = await fetch(`${stack.url}/api/session`, { method: "DELETE" });
  assert.equal(answer.status, 204);
  assert.match(answer.headers.get("set-cookie"), /^li_session=; .*Max-Age=0/);
});

test("senseless parameters are refused with what is wrong", async () => {
  const { cookie } = await signIn(stack);
  for (const [path, status, code] of [
    ["/api/sessions/active", 400, "invalid_parameter"],
    ["/api/sessions/active?site_id=A%23B", 400, "invalid_parameter"],
    ["/api/sessions/active?site_id=other", 404, "unknown_site"],
    ["/api/segments?site_id=demo-shop&from=5&to=4", 400, "invalid_parameter"],
  ]) {
    const answer = await fetch(stack.url + path, { headers: { cookie } });
    assert.equal(answer.status, status, path);
    const problem = await answer.json();
    assert.equal(problem.code, code);
    if (status === 400) assert.ok(problem.detail, path);
  }
});

test("visits show up as active sessions and in answers until they leave", async () => {
  const get = await signIn(stack);
  const ask = caller(stack, { cookie: get.cookie });
  const told = (fields) => results(ask, { site_id: "demo-shop", ...fields });
  const [before] = await told();
  const view = pageView({ referrer: "https://www.google.com/" });
  const visit = batch([view], {
    context: { language: "ko-KR", url: "https://shop.example/products/guji?x=1" },
  });
  await post(stack, visit);

  const active = await get("/api/sessions/active?site_id=demo-shop");
  const [session] = active.sessions.filter((row) => row.session_id === visit.session_id);
  assert.equal(session.page, "/products/guji");
  assert.equal(session.now, true);
  assert.equal(active.visitors_now, active.sessions.filter((row) => row.now).length);

  const [after] = await told();
  assert.deepEqual(
    after.metrics,
    before.metrics.map((number) => number + 1),
  );
  const sources = await told({ dimensions: ["visit:source"] });
  assert.ok(sources.some((row) => row.dimensions[0] === "Google"));

  const farewell = {
    id: uuid7(),
    type: "heartbeat",
    at: Date.now(),
    page_id: view.page_id,
    engaged_ms: 12_000,
    scroll_percent: 80,
    interval_s: 15,
    final: true,
  };
  await post(stack, { ...visit, sent_at: Date.now(), events: [farewell] });
  const later = await get("/api/sessions/active?site_id=demo-shop");
  assert.equal(later.visitors_now, active.visitors_now - 1);
  assert.equal(later.last_5_minutes, active.last_5_minutes);
});

test("a late event of a closed hour shows at once", async () => {
  const get = await signIn(stack);
  const ask = caller(stack, { cookie: get.cookie });
  const [before] = await results(ask, { site_id: "demo-shop" });
  await post(stack, batch([pageView({ at: Date.now() - 5 * 3_600_000 })]));
  const [after] = await results(ask, { site_id: "demo-shop" });
  assert.equal(after.metrics[1], before.metrics[1] + 1);
});

test("the dashboard is served with a strict policy and the tracker for everyone", async () => {
  const page = await fetch(`${stack.url}/`);
  assert.equal(page.status, 200);
  const policy = page.headers.get("content-security-policy");
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self' 'wasm-unsafe-eval'/);
  assert.doesNotMatch(policy, /'unsafe-inline'|'unsafe-eval'/);
  const tracker = await fetch(`${stack.url}/li.js`);
  assert.equal(tracker.status, 200);
  assert.equal(tracker.headers.get("access-control-allow-origin"), "*");
  assert.equal(tracker.headers.get("cross-origin-resource-policy"), "cross-origin");
});
