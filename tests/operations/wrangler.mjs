#!/usr/bin/env node
// Stands in for wrangler where there is no account at Cloudflare: keeps what it is told in a file, and answers from it.
import { readFileSync, writeFileSync } from "node:fs";

const file = process.env.LIVEINSIGHT_WRANGLER_STATE;
const state = JSON.parse(readFileSync(file, "utf8"));
const words = process.argv.slice(2);
const command = words.filter((word) => !word.startsWith("-")).join(" ");
state.calls.push(words.join(" "));

function fail(message) {
  keep();
  console.error(message);
  process.exit(1);
}

function keep() {
  writeFileSync(file, JSON.stringify(state));
}

const name = words.at(-1);
if (command.startsWith("queues info")) {
  if (!state.queues.includes(name)) fail(`Queue "${name}" does not exist.`);
} else if (command.startsWith("queues create")) {
  state.queues.push(words[2]);
} else if (command.startsWith("queues delete")) {
  state.queues = state.queues.filter((queue) => queue !== words[2]);
} else if (command.startsWith("deployments status")) {
  if (state.versions.length === 0) fail("This Worker does not exist on your account.");
  console.log(JSON.stringify({ versions: [{ version_id: state.versions.at(-1), percentage: 100 }] }));
} else if (command.startsWith("secret list")) {
  if (process.env.LIVEINSIGHT_WRANGLER_OFFLINE) fail("fetch failed");
  if (state.versions.length === 0) fail("This Worker does not exist on your account.");
  console.log(
    JSON.stringify(Object.keys(state.secrets).map((secret) => ({ name: secret, type: "secret_text" }))),
  );
} else if (command.startsWith("secret bulk")) {
  Object.assign(state.secrets, JSON.parse(readFileSync(0, "utf8")));
} else if (command.startsWith("deploy")) {
  if (!words.includes("--dry-run")) {
    state.versions.push(`version-${state.versions.length + 1}`);
    console.log("Deployed\n  https://liveinsight-staging.somebody.workers.dev");
  }
} else if (command.startsWith("rollback")) {
  if (!state.versions.includes(words[1])) fail("no such version");
  state.versions.push(words[1]);
} else if (command.startsWith("delete")) {
  state.versions = [];
} else if (command !== "whoami") {
  fail(`not known: ${command}`);
}
keep();
