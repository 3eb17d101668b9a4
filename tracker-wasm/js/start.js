/**
 * Joins page and module. Shared by the script (cdn.js) and the package (index.js).
 *
 * Nothing here may throw into the page. What a page's own values throw costs one call; a trap inside the
 * module means that its memory cannot be trusted any more: the tracker is off for good, and the next page
 * says so.
 */

import {
  MAX_CONTEXT_BYTES,
  MAX_NAME_BYTES,
  MAX_PERSON_BYTES,
  MAX_PROPS_BYTES,
  MAX_TITLE_BYTES,
  MAX_URL_BYTES,
  SESSION_IDLE_MS,
} from "../pkg/limits.js";
import {
  ACTIVITY_EVERY_MS,
  ANSWER_WITHIN_MS,
  CONSENT,
  DENIED,
  KEEPALIVE_CHARACTERS,
  SETTLE_WITHIN_MS,
} from "./constants.js";
import * as core from "./core.js";
import { clean, encoder, field, printProps, printRevenue } from "./json.js";
import { digest, makeId, reasonToStayAway } from "./manners.js";
import { watchNavigation } from "./navigation.js";
import { createAddress, watchActions } from "./page.js";
import { createCookie, leaveTab, namesFrom, random, read, takeTab, underLock, write } from "./storage.js";

export function startTracker(options) {
  const { siteId, endpoint, debug, beforeSend, buttons } = options;
  const key = `liveinsight:${siteId}`;
  const own = `${key}:${random()}`;
  const faultsKey = `liveinsight.faults:${siteId}`;
  const cookie = options.cookie && createCookie(`liveinsight_${siteId}`);
  const address = createAddress(options);
  const undo = [];
  const waiting = [];
  const shown = [];
  // What is no word for consent is none.
  let consent = CONSENT.indexOf(options.consent ?? CONSENT[0]) & DENIED;
  let tell;
  let started;
  let off;
  let inside;
  /** Whether the page was left; it is not hidden yet, then. */
  let left;
  let timer;
  let person;
  let identified = 0;
  let lastActive = 0;

  const warn = (...what) => debug && console.warn("liveinsight:", ...what);
  const now = () => Date.now();
  const faults = () => +read(faultsKey);

  const guard =
    (run) =>
    (...args) => {
      try {
        if (!off) return run(...args);
      } catch (error) {
        warn(error);
        if (inside) {
          consent || write(faultsKey, `${faults() + 1}`);
          turnOff();
        }
      }
    };

  function turnOff() {
    off = true;
    clearTimeout(timer);
    for (const restore of undo) restore();
  }

  let zone;
  let tab;

  const identity = () => (consent ? "" : cookie ? cookie.read() : read(key));

  const from = () => document.referrer && address(document.referrer);
  const here = () => clean(address(location.href), MAX_URL_BYTES);

  /** Tells the module what happened, and does what it says. */
  const say = guard((...call) => {
    const [op, rest = "", a, b, c] = call;
    if (!started) {
      if (op > core.NAVIGATED) waiting.push(call);
      return;
    }
    const text =
      op === core.ACTIVITY
        ? ""
        : `${identity()}\0${here()}\0${clean(from(), MAX_URL_BYTES)}\0${clean(document.title, MAX_TITLE_BYTES)}\0${rest}`;
    const flags = (left || document.hidden ? 0 : 16) | (document.hasFocus() ? 32 : 0) | (beforeSend ? 64 : 0);
    // Where the visitor is on the page is asked for when it matters: it may make the browser lay it out.
    const seen = op && op < core.PAGE_VIEW;
    const bottom = seen ? scrollY + innerHeight : 0;
    const height = seen && text ? document.documentElement.scrollHeight : 0;
    const time = now();
    inside = true;
    const answer = tell(op | flags | (consent << 7), time, a, b, c, bottom, height, text);
    inside = false;
    for (const command of answer) obey[command[0]]?.(command.slice(1));
    // After the timer: what the hook gives back sets another.
    while (shown.length) show(shown.shift());
  });

  const act = (body, props = "") => {
    const fits = encoder.encode(props).length < MAX_PROPS_BYTES;
    if (!fits) warn("left out: properties");
    say(core.ACT, fits ? body + props : body);
  };

  const named = (type, name, props, more = "") => {
    const text = field("name", name, MAX_NAME_BYTES);
    if (text) act(`"type":"${type}"${text}${more}`, props);
    else warn("left out: name");
  };

  const obey = {
    i: (text) => consent || (cookie ? cookie.write(text) : write(key, text)),
    u: (text) => consent || write(own, text),
    t(wait) {
      clearTimeout(timer);
      if (wait) timer = setTimeout(say, +wait, core.LOOK);
    },
    p: post,
    h: (line) => shown.push(line),
  };

  const envelope = (user, session, identified, dropped, events) => {
    return `{"v":1,"site_id":"${siteId}","user_id":"${user}","session_id":"${session}"${field("person_id", identified, MAX_PERSON_BYTES)}${consent ? ',"cookieless":true' : ""}${+dropped ? `,"dropped":${dropped}` : ""}${faults() ? `,"faults":${faults()}` : ""},"sent_at":${now()},"context":{"screen":[${screen.width | 0},${screen.height | 0}],"viewport":[${innerWidth | 0},${innerHeight | 0}],"url":"${here()}"${field("tab", tab, MAX_CONTEXT_BYTES)}${field("language", navigator.language, MAX_CONTEXT_BYTES)}${field("time_zone", zone, MAX_CONTEXT_BYTES)}},"events":[${events}]}`;
  };

  /**
   * Sends a body: as text/plain, one request without preflight. Not as a beacon, not even when the page goes: a
   * beacon of a page whose referrer policy is strict says `Origin: null`, and is not known to be the site's.
   */
  const send = (body, signal) =>
    fetch(endpoint, {
      method: "POST",
      credentials: "omit",
      keepalive: left || document.hidden || body.length < KEEPALIVE_CHARACTERS,
      body,
      signal,
    });

  async function post(text) {
    const [number, dropped, user, session, known, events] = text.split("\t");
    const told = faults();
    const body = envelope(user, session, known, dropped, events);
    let patience;
    let status = 0;
    let wait;
    let sent;
    try {
      const abort = new AbortController();
      patience = setTimeout(() => abort.abort(), ANSWER_WITHIN_MS);
      sent = send(body, abort.signal);
      const response = await sent;
      status = response.status;
      wait = response.headers.get("retry-after");
      if (!response.ok) warn("status", status);
      else if (told) write(faultsKey, "");
    } catch {
      // Better than nothing where a page has broken `fetch`.
      sent ?? beacon(body);
    }
    await 0;
    clearTimeout(patience);
    say(core.ANSWERED, "", +number, status, wait);
  }

  const beacon = guard((body) => navigator.sendBeacon(endpoint, body));

  /** Shows an event to the site's hook. What the hook throws costs that event and nothing else. */
  function show(line) {
    const start = line.lastIndexOf("\t") + 1;
    const event = JSON.parse(line.slice(start));
    const { id, type } = event;
    const kept = beforeSend(event);
    if (kept?.page_id)
      say(core.ADOPT, line.slice(0, start) + JSON.stringify(Object.assign({ id }, kept, { id, type })));
  }

  /** Takes up what earlier pages could not deliver, one tab at a time. */
  function adopt() {
    const take = guard(() => {
      for (const name of namesFrom(`${key}:`)) {
        if (name !== own) {
          say(core.ADOPT, read(name), 1);
          write(name, "");
        }
      }
    });
    if (!consent) underLock(key, take);
  }

  function listen(target, types, run) {
    const told = guard(run);
    for (const type of types.split(" ")) {
      target.addEventListener(type, told, { capture: true, passive: true });
      undo.push(() => target.removeEventListener(type, told, true));
    }
  }

  function watch() {
    const look = () => say(core.LOOK);
    listen(document, "visibilitychange freeze", () => {
      left &&= document.hidden;
      start();
      look();
    });
    listen(window, "focus blur", look);
    listen(window, "pagehide", () => {
      left = true;
      if (!consent && tab) leaveTab(tab);
      say(core.GO);
      if (!tell && !document.hidden) firstView();
    });
    listen(window, "pageshow", ({ persisted }) => {
      if (persisted) {
        left = false;
        look();
        // The page between has left the name there, and may have done so from another process.
        idle(takeTab);
      }
    });
    listen(window, "online", () => {
      say(core.ONLINE);
      adopt();
    });
    listen(document, "scroll", ({ target }) => target === document && say(core.ACTIVITY));
    listen(document, "pointermove pointerdown keydown wheel touchmove", () => {
      if (Math.abs(now() - lastActive) > ACTIVITY_EVERY_MS) {
        lastActive = now();
        say(core.ACTIVITY);
      }
    });
    watchActions(listen, address, buttons, act, named);
    watchNavigation(listen, undo, (replaced) => say(core.NAVIGATED, "", replaced ? 1 : 0));
  }

  /** The page is left before the module was there: the one thing that can be said without it. */
  function firstView() {
    if (consent > 1 || beforeSend) return;
    const at = now();
    const id = () => makeId(at);
    let [user, session, , active] = identity().split("\t");
    user ||= id();
    if (!(at - active < SESSION_IDLE_MS)) session = id();
    obey.i(`${user}\t${session}\t\t${at}`);
    send(
      envelope(
        user,
        session,
        "",
        0,
        `{"id":"${id()}","at":${at},"page_id":"${id()}","type":"page_view","url":"${here()}"${field("referrer", from(), MAX_URL_BYTES)}${field("title", document.title, MAX_TITLE_BYTES)}}`,
      ),
    ).catch(warn);
  }

  const setConsent = (next) => {
    consent = next;
    if (next) {
      cookie?.write("");
      for (const name of [key, ...namesFrom(`${key}:`)]) write(name, "");
    }
    say(core.CONSENT);
    if (!next) {
      if (person) say(core.IDENTIFY, person);
      adopt();
    }
  };

  /** Not every browser has a word for being idle. */
  const idle = (run) => (window.requestIdleCallback ?? setTimeout)(run, { timeout: SETTLE_WITHIN_MS });

  /** What the first request wants, and what would cost the page's start too much: each is slow the first time. */
  const settle = guard(() => {
    tab = consent ? random() : takeTab();
    adopt();
    zone = window.Temporal?.Now.timeZoneId() ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  });

  /** A page that is prerendered or opened in the background may never be seen: it begins when it is. */
  const start = guard(() => {
    if (started || !tell || document.hidden) return;
    started = true;
    const [a, b] = crypto.getRandomValues(new Uint32Array(2));
    const status = performance.getEntriesByType("navigation")[0]?.responseStatus;
    say(core.START, status > 399 ? printProps({ http_status: status }) : "", a, b);
    for (const call of waiting) say(...call);
    idle(settle);
  });

  const begin = (connected) => {
    tell = connected;
    start();
  };

  const methods = {
    conversion(name, details) {
      const { revenue, props } = details ?? {};
      const worth = printRevenue(revenue);
      if (revenue && !worth) warn("left out: revenue", revenue);
      named("conversion", name, printProps(props), worth);
    },
    event: (name, props) => named("custom", name, printProps(props)),
    pageView: (details) => say(core.PAGE_VIEW, printProps(details?.props)),
    identify(id, details) {
      const text = String(id ?? "").trim();
      const known = (name) => {
        if (encoder.encode(name).length > MAX_PERSON_BYTES || /\p{Cc}/u.test(name))
          return warn("left out: id");
        person = name;
        say(core.IDENTIFY, name);
      };
      if (!details?.hash) return known(text);
      const asked = ++identified;
      digest(`${siteId}:${text}`).then((name) => asked === identified && known(name), warn);
    },
    reset() {
      identified++;
      person = "";
      say(core.RESET);
    },
    flush: () => say(core.FLUSH),
    stop() {
      say(core.GO);
      turnOff();
    },
    grant: () => setConsent(0),
    deny: () => setConsent(DENIED),
  };
  for (const name in methods) methods[name] = guard(methods[name]);
  const reason = reasonToStayAway(options);
  if (reason) {
    warn("off:", reason);
    off = true;
  }
  guard(watch)();
  guard(() => {
    if (consent === DENIED) setConsent(DENIED);
    core.loadCore(options.loadFallback, begin)?.catch(warn);
    if (options.vitals)
      options
        .loadVitals()
        .then(({ watchVitals }) => watchVitals((values) => methods.event("web_vitals", values)))
        .catch(warn);
  })();
  const { grant, deny, ...handle } = methods;
  return { ...handle, consent: { grant, deny } };
}
