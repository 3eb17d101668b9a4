// Answers about the past on the built worker in workerd: what was made up of imported totals, and what is kept as
// segments alone, is answered and said.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { caller } from "../support/account.mjs";
import { signIn } from "../support/batch.mjs";
import { eventually, rows, startStack } from "../support/stack.mjs";
import { tool } from "../support/tool.mjs";

const DAY = 86_400_000;
const today = Date.now() - (Date.now() % DAY);
const day = (back) => new Date(today - back * DAY).toISOString().slice(0, 10);

let stack;
let owner;
let folder;
before(async () => {
  stack = await startStack();
  owner = caller(stack, { cookie: (await signIn(stack)).cookie });
  folder = await mkdtemp(join(tmpdir(), "liveinsight-plausible-"));
});
after(async () => {
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function done(method, path, body) {
  const answer = await owner(method, path, body);
  assert.ok(answer.status < 300, `${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

const ask = (date_range, kind = "query", more = { metrics: ["visitors", "visits", "pageviews"] }) =>
  done("POST", `/api/v2/${kind}`, { site_id: "past", date_range, ...more });
const ALL = [day(90), day(0)];
const estimated = [[today - 61 * DAY, today - 59 * DAY]];

test("every answer that touches days of imported totals says that they were made up", async () => {
  await done("POST", "/api/sites", { id: "past", domains: ["past.example"] });
  const file = join(folder, "imported_visitors_1.csv");
  const lines = [`${day(61)},7,9,20,3,900`, `${day(60)},2,2,2,2,0`];
  const heading = "date,visitors,visits,pageviews,bounces,visit_duration";
  await writeFile(file, [heading, ...lines].join("\n"));
  tool(stack, "import", "--site", "past", "--from", "plausible", file);
  // A site is believed for a minute.
  const whole = await eventually(async () => {
    const { results, meta } = await ask(ALL);
    return meta.exact ? false : { results, meta };
  }, 90_000);
  assert.deepEqual(whole.results[0].metrics, [9, 11, 22]);
  assert.deepEqual(whole.meta.origin, { estimated_ranges: estimated, segments_only_until: null });
  const { covered } = await ask(ALL, "funnel", { steps: [{ page: "/" }, { page: "/" }] });
  assert.deepEqual(covered.origin.estimated_ranges, estimated);
  const compared = await ask([day(6), day(0)], "query", {
    metrics: ["visitors"],
    include: { compare: [day(61), day(61)] },
  });
  assert.deepEqual(compared.meta.origin.estimated_ranges, [[today - 61 * DAY, today - 60 * DAY]]);
  const { meta } = await ask([day(50), day(0)]);
  assert.ok(meta.exact);
  const range = `site_id=past&from=${today - 90 * DAY}&to=${today}`;
  assert.deepEqual((await done("GET", `/api/segments?${range}`)).origin.estimated_ranges, estimated);
});

test("days whose rows are gone are answered of segments, which the answer says", async () => {
  const before = await ask(ALL);
  const own = async () => (await rows(stack.dynamodb, "Events")).filter(({ pk }) => pk.startsWith("past#"));
  assert.ok((await own()).length > 0);
  const site = await done("GET", "/api/sites/past");
  const refused = await owner("PUT", "/api/sites/past", { ...site, segment_retention_days: 30 });
  assert.match(refused.body.detail, /^`segment_retention_days` must be 400/);
  await done("PUT", "/api/sites/past", { ...site, retention_days: 30, segment_retention_days: 400 });
  await eventually(async () => {
    const { tasks } = await done("GET", "/api/sites/past/erasures");
    return tasks.length === 1 && tasks[0].state === "done";
  }, 120_000);
  assert.deepEqual(await own(), []);
  const { results, meta } = await ask(ALL);
  assert.deepEqual(results, before.results);
  assert.deepEqual(meta.origin.estimated_ranges, estimated);
  assert.equal(meta.origin.segments_only_until, today - 29 * DAY);
  assert.equal((await ask([day(20), day(0)])).meta.origin.segments_only_until, null);
  const verified = await owner("POST", "/api/sites/past/verify", { day: day(60) });
  assert.equal(verified.status, 400);
  assert.match(verified.body.detail, /rows are no longer kept/);
});
