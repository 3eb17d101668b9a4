// The rule against floods, put into a zone through a server that keeps rulesets as Cloudflare's API does.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";

const ROOT = join(import.meta.dirname, "../..");
const ZONE = "0123456789abcdef0123456789abcdef";
const TOKEN = "cloudflare-token";

// The zone's ruleset for rate limits; none at first.
let ruleset;
let server;
let api;

const ANSWERS = {
  [`GET /zones/${ZONE}/rulesets/phases/http_ratelimit/entrypoint`]: () => ruleset,
  [`PUT /zones/${ZONE}/rulesets/phases/http_ratelimit/entrypoint`]: ({ rules }) => {
    ruleset = { id: "rs", rules: rules.map((rule) => ({ id: "new", ...rule })) };
    return ruleset;
  },
  [`POST /zones/${ZONE}/rulesets/rs/rules`]: (rule) => {
    ruleset.rules.push({ id: "added", ...rule });
    return ruleset;
  },
  [`PATCH /zones/${ZONE}/rulesets/rs/rules/ours`]: (rule) => {
    ruleset.rules = ruleset.rules.map((there) => (there.id === "ours" ? { id: "ours", ...rule } : there));
    return ruleset;
  },
};

before(async () => {
  server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const answer = (status, body) => response.writeHead(status).end(JSON.stringify(body));
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      return answer(403, { success: false, errors: [{ code: 10000, message: "Authentication error" }] });
    }
    const result = ANSWERS[`${request.method} ${request.url}`]?.(text && JSON.parse(text));
    if (!result) return answer(404, { success: false, errors: [{ code: 10003, message: "not found" }] });
    return answer(200, { success: true, result, errors: [] });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  api = `http://127.0.0.1:${server.address().port}`;
});
after(() => server?.close());
beforeEach(() => {
  ruleset = undefined;
});

const run = (token, ...args) =>
  new Promise((resolve) => {
    const env = { ...process.env, LIVEINSIGHT_CLOUDFLARE_API: api, CLOUDFLARE_API_TOKEN: token };
    execFile(process.execPath, ["infra/firewall.mjs", ...args], { cwd: ROOT, env }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });

test("zone without rules gets the rule", async () => {
  const { code, stderr } = await run(TOKEN, "--zone", ZONE, "--host", "insight.example.com");
  assert.equal(code, 0, stderr);
  assert.equal(ruleset.rules.length, 1);
  assert.match(ruleset.rules[0].expression, /^\(http\.host eq "insight\.example\.com" and .*"\/events"/);
  assert.equal(ruleset.rules[0].ratelimit.requests_per_period, 100);
});

test("rules of others stay, and ours is renewed and not doubled", async () => {
  ruleset = { id: "rs", rules: [{ id: "theirs", ref: "login", expression: "true" }] };
  assert.equal((await run(TOKEN, "--zone", ZONE)).code, 0);
  assert.deepEqual(
    ruleset.rules.map(({ id }) => id),
    ["theirs", "added"],
  );
  ruleset.rules[1].id = "ours";
  assert.equal((await run(TOKEN, "--zone", ZONE, "--requests", "40")).code, 0);
  assert.deepEqual(
    ruleset.rules.map(({ id, ratelimit }) => [id, ratelimit?.requests_per_period]),
    [
      ["theirs", undefined],
      ["ours", 40],
    ],
  );
});

test("dry run changes nothing, and what is wrong is said without the token", async () => {
  const dry = await run("", "--zone", ZONE, "--dry-run");
  assert.equal(JSON.parse(dry.stdout).action, "block");
  const refused = await run("another", "--zone", ZONE);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /Authentication error \(10000\)/);
  assert.doesNotMatch(refused.stderr, /another/);
  assert.equal((await run(TOKEN, "--zone", "example.com")).code, 1);
  assert.equal(ruleset, undefined);
});

test("the rule guards every door that anybody may knock at", async () => {
  const routes = await readFile(join(ROOT, "edge-worker/src/app.rs"), "utf8");
  const doors = [...routes.matchAll(/route\("(?:GET|POST)", "([^"]+)", Need::Sender,/g)].map(
    ([, path]) => path,
  );
  assert.ok(doors.length >= 5, "the table of routes is read");
  const { expression } = JSON.parse((await run("", "--zone", ZONE, "--dry-run")).stdout);
  assert.deepEqual(
    [...expression.matchAll(/"([^"]+)"/g)].map(([, path]) => path),
    doors,
  );
});
