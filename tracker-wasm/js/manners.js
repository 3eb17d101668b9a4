/** Whom not to track, how not to know somebody by name, and ids for those the module is not there for. */

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

/** A UUIDv7 of a Unix time in milliseconds. */
export function makeId(at) {
  const digits = (count) =>
    Math.random()
      .toFixed(16)
      .slice(2, 2 + count);
  const time = `0${at.toString(16)}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-7${digits(3)}-a${digits(3)}-${digits(12)}`;
}
