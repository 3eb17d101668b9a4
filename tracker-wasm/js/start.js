/** Starts the module and gives the page its handle. Shared by the script (cdn.js) and the package. */

import { initSync, start } from "../pkg/tracker.js";
import bytes from "../pkg/tracker_bg.wasm";
import { createHost } from "./host.js";

const idle = { conversion() {}, pageView() {}, flush() {}, stop() {} };

/** A handle that does nothing: on a server, without consent, or when WebAssembly is not allowed. */
export const idleHandle = () => ({ ...idle });

/**
 * @param {{ siteId: string, endpoint: string, debug?: boolean, ignorePrivacySignals?: boolean }} options
 */
export function startTracker({ siteId, endpoint, debug = false, ignorePrivacySignals = false }) {
  const host = createHost({ siteId, endpoint, debug });
  const begin = host.guard(() => {
    if (!ignorePrivacySignals && visitorObjects()) {
      host.warn("off: the visitor's browser asks not to be tracked");
      return undefined;
    }
    initSync({ module: bytes });
    const locale = `${window.navigator.language}\0${timeZone()}`;
    const tracker = start(siteId, host, window, document, locale, window.screen.width, window.screen.height);
    if (tracker) host.connect(tracker);
    else host.warn("off: the site id is missing or malformed");
    return tracker;
  });
  const tracker = begin();
  if (!tracker) return idleHandle();

  const convert = host.guard((...args) => tracker.conversion(...args));
  const view = host.guard((props) => tracker.pageView(props));
  return {
    conversion: host.attempt((name, details) => {
      const { revenue, props } = details ?? {};
      const money = revenue ? [String(revenue.amount), String(revenue.currency)] : ["", ""];
      if (convert(String(name), ...money, flatten(props)) === false) {
        host.warn("the conversion's name or revenue is not valid:", name, revenue);
      }
    }),
    pageView: host.attempt((details) => view(flatten(details?.props))),
    flush: host.guard(() => tracker.flush()),
    stop: host.guard(() => {
      tracker.stop();
      host.turnOff();
    }),
  };
}

function timeZone() {
  try {
    return new Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  } catch {
    return "";
  }
}

/** Global Privacy Control, or Do Not Track in the spellings browsers have used. */
function visitorObjects() {
  const { globalPrivacyControl, doNotTrack } = navigator;
  return globalPrivacyControl === true || ["1", "yes"].includes(doNotTrack ?? window.doNotTrack);
}

/** Properties as one text: keys and values in turn, parted by NUL. Only scalars are taken. */
function flatten(props) {
  return Object.entries(props ?? {})
    .filter(([, value]) => ["string", "number", "boolean"].includes(typeof value))
    .flat()
    .map((part) => String(part).replaceAll("\0", ""))
    .join("\0");
}
