/**
 * Measures trackers in Chromium and prints the figures as JSON: `[{ name, value, unit }, …]`.
 *
 *     npm run bench -- tracker [--script <li.js>] [--only <name>,<name>] [--rounds 20] [--clicks 20] [--throttling 4]
 *
 * `--script` puts another file in the place of `dist/cdn/li.js`; parts that it loads are looked for next to it.
 *
 * Every load is in a profile and process of its own, with nothing cached, as of somebody who comes for the first time.
 * The trackers take turns, each round in another order, so that whatever else the machine does hits all alike. How time
 * is counted: `trace.mjs`. How each tracker is set up: `trackers.mjs`. One whose page view or clicks do not arrive
 * fails the benchmark: the figures of a tracker that did nothing would be worthless.
 *
 * | figure of each | meaning |
 * |---|---|
 * | `start.main_thread_ms`, `…_p90_ms` | until its first page view is handed to the network |
 * | `start.longest_task_ms` | the longest of the tasks in that time: the page answers to nothing meanwhile |
 * | `start.settled_ms` | the same for the first second, with answers and what it does later; longer if it starts late |
 * | `start.full_speed_ms` | as `start.main_thread_ms`, without throttling |
 * | `start.handed_over_ms` | by the clock, from adding its tag until its page view is handed to the network |
 * | `click.main_thread_ms`, `…_p90_ms` | all its script within 0.6 s of a click: of listeners, timers, answers |
 * | `click.listeners_ms` | of these, what runs before the page can answer to the click |
 * | `loaded_gzip_bytes` | all script that was loaded |
 */

import { parseArgs } from "node:util";
import { measure } from "./measure.mjs";
import { HTML, startBrowser } from "./page.mjs";
import { startCollector, startSite } from "./servers.mjs";
import { trackers } from "./trackers.mjs";

function options() {
  const { values } = parseArgs({
    options: {
      script: { type: "string" },
      only: { type: "string" },
      rounds: { type: "string", default: "20" },
      clicks: { type: "string", default: "20" },
      throttling: { type: "string", default: "4" },
    },
  });
  const atLeastOne = (name) => {
    const number = Number(values[name]);
    if (!(number >= 1)) throw new Error(`--${name} must be a number of at least 1`);
    return number;
  };
  return {
    measured: trackers({ script: values.script, only: values.only?.split(",") }),
    rounds: atLeastOne("rounds"),
    clicks: atLeastOne("clicks"),
    throttling: atLeastOne("throttling"),
  };
}

async function run() {
  const chosen = options();
  const site = await startSite(HTML);
  const collector = await startCollector();
  const browser = await startBrowser();
  try {
    return await measure({ ...chosen, site, collector, browser });
  } finally {
    await browser.close();
    site.close();
    collector.close();
  }
}

try {
  console.log(JSON.stringify(await run()));
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exit(1);
}
