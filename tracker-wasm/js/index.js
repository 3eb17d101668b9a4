/** The package: `import { init } from "@liveinsight/tracker"`. Importing it does nothing, anywhere. */

import { createHandle, startTracker } from "./start.js";

let current;

/**
 * Starts tracking and returns a handle. A second call warns and returns the first handle; after `stop()`
 * it starts anew. On a server it returns a handle that does nothing.
 *
 * @param {import("@liveinsight/tracker").Options} options
 */
export function init(options) {
  if (typeof window === "undefined" || typeof document === "undefined") return createHandle();
  if (current) {
    console.warn("liveinsight: init() was called twice; the first tracker stays");
    return current;
  }
  const handle = startTracker({
    siteId: "",
    loadFallback: () => import("./fallback.js"),
    loadVitals: () => import("./vitals.js"),
    ...options,
  });
  current = {
    ...handle,
    stop() {
      handle.stop();
      current = undefined;
    },
  };
  return current;
}
