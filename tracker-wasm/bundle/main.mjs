/**
 * Makes the files that pages load out of the module and `js/`:
 *
 *     node tracker-wasm/bundle/main.mjs <work> <out> <version>
 *
 * `<work>/pkg` holds `tracker_bg.wasm` as wasm-bindgen leaves it and `limits.js`. `<out>` is given `cdn/`, the
 * script with what it loads only when it is needed, and `package/`, the npm package.
 */

import { createHash } from "node:crypto";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { minify } from "terser";
import { optimise, toJavaScript } from "./module.mjs";
import { MARK, pack } from "./pack.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));

/** Where the script stands on its own; nothing newer than what runs it is needed. */
const TARGET = "es2021";

const [work, out, version] = process.argv.slice(2);
if (!version) {
  console.error("usage: node tracker-wasm/bundle/main.mjs <work> <out> <version>");
  process.exit(2);
}
const cdn = join(out, "cdn");
const npm = join(out, "package");

/** Bundles and minifies; `format` is that of esbuild. */
async function bundle(entry, format, { define = {}, external = [], pkg = join(work, "pkg") } = {}) {
  const { outputFiles } = await build({
    absWorkingDir: work,
    entryPoints: [join(work, "js", entry)],
    bundle: true,
    write: false,
    format,
    target: TARGET,
    define,
    external,
    legalComments: "none",
    logLevel: "warning",
    // Libraries are this repository's, wherever it is built.
    nodePaths: [join(HERE, "../../node_modules")],
    plugins: [
      {
        name: "pkg",
        setup: ({ onResolve }) => onResolve({ filter: /\/pkg\// }, (found) => place(found, pkg)),
      },
    ],
  });
  const { code } = await minify(outputFiles[0].text, {
    ecma: 2020,
    module: format === "esm",
    compress: { passes: 3, unsafe_arrows: true, hoist_props: true, inline: 1 },
    format: { comments: false },
  });
  return code;
}

/** The module itself is put in when everything around it is known: until then there is a mark. */
function place({ path }, pkg) {
  const name = path.split("/").pop();
  return { path: join(pkg, name === "tracker.wasm" ? "mark.js" : name) };
}

const hashOf = (code) => createHash("sha256").update(code).digest("hex").slice(0, 8);
const integrityOf = (code) => `sha384-${createHash("sha384").update(code).digest("base64")}`;

await Promise.all([cdn, npm].map((folder) => mkdir(folder, { recursive: true })));
await cp(join(HERE, "../js"), join(work, "js"), { recursive: true });
await writeFile(join(work, "pkg/mark.js"), `export default ${MARK};`);

const wasm = await optimise(join(work, "pkg/tracker_bg.wasm"));
await writeFile(join(work, "pkg/fallback.js"), await toJavaScript(join(work, "pkg/optimised.wasm")));

const fallback = await bundle("fallback.js", "esm");
const vitals = await bundle("vitals.js", "esm");
const names = { FALLBACK: `li-fallback-${hashOf(fallback)}.js`, VITALS: `li-vitals-${hashOf(vitals)}.js` };

const define = Object.fromEntries(Object.entries(names).map(([key, name]) => [key, JSON.stringify(name)]));
// The page comes first: a tracker that cannot start, for want of something every browser has, is not its problem.
const whole = `try{${await bundle("cdn.js", "iife", { define })}}catch{}`;
const script = pack(wasm, whole);
const index = pack(wasm, await bundle("index.js", "esm", { external: ["./fallback.js", "./vitals.js"] }));

// li.js may change under a page that loads it; the copy with its hash in the name never does.
const files = {
  "li.js": script,
  [`li-${version}-${hashOf(script)}.js`]: script,
  [names.FALLBACK]: fallback,
  [names.VITALS]: vitals,
};
const integrity = {};
for (const [name, code] of Object.entries(files)) {
  await writeFile(join(cdn, name), code);
  integrity[name] = integrityOf(code);
}
await writeFile(join(cdn, "integrity.json"), `${JSON.stringify(integrity, undefined, 2)}\n`);

await cp(join(HERE, "../npm"), npm, { recursive: true });
for (const licence of ["LICENSE-APACHE", "LICENSE-MIT"])
  await cp(join(HERE, "../..", licence), join(npm, licence));
await writeFile(join(npm, "index.js"), index);
await writeFile(join(npm, "fallback.js"), fallback);
await writeFile(join(npm, "vitals.js"), vitals);

for (const [name, value] of Object.entries(integrity)) console.log(`${name.padEnd(28)} ${value}`);
