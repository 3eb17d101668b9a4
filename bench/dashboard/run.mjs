/**
 * Measures the dashboard in Chromium and prints the figures as JSON: `[{ name, value, unit }, …]`.
 *
 *     npm run bench -- dashboard [--sizes 100k,1m] [--runs 20]
 *
 * | figure | meaning |
 * |---|---|
 * | `filter_to_paint.<size>.ms`, `…p95_ms` | from a click on a row of a list until the frame in which every card shows what is left is on the screen; the engine in the browser holds a month of so many events |
 * | `live.longest_task_ms` | the longest task of the main thread in 20 s in which events arrive five times a second, on the real stack |
 * | `first_data.ms` | from the start of navigation until numbers are on the screen: nothing cached, worker warm, processor four times slower, the network as Fast 4G, files compressed as at the edge |
 *
 * A click is one of the page's own, timed within the page; its frame is waited for, up to 17 ms of the figure.
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { batch, pageView, post, signIn } from "../../tests/support/batch.mjs";
import { launch } from "../../tests/support/browser.mjs";
import { startStack } from "../../tests/support/stack.mjs";
import { startEdge, startMonth } from "./server.mjs";

const { values } = parseArgs({
  options: {
    folder: { type: "string" },
    sizes: { type: "string", default: "100k,1m" },
    runs: { type: "string", default: "20" },
  },
});
const runs = Number(values.runs);

/** Chromium's preset "Fast 4G", with the factors that DevTools applies to it. */
const FAST_4G = { offline: false, downloadThroughput: 1_012_500, uploadThroughput: 168_750, latency: 165 };

const THROTTLING = 4;
const LIVE_MS = 20_000;

const figures = [];
const add = (name, value, unit = "ms") => figures.push({ name: `dashboard.${name}`, value, unit });
const say = (text) => process.stderr.write(`${text}\n`);
const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
const sort = (numbers) => [...numbers].sort((a, b) => a - b);

/** Clicks the row and resolves to the time until everything is on the screen. */
function filterToPaint(number) {
  return new Promise((resolve, reject) => {
    const total = document.querySelector('[data-testid="total-pageviews"]');
    const before = total.dataset.value;
    const row = document.querySelectorAll('[data-testid="pages-row"] button')[number];
    let began;
    const painted = () => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        const took = performance.now() - began;
        const late = document.querySelectorAll(".is-outdated").length;
        if (late > 0) reject(new Error(`${late} cards were late`));
        else resolve(took);
      };
      // After the frame has been handed over.
      requestAnimationFrame(() => port2.postMessage(null));
    };
    const observer = new MutationObserver(() => {
      if (total.dataset.value === before) return;
      observer.disconnect();
      painted();
    });
    observer.observe(total, { attributes: true, attributeFilter: ["data-value"] });
    began = performance.now();
    row.click();
  });
}

async function filters(browser, size) {
  const month = await startMonth(join(values.folder, size));
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB" });
  try {
    const page = await context.newPage();
    await page.goto(`${month.url}/?site=bench&period=28d`);
    await page.waitForSelector('[data-testid="source"][data-source="browser"]', { timeout: 120_000 });
    await page.waitForSelector('[data-testid="pages-row"]');
    const taken = [];
    for (let run = 0; run < runs + 3; run++) {
      const took = await page.evaluate(filterToPaint, run % 9);
      // The first ones warm V8 up.
      if (run >= 3) taken.push(took);
      await page.keyboard.press("Escape");
      await page.waitForFunction(() => !location.search.includes("f="));
      await page.waitForFunction(() => document.querySelectorAll('[data-testid="pages-row"]').length >= 9);
      await page.waitForFunction(() => !document.querySelector(".is-outdated"));
    }
    const sorted = sort(taken);
    add(`filter_to_paint.${size}.ms`, at(sorted, 0.5));
    add(`filter_to_paint.${size}.p95_ms`, at(sorted, 0.95));
  } finally {
    await context.close();
    month.close();
  }
}

async function cookies(stack, url) {
  const { cookie } = await signIn(stack);
  const [name, ...value] = cookie.split("=");
  return [{ name, value: value.join("="), url }];
}

/** The tasks of a renderer's main thread in a trace, in milliseconds. */
function tasks(events) {
  const main = events.find(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain");
  const marks = events.filter(({ name }) => name === "bench:live");
  const { pid, tid } = marks[0] ?? main;
  return events
    .filter((event) => event.pid === pid && event.tid === tid && event.name === "RunTask" && event.dur)
    .map(({ dur }) => dur / 1_000);
}

async function live(browser, stack) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB" });
  try {
    await context.addCookies(await cookies(stack, stack.url));
    const page = await context.newPage();
    await page.goto(stack.url);
    await page.waitForSelector('[data-testid="source"][data-source="browser"]');
    await page.waitForSelector('[data-testid="pages-row"]');
    await browser.startTracing(page, {
      categories: [
        "-*",
        "blink.user_timing",
        "devtools.timeline",
        "disabled-by-default-devtools.timeline",
        "toplevel",
      ],
    });
    await page.evaluate(() => performance.mark("bench:live"));
    const total = () => page.getAttribute('[data-testid="total-pageviews"]', "data-value");
    const before = Number(await total());
    const end = Date.now() + LIVE_MS;
    let sent = 0;
    while (Date.now() < end) {
      const started = Date.now();
      await post(stack, batch([pageView({ url: `https://shop.example/live/${sent++ % 40}` })]));
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, started + 200 - Date.now())));
    }
    const { traceEvents } = JSON.parse(await browser.stopTracing());
    if (Number(await total()) <= before) throw new Error("nothing arrived while events were sent");
    const list = sort(tasks(traceEvents));
    if (list.length === 0) throw new Error("the trace holds no tasks");
    add("live.longest_task_ms", list.at(-1));
    add("live.events", sent, "events");
  } finally {
    await context.close();
  }
}

/** In the page, before anything of it runs: keeps the time at which the first number was on the screen. */
function watchFirstData() {
  const look = () => {
    const total = document.querySelector('[data-testid="total-visitors"]');
    if (!total?.dataset.value) return requestAnimationFrame(look);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      window.firstData = performance.now();
    };
    requestAnimationFrame(() => port2.postMessage(null));
  };
  look();
}

async function firstData(stack) {
  const edge = await startEdge(stack);
  const taken = [];
  try {
    for (let run = 0; run < 5; run++) {
      // A process and profile of its own: nothing is cached, compiled code included.
      const browser = await launch();
      try {
        const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB" });
        await context.addCookies(await cookies(stack, edge.url));
        await context.addInitScript(watchFirstData);
        const page = await context.newPage();
        const session = await context.newCDPSession(page);
        await session.send("Network.enable");
        await session.send("Network.emulateNetworkConditions", FAST_4G);
        await session.send("Emulation.setCPUThrottlingRate", { rate: THROTTLING });
        await page.goto(edge.url);
        await page.waitForFunction(() => window.firstData, null, { timeout: 60_000 });
        taken.push(await page.evaluate(() => window.firstData));
      } finally {
        await browser.close();
      }
    }
  } finally {
    edge.close();
  }
  const sorted = sort(taken);
  add("first_data.ms", at(sorted, 0.5));
  add("first_data.worst_ms", sorted.at(-1));
}

async function run() {
  const browser = await launch();
  try {
    for (const size of values.sizes.split(",")) {
      say(`dashboard: filters over ${size} events`);
      await filters(browser, size);
    }
    const stack = await startStack();
    try {
      for (let sent = 0; sent < 40; sent++) {
        await post(stack, batch([pageView({ url: `https://shop.example/page/${sent % 12}` })]));
      }
      say("dashboard: live");
      await live(browser, stack);
      say("dashboard: first data");
      await firstData(stack);
    } finally {
      await stack.stop();
    }
  } finally {
    await browser.close();
  }
  return figures;
}

try {
  console.log(JSON.stringify(await run()));
} catch (error) {
  console.error(error);
  process.exit(1);
}
