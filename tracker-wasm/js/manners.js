/** Whom not to track, and how not to know somebody by name. */

import { encoder } from "./json.js";
import { read } from "./storage.js";

/** As `SiteId::parse` in `protocol/src/ids.rs`. */
const SITE_ID = /^[a-z0-9._-]{1,64}$/;

const LOCAL = /^(localhost$|127\.|\[::1)|\.local(host)?$/;

/** Why this visitor is not to be tracked, in a word that the README explains. */
export function reasonToStayAway({ siteId, endpoint, ignorePrivacySignals, test }) {
  const { globalPrivacyControl, doNotTrack, webdriver } = navigator;
  if (!SITE_ID.test(siteId) || !endpoint) {
    console.warn("liveinsight: siteId or endpoint is missing");
    return "options";
  }
  if (!/^http/.test(location.protocol)) return "protocol";
  if (!test && (webdriver || LOCAL.test(location.hostname))) return "local";
  if (read("liveinsight.optout")) return "opt-out";
  if (!ignorePrivacySignals && (globalPrivacyControl || /^(1|yes)$/.test(doNotTrack ?? window.doNotTrack)))
    return "signal";
}

/** SHA-256 in hexadecimal. */
export async function digest(text) {
  const hash = await crypto.subtle.digest("SHA-256", encoder.encode(text));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
