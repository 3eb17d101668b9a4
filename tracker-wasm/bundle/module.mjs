/** The wasm module: what nobody calls taken out, made small, and translated for pages that forbid it. */

import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const BINARYEN = fileURLToPath(new URL("../../node_modules/binaryen/bin", import.meta.url));

/** All that JavaScript uses; wasm-bindgen exports some more. */
const EXPORTS = ["memory", "input", "output", "tell"];

/** What the compiler uses beyond the first WebAssembly: in browsers since 2020 (Chromium 75, Firefox 79, Safari 15). */
const FEATURES = ["--enable-bulk-memory", "--enable-sign-ext", "--enable-mutable-globals"];

/** Found by trying: the order in which binaryen's passes leave the smallest script after gzip. */
const PASSES = ["--untee", "-O3", "--simplify-locals", "--low-memory-unused", "--converge"];

const tool = (name, ...args) =>
  run(process.execPath, [join(BINARYEN, name), ...args], { maxBuffer: 1 << 26 });

/** Optimises `<folder>/tracker_bg.wasm` into `<folder>/optimised.wasm` and returns its bytes. */
export async function optimise(file) {
  const folder = dirname(file);
  const [graph, reduced, optimised] = ["graph.json", "reduced.wasm", "optimised.wasm"].map((name) =>
    join(folder, name),
  );
  const nodes = EXPORTS.map((name) => ({ name, export: name, root: true }));
  await writeFile(graph, JSON.stringify(nodes));
  await tool("wasm-metadce", file, "--graph-file", graph, "--all-features", "-o", reduced);
  const strip = ["--strip-debug", "--strip-producers", "--strip-target-features"];
  await tool("wasm-opt", reduced, ...PASSES, ...strip, ...FEATURES, "-o", optimised);
  return readFile(optimised);
}

/** The same module as JavaScript. */
export async function toJavaScript(file) {
  const code = `${file}.js`;
  await tool("wasm2js", file, "-Oz", ...FEATURES, "-o", code);
  return readFile(code, "utf8");
}
