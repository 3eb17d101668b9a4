// The Web Worker that answers questions: loads the segments of a range, keeps them up to date, runs the engine.
// __ENGINE_URL__ and __ENGINE_INTEGRITY__ are filled in by the build.
//
// Takes { id, kind, … } and answers with { id, progress } while it loads, then { id, ok } or { id, error }:
//   load     { site, ranges: [[from, to], …], most }  → { events, now } | { tooLarge: events }
//   refresh  {}                                        → { changed, now }
//   ask      { questions }                             → { answers }
//   merge    { site, rows }                            → {}: events that were pushed, a segment
//   learn    {}                                        → {}: what is saved at the site has changed
//   cancel   {}                                        → {}: what is being loaded is not wanted any more
import start, { Engine } from "../pkg/engine.js";
import { readSegment } from "./segment-cache.js";

const AT_ONCE = 6;

const ready = start({
  module_or_path: fetch(__ENGINE_URL__, { integrity: __ENGINE_INTEGRITY__, credentials: "same-origin" }),
});

// Whoever asks something is told; nobody else has to be.
ready.catch(() => {});

let engine = null;
// What is loaded: { site, ranges, tag }.
let loaded = null;
// Number of the newest load: an older one that is still under way stops.
let newest = 0;

// Events that were pushed, and when: a tail that was asked for before they were stored does not have them.
let pushed = [];
// The site that is loaded, or being loaded.
let wanted = null;
const ON_THE_WAY_MS = 10_000;

// Takes a tail that was asked for at `began`, and what was pushed since.
function setTail(site, bytes, began) {
  engine.set_tail(bytes);
  pushed = pushed.filter((it) => it.site === site && it.at >= began - ON_THE_WAY_MS);
  for (const { rows } of pushed) engine.add_rows(rows);
}

function merge({ site, rows }) {
  if (site !== wanted) return {};
  pushed.push({ site, rows, at: performance.now() });
  if (loaded?.site === site) engine.add_rows(rows);
  return {};
}

class Refused extends Error {
  constructor(status, problem) {
    super(`status ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

async function checked(response) {
  if (response.ok) return response;
  const problem = await response.json().catch(() => null);
  throw new Refused(response.status, problem);
}

const parameters = (site, [from, to]) =>
  `site_id=${encodeURIComponent(site)}&from=${Math.floor(from)}&to=${Math.floor(to)}`;

// The site's goals and segments, which questions mean.
async function saved(site) {
  const lists = ["goals", "segments"].map(async (kind) => {
    const address = `/api/sites/${encodeURIComponent(site)}/${kind}`;
    return (await checked(await fetch(address, { cache: "no-store" }))).json();
  });
  return JSON.stringify(Object.assign(...(await Promise.all(lists))));
}

// What the ranges consist of: segments by name, and the worker's time.
async function list(site, ranges) {
  const answers = await Promise.all(
    ranges.map(async (range) =>
      (await checked(await fetch(`/api/segments?${parameters(site, range)}`, { cache: "no-store" }))).json(),
    ),
  );
  const segments = new Map();
  for (const { segments: found } of answers) {
    for (const segment of found) segments.set(`${site}/${segment.bucket}/${segment.hash}`, segment);
  }
  // Where the site's numbers come from is the same in each.
  const origin = JSON.stringify(answers[0].origin ?? {});
  return { segments, origin, now: Math.max(...answers.map((answer) => answer.generated_at)) };
}

// The events that no segment holds yet. `tag` names this state of them.
async function tail(site, ranges) {
  const whole = [Math.min(...ranges.map(([from]) => from)), Math.max(...ranges.map(([, to]) => to))];
  // The browser asks whether what it has is still right, and says 200 either way.
  const response = await checked(
    await fetch(`/api/segments/tail?${parameters(site, whole)}`, { cache: "no-cache" }),
  );
  return { bytes: new Uint8Array(await response.arrayBuffer()), tag: response.headers.get("etag") };
}

// Brings the engine's segments to what the list says.
async function take(site, segments, isCurrent, progress) {
  const missing = [...segments].filter(([name]) => !engine.has(name));
  const total = missing.reduce((sum, [, { bytes }]) => sum + bytes, 0);
  let done = 0;
  progress?.(done, total);
  const next = async () => {
    for (let entry = missing.pop(); entry && isCurrent(); entry = missing.pop()) {
      const [name, { bucket, hash, bytes }] = entry;
      const address = `/api/segments/${bucket}/${hash}?site_id=${encodeURIComponent(site)}`;
      const body = await readSegment(address, checked);
      if (!isCurrent()) return;
      engine.add(name, body);
      done += bytes;
      progress?.(done, total);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  if (isCurrent()) engine.keep([...segments.keys()].join("\n"));
}

async function load({ site, ranges, most }, report) {
  const number = ++newest;
  const isCurrent = () => number === newest;
  loaded = null;
  engine ??= new Engine();
  const began = performance.now();
  wanted = site;
  pushed = pushed.filter((it) => it.at >= began - ON_THE_WAY_MS);
  // The tail first: what is sealed meanwhile is in both, never in neither.
  const unsealed = await tail(site, ranges);
  const [{ segments, now, origin }, meant] = await Promise.all([list(site, ranges), saved(site)]);
  if (!isCurrent()) return { superseded: true };
  const events = [...segments.values()].reduce((sum, segment) => sum + segment.events, 0);
  if (events > most) {
    engine.free();
    engine = null;
    wanted = null;
    return { tooLarge: events };
  }
  await take(site, segments, isCurrent, report);
  if (!isCurrent()) return { superseded: true };
  engine.set_saved(meant);
  engine.set_origin(origin);
  setTail(site, unsealed.bytes, began);
  engine.prepare();
  loaded = { site, ranges, tag: unsealed.tag };
  return { events: engine.events(), now };
}

async function refresh() {
  if (!loaded) return { changed: false };
  const { site, ranges, tag } = loaded;
  const number = newest;
  const isCurrent = () => number === newest;
  const began = performance.now();
  const unsealed = await tail(site, ranges);
  if (unsealed.tag === tag || !isCurrent()) return { changed: false };
  const [{ segments, now, origin }, meant] = await Promise.all([list(site, ranges), saved(site)]);
  await take(site, segments, isCurrent);
  if (!isCurrent()) return { changed: false };
  engine.set_saved(meant);
  engine.set_origin(origin);
  setTail(site, unsealed.bytes, began);
  loaded = { site, ranges, tag: unsealed.tag };
  return { changed: true, now, events: engine.events() };
}

async function answer(message, report) {
  // Without its program this is no engine, whatever the connection does: an error of its own, no TypeError of fetch.
  await ready.catch((error) => {
    throw new Error(`cannot start: ${error}`);
  });
  switch (message.kind) {
    case "load":
      return load(message, report);
    case "refresh":
      return refresh();
    case "ask":
      if (!loaded) return { superseded: true };
      return { answers: engine.ask(message.questions) };
    case "merge":
      return merge(message);
    case "learn": {
      const site = loaded?.site;
      if (!site) return {};
      const meant = await saved(site);
      // Another site may have been loaded meanwhile.
      if (loaded?.site === site) engine?.set_saved(meant);
      return {};
    }
    case "cancel":
      newest += 1;
      return {};
    default:
      throw new Error(`unknown message ${message.kind}`);
  }
}

addEventListener("message", async ({ data }) => {
  const { id } = data;
  try {
    const ok = await answer(data, (done, total) => postMessage({ id, progress: [done, total] }));
    postMessage({ id, ok });
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) {
      // Out of memory, most likely: nothing the engine holds can be relied on.
      engine = null;
      loaded = null;
      wanted = null;
    }
    // fetch fails with a TypeError when there is no connection; anything else is the engine's own.
    const { status = error instanceof TypeError ? 0 : -1, problem = null } = error;
    if (status < 0) console.warn(`engine: ${error}`);
    postMessage({ id, error: { status, problem } });
  }
});
