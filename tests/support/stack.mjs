// The whole product on free ports with a data folder of its own: started by the same program, in the same
// way, as `npm start` does it.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

function given(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests with \`npm test\``);
  return value;
}

// Starts everything and resolves when it answers. `environment` is added to what the program sees.
export async function startStack(environment = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), "liveinsight-test-"));
  const child = spawn(given("LIVEINSIGHT_XTASK"), ["serve", "--ready-json"], {
    env: {
      ...process.env,
      LIVEINSIGHT_PORT: "0",
      LIVEINSIGHT_DATA_DIR: dataDir,
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = [];
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const ready = new Promise((resolve, reject) => {
    const keep = (line) => {
      said.push(line);
      if (line.startsWith("{")) resolve(JSON.parse(line));
    };
    createInterface({ input: child.stdout }).on("line", keep);
    createInterface({ input: child.stderr }).on("line", keep);
    ended.then((code) => reject(new Error(`the stack ended with ${code}:\n${said.join("\n")}`)));
  });
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    return { ...(await ready), dataDir, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// The first of three free ports in a row, for a stack that is to be started again where it was. Below those that systems
// hand out by themselves (32768 and up on Linux), so that nobody takes them meanwhile.
export async function freePorts() {
  const isFree = async (port) => {
    const server = createServer();
    const listens = await new Promise((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (listens) await new Promise((resolve) => server.close(resolve));
    return listens;
  };
  for (let attempt = 0; attempt < 100; attempt++) {
    const first = 20_000 + Math.floor(Math.random() * 10_000);
    const free = await Promise.all([first, first + 1, first + 2].map(isFree));
    if (free.every(Boolean)) return first;
  }
  throw new Error("no three free ports in a row");
}

// An embedded DynamoDB of the test's own, in memory or, to be stopped and started again, in a file.
export async function startDynamoDb(path) {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const options = ["--host", "127.0.0.1", "--port", String(port)];
  if (path) options.push("--db-path", path);
  let child;
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  };
  const start = async () => {
    child = spawn(given("LIVEINSIGHT_DYNOXIDE"), options, { stdio: "ignore" });
    try {
      await eventually(() => call(endpoint, "ListTables", {}));
    } catch (error) {
      await stop();
      throw error;
    }
  };
  await start();
  return { endpoint, start, stop };
}

// Calls a DynamoDB API that does not check signatures, as the embedded one.
export async function call(endpoint, operation, body) {
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDB_20120810.${operation}`,
      "x-amz-date": "20250101T000000Z",
      authorization:
        "AWS4-HMAC-SHA256 Credential=local/20250101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${operation}: ${await answer.text()}`);
  return answer.json();
}

// All rows of a table as plain values, sorted by key.
export async function rows(endpoint, table, prefix = "liveinsight-") {
  const found = [];
  let start;
  do {
    const page = await call(endpoint, "Scan", {
      TableName: prefix + table,
      ExclusiveStartKey: start,
    });
    found.push(...page.Items.map((item) => plain({ M: item })));
    start = page.LastEvaluatedKey;
  } while (start);
  return found.sort((a, b) => `${a.pk} ${a.sk}`.localeCompare(`${b.pk} ${b.sk}`));
}

export async function allRows(endpoint) {
  const [events, sessions, active] = await Promise.all(
    ["Events", "Sessions", "ActiveSessions"].map((table) => rows(endpoint, table)),
  );
  return { events, sessions, active };
}

function plain(value) {
  const [[type, content]] = Object.entries(value);
  switch (type) {
    case "M":
      return Object.fromEntries(Object.entries(content).map(([key, v]) => [key, plain(v)]));
    case "N":
      return Number(content);
    case "SS":
      return [...content].sort();
    default:
      return content;
  }
}

// Tries again until `attempt` neither throws nor gives back false, or the time is up; then its last error.
export async function eventually(attempt, milliseconds = 10_000) {
  const end = Date.now() + milliseconds;
  for (;;) {
    try {
      const result = await attempt();
      if (result !== false) return result;
      if (Date.now() > end) throw new Error(`not within ${milliseconds} ms: ${attempt}`);
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
