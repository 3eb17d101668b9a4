/**
 * The rounds: every tracker in turn, each in another place of the turn every time, and the control's figures of a round
 * taken off those of the same round.
 */

import { setTimeout as wait } from "node:timers/promises";
import { addTracker, click, openPage } from "./page.mjs";
import { CATEGORIES, readClicks, readStart } from "./trace.mjs";

/** How long a start is watched at least, and how long after its page view has arrived: lazy parts come then. */
const SETTLES_MS = 1_000;
const ANSWERED_MS = 250;
/** How long after a click its work is counted: by then all but posthog, which sends every 3 s, have sent it. */
const CLICK_WINDOW_MS = 600;
const CLICKS_A_LOAD = 5;
const WARM_UP_CLICKS = 3;

/** All figures, as `[{ name, value, unit }, …]`; `setting` is what `run.mjs` has started and was told. */
export async function measure(setting) {
  const { measured, rounds, throttling } = setting;
  const clickRounds = Math.ceil(setting.clicks / CLICKS_A_LOAD);
  const bytes = new Map();
  const throttled = await inRounds("starts", measured, rounds, (tracker) =>
    start(setting, tracker, throttling, bytes),
  );
  const full = await inRounds("starts at full speed", measured, rounds, (tracker) =>
    start(setting, tracker, 1, bytes),
  );
  const clicked = await inRounds("clicks", measured, clickRounds, (tracker) => clicks(setting, tracker));

  const figures = [];
  const add = (name, value, unit) => figures.push({ name, value, unit });
  for (const { name } of measured) {
    const starts = (runs, figure) => withoutControl(runs, name, figure);
    const figure = (what) => `${name}.${what}`;
    add(figure("start.main_thread_ms"), median(starts(throttled, "mainThread")), "ms");
    add(figure("start.main_thread_p90_ms"), percentile(starts(throttled, "mainThread"), 90), "ms");
    add(figure("start.longest_task_ms"), median(starts(throttled, "longest")), "ms");
    add(figure("start.settled_ms"), median(starts(throttled, "settled")), "ms");
    add(figure("start.full_speed_ms"), median(starts(full, "mainThread")), "ms");
    if (name !== "empty") {
      add(figure("start.handed_over_ms"), median(throttled.get(name).map((run) => run.handedOver)), "ms");
    }
    const perClick = (what) => withoutControl(flattened(clicked), name, what);
    add(figure("click.main_thread_ms"), median(perClick("mainThread")), "ms");
    add(figure("click.main_thread_p90_ms"), percentile(perClick("mainThread"), 90), "ms");
    add(figure("click.listeners_ms"), median(perClick("listeners")), "ms");
    add(figure("loaded_gzip_bytes"), bytes.get(name), "B");
  }
  return figures;
}

/** Measures every tracker once a round, after one round that does not count. */
async function inRounds(what, measured, count, run) {
  const results = new Map(measured.map(({ name }) => [name, []]));
  for (let round = 0; round <= count; round++) {
    console.error(round === 0 ? `${what}: warming up` : `${what}: round ${round} of ${count}`);
    const turn = round % measured.length;
    for (const tracker of [...measured.slice(turn), ...measured.slice(0, turn)]) {
      const result = await run(tracker);
      if (round > 0) results.get(tracker.name).push(result);
    }
  }
  return results;
}

const flattened = (runs) => new Map([...runs].map(([name, lists]) => [name, lists.flat()]));

/** One figure of all runs of a tracker, less the control's of the same round; never less than nothing. */
function withoutControl(runs, name, figure) {
  const own = runs.get(name).map((run) => run[figure]);
  if (name === "empty") return own;
  return own.map((value, round) => Math.max(0, value - runs.get("empty")[round][figure]));
}

async function start(setting, tracker, rate, bytes) {
  return loaded(setting, tracker, rate, async ({ page, recorder, load }) => {
    await recorder.start(CATEGORIES);
    const settled = wait(SETTLES_MS);
    await addTracker(page, tracker, load.base);
    await pageViewArrived(tracker, load);
    if (tracker.endpoint) await wait(ANSWERED_MS);
    await settled;
    const result = readStart(await recorder.stop(), tracker.endpoint && load.base + tracker.endpoint);
    bytes.set(tracker.name, load.bytes());
    return result;
  });
}

/** Gives back the figures of each click of one load. */
async function clicks(setting, tracker) {
  return loaded(setting, tracker, setting.throttling, async ({ page, session, recorder, load }) => {
    await addTracker(page, tracker, load.base);
    await pageViewArrived(tracker, load);
    for (let number = 0; number < WARM_UP_CLICKS; number++) {
      await click(page, session, number);
      await wait(CLICK_WINDOW_MS);
    }
    await recorder.start(CATEGORIES);
    for (let number = 0; number < CLICKS_A_LOAD; number++) {
      await click(page, session, WARM_UP_CLICKS + number);
      await wait(CLICK_WINDOW_MS);
    }
    const results = readClicks(await recorder.stop(), CLICK_WINDOW_MS);
    if (tracker.click) {
      const expected = WARM_UP_CLICKS + CLICKS_A_LOAD;
      await load.arrived(`${expected} clicks of ${tracker.name}`, tracker.click, expected);
    }
    return results;
  });
}

async function pageViewArrived(tracker, load) {
  if (tracker.pageView) await load.arrived(`the page view of ${tracker.name}`, tracker.pageView);
}

/** Runs `run` on a fresh page, and fails if something was thrown into that page. */
async function loaded({ browser, collector, site }, tracker, rate, run) {
  const load = collector.expect(tracker);
  const opened = await openPage(browser, `${site.origin}/`, rate);
  try {
    const result = await run({ ...opened, load });
    if (opened.errors.length > 0) throw new Error("the page was thrown an error");
    return result;
  } catch (error) {
    const reasons = [error.message, ...opened.errors];
    throw new Error(`${tracker.name}: ${reasons.join("; ")}`, { cause: error });
  } finally {
    await opened.close();
    load.forget();
  }
}

function percentile(values, percent) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))];
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
