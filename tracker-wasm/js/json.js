/**
 * JSON, printed without `JSON`: pages replace it, and libraries of old give arrays a `toJSON` that turns
 * them into strings.
 */

import { MAX_AMOUNT_BYTES, MAX_PROP_KEY_BYTES, MAX_PROP_VALUE_BYTES, MAX_PROPS } from "../pkg/limits.js";

export const encoder = new TextEncoder();

/** The inside of a JSON string, of at most `max` UTF-8 bytes before it is escaped. It is one line. */
export function clean(value, max) {
  const text = String(value ?? "").trim();
  return text
    .slice(0, encoder.encodeInto(text, new Uint8Array(max)).read)
    .replace(/\p{Cc}+/gu, " ")
    .replace(/["\\]/g, "\\$&");
}

/** A further field of an object; nothing if there is no value. */
export const field = (name, value, max) => {
  const text = clean(value, max);
  return text && `,"${name}":"${text}"`;
};

/** Properties as a further field. Only scalars are taken. */
export function printProps(props) {
  let out = "";
  let left = MAX_PROPS;
  for (const [name, value] of Object.entries(props ?? {})) {
    if (!/number|boolean|string/.test(typeof value) || left-- < 1) continue;
    out += `${out && ","}"${clean(name, MAX_PROP_KEY_BYTES)}":"${clean(value, MAX_PROP_VALUE_BYTES)}"`;
  }
  return out && `,"props":{${out}}`;
}

/** Revenue as a further field; nothing if it is none, by the rules of `Revenue::parse` in `protocol/src/value.rs`. */
export function printRevenue(revenue) {
  const { amount, currency } = revenue ?? {};
  const valid =
    /^-?\d+(\.\d+)? [a-z]{3}$/i.test(`${amount} ${currency}`) && `${amount}`.length <= MAX_AMOUNT_BYTES;
  return valid ? `,"revenue":{"amount":"${amount}","currency":"${currency.toUpperCase()}"}` : "";
}
