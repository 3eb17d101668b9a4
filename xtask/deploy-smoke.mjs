// Whether an installation works, as the public sees it: node deploy-smoke.mjs <address>
// Tries until it does or the time is up: a new version takes some seconds to be everywhere. Changes nothing.
const [address] = process.argv.slice(2);
const LIMIT_MS = Number(process.env.LIVEINSIGHT_SMOKE_SECONDS ?? 60) * 1000;
const PAUSE_MS = 1000;

const CHECKS = [
  ["the worker answers", "GET", "/health", (answer) => answer.status === 200],
  ["the dashboard is served", "GET", "/", async (answer) => (await answer.text()).includes("<html")],
  [
    "the tracker is served",
    "GET",
    "/li.js",
    async (answer) => answer.ok && (await answer.text()).length > 1000,
  ],
  ["nobody reads without signing in", "GET", "/api/sites", (answer) => answer.status === 401],
  // Whether there is an owner yet is in the table of accounts: who can tell has the store, its key and its tables.
  ["the store answers", "GET", "/api/setup", (answer) => answer.status === 200],
];

async function failures() {
  const failed = [];
  for (const [what, method, path, holds] of CHECKS) {
    try {
      const answer = await fetch(new URL(path, address), {
        method,
        redirect: "manual",
        signal: AbortSignal.timeout(10_000),
      });
      if (!(await holds(answer))) failed.push(`not so: ${what} (${method} ${path}: ${answer.status})`);
    } catch (error) {
      failed.push(`not so: ${what} (${method} ${path}: ${error.cause?.code ?? error.name})`);
    }
  }
  return failed;
}

const end = Date.now() + LIMIT_MS;
let failed = await failures();
while (failed.length > 0 && Date.now() < end) {
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  failed = await failures();
}
if (failed.length > 0) {
  console.error(failed.join("\n"));
  process.exit(1);
}
console.log(`${CHECKS.length} checks passed`);
