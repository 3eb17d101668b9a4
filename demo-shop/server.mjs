/**
 * A small shop to show LiveInsight with:
 *
 *     node demo-shop/server.mjs [--port 8790] [--tracker http://127.0.0.1:8787/li.js] [--site-id demo-shop]
 *
 * Without `--tracker` the shop runs untracked.
 */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { layout, notFound, pageAt, priceList } from "./pages.mjs";

const HOST = "127.0.0.1";
const MAX_FORM_BYTES = 16 * 1024;

/** Files sent as they are. */
const FILES = {
  "/style.css": ["public/style.css", "text/css; charset=utf-8"],
  "/parts.css": ["public/parts.css", "text/css; charset=utf-8"],
  "/site.js": ["public/site.js", "text/javascript; charset=utf-8"],
  "/shop.mjs": ["public/shop.mjs", "text/javascript; charset=utf-8"],
  "/products.mjs": ["products.mjs", "text/javascript; charset=utf-8"],
  "/icon.svg": ["public/icon.svg", "image/svg+xml"],
};

const fail = (message) => {
  console.error(`demo-shop: ${message}`);
  process.exit(1);
};

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: "string", default: "8790" },
        tracker: { type: "string" },
        "site-id": { type: "string", default: "demo-shop" },
      },
    });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error("--port must be 0 to 65535");
    if (!/^[a-z0-9._-]{1,64}$/.test(values["site-id"]))
      throw new Error("--site-id holds a-z, 0-9, -, _ and . only");
    const tracker = values.tracker && new URL(values.tracker);
    if (tracker && !/^https?:$/.test(tracker.protocol)) throw new Error("--tracker must be a web address");
    return { port, tracker, siteId: values["site-id"] };
  } catch (error) {
    return fail(error.message);
  }
}

const { port, tracker, siteId } = readOptions();

const trackerTag = tracker
  ? `<script async src="${tracker.href}" data-site-id="${siteId}" data-test></script>`
  : "";

/**
 * What a site with a strict policy has to allow for LiveInsight: its script, its WebAssembly and the
 * address events go to. Nothing else here is for its sake.
 */
const from = tracker ? ` ${tracker.origin}` : "";
const policy = [
  "default-src 'none'",
  `script-src 'self'${from}${from && " 'wasm-unsafe-eval'"}`,
  `connect-src 'self'${from}`,
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

function send(response, status, type, body, headers = {}) {
  response.writeHead(status, { "content-type": type, "x-content-type-options": "nosniff", ...headers });
  response.end(body);
}

function sendPage(response, path, page, status = 200) {
  const html = layout({ ...page, path, tracker: trackerTag });
  send(response, status, "text/html; charset=utf-8", html, { "content-security-policy": policy });
}

/** Takes a form and forgets it: the shop keeps nothing. */
async function takeForm(request, response) {
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_FORM_BYTES)
      return send(response, 413, "text/plain; charset=utf-8", "That is too long.\n");
  }
  return send(response, 303, "text/plain; charset=utf-8", "", { location: "/contact/thanks" });
}

async function answer(request, response) {
  const { pathname } = new URL(request.url, `http://${HOST}`);
  const path = pathname.length > 1 ? pathname.replace(/\/+$/, "") || "/" : pathname;
  if (request.method === "POST" && path === "/contact") return takeForm(request, response);
  if (request.method !== "GET" && request.method !== "HEAD") {
    return send(response, 405, "text/plain; charset=utf-8", "Only GET works here.\n", { allow: "GET, HEAD" });
  }
  if (Object.hasOwn(FILES, path)) {
    const [file, type] = FILES[path];
    return send(response, 200, type, await readFile(new URL(file, import.meta.url)));
  }
  if (path === "/price-list.txt") {
    const disposition = { "content-disposition": 'attachment; filename="haneul-price-list.txt"' };
    return send(response, 200, "text/plain; charset=utf-8", priceList(), disposition);
  }
  const page = pageAt(path);
  return page ? sendPage(response, path, page) : sendPage(response, path, notFound(), 404);
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(`demo-shop: ${request.method} ${request.url}: ${error.message}`);
    if (!response.headersSent) send(response, 500, "text/plain; charset=utf-8", "Something went wrong.\n");
  });
});

server.on("error", (error) => {
  fail(error.code === "EADDRINUSE" ? `port ${port} is in use; choose another with --port` : error.message);
});

server.listen(port, HOST, () => {
  const tracked = tracker ? `tracked as ${siteId} by ${tracker.href}` : "untracked";
  console.log(`demo-shop: http://${HOST}:${server.address().port} (${tracked})`);
});

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}
