/**
 * What WebAssembly cannot do itself: catch a trap, wrap `history`, hand a promise back.
 *
 * Nothing here may throw into the page. After a trap the module's memory cannot be trusted any more, so
 * the tracker is off for good: every callback becomes a no-op.
 */

import { readClick } from "./clicks.js";
import { createStorage } from "./storage.js";

/** A request without an answer by then is given up; its events are sent again. */
const ANSWER_WITHIN_MS = 30_000;

/**
 * @param {{ siteId: string, endpoint: string, debug: boolean }} options
 */
export function createHost({ siteId, endpoint, debug }) {
  let off = false;
  let tracker;
  let restoreHistory = () => {};

  /** Wraps `run` so that what it throws ends the tracker instead of reaching the page. */
  function guard(run) {
    return (...args) => {
      if (off) return undefined;
      try {
        return run(...args);
      } catch (error) {
        turnOff();
        warn(error);
        return undefined;
      }
    };
  }

  /** Wraps what reads the page's own values: what that throws is the page's mistake and costs one call. */
  function attempt(run) {
    return (...args) => {
      try {
        return run(...args);
      } catch (error) {
        warn(error);
        return undefined;
      }
    };
  }

  function turnOff() {
    off = true;
    restoreHistory();
  }

  function warn(...what) {
    if (debug) console.warn("liveinsight:", ...what);
  }

  const answered = guard((number, status, retryAfter) => {
    if (status < 200 || status > 299) warn("the server answered", status || "nothing");
    tracker.answered(number, status, retryAfter);
  });

  /** Sends a batch. A string body makes it text/plain: one request, no preflight. */
  function post(number, body) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), ANSWER_WITHIN_MS);
    try {
      window
        .fetch(endpoint, {
          method: "POST",
          mode: "cors",
          credentials: "omit",
          keepalive: true,
          body,
          signal: abort.signal,
        })
        .then((response) => [response.status, Number(response.headers.get("retry-after")) || 0])
        // No answer, or, where a page has replaced `fetch`, something that is none.
        .catch(() => [0, 0])
        .then(([status, retryAfter]) => {
          clearTimeout(timer);
          answered(number, status, retryAfter);
        });
    } catch {
      clearTimeout(timer);
      beacon(number, body);
    }
  }

  /** A beacon has no answer: its events stay stored, and the next page sends them once more. */
  function beacon(number, body) {
    try {
      window.navigator.sendBeacon(endpoint, body);
    } catch (error) {
      warn(error);
    }
    setTimeout(() => answered(number, 0, 0));
  }

  /**
   * Tells the tracker of every `pushState` and `replaceState`, after the original has been called. Arity
   * and `this` stay what they were; somebody who wraps them after us is left alone.
   */
  function watchHistory() {
    const told = guard((replaced) => tracker.navigated(replaced));
    const wrap = (name) => {
      // Where it stands already: a method of its own on the object would hide what others wrap later.
      const own = Object.hasOwn(window.history, name);
      const owner = own ? window.history : Object.getPrototypeOf(window.history);
      const original = owner[name];
      // Some pages take it away.
      if (typeof original !== "function") return () => {};
      const replaced = name === "replaceState";
      const wrapped = function (...args) {
        const result = original.apply(this, args);
        told(replaced);
        return result;
      };
      Object.defineProperties(wrapped, { name: { value: name }, length: { value: original.length } });
      owner[name] = wrapped;
      return () => {
        if (owner[name] === wrapped) owner[name] = original;
      };
    };
    const undo = ["pushState", "replaceState"].map(wrap);
    restoreHistory = () => {
      for (const restore of undo) restore();
    };
  }

  return {
    ...createStorage(siteId),
    click: readClick,
    attempt,
    guard,
    post,
    warn,
    turnOff,
    /** Connects the started module; from here on the page's navigation is watched. */
    connect(started) {
      tracker = started;
      watchHistory();
    },
  };
}
