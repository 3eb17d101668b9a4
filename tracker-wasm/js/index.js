/** The package: `import { init } from "@liveinsight/tracker"`. Importing it does nothing, anywhere. */

import { startTracker } from "./start.js";

let current;

/** A handle that does nothing. */
function createIdle() {
  const nothing = () => {};
  const idle = { consent: { grant: nothing, deny: nothing } };
  for (const name of ["conversion", "event", "pageView", "identify", "reset", "flush", "stop"])
    idle[name] = nothing;
  return idle;
}

/**
 * Starts tracking and returns a handle. A second call warns and returns the first handle; after `stop()`
 * it starts anew. On a server it returns a handle that does nothing.
 *
 * @param {import("@liveinsight/tracker").Options} options
 */
export function init(options) {
  if (typeof window === "undefined" || typeof document === "undefined") return createIdle();
  if (current) {
    console.warn("liveinsight: init() was called twice; the first tracker stays");
    return current;
  }
  let handle;
  try {
    handle = startTracker({
      loadFallback: () => import("./fallback.js"),
      loadVitals: () => import("./vitals.js"),
      ...options,
    });
  } catch (error) {
    console.warn("liveinsight: not started:", error);
    return createIdle();
  }
  current = {
    ...handle,
    stop() {
      handle.stop();
      current = undefined;
    },
  };
  return current;
}
