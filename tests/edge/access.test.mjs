// Who gets in where, on the built worker in workerd. The native tests in edge-worker/tests/accounts/ walk the same
// table with simulated time; here the document that is served says what there is.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { acting, caller, letIn, totp } from "../support/account.mjs";
import { signIn } from "../support/batch.mjs";
import { call, rows, startStack } from "../support/stack.mjs";
import { tool } from "../support/tool.mjs";

let stack;
let owner;
let operations;
before(async () => {
  stack = await startStack();
  owner = caller(stack, await signIn(stack));
  for (const id of ["shop", "blog"]) {
    const made = await owner("POST", "/api/sites", { id, domains: [`${id}.example`] });
    assert.equal(made.status, 201, JSON.stringify(made.body));
  }
  const document = await (await fetch(`${stack.url}/api/openapi.json`)).json();
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      name: `${method} ${path}`,
      needs: operation["x-liveinsight-needs"],
      statuses: Object.keys(operation.responses).map(Number),
    })),
  );
});
after(() => stack?.stop());

// A path of the site `shop`, with something in place of the other open parts.
function filled({ path, needs }) {
  const whole = path.replace("{site_id}", "shop").replace(/{\w+}/g, "00112233445566aa");
  const isNamed = path.includes("{site_id}") || !["statistics", "site"].includes(needs.kind);
  return isNamed ? whole : `${whole}?site_id=shop`;
}

// A body that no route takes: whoever is let in is told so, and nothing is changed.
async function attempt(who, operation) {
  const body = ["POST", "PUT"].includes(operation.method) ? [] : undefined;
  const answer = await who(operation.method, filled(operation), body);
  assert.ok(
    operation.statuses.includes(answer.status),
    `${operation.name}: ${answer.status} is not documented`,
  );
  return answer.status;
}

const closed = () =>
  operations.filter(({ path, needs }) => path.startsWith("/api/") && !/nobody|sender/.test(needs.kind));
const tampered = (secret) => secret.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
const isIn = (status) => ![401, 403].includes(status);

test("the document is served as a file and names what every route needs", async () => {
  const answer = await fetch(`${stack.url}/api/openapi.json`);
  assert.match(answer.headers.get("content-type"), /application\/json/);
  assert.ok(operations.length > 40);
  for (const { name, needs } of operations) assert.ok(needs.kind, name);
  assert.equal((await fetch(`${stack.url}/api/other.json`)).status, 404);
});

test("nobody gets in, nor does a session or token that was tampered with or has ended", async () => {
  const { cookie } = await signIn(stack);
  const made = await owner("POST", "/api/tokens", { name: "t", scopes: ["read", "manage"] });
  const ended = caller(stack, await signIn(stack));
  assert.equal((await ended("DELETE", "/api/session")).status, 204);
  const revoked = await owner("POST", "/api/tokens", { name: "r", scopes: ["read", "manage"] });
  await owner("DELETE", `/api/tokens/${revoked.body.token.id}`);
  for (const who of [
    caller(stack),
    caller(stack, { cookie: tampered(cookie) }),
    caller(stack, { token: tampered(made.body.secret) }),
    caller(stack, { cookie, token: tampered(made.body.secret) }),
    caller(stack, { token: revoked.body.secret }),
    ended,
  ]) {
    for (const operation of closed()) assert.equal(await attempt(who, operation), 401, operation.name);
  }
});

test("a token that has expired opens nothing", async () => {
  const made = await owner("POST", "/api/tokens", { name: "t", scopes: ["read"], expires_in_days: 1 });
  const who = caller(stack, { token: made.body.secret });
  assert.equal((await who("GET", "/api/sessions/active?site_id=shop")).status, 200);
  // Nobody can wait for a day: the row is made a day older instead.
  const [row] = (await rows(stack.dynamodb, "Accounts")).filter((it) => it.sk === made.body.token.id);
  const doc = JSON.parse(row.doc);
  doc.token.expires_at -= 86_400_000;
  await call(stack.dynamodb, "UpdateItem", {
    TableName: "liveinsight-Accounts",
    Key: { pk: { S: row.pk }, sk: { S: row.sk } },
    UpdateExpression: "SET doc = :doc",
    ExpressionAttributeValues: { ":doc": { S: JSON.stringify(doc) } },
  });
  // What changes something is not answered out of the isolate's cache, and renews it.
  assert.equal((await who("DELETE", "/api/sites/shop/shares/00112233445566aa")).status, 401);
  for (const operation of closed()) assert.equal(await attempt(who, operation), 401, operation.name);
});

test("a role at one site opens its routes and nothing of another site", async () => {
  const ranks = ["viewer", "editor", "admin"];
  for (const role of ranks) {
    const enter = async (site) => {
      const grants = [{ site_id: site, role }];
      return caller(stack, {
        cookie: await letIn(owner, stack, { email: `${role}@${site}.example`, grants }),
      });
    };
    const [here, elsewhere] = [await enter("shop"), await enter("blog")];
    for (const operation of closed().filter(({ method }) => method !== "DELETE")) {
      const { kind, role: needed } = operation.needs;
      if (kind === "signed_in") continue;
      assert.equal(await attempt(elsewhere, operation), 403, `${role}: ${operation.name}`);
      const expected = kind !== "everywhere" && ranks.indexOf(role) >= ranks.indexOf(needed);
      assert.equal(isIn(await attempt(here, operation)), expected, `${role}: ${operation.name}`);
    }
  }
});

test("the owner gets in everywhere", async () => {
  for (const operation of closed().filter(({ method }) => method !== "DELETE")) {
    assert.ok(isIn(await attempt(owner, operation)), operation.name);
  }
});

test("a token opens the routes of its scopes", async () => {
  for (const scope of ["read", "ingest", "manage"]) {
    const made = await owner("POST", "/api/tokens", { name: scope, scopes: [scope], site_id: "shop" });
    const who = caller(stack, { token: made.body.secret });
    for (const operation of closed().filter(({ method }) => method !== "DELETE")) {
      const { kind, role, scope: needed } = operation.needs;
      const fits = needed === scope || (needed === "read" && scope === "manage");
      const reaches = kind !== "everywhere" && (scope === "manage" || !role || role === "viewer");
      assert.equal(isIn(await attempt(who, operation)), fits && reaches, `${scope}: ${operation.name}`);
    }
  }
});

test("pages of other sites cannot act for the person, and forms cannot sign anyone in", async () => {
  const { cookie } = await signIn(stack);
  const body = JSON.stringify({ id: "planted", domains: [] });
  for (const headers of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }, {}]) {
    const answer = await fetch(`${stack.url}/api/sites`, {
      method: "POST",
      headers: { "content-type": "application/json", cookie, ...headers },
      body,
    });
    assert.equal(answer.status, 403);
    assert.equal((await answer.json()).code, "cross_site");
  }
  const form = await fetch(`${stack.url}/api/sites`, {
    method: "POST",
    headers: { "content-type": "text/plain", origin: stack.url, cookie },
    body,
  });
  assert.equal(form.status, 415);
  const preflight = await fetch(`${stack.url}/api/sites`, {
    method: "OPTIONS",
    headers: { origin: "https://evil.example", "access-control-request-method": "POST" },
  });
  assert.equal(preflight.headers.get("access-control-allow-origin"), null);
});

test("wrong passwords are slowed down, and which address is known is not said", async () => {
  await letIn(owner, stack, { email: "slow@shop.example", role: "viewer" });
  const attempt = (email) => caller(stack)("POST", "/api/session", { email, password: "a wrong password" });
  for (const email of ["slow@shop.example", "nobody@shop.example"]) {
    for (let count = 0; count < 5; count += 1) {
      const answer = await attempt(email);
      assert.deepEqual([answer.status, answer.body.code], [401, "wrong_credentials"]);
    }
    const answer = await attempt(email);
    assert.deepEqual([answer.status, answer.body.code], [429, "too_many_attempts"]);
    assert.ok(Number(answer.headers.get("retry-after")) >= 1);
  }
});

test("a second factor is asked for, each code is good once, and all other sessions end with it", async () => {
  const email = "totp@shop.example";
  const password = "correct horse battery";
  const cookie = await letIn(owner, stack, { email, role: "viewer" });
  const other = await caller(stack)("POST", "/api/session", { email, password });
  const post = await acting({ ...stack, email, password });
  const { body: enrolment } = await post("/api/account/totp", { password });
  const code = totp(enrolment.secret);
  const { body: recovery } = await post("/api/account/totp/confirm", { code });
  for (const ended of [cookie, other.cookie]) {
    assert.equal((await caller(stack, { cookie: ended })("GET", "/api/session")).status, 401);
  }
  const signInWith = async (given) =>
    (await caller(stack)("POST", "/api/session", { email, password, code: given })).body.code;
  assert.equal(await signInWith(undefined), "totp_required");
  assert.equal(await signInWith(code), "wrong_code");
  assert.equal(await signInWith(totp(enrolment.secret, 1)), undefined);
  assert.equal(await signInWith(recovery.codes[0]), undefined);
  assert.equal(await signInWith(recovery.codes[0]), "wrong_code");
});

test("signing out everywhere ends all sessions and nobody else's", async () => {
  const email = "everywhere@shop.example";
  const first = await letIn(owner, stack, { email, role: "viewer" });
  const { cookie: second } = await signIn({ ...stack, email, password: "correct horse battery" });
  const listed = await caller(stack, { cookie: first })("GET", "/api/account/sessions");
  assert.equal(listed.body.sessions.length, 2);
  assert.equal((await caller(stack, { cookie: first })("DELETE", "/api/account/sessions")).status, 204);
  for (const cookie of [first, second]) {
    assert.equal((await caller(stack, { cookie })("GET", "/api/session")).status, 401);
  }
  assert.equal((await owner("GET", "/api/session")).status, 200);
});

test("a share link opens one site with its password, until it is revoked or ends", async () => {
  const body = { name: "board", password: "open sesame", expires_at: Date.now() + 3_600_000 };
  const made = await owner("POST", "/api/sites/shop/shares", body);
  const { token } = made.body;
  const open = (password) => caller(stack)("POST", "/api/shares/open", { token, password });
  assert.equal((await open()).body.code, "share_password_required");
  assert.equal((await open("wrong")).body.code, "wrong_password");
  const opened = await open("open sesame");
  assert.equal(opened.body.expires_at, Math.floor(body.expires_at / 1_000) * 1_000);
  const readers = [
    caller(stack, { cookie: opened.cookie }),
    caller(stack, { token: opened.body.access_token }),
  ];
  for (const reader of readers) {
    for (const operation of closed().filter(({ method }) => method === "GET")) {
      const status = await attempt(reader, operation);
      // Of the live connection the answer to a request that is none.
      assert.equal([200, 426].includes(status), operation.needs.share, operation.name);
    }
    assert.ok(!isIn((await reader("GET", "/api/sessions/active?site_id=blog")).status));
  }
  await owner("DELETE", `/api/sites/shop/shares/${made.body.share.id}`);
  for (const reader of readers) {
    assert.equal((await reader("GET", "/api/sessions/active?site_id=shop")).status, 401);
  }
  assert.equal((await open("open sesame")).status, 404);
});

test("an invitation is good once, and the last owner stays", async () => {
  const made = await owner("POST", "/api/invitations", { email: "once@shop.example", role: "viewer" });
  const body = { token: made.body.token, password: "correct horse battery" };
  const accept = () => caller(stack)("POST", "/api/invitations/accept", body);
  assert.equal((await accept()).status, 201);
  assert.equal((await accept()).body.code, "unknown_link");
  const { person } = (await owner("GET", "/api/session")).body;
  const path = `/api/people/${person.id}`;
  assert.equal((await owner("DELETE", path)).body.code, "last_owner");
  assert.equal((await owner("PUT", path, { name: "", role: null })).body.code, "last_owner");
});

test("the table holds no secret", async () => {
  const made = await owner("POST", "/api/tokens", { name: "t", scopes: ["read"] });
  const { cookie } = await signIn(stack);
  const text = JSON.stringify(await rows(stack.dynamodb, "Accounts"));
  for (const secret of [stack.password, made.body.secret, cookie.split("=")[1], "correct horse battery"]) {
    assert.ok(!text.includes(secret));
  }
});

test("the command line recovers access", async () => {
  const email = "lost@shop.example";
  const cookie = await letIn(owner, stack, { email, role: "viewer" });
  const admin = (...words) => tool(stack, "admin", ...words);
  const [, password] = admin("reset-password", email).match(/password: (\S+)/);
  assert.equal((await caller(stack)("POST", "/api/session", { email, password })).status, 200);
  // Another program has written it: the isolate learns of it as soon as something is to be changed.
  const probe = await caller(stack, { cookie })("DELETE", "/api/account/sessions/00112233445566aa");
  assert.equal(probe.status, 401);
  assert.match(admin("list"), /lost@shop\.example {2}viewer/);
});

test("the first owner is made with the set-up token, once", async () => {
  const empty = await startStack({ LIVEINSIGHT_SEED: "off" });
  try {
    const nobody = caller(empty);
    assert.deepEqual((await nobody("GET", "/api/setup")).body, { needed: true });
    const body = { email: "me@shop.example", name: "Me", password: "correct horse battery" };
    const setUp = (token) => nobody("POST", "/api/setup", { ...body, setup_token: token });
    assert.equal((await setUp("guess")).body.code, "invalid_setup_token");
    const done = await setUp(empty.setup_token);
    assert.equal(done.body.person.role, "owner");
    assert.equal((await setUp(empty.setup_token)).body.code, "already_set_up");
    assert.equal((await caller(empty, done)("GET", "/api/people")).body.people.length, 1);
  } finally {
    await empty.stop();
  }
});
