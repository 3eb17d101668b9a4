/**
 * The trackers that are measured: which file a page loads, how it is started, and how to tell that it worked.
 *
 * Each is set up as its vendor says, for page views and, where it has them, clicks. What would make it ask or load
 * more is turned off, which only makes it cheaper:
 *
 * - posthog asks for flags and remote settings, then loads a recorder, surveys and web vitals; here it may not.
 *   It records the click by its autocapture.
 * - snowplow's plug-in for link clicks is not to be had in this version: the page's own listener calls the function
 *   the plug-in would call, with the same event. There are no other plug-ins.
 * - swetrix has no clicks: the page's own listener calls its `track`. It is started without error tracking.
 * - plausible records the click as one on an outbound link.
 *
 * Plausible and swetrix send nothing from a local address, ours neither; their switches for that are set.
 */

import { readFileSync } from "node:fs";
import { basename, join } from "node:path";

const root = process.env.LIVEINSIGHT_ROOT ?? process.cwd();

/** Where the others are installed; unset when they could not be. */
const rivals = process.env.LIVEINSIGHT_RIVALS;

/** Answers as the edge worker does: a receipt for each event, so that none is kept to be sent again. */
function receipts(body) {
  const { events = [] } = JSON.parse(body);
  return JSON.stringify({
    server_time: Date.now(),
    receipts: events.map(({ id }) => ({ id, status: "accepted" })),
  });
}

/**
 * `attributes` go on the script's tag, `before` runs before it is added, `start` once it has loaded and `onClick` in
 * the page's own listener. In all of them `BASE` is the address events go to. `endpoint` is where the page view goes;
 * `pageView` and `click` say what must be found in which request.
 */
const KNOWN = [
  // What loading any script costs; its figures are taken off those of the others.
  { name: "empty", text: "window.empty = 1;" },
  {
    name: "tracker",
    path: join(root, "dist/cdn/li.js"),
    parts: true,
    attributes: { "data-site-id": "bench", "data-endpoint": "BASE/events", "data-test": "" },
    answer: receipts,
    endpoint: "/events",
    pageView: { path: "/events", text: '"page_view"' },
    click: { path: "/events", text: '"click"' },
  },
  {
    name: "plausible",
    rival: "plausible.js",
    before: `window.plausibleOptions = { domain: "bench", endpoint: "BASE/api/event",
      outboundLinks: true, captureOnLocalhost: true };`,
    endpoint: "/api/event",
    pageView: { path: "/api/event", text: '"pageview"' },
    click: { path: "/api/event", text: '"Outbound Link: Click"' },
  },
  {
    name: "swetrix",
    rival: "node_modules/swetrix/dist/swetrix.js",
    start: `swetrix.init("bench", { apiURL: "BASE/log", devMode: true }); swetrix.trackViews();`,
    onClick: `swetrix.track({ ev: "click", meta: { url: link.href } });`,
    endpoint: "/log/",
    pageView: { path: "/log/", text: '"pg":' },
    click: { path: "/log/custom", text: '"ev":"click"' },
  },
  {
    name: "snowplow",
    rival: "node_modules/@snowplow/browser-tracker/dist/index.umd.min.js",
    start: `const base = new URL("BASE/tp2");
      snowplowBrowserTracking.newTracker("bench", base.origin, { appId: "bench", postPath: base.pathname });
      snowplowBrowserTracking.trackPageView();`,
    onClick: `snowplowBrowserTracking.trackSelfDescribingEvent({ event: {
      schema: "iglu:com.snowplowanalytics.snowplow/link_click/jsonschema/1-0-1",
      data: { targetUrl: link.href, elementId: link.id } } });`,
    endpoint: "/tp2",
    pageView: { path: "/tp2", text: '"e":"pv"' },
    click: { path: "/tp2", text: '"e":"ue"' },
  },
  {
    name: "posthog",
    rival: "node_modules/posthog-js/dist/array.js",
    start: `posthog.init("phc_bench", { api_host: "BASE", autocapture: true, capture_pageview: true,
      advanced_disable_flags: true, disable_external_dependency_loading: true });`,
    answer: () => '{"status":1}',
    endpoint: "/e/",
    pageView: { path: "/e/", text: '"event":"$pageview"' },
    click: { path: "/e/", text: '"event":"$autocapture"' },
  },
];

/** Those that can be measured here, with their scripts: all or, without the others' packages, ours and the control. */
export function trackers({ script, only }) {
  for (const name of only ?? []) {
    if (!KNOWN.some((tracker) => tracker.name === name)) {
      throw new Error(
        `there is no tracker ${name}: choose from ${KNOWN.map((known) => known.name).join(", ")}`,
      );
    }
  }
  return KNOWN.filter(({ rival }) => !rival || rivals)
    .filter(({ name }) => !only || name === "empty" || only.includes(name))
    .map((tracker) => {
      if (tracker.text) return { ...tracker, file: "empty.js", script: Buffer.from(tracker.text) };
      const path = tracker.rival ? join(rivals, tracker.rival) : (script ?? tracker.path);
      return { ...tracker, path, file: basename(path), script: readFileSync(path) };
    });
}
