// Deploying from nothing, again, with another key, and badly; then deleting. AWS is moto, Cloudflare a program that
// keeps what wrangler is told, and the public address a real installation on this machine.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { elements, startMoto } from "../support/moto.mjs";
import { freePort, startStack } from "../support/stack.mjs";

const USER = "liveinsight-staging-worker";
const TABLES = ["Events", "Sessions", "ActiveSessions", "Segments", "Accounts"];
const QUEUES = ["jobs", "jobs-dead", "overflow", "overflow-dead"].map(
  (name) => `liveinsight-staging-${name}`,
);

let folder;
let moto;
let stack;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "liveinsight-deploy-"));
  [moto, stack] = await Promise.all([startMoto(), startStack()]);
  await keep({ calls: [], queues: [], secrets: {}, versions: [] });
  await environmentAt(stack.url);
});
after(async () => {
  await Promise.all([moto?.stop(), stack?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

const state = async () => JSON.parse(await readFile(join(folder, "cloudflare.json"), "utf8"));
const keep = (value) => writeFile(join(folder, "cloudflare.json"), JSON.stringify(value));

async function environmentAt(url) {
  const file = {
    region: moto.region,
    url,
    parameters: { MonthlyBudget: "20", AlarmEmail: "ops@shop.example" },
  };
  await writeFile(join(folder, "staging.json"), JSON.stringify(file));
}

// Runs `npm run <command>` for the environment and gives back its exit code and all it printed.
async function run(command, options, environment = {}) {
  const child = spawn(
    process.env.LIVEINSIGHT_XTASK,
    [command, "--env", "staging", "--config", join(folder, "staging.json"), ...options],
    {
      env: {
        ...process.env,
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
        AWS_ENDPOINT_URL: moto.endpoint,
        LIVEINSIGHT_SMOKE_SECONDS: "1",
        LIVEINSIGHT_WRANGLER: join(process.env.LIVEINSIGHT_ROOT, "tests", "operations", "wrangler.mjs"),
        LIVEINSIGHT_WRANGLER_STATE: join(folder, "cloudflare.json"),
        ...environment,
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      said += text;
    });
  }
  const code = await new Promise((resolve) => child.once("exit", resolve));
  return { code, said };
}

const keys = async () =>
  elements(await moto.query("iam", "ListAccessKeys", { UserName: USER }), "AccessKeyId");
const tables = async () => (await moto.json("dynamodb", "ListTables", {})).TableNames.sort();

test("dry run checks everything and speaks to nobody", async () => {
  const nowhere = `http://127.0.0.1:${await freePort()}`;
  // The real wrangler, which bundles the worker without an account.
  const { code, said } = await run("deploy", ["--dry-run"], {
    AWS_ENDPOINT_URL: nowhere,
    LIVEINSIGHT_WRANGLER: "",
  });
  assert.equal(code, 0, said);
  for (const expected of ["Nothing was changed", "liveinsight-staging-overflow-dead", "MonthlyBudget = 20"]) {
    assert.ok(said.includes(expected), said);
  }
  assert.deepEqual((await state()).calls, []);
});

test("parameter that the template does not have is refused before anything is done", async () => {
  const wrong = join(folder, "wrong.json");
  await writeFile(
    wrong,
    JSON.stringify({ region: moto.region, parameters: { AlarmMail: "ops@shop.example" } }),
  );
  const { code, said } = await run("deploy", ["--yes", "--config", wrong]);
  assert.ok(code !== 0 && said.includes("AlarmMail"), said);
  assert.deepEqual((await state()).calls, []);
});

test("nobody is there to agree: nothing is changed", async () => {
  const { code, said } = await run("deploy", []);
  assert.ok(code !== 0 && said.includes("--yes"), said);
  assert.deepEqual(await tables(), []);
  assert.deepEqual((await state()).versions, []);
});

test("first deployment makes all there is and shows what a person needs once", async () => {
  const { code, said } = await run("deploy", ["--yes"]);
  assert.equal(code, 0, said);
  assert.ok(
    said.includes("EventsTable") && said.includes("AWS::CloudWatch::Alarm"),
    "the change set is shown",
  );
  assert.deepEqual(await tables(), TABLES.map((name) => `liveinsight-staging-${name}`).sort());
  const { calls, queues, secrets, versions } = await state();
  assert.deepEqual(queues.sort(), QUEUES);
  assert.deepEqual(versions, ["version-1"]);
  const names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "METRICS_TOKEN", "SECRET_KEY", "SETUP_TOKEN"];
  assert.deepEqual(Object.keys(secrets).sort(), names);
  assert.deepEqual(await keys(), [secrets.AWS_ACCESS_KEY_ID]);
  assert.ok(secrets.SECRET_KEY.length >= 32);
  for (const name of names) assert.ok(!calls.join("\n").includes(secrets[name]), `${name} in a command line`);
  assert.ok(said.includes(secrets.SETUP_TOKEN) && said.includes(secrets.METRICS_TOKEN), said);
  assert.ok(!said.includes(secrets.SECRET_KEY) && !said.includes(secrets.AWS_SECRET_ACCESS_KEY), said);
});

test("second deployment leaves secrets, keys and queues as they are", async () => {
  const before = await state();
  const { code, said } = await run("deploy", ["--yes"]);
  assert.equal(code, 0, said);
  const now = await state();
  assert.deepEqual([now.secrets, now.queues], [before.secrets, before.queues]);
  assert.deepEqual(now.versions, ["version-1", "version-2"]);
  assert.ok(!said.includes("SETUP_TOKEN"), said);
});

test("what wrangler cannot be asked for is not taken for missing", async () => {
  const before = await state();
  const { code, said } = await run("deploy", ["--yes"], { LIVEINSIGHT_WRANGLER_OFFLINE: "1" });
  assert.ok(code !== 0 && said.includes("fetch failed"), said);
  const now = await state();
  assert.deepEqual([now.secrets, now.versions], [before.secrets, before.versions]);
  assert.deepEqual(await keys(), [before.secrets.AWS_ACCESS_KEY_ID]);
});

test("rotation leaves the new key alone", async () => {
  const [old] = await keys();
  const { code, said } = await run("deploy", ["--yes", "--rotate-key"]);
  assert.equal(code, 0, said);
  const { secrets } = await state();
  assert.notEqual(secrets.AWS_ACCESS_KEY_ID, old);
  assert.deepEqual(await keys(), [secrets.AWS_ACCESS_KEY_ID]);
});

test("worker that does not work gives way to the one before, and its new key is deleted", async () => {
  const before = { keys: await keys(), versions: (await state()).versions };
  await environmentAt(`http://127.0.0.1:${await freePort()}`);
  const { code, said } = await run("deploy", ["--yes", "--rotate-key"]);
  await environmentAt(stack.url);
  assert.ok(code !== 0 && said.includes("the worker is version version-3 again"), said);
  assert.ok(said.includes("not so: the worker answers"), said);
  assert.equal((await state()).versions.at(-1), before.versions.at(-1));
  assert.deepEqual(await keys(), before.keys);
});

test("nothing is deleted unless the environment's name is repeated", async () => {
  const { code, said } = await run("destroy", ["--confirm", "production"]);
  assert.ok(code !== 0 && said.includes("nothing was deleted"), said);
  assert.equal((await tables()).length, TABLES.length);
});

test("all is deleted when that is asked for", async () => {
  const { code, said } = await run("destroy", ["--confirm", "staging", "--and-data"]);
  assert.equal(code, 0, said);
  assert.deepEqual(await tables(), []);
  const { queues, versions } = await state();
  assert.deepEqual([queues, versions], [[], []]);
  const stacks = await moto.query("cloudformation", "DescribeStacks");
  assert.deepEqual(elements(stacks, "StackName"), []);
});
