/**
 * Measures live push and prints the figures as JSON: `[{ name, value, unit }, …]`.
 *
 *     npm run bench -- live [--events 200] [--visitors 3] [--dashboards 50] [--seconds 10]
 *
 * First the way of a click: a visitor in Chromium clicks on the demo shop, and another Chromium shows the dashboard, while
 * `--visitors` made-up visitors a second come and go. The time is from the click, as the visitor's browser has it, to the
 * moment at which the dashboard's browser has painted the change: the first task after the frame in which it is
 * drawn. Both browsers are on this machine and share its clock. Clicks are taken on the live page, page views on the
 * overview, where the number changes only once the query engine in the browser has answered anew.
 *
 * Then the hub: `--dashboards` connections that take everything in and acknowledge it, and events at rates that double for
 * `--seconds` each, in batches of ten, until one takes longer than a second to reach the dashboards at the 95th
 * percentile. What is sent and what receives shares the processors with what is measured, so the figure is a lower bound.
 *
 * | figure | meaning |
 * |---|---|
 * | `live.click_to_paint.p50_ms`, `…p95_ms` | a click → the live page |
 * | `live.view_to_paint.p50_ms`, `…p95_ms` | a page view → the numbers of the overview |
 * | `live.hub.events_per_s` | the highest rate at which p95 was at most a second |
 * | `live.hub.frames_per_s` | frames a second that the hub sent then, to all connections |
 * | `live.hub.p95_ms` | p95 then, from just before a batch is sent to the frame with its events |
 * | `live.hub.dashboards` | connections |
 */

import { parseArgs } from "node:util";
import { startStack } from "../../tests/support/stack.mjs";
import { measureClicks, measureViews } from "./browsers.mjs";
import { measureHub } from "./hub.mjs";
import { startTraffic } from "./traffic.mjs";

function options() {
  const { values } = parseArgs({
    options: {
      events: { type: "string", default: "200" },
      visitors: { type: "string", default: "3" },
      dashboards: { type: "string", default: "50" },
      seconds: { type: "string", default: "10" },
    },
  });
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      if (!(Number(value) >= 1)) throw new Error(`--${name} must be a number of at least 1`);
      return [name, Number(value)];
    }),
  );
}

const percentile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)];

function times(name, milliseconds) {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  return [
    { name: `${name}.p50_ms`, value: percentile(sorted, 0.5), unit: "ms" },
    { name: `${name}.p95_ms`, value: percentile(sorted, 0.95), unit: "ms" },
    { name: `${name}.events`, value: sorted.length, unit: "" },
  ];
}

async function run() {
  const { events, visitors, dashboards, seconds } = options();
  const figures = [];
  const stack = await startStack();
  try {
    const traffic = startTraffic(stack, visitors);
    try {
      figures.push(...times("live.click_to_paint", await measureClicks(stack, events)));
      figures.push(...times("live.view_to_paint", await measureViews(stack, events)));
    } finally {
      await traffic.stop();
    }
    figures.push(...(await measureHub(stack, { dashboards, seconds, percentile })));
  } finally {
    await stack.stop();
  }
  return figures;
}

try {
  console.log(JSON.stringify(await run()));
  process.exit(0);
} catch (error) {
  console.error(`error: ${error.stack}`);
  process.exit(1);
}
