/**
 * The script a site includes:
 * `<script async src="https://…/li.js" data-site-id="my-site"></script>`
 */

import { idleHandle, startTracker } from "./start.js";

function install() {
  const script = document.currentScript ?? document.querySelector("script[data-site-id]");
  const data = script?.dataset ?? {};
  const early = window.liveinsight;
  // A stub has a queue; an element with this id has neither queue nor methods.
  if (typeof early?.conversion === "function" && !early.q) {
    console.warn("liveinsight: the script is included twice; the first one stays");
    return;
  }
  let handle = idleHandle();
  try {
    handle = startTracker({
      siteId: data.siteId ?? "",
      endpoint: data.endpoint ?? new URL("/events", script.src).href,
      debug: "debug" in data,
      ignorePrivacySignals: "ignorePrivacySignals" in data,
    });
  } finally {
    window.liveinsight = handle;
  }
  if (Array.isArray(early?.q)) {
    for (const [method, ...args] of early.q) handle[method]?.(...args);
  }
}

try {
  install();
} catch {
  // The page comes first: a tracker that cannot start is not its problem.
}
