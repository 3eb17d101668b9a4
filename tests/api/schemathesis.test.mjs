// The API against its own document: whatever is sent, the worker answers as the document says and never fails. The
// requests are made by schemathesis, as the owner, on an installation that is thrown away.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { signIn } from "../support/batch.mjs";
import { startStack } from "../support/stack.mjs";

// Each operation is tried this often with made-up requests, after those made of its examples and limits.
const EXAMPLES = "25";

// What would end the session that all requests are made with.
const ENDS_THE_SESSION = ["signOut", "endSessions"];

let stack;
before(async () => {
  stack = await startStack();
});
after(() => stack?.stop());

test("every answer is one that the document names", { timeout: 240_000 }, async () => {
  const { cookie } = await signIn(stack);
  const child = spawn(
    process.env.LIVEINSIGHT_SCHEMATHESIS,
    [
      "run",
      `${stack.url}/api/openapi.json`,
      ...["--header", `Cookie: ${cookie}`, "--header", `Origin: ${stack.url}`],
      ...["--checks", "not_a_server_error,status_code_conformance,content_type_conformance"],
      ...["--checks", "response_schema_conformance,response_headers_conformance"],
      ...["--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES, "--workers", "2"],
      ...["--seed", "1", "--no-shrink", "--warnings", "off", "--suppress-health-check", "all"],
      ...ENDS_THE_SESSION.flatMap((id) => ["--exclude-operation-id", id]),
    ],
    // It writes a folder of examples into the current one.
    { cwd: stack.dataDir, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1" } },
  );
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      said += text;
    });
  }
  const code = await new Promise((resolve) => child.once("exit", resolve));
  assert.equal(code, 0, said);
  const [, made] = said.match(/([\d,]+) generated/) ?? [];
  console.log(`schemathesis: ${made ?? "?"} requests; log of the worker in ${join(stack.dataDir, "logs")}`);
});
