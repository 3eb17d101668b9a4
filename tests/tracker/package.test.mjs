/** The npm package: what is in it, and that importing it costs and does nothing. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { build } from "esbuild";
import { distFile, openPage, startBrowser, startCollector, startSite } from "./support.mjs";

const PACKAGE = distFile("tracker");
const { name, version, exports, types, files } = JSON.parse(
  await readFile(`${PACKAGE}/package.json`, "utf8"),
);

const folder = await mkdtemp(join(tmpdir(), "liveinsight-package-"));
after(() => rm(folder, { recursive: true }));
await mkdir(join(folder, "node_modules", dirname(name)), { recursive: true });
await symlink(PACKAGE, join(folder, "node_modules", name));

/** Bundles `contents`, code of a project that has installed the package. */
async function bundle(contents, options = {}) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    outdir: "out",
    // It warns that the bare import is left out, which is the point.
    logLevel: "error",
    ...options,
  });
  return outputFiles.map(({ text }) => text);
}

test("package holds the code, the types, the documentation and the licences, and nothing else", async () => {
  const command = ["pack", "--dry-run", "--json", "--offline", PACKAGE];
  const { stdout } = await promisify(execFile)("npm", command, { cwd: folder });
  const [packed] = JSON.parse(stdout);
  assert.deepEqual([packed.name, packed.version], [name, version]);
  assert.deepEqual(packed.files.map(({ path }) => path).sort(), [
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "fallback.js",
    "index.d.ts",
    "index.js",
    "package.json",
    "vitals.js",
  ]);
});

test("everything the manifest names is there", async () => {
  for (const file of [...files, types, ...Object.values(exports["."])])
    assert.ok((await readFile(join(PACKAGE, file))).length > 0, file);
});

test("what a project does not use of the package is not in its bundle", async () => {
  for (const unused of [
    `import "${name}"`,
    `import { init } from "${name}"`,
    `import * as all from "${name}"`,
  ])
    assert.deepEqual(await bundle(`${unused}; console.log(1);`), ["console.log(1);\n"], unused);
});

test("rarely needed files are files of their own where the bundler splits code", async () => {
  const code = `import { init } from "${name}"; init({ siteId: "a", endpoint: "/events" });`;
  const [main, ...others] = await bundle(code, { splitting: true });
  assert.equal(others.length, 2);
  const index = await readFile(`${PACKAGE}/index.js`, "utf8");
  assert.ok(main.length < index.length * 1.1, `${main.length} of ${index.length} bytes`);
});

/** Runs in a page: what importing the module at `url` does to it. */
async function watchImport(url) {
  const done = [];
  const watch = (owner, method) => {
    const original = owner[method];
    owner[method] = function (...args) {
      done.push(`${method} ${args[0]}`);
      return new.target ? new original(...args) : original.apply(this, args);
    };
  };
  for (const method of ["Module", "Instance", "compile", "instantiate"]) watch(WebAssembly, method);
  for (const method of ["setTimeout", "fetch"]) watch(window, method);
  watch(EventTarget.prototype, "addEventListener");
  const before = Object.getOwnPropertyNames(window);
  const imported = Object.keys(await import(url));
  return {
    imported,
    done,
    globals: Object.getOwnPropertyNames(window).filter((name) => !before.includes(name)),
    kept: localStorage.length + sessionStorage.length + document.cookie.length,
  };
}

test("importing the package does nothing in a browser", async () => {
  const collector = await startCollector();
  const site = await startSite(collector, () => ({
    head: `<script>var seen = (${watchImport})("${collector.origin}/package/index.js");</script>`,
  }));
  const { page, errors, messages } = await openPage(await startBrowser());
  await page.goto(site.origin);
  const seen = await page.evaluate(() => window.seen);
  assert.deepEqual(seen, { imported: ["init"], done: [], globals: [], kept: 0 });
  assert.deepEqual([collector.requests.length, errors, messages], [0, [], []]);
});
