/**
 * Puts the bytes of the module into the script as text.
 *
 * Base64 hides a module's repetitions from gzip: three bytes become four characters, and what is equal
 * looks different at each of three alignments. Here each of the most frequent bytes is one character and
 * each of the others two. gzip describes script and module with one set of codes, so the bytes are given
 * the characters that are as frequent in the script as they are in the module: 0.9 kB less than base64 of
 * the first kind, 0.3 kB less than any fixed order. Only printable ASCII is used: a page in EUC-KR or
 * Shift JIS reads the script just as well.
 */

import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";

/** What stands in the script where the bytes go. */
export const MARK = "new Uint8Array(0x11)";

/** As the minifier leaves it. */
const MINIFIED = /new Uint8Array\((17|0x11)\)/;

/** Stands in the table for a byte that is two characters. */
const PAIR = "`";

/** Printable ASCII that needs no escape. */
const ALPHABET = [...Array(95).keys()]
  .map((index) => String.fromCharCode(index + 32))
  .filter((character) => !`"\\${PAIR}`.includes(character));

/** Places in the order of frequency of the two characters that begin a pair. */
const PREFIXES = [20, 40];

/** All bytes there are. */
const ALL = [...Array(256).keys()];

const count = (values) => {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return (value) => counts.get(value) ?? 0;
};

/** How many exchanges of two characters are tried: each costs a millisecond, and later ones gain little. */
const TRIES = 1_000;

/** `bytes` in `script`, where its mark stands. */
export function pack(bytes, script) {
  if (!MINIFIED.test(script)) throw new Error("the script has no place for the module");
  const ofCharacter = count(script);
  const byFrequency = [...ALPHABET].sort((a, b) => ofCharacter(b) - ofCharacter(a) || (a < b ? -1 : 1));
  const prefixes = PREFIXES.map((place) => byFrequency[place]);
  const singles = byFrequency.filter((character) => !prefixes.includes(character));

  const ofByte = count(bytes);
  const order = [...ALL].sort((a, b) => ofByte(b) - ofByte(a) || a - b).slice(0, singles.length);
  const characters = new Map(order.map((byte, rank) => [byte, singles[rank]]));
  const place = (code) => script.replace(MINIFIED, () => code);
  const size = () => gzipSync(place(print(bytes, characters, prefixes)), { level: 9 }).length;

  // Frequency alone knows nothing of what stands beside what. The same numbers each time: a build can be repeated.
  const random = numbers();
  let smallest = size();
  for (let tries = 0; tries < TRIES; tries++) {
    const [one, other] = [order[random(order.length)], order[random(order.length)]];
    const swap = () => {
      const kept = characters.get(one);
      characters.set(one, characters.get(other)).set(other, kept);
    };
    swap();
    const now = size();
    if (now > smallest) swap();
    smallest = Math.min(now, smallest);
  }

  const code = print(bytes, characters, prefixes);
  if (Buffer.compare(Buffer.from(runInNewContext(code)), Buffer.from(bytes))) {
    throw new Error("the module does not come out as it went in");
  }
  return place(code);
}

/** A linear congruential generator (Knuth and Lewis): whole numbers below a limit. */
function numbers() {
  let state = 7;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** The expression that gives the bytes back. */
function print(bytes, characters, prefixes) {
  // By byte: what is not used costs next to nothing.
  const table = ALL.map((byte) => characters.get(byte) ?? PAIR).join("");
  const alphabet = table.replaceAll(PAIR, "");
  const pairs = new Map();
  for (const byte of ALL.filter((byte) => !characters.has(byte))) {
    const [row, column] = [Math.floor(pairs.size / alphabet.length), pairs.size % alphabet.length];
    pairs.set(byte, prefixes[row] + alphabet[column]);
  }
  let packed = "";
  for (const byte of bytes) packed += characters.get(byte) ?? pairs.get(byte);
  return `(()=>{const t="${table}",e=[],n=[],o=[];let r=0;for(;r<256;r++)(t[r]=="${PAIR}"?n:e).push(r);r=0;for(const i of "${packed}"){const s="${prefixes.join("")}".indexOf(i),c=t.indexOf(i);~s?r=s*${alphabet.length}+1:(o.push(r?n[r-1+e.indexOf(c)]:c),r=0)}return Uint8Array.from(o)})()`;
}
