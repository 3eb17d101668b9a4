/** The module and the way into it. What it does is decided, and tested, in `src/core`. */

import { CAPACITY } from "../pkg/limits.js";
import bytes from "../pkg/tracker.wasm";
import { encoder } from "./json.js";

/** What happened: the numbers of `Op` in `src/core/entry.rs`. */
export const START = 0;
export const LOOK = 1;
export const GO = 2;
export const ACTIVITY = 3;
export const NAVIGATED = 4;
export const PAGE_VIEW = 5;
export const ACT = 6;
export const ANSWERED = 7;
export const FLUSH = 8;
export const ADOPT = 9;
export const IDENTIFY = 10;
export const RESET = 11;
export const CONSENT = 12;
export const ONLINE = 13;

/**
 * Calls `ready` with the module: at once, so that no click is missed. The same module as JavaScript comes
 * instead, and later, where that cannot be: a page's Content-Security-Policy forbids WebAssembly, the browser
 * is without it, or, as Chromium up to 113, compiles no more than 4 KB at once.
 */
export function loadCore(loadFallback, ready) {
  let exports;
  try {
    ({ exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes)));
  } catch {
    return loadFallback().then((module) => ready(connect(module)));
  }
  ready(connect(exports));
}

/** One function: numbers and a text in, commands out. */
function connect({ memory, input, output, tell }) {
  const room = new Uint8Array(memory.buffer, input(), CAPACITY);
  const decoder = new TextDecoder();
  return (op, now, a, b, c, bottom, height, text) => {
    const { written } = encoder.encodeInto(text, room);
    // Numbers are taken modulo 2³² on the way in.
    const length = tell(op, now / 2 ** 32, now, a, b, c, bottom, height, written);
    return decoder.decode(new Uint8Array(memory.buffer, output(), length)).split("\0");
  };
}
