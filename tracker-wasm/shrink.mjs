/**
 * Makes the tracker smaller between wasm-opt and esbuild, in place:
 *
 *     node tracker-wasm/shrink.mjs <pkg>
 *
 * `<pkg>` holds `tracker.js` and `tracker_bg.wasm` (`wasm-bindgen --target web --out-name tracker`). After
 * it, `tracker_bg.wasm` is a JavaScript module whose default export are the bytes: esbuild then takes
 * `--loader:.wasm=js`. Without this step it takes `--loader:.wasm=binary`, and the result works just as well.
 *
 * - wasm-bindgen's names (`__wbg_addEventListener_70e3766f6252144d`) stand in the module and in the glue;
 *   both get short ones.
 * - Base64 hides the module's repetitions from gzip: three bytes become four characters, and what is
 *   equal looks different at each of three alignments. Here each byte becomes one character, or two.
 */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const IMPORTS = 2;
const EXPORTS = 7;
const KIND_BYTES = 1;

/** Reads and writes the parts of a module this needs. */
class Reader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  number() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  }

  take(length) {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  text() {
    return Buffer.from(this.take(this.number())).toString();
  }
}

function number(value) {
  const out = [];
  do {
    out.push((value & 127) | (value > 127 ? 128 : 0));
    value >>>= 7;
  } while (value > 0);
  return out;
}

const text = (value) => [...number(value.length), ...Buffer.from(value)];

/** The bytes that describe an import after its names; their length depends on its kind. */
function importType(reader) {
  const start = reader.at;
  const kind = reader.take(KIND_BYTES)[0];
  if (kind === 0) {
    reader.number();
  } else if (kind === 1 || kind === 2) {
    if (kind === 1) reader.number();
    const hasMaximum = reader.number() & 1;
    reader.number();
    if (hasMaximum) reader.number();
  } else if (kind === 3 || kind === 4) {
    reader.number();
    reader.number();
  } else {
    throw new Error(`import of unknown kind ${kind}`);
  }
  return reader.bytes.subarray(start, reader.at);
}

/** Gives every import and export a short name; returns the new module and the names, old to new. */
function shorten(bytes) {
  const names = { modules: new Map(), imports: new Map(), exports: new Map() };
  const short = (map, name) => {
    if (!map.has(name))
      map.set(
        name,
        map.size.toString(36).replace(/^\d/, (d) => `_${d}`),
      );
    return map.get(name);
  };
  const out = [...bytes.subarray(0, 8)];
  const reader = new Reader(bytes, 8);
  while (reader.at < bytes.length) {
    const id = reader.take(1)[0];
    const section = reader.take(reader.number());
    let body = section;
    if (id === IMPORTS || id === EXPORTS) {
      const inner = new Reader(section);
      const count = inner.number();
      const entries = [];
      for (let i = 0; i < count; i++) {
        if (id === IMPORTS) {
          entries.push(text(short(names.modules, inner.text())), text(short(names.imports, inner.text())));
          entries.push([...importType(inner)]);
        } else {
          entries.push(text(short(names.exports, inner.text())), [...inner.take(KIND_BYTES)]);
          entries.push(number(inner.number()));
        }
      }
      body = [...number(count), ...entries.flat()];
    }
    out.push(id, ...number(body.length));
    for (const byte of body) out.push(byte);
  }
  return { bytes: Uint8Array.from(out), names };
}

/** Uses the short names in the glue, too. */
function rename(glue, { modules, imports, exports }) {
  for (const [long, short] of modules) glue = glue.replaceAll(`"${long}"`, `"${short}"`);
  for (const [long, short] of imports) glue = glue.replace(`        ${long}: `, `        ${short}: `);
  return glue.replace(/\bwasm\.(\w+)/g, (all, name) =>
    exports.has(name) ? `wasm.${exports.get(name)}` : all,
  );
}

/** Printable ASCII without quote, dollar and backslash: needs no escaping in any kind of literal. */
const ALPHABET = [...Array(95).keys()]
  .map((i) => String.fromCharCode(i + 32))
  .filter((c) => !'"$\\`'.includes(c));

/**
 * Packs bytes into printable ASCII: the most frequent as one character each, the others as one of the
 * last characters of the alphabet and another. The order of bytes is in the table that goes with it.
 */
function pack(bytes) {
  const frequency = Array(256).fill(0);
  for (const byte of bytes) frequency[byte]++;
  const order = [...frequency.keys()].sort((a, b) => frequency[b] - frequency[a] || a - b);
  const singles = ALPHABET.length - 3;
  const code = (byte) => {
    const rank = order.indexOf(byte);
    if (rank < singles) return ALPHABET[rank];
    const rest = rank - singles;
    return ALPHABET[singles + Math.floor(rest / singles)] + ALPHABET[rest % singles];
  };
  const codes = [...frequency.keys()].map(code);
  const table = order.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  let packed = "";
  for (const byte of bytes) packed += codes[byte];
  return `const table = "${table}", packed = "${packed}", alphabet = ${JSON.stringify(ALPHABET.join(""))};
const out = [];
for (let i = 0; i < packed.length; i++) {
  let rank = alphabet.indexOf(packed[i]);
  if (rank >= ${singles}) rank = (rank - ${singles - 1}) * ${singles} + alphabet.indexOf(packed[++i]);
  out.push(Number.parseInt(table.substr(rank * 2, 2), 16));
}
export default /* @__PURE__ */ Uint8Array.from(out);`;
}

const pkg = process.argv[2];
if (!pkg) {
  console.error("usage: node tracker-wasm/shrink.mjs <pkg>");
  process.exit(2);
}
const module = join(pkg, "tracker_bg.wasm");
const glue = join(pkg, "tracker.js");
const { bytes, names } = shorten(await readFile(module));
await writeFile(glue, rename(await readFile(glue, "utf8"), names));
await writeFile(module, pack(bytes));
