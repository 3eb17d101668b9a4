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

/** What stands in the script where the bytes go. */
export const MARK = "new Uint8Array(0x11)";

/** As the minifier leaves it. */
const MINIFIED = /new Uint8Array\((17|0x11)\)/;

/** Printable ASCII that needs no escape in any kind of literal. */
const ALPHABET = [...Array(95).keys()]
  .map((index) => String.fromCharCode(index + 32))
  .filter((character) => !'"$\\`'.includes(character));

/** Places in the order of frequency of the two characters that begin a pair. */
const PREFIXES = [20, 40];

const count = (values) => {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return (value) => counts.get(value) ?? 0;
};

/** `bytes` in `script`, where its mark stands. */
export function pack(bytes, script) {
  if (!MINIFIED.test(script)) throw new Error("the script has no place for the module");
  const ofCharacter = count(script);
  const byFrequency = [...ALPHABET].sort((a, b) => ofCharacter(b) - ofCharacter(a) || (a < b ? -1 : 1));
  const prefixes = PREFIXES.map((place) => byFrequency[place]);
  const singles = byFrequency.filter((character) => !prefixes.includes(character));

  const ofByte = count(bytes);
  const all = [...Array(256).keys()];
  const order = [...all].sort((a, b) => ofByte(b) - ofByte(a) || a - b);
  const characters = new Map(order.slice(0, singles.length).map((byte, rank) => [byte, singles[rank]]));

  // Sorted by byte, so that the table is one bit for each byte and the characters.
  const alphabet = all.map((byte) => characters.get(byte) ?? "").join("");
  const others = all.filter((byte) => !characters.has(byte));
  let bits = "";
  for (let byte = 0; byte < 256; byte += 4) {
    const four = [0, 1, 2, 3].map((bit) => (characters.has(byte + bit) ? 1 << bit : 0));
    bits += four.reduce((sum, bit) => sum + bit).toString(16);
  }
  let packed = "";
  for (const byte of bytes) {
    const place = others.indexOf(byte);
    const [row, column] = [Math.floor(place / alphabet.length), place % alphabet.length];
    packed += characters.get(byte) ?? prefixes[row] + alphabet[column];
  }
  const code = unpack(alphabet, bits, packed, prefixes.join(""));
  if (Buffer.compare(Buffer.from(runInNewContext(code)), Buffer.from(bytes))) {
    throw new Error("the module does not come out as it went in");
  }
  return script.replace(MINIFIED, () => code);
}

/** The expression that gives the bytes back. */
function unpack(alphabet, bits, packed, prefixes) {
  return `(()=>{const t="${alphabet}",e=[],n=[],o=[];let r=0;for(;r<256;r++)(+("0x"+"${bits}"[r>>2])>>(r&3)&1?e:n).push(r);r=0;for(const i of "${packed}"){const s="${prefixes}".indexOf(i);~s?r=s*${alphabet.length}+1:(o.push(r?n[r-1+t.indexOf(i)]:e[t.indexOf(i)]),r=0)}return Uint8Array.from(o)})()`;
}
