/**
 * The two origins of the benchmark: a bare page, and what serves the trackers and takes their events.
 *
 * Every load has a base address of its own at the second, so that what a closing page sends late is never taken for
 * the page view of the next.
 */

import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { basename, dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";

/** What has not arrived by then never will: the tracker does not do what it is measured for. */
const ARRIVES_WITHIN_MS = 20_000;

const GZIP = [0x1f, 0x8b];

async function listen(handler) {
  const server = createServer(handler);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { origin: `http://127.0.0.1:${server.address().port}`, close };
}

/** Serves the same page at every address. */
export function startSite(html) {
  return listen((request, response) => {
    const page = request.url !== "/favicon.ico";
    response.writeHead(page ? 200 : 204, { "content-type": "text/html; charset=utf-8" });
    response.end(page ? html : undefined);
  });
}

/** Serves scripts, compressed as a CDN would, and answers every event with 200 and what its tracker expects. */
export async function startCollector() {
  const loads = new Map();
  let count = 0;

  const { origin, close } = await listen(async (request, response) => {
    const [, name, ...rest] = request.url.split("/");
    const load = loads.get(name);
    const path = `/${rest.join("/")}`;
    // Those that send cookies refuse the answer unless the origin is named.
    response.setHeader("access-control-allow-origin", request.headers.origin ?? "*");
    response.setHeader("access-control-allow-credentials", "true");
    if (request.method === "OPTIONS") {
      const headers = request.headers["access-control-request-headers"] ?? "*";
      response.writeHead(204, { "access-control-allow-headers": headers }).end();
    } else if (request.method === "GET") {
      const script = load?.script(path.slice(1));
      const headers = { "content-type": "text/javascript; charset=utf-8", "content-encoding": "gzip" };
      response.writeHead(script ? 200 : 404, script ? headers : {});
      response.end(script);
    } else {
      // A page that is closed may take its request with it.
      const chunks = await request.toArray().catch(() => []);
      const body = readable(Buffer.concat(chunks));
      response.writeHead(200, { "content-type": "application/json" });
      response.end(load?.tracker.answer?.(body) ?? "{}");
      load?.requests.push({ path, body });
      load?.check();
    }
  });

  /** Prepares for one load of a page with this tracker. */
  function expect(tracker) {
    const name = `load${++count}`;
    const requests = [];
    const served = new Map();
    const load = { tracker, requests, check() {}, script };
    loads.set(name, load);

    /** The tracker's script or, of ours, a part that it loads itself. */
    function script(file) {
      if (file === tracker.file) {
        served.set(file, compressed(tracker.script));
      } else if (tracker.parts && file === basename(file) && file.endsWith(".js")) {
        const path = join(dirname(tracker.path), file);
        if (existsSync(path)) served.set(file, compressed(readFileSync(path)));
      }
      return served.get(file);
    }

    /** Resolves when `text` has been sent `times` times to addresses beginning with `path`. */
    function arrived(what, { path, text }, times = 1) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          load.check = () => {};
          const got = requests.map((request) => `\n  ${request.path} ${request.body.slice(0, 200)}`).join("");
          reject(new Error(`waited in vain for ${what}; what arrived: ${got || "nothing"}`));
        }, ARRIVES_WITHIN_MS);
        load.check = () => {
          const bodies = requests.filter((request) => request.path.startsWith(path)).map(({ body }) => body);
          if (bodies.join("\n").split(text).length - 1 < times) return;
          clearTimeout(timer);
          load.check = () => {};
          resolve();
        };
        load.check();
      });
    }

    return {
      base: `${origin}/${name}`,
      arrived,
      /** How many bytes of script have been loaded, compressed. */
      bytes: () => [...served.values()].reduce((sum, { length }) => sum + length, 0),
      forget: () => loads.delete(name),
    };
  }

  return { close, expect };
}

const packed = new Map();

/** Compressed once for each script: the next load would wait for it. */
function compressed(bytes) {
  if (!packed.has(bytes)) packed.set(bytes, gzipSync(bytes, { level: 9 }));
  return packed.get(bytes);
}

/** A body as text, whether the tracker compressed it or not. */
function readable(bytes) {
  const gzip = GZIP.every((byte, place) => bytes[place] === byte);
  return (gzip ? gunzipSync(bytes) : bytes).toString("utf8");
}
