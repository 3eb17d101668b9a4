/**
 * What the tracker's browser tests share: a collector that records every request, a site on another
 * origin, and a browser. The tests run the built files in `dist/`.
 */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { launch } from "../support/browser.mjs";

const DIST = process.env.LIVEINSIGHT_DIST ?? fileURLToPath(new URL("../../dist", import.meta.url));
const WAIT_MS = 15_000;

export const distFile = (name) => `${DIST}/${name}`;

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
export const isId = (text) => UUID_V7.test(text);

async function listen(handler) {
  const server = createServer(handler);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, origin: `http://127.0.0.1:${server.address().port}` };
}

/** Serves the tracker and records what it sends, as the edge worker would receive it. */
export async function startCollector() {
  const requests = [];
  const waiters = new Set();
  let answer = accept;

  const { origin } = await listen(async (request, response) => {
    if (request.method === "GET") {
      await serveTracker(request, response);
      return;
    }
    // A page that is closed may take its request with it.
    const chunks = await request.toArray().catch(() => undefined);
    if (!chunks) return;
    const body = Buffer.concat(chunks).toString("utf8");
    const record = {
      method: request.method,
      type: request.headers["content-type"],
      cookie: request.headers.cookie,
      at: Date.now(),
      size: Buffer.byteLength(body),
      batch: request.method === "POST" ? JSON.parse(body) : undefined,
    };
    requests.push(record);
    for (const check of waiters) check();
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("access-control-expose-headers", "retry-after");
    await answer(response, record);
    record.status = response.statusCode;
    for (const check of waiters) check();
  });

  /** Every event received, each once: delivery is at least once, and ids tell copies apart. */
  function events(from = requests) {
    const seen = new Map();
    for (const { batch, status } of from) {
      if (status !== 200) continue;
      for (const event of batch.events) if (!seen.has(event.id)) seen.set(event.id, event);
    }
    return [...seen.values()];
  }

  /** Resolves with what `find` returns once that is truthy; looks again after each request. */
  function until(what, find) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiters.delete(check);
        const got = requests.map((r) => [r.method, r.status, r.batch?.events.map((e) => e.type)]);
        reject(new Error(`waited in vain for ${what}; received ${JSON.stringify(got)}`));
      }, WAIT_MS);
      const check = () => {
        const found = find();
        if (!found) return;
        clearTimeout(timer);
        waiters.delete(check);
        resolve(found);
      };
      waiters.add(check);
      check();
    });
  }

  return {
    origin,
    endpoint: `${origin}/events`,
    requests,
    events,
    until,
    /** Resolves with all events once there are `count` of `type`. */
    async untilEvents(type, count = 1) {
      const ofType = () => events().filter((event) => event.type === type);
      return until(`${count} ${type}`, () => ofType().length >= count && ofType());
    },
    /** From now on answers with `next(response, record)`; without an argument, with receipts again. */
    answerWith(next = accept) {
      answer = next;
    },
  };
}

/** Answers as the edge worker does when all is well. */
export function accept(response, { batch }) {
  const receipts = (batch?.events ?? []).map(({ id }) => ({ id, status: "accepted" }));
  response.writeHead(200, { "content-type": "application/json" });
  // The page's own clock: tests set it. The one that is wrong has a test of its own.
  response.end(JSON.stringify({ server_time: batch?.sent_at, receipts }));
}

/** Answers with a status and nothing else. */
export const status =
  (code, headers = {}) =>
  (response) => {
    response.writeHead(code, headers);
    response.end();
  };

/** Closes the connection instead of answering. */
export const reset = (response) => response.destroy();

/** Never answers. */
export const hang = () => new Promise(() => {});

async function serveTracker(request, response) {
  const name = new URL(request.url, "http://collector").pathname.slice(1);
  const file = name.startsWith("package/") ? name.replace("package", "tracker") : `cdn/${name}`;
  const code = await readFile(distFile(file)).catch(() => undefined);
  response.writeHead(code ? 200 : 404, {
    "content-type": "text/javascript",
    "access-control-allow-origin": "*",
  });
  response.end(code);
}

/**
 * A site whose every address answers with a page. `page(path)` gives, or promises, `{ title, head, body,
 * headers, code }`; the tracker's tag is added unless `head` is given.
 */
export async function startSite(collector, page = () => ({})) {
  const { origin } = await listen(async (request, response) => {
    const path = new URL(request.url, "http://site").pathname;
    if (path === "/favicon.ico") return status(204)(response);
    const { title = `Page ${path}`, body = "", headers = {}, code = 200, ...rest } = await page(path);
    const head = rest.head ?? scriptTag(collector);
    response.writeHead(code, { "content-type": "text/html; charset=utf-8", ...headers });
    response.end(`<!doctype html><html lang="en"><head><title>${title}</title>${head}</head>
      <body>${body}</body></html>`);
  });
  return { origin };
}

/**
 * Options of a browser in which every host is the site's: for names that are not local. The site is its
 * proxy then, for all but the collector.
 */
export const anyHost = (site) => ({ proxy: { server: site.origin, bypass: "127.0.0.1" } });

/** The tag; `data-test` because the pages are local and the browser is automated. */
export function scriptTag(collector, attributes = "") {
  return `<script async src="${collector.origin}/li.js" data-site-id="test-site" data-test ${attributes}></script>`;
}

/** Starts Chromium for a test file. */
export async function startBrowser() {
  const browser = await launch({ ignoreDefaultArgs: ["--disable-back-forward-cache"] });
  after(() => browser.close());
  return browser;
}

/** A page in a fresh profile that notes everything thrown into it and written to its console. */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const errors = [];
  const messages = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => messages.push(message.text()));
  const sending = new Set();
  page.on("request", (request) => request.method() === "POST" && sending.add(request));
  for (const end of ["requestfinished", "requestfailed"]) page.on(end, (request) => sending.delete(request));
  underWay.set(page, sending);
  return { page, context, errors, messages };
}

/**
 * Opens a page of a fresh site in a fresh profile. `attributes` are the tag's, `page` is what `startSite`
 * asks for, and `prepare` runs in every document before anything else, with `given`.
 */
export async function openSite(browser, { attributes, page, path = "/", prepare, given, options } = {}) {
  const collector = await startCollector();
  const head = scriptTag(collector, attributes);
  const site = await startSite(collector, async (path) => ({ head, ...(await page?.(path, collector)) }));
  const opened = await openPage(browser, options);
  if (prepare) await opened.context.addInitScript(prepare, given);
  await opened.page.goto(site.origin + path);
  await untilStarted(opened.page);
  return { collector, site, url: (to) => site.origin + to, ...opened };
}

/** Resolves when the tracker of the page runs. */
export const untilStarted = (page) =>
  page.waitForFunction(() => typeof liveinsight === "object" && !liveinsight.q);

/** What each page is sending, by its page. */
const underWay = new WeakMap();

/**
 * Everything that has happened on the page so far, as received. A last conversion marks the end: the tracker
 * sends events in order, but requests that are under way together may arrive in any.
 */
export async function everything(page, collector) {
  const marker = `end-${Math.random()}`;
  await page.evaluate((name) => {
    liveinsight.conversion(name);
    liveinsight.flush();
  }, marker);
  const find = () => collector.events().find((event) => event.name === marker);
  await collector.until("the marker", find);
  await Promise.all([...(underWay.get(page) ?? [])].map((request) => request.response()));
  return collector.events().filter((event) => !String(event.name).startsWith("end-"));
}

/** Makes the page believe it was hidden or shown. */
export function setHidden(page, hidden) {
  return page.evaluate((value) => {
    Object.defineProperty(document, "hidden", { value, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}

/** What pages that could not deliver have left behind, or nothing. */
export const unsent = () =>
  Object.keys(localStorage)
    .filter((name) => name.startsWith("liveinsight:test-site:"))
    .map((name) => localStorage[name])
    .join("");

export const types = (events) => events.map((event) => event.type);
