/** A page that does nothing of its own, and what is done to it: a tracker is added, a link is clicked. */

import { launch } from "../../tests/support/browser.mjs";

/** Two links far apart: posthog takes repeated clicks at one place for rage and sends a second event. */
const LINKS = [
  { id: "first", left: 40, top: 40 },
  { id: "second", left: 540, top: 440 },
];

function link({ id, left, top }) {
  const place = `left: ${left}px; top: ${top}px`;
  return `<a id="${id}" style="${place}" data-li-event="bench" href="https://elsewhere.example/">Elsewhere</a>`;
}

/**
 * The page's own listener keeps clicks from leading away, after every other listener has run. It is the same for
 * all trackers, as is the page.
 */
export const HTML = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>
<style>a { position: absolute; outline: none; color: #00f }</style></head><body>
${LINKS.map(link).join("\n")}
<script>window.addEventListener("click", (event) => event.preventDefault());</script></body></html>`;

/** The browser, with the name of one that has a window: trackers drop what looks automated. */
export async function startBrowser() {
  const browser = await launch();
  const session = await browser.newBrowserCDPSession();
  const { userAgent } = await session.send("Browser.getVersion");
  await session.detach();
  return { browser, userAgent: userAgent.replace("Headless", ""), close: () => browser.close() };
}

/** Opens the page in a profile and process of its own, so that nothing is cached, and slows its processor down. */
export async function openPage({ browser, userAgent }, address, throttling) {
  const context = await browser.newContext({ userAgent, viewport: { width: 1280, height: 720 } });
  const page = await context.newPage();
  await page.addInitScript(() => Object.defineProperty(navigator, "webdriver", { get: () => false }));
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(address);
  const session = await context.newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: throttling });
  await idle(page);
  const recorder = {
    start: (categories) => browser.startTracing(page, { categories }),
    stop: async () => JSON.parse(await browser.stopTracing()).traceEvents,
  };
  return { page, session, recorder, errors, close: () => context.close() };
}

/** Resolves when the page's main thread has nothing to do. */
export function idle(page) {
  return page.evaluate(
    () => new Promise((resolve) => requestIdleCallback(() => requestIdleCallback(() => resolve()))),
  );
}

/** Adds the tracker's script as its snippet would, leaves a mark where that begins, and starts it. */
export function addTracker(page, { file, attributes = {}, before = "", start = "", onClick = "" }, base) {
  const filled = (text) => text.replaceAll("BASE", base);
  const parts = {
    src: `${base}/${file}`,
    attributes: Object.entries(attributes).map(([name, value]) => [name, filled(value)]),
    before: filled(before),
    start: filled(start),
    onClick,
  };
  return page.evaluate(({ src, attributes, before, start, onClick }) => {
    const started = new Function(start);
    const listener = onClick && new Function("link", onClick);
    const script = document.createElement("script");
    for (const [name, value] of attributes) script.setAttribute(name, value);
    script.async = true;
    script.src = src;
    script.onload = () => {
      started();
      if (listener) document.addEventListener("click", (event) => listener(event.target));
    };
    performance.mark("bench:start");
    new Function(before)();
    document.head.append(script);
  }, parts);
}

/** Clicks one of the links as a visitor's mouse does, and leaves a mark right before. */
export async function click(page, session, number) {
  const { left, top } = LINKS[number % LINKS.length];
  const at = { x: left + 10, y: top + 10, button: "left", clickCount: 1 };
  // Moved first, so that what the pointer's way costs is not in the click.
  await session.send("Input.dispatchMouseEvent", { ...at, type: "mouseMoved", button: "none" });
  await idle(page);
  await page.evaluate(() => performance.mark("bench:click"));
  await session.send("Input.dispatchMouseEvent", { ...at, type: "mousePressed" });
  await session.send("Input.dispatchMouseEvent", { ...at, type: "mouseReleased" });
}
