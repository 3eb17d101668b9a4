/**
 * Measures the engine as WebAssembly in Node's V8 and prints the figures as JSON: `[{ name, value, unit }, …]`. Started
 * by `npm run bench -- query`, which leaves the segments of each size in a folder, and beside them the answers of the
 * native engine: what answers otherwise fails the benchmark.
 *
 * Cold times are from bytes in a buffer of JavaScript to the answer as text, with a module already compiled. Memory is
 * that of the module, which never shrinks: each size has an instance of its own.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";

const { values } = parseArgs({
  options: {
    module: { type: "string" },
    folder: { type: "string" },
    sizes: { type: "string" },
    runs: { type: "string" },
  },
});
const runs = Number(values.runs);
const figures = [];

function add(name, value, unit) {
  figures.push({ name, value, unit });
}

function median(times) {
  const sorted = times.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Milliseconds this process has spent on a processor: what others do hardly counts. */
function now() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The median time of as many runs, each followed by cleaning up that is not counted. */
function time(run, cleanUp = () => {}) {
  const times = [];
  for (let i = 0; i < runs; i += 1) {
    const start = now();
    const result = run();
    times.push(now() - start);
    cleanUp(result);
  }
  return median(times);
}

/** Reads segments that stand one after the other, each behind its length. */
function segments(file) {
  const bytes = readFileSync(join(values.folder, file));
  const all = [];
  for (let place = 0; place < bytes.length; ) {
    const length = bytes.readUInt32LE(place);
    all.push(bytes.subarray(place + 4, place + 4 + length));
    place += 4 + length;
  }
  return all;
}

const questions = (label) => readFileSync(join(values.folder, `${label}.questions.json`), "utf8");

/** An engine with segments, as the dashboard's Web Worker gives them to it. */
function take(engine, parts) {
  const taken = new engine.Engine();
  parts.forEach((part, number) => {
    taken.add(String(number), part);
  });
  return taken;
}

function expect(answer, file) {
  const expected = JSON.parse(readFileSync(join(values.folder, file), "utf8"));
  if (JSON.stringify(JSON.parse(answer)) !== JSON.stringify(expected)) {
    throw new Error(`${file}: WebAssembly answers something else than the native engine`);
  }
}

/** An instance that shares nothing with those before it. */
async function instance(bytes, name) {
  const engine = await import(`${pathToFileURL(join(values.module, "engine.js"))}?${name}`);
  const { memory } = engine.initSync({ module: new WebAssembly.Module(bytes) });
  return { engine, memory };
}

async function measure(bytes, size) {
  const { engine, memory } = await instance(bytes, size);
  const parts = { monthly: segments(`${size}.monthly`), daily: segments(`${size}.daily`) };
  const loaded = take(engine, parts.monthly);
  loaded.prepare();
  add(
    `query.loaded.wasm.${size}.memory_bytes_per_event`,
    memory.buffer.byteLength / loaded.events(),
    "bytes",
  );
  for (const label of ["overview", "filtered"]) {
    const text = questions(label);
    expect(loaded.ask(text), `${size}.${label}.json`);
    add(
      `query.${label}.wasm.${size}.ms`,
      time(() => loaded.ask(text)),
      "ms",
    );
  }
  loaded.free();
  // Once is enough to see what millions cost to load.
  if (size === "10m") return;
  for (const [label, all] of Object.entries(parts)) {
    const text = questions("overview");
    const answer = () => {
      const fresh = take(engine, all);
      return [fresh, fresh.ask(text)];
    };
    const [fresh, answered] = answer();
    expect(answered, `${size}.overview.json`);
    fresh.free();
    add(
      `query.cold_${label}.wasm.${size}.ms`,
      time(answer, ([used]) => used.free()),
      "ms",
    );
  }
}

const bytes = readFileSync(join(values.module, "engine_bg.wasm"));
for (const size of values.sizes.split(",")) {
  process.stderr.write(`query: ${size} events in V8\n`);
  await measure(bytes, size);
}
add("query.engine.wasm.bytes", bytes.length, "bytes");
add("query.engine.wasm.gzip_bytes", gzipSync(bytes, { level: 9 }).length, "bytes");
process.stdout.write(JSON.stringify(figures));
