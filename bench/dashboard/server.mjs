/** The built dashboard with a month of made-up events behind it: what the worker would answer, from files. */

import { createReadStream, readFileSync, statSync } from "node:fs";
import { request as ask, createServer } from "node:http";
import { extname, join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const ROOT = process.env.LIVEINSIGHT_ROOT;
const DASHBOARD = join(ROOT, "dist/dashboard");

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
};

/** The headers that `_headers` says for every page. */
function policy() {
  const lines = readFileSync(join(DASHBOARD, "_headers"), "utf8").split("\n");
  const first = lines.slice(1, lines.indexOf("", 1));
  return Object.fromEntries(
    first.map((line) => {
      const [name, ...value] = line.trim().split(": ");
      return [name, value.join(": ")];
    }),
  );
}

function file(path) {
  const asked = join(DASHBOARD, path);
  const found = extname(path) ? asked : join(DASHBOARD, "index.html");
  return statSync(found, { throwIfNoEntry: false })?.isFile() ? found : null;
}

async function listen(server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${server.address().port}`;
}

/** Serves the dashboard over the segments in `folder`; resolves to its address. */
export async function startMonth(folder) {
  const headers = policy();
  const list = JSON.parse(readFileSync(join(folder, "list.json"), "utf8"));
  const now = list.generated_at;
  const site = { id: "bench", name: "Bench", time_zone: "UTC", role: "owner", domains: ["bench.example"] };
  const person = {
    id: "p",
    email: "p@bench.example",
    name: "P",
    role: "owner",
    grants: [],
    totp: false,
    created_at: 0,
  };
  const answers = {
    "/api/session": { person, sites: [site] },
    "/api/sites": { sites: [site] },
    "/api/sites/bench/goals": { goals: [], segments: [], funnels: [] },
    "/api/segments": list,
    "/api/sessions/active": {
      generated_at: now,
      visitors_now: 0,
      last_5_minutes: 0,
      last_30_minutes: 0,
      sessions: [],
    },
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://bench");
    const json = (status, value) => {
      response.writeHead(status, { ...headers, "content-type": "application/json" });
      response.end(JSON.stringify(value));
    };
    if (answers[pathname]) return json(200, answers[pathname]);
    if (pathname === "/api/segments/tail" || pathname.startsWith("/api/segments/")) {
      response.writeHead(200, { "content-type": "application/vnd.liveinsight.segment", etag: '"same"' });
      return createReadStream(join(folder, pathname.split("/").at(-1))).pipe(response);
    }
    // The engine answers what is measured.
    if (pathname.startsWith("/api/")) return json(503, { code: "store_unavailable", status: 503, title: "" });
    const found = file(pathname);
    if (!found) return json(404, {});
    response.writeHead(200, { ...headers, "content-type": TYPES[extname(found)] });
    createReadStream(found).pipe(response);
  });
  return { url: await listen(server), close: () => server.close() };
}

/** Serves the dashboard as an edge does, compressed (brotli, level 5), before the API of a stack that runs. */
export async function startEdge(stack) {
  const headers = policy();
  const compressed = new Map();
  const target = new URL(stack.url);
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, stack.url);
    if (pathname.startsWith("/api/") || request.method !== "GET") {
      const options = {
        host: target.hostname,
        port: target.port,
        path: request.url,
        method: request.method,
        headers: {
          ...request.headers,
          host: target.host,
          ...(request.headers.origin && { origin: target.origin }),
        },
      };
      const passed = ask(options, (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      });
      passed.on("error", () => response.destroy());
      request.pipe(passed);
      return;
    }
    const found = file(pathname);
    if (!found) return response.writeHead(404).end();
    if (!compressed.has(found)) {
      const params = { [constants.BROTLI_PARAM_QUALITY]: 5 };
      compressed.set(found, brotliCompressSync(readFileSync(found), { params }));
    }
    response.writeHead(200, {
      ...headers,
      "content-type": TYPES[extname(found)] ?? "application/octet-stream",
      "content-encoding": "br",
      "cache-control": "no-store",
    });
    response.end(compressed.get(found));
  });
  return { url: await listen(server), close: () => server.close() };
}
