// The API against its own document: whatever is sent, the worker answers as the document says and never fails. The
// requests are made by schemathesis, as the owner, on an installation that is thrown away.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { signIn } from "../support/batch.mjs";
import { startStack } from "../support/stack.mjs";

// Each operation is tried this often with made-up requests, after those made of its examples and limits.
const EXAMPLES = "20";

// Made-up ids find nothing: these parameters name what is there.
const CONFIGURATION = `[parameters]
"path.site_id" = "demo-shop"
"query.site_id" = "demo-shop"
`;

let stack;
let owner;
const answered = new Map();
before(async () => {
  stack = await startStack();
  owner = await actingAsOwner();
});
after(async () => {
  owner?.closeAllConnections();
  owner?.close();
  await stack?.stop();
});

// Passes requests on as the owner's browser would make them, whatever else they claim to be. What would end the session goes without it:
// nothing that comes after would be tried otherwise.
async function actingAsOwner() {
  const { cookie } = await signIn(stack);
  // The second part of the cookie's value names the session.
  const own = `/api/account/sessions/${cookie.split(".")[1]}`;
  const ends = ["/api/session", "/api/account/sessions", own];
  const { host, hostname, port } = new URL(stack.url);
  const server = createServer((incoming, outgoing) => {
    const { method, url } = incoming;
    const [path] = url.split("?");
    const endsSession = method === "DELETE" && ends.includes(path);
    const { authorization, ...kept } = incoming.headers;
    const headers = { ...kept, host, origin: stack.url, cookie: endsSession ? "" : cookie };
    const upstream = request({ hostname, port, method, path: url, headers }, (reply) => {
      answered.set(reply.statusCode, (answered.get(reply.statusCode) ?? 0) + 1);
      outgoing.writeHead(reply.statusCode, reply.rawHeaders);
      reply.pipe(outgoing);
    });
    upstream.on("error", () => incoming.socket.destroy());
    incoming.pipe(upstream);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

test("every answer is one that the document names", { timeout: 240_000 }, async () => {
  const url = `http://127.0.0.1:${owner.address().port}`;
  await writeFile(join(stack.dataDir, "schemathesis.toml"), CONFIGURATION);
  const child = spawn(
    process.env.LIVEINSIGHT_SCHEMATHESIS,
    [
      ...["run", `${url}/api/openapi.json`],
      ...["--checks", "not_a_server_error,status_code_conformance,content_type_conformance"],
      ...["--checks", "response_schema_conformance,response_headers_conformance"],
      ...["--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES, "--workers", "2"],
      ...["--seed", "1", "--no-shrink", "--warnings", "off", "--suppress-health-check", "all"],
      // Of all the days that may be kept every hour is looked at, if none has a segment.
      ...["--request-timeout", "60"],
    ],
    // It reads its configuration from the current folder, and keeps what it has learnt there.
    { cwd: stack.dataDir, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1" } },
  );
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      said += text;
    });
  }
  const code = await new Promise((resolve) => child.once("exit", resolve));
  const counts = [...answered].map(([status, count]) => `${status}: ${count}`).join(", ");
  assert.equal(code, 0, said);
  // A run that was not let in, or found nothing, would prove little.
  const share = (status) => (answered.get(status) ?? 0) / [...answered.values()].reduce((a, b) => a + b);
  assert.ok(share(200) + share(201) + share(204) > 0.1 && share(401) < 0.1, counts);
  console.log(`answers by status: ${counts}`);
});
