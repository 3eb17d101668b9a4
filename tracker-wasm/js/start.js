/**
 * Joins page and module. Shared by the script (cdn.js) and the package (index.js).
 *
 * Nothing here may throw into the page. What a page's own values throw costs one call; a trap inside the
 * module means that its memory cannot be trusted any more: the tracker is off for good, and the next page
 * says so.
 */

import {
  MAX_AMOUNT_BYTES,
  MAX_CONTEXT_BYTES,
  MAX_NAME_BYTES,
  MAX_PERSON_BYTES,
  MAX_PROPS_BYTES,
  MAX_TITLE_BYTES,
  MAX_URL_BYTES,
} from "../pkg/limits.js";
import * as core from "./core.js";
import { clean, encoder, field, printProps } from "./json.js";
import { createAddress, readClick, readForm } from "./page.js";
import { createCookie, leaveTab, namesFrom, random, read, takeTab, write } from "./storage.js";

/** A request without an answer by then is given up; its events are sent again. */
const ANSWER_WITHIN_MS = 30_000;

/** A clock that is wrong by more is corrected by the server's. */
const CLOCK_ERROR_MS = 60_000;

/** Before the first request leaves, and after what the page does at its start. */
const ZONE_AFTER_MS = 150;

/** Pointers move by the hundred; it is enough to know that they do. */
const ACTIVITY_EVERY_MS = 1_000;

/** Larger requests leave the browser's allowance for requests that outlive their page to others. */
const KEEPALIVE_CHARACTERS = 15_000;

/** Two clicks on one thing within that time are one: a label's, and the one it makes for its control. */
const DOUBLE_MS = 40;

/** What the visitor agrees to: the order of `Consent` in `src/core/tracker.rs`. */
const CONSENT = ["granted", "cookieless", "pending", "denied"];
const DENIED = 3;

const LOCAL = /^(localhost$|127\.|\[::1)|\.local(host)?$/;

/** The methods of a handle; on a server, or for a visitor who does not want to be seen, they do nothing. */
export function createHandle(methods = {}) {
  const handle = { consent: {} };
  for (const name of "conversion event pageView identify reset flush stop grant deny".split(" "))
    (/grant|deny/.test(name) ? handle.consent : handle)[name] = methods[name] ?? (() => {});
  return handle;
}

export function startTracker(options) {
  const { siteId, endpoint, debug, beforeSend, buttons } = options;
  const key = `liveinsight:${siteId}`;
  const own = `${key}:${random()}`;
  const faultsKey = `liveinsight.faults:${siteId}`;
  const clockKey = `liveinsight.clock:${siteId}`;
  const cookie = options.cookie && createCookie(`liveinsight_${siteId}`);
  const address = createAddress(options);
  const listening = new AbortController();
  const undo = [];
  const waiting = [];
  const tab = takeTab();
  let consent = Math.max(0, CONSENT.indexOf(options.consent));
  let skew = +read(clockKey) || 0;
  let tell;
  let off;
  let inside;
  /** Whether the page was left; it is not hidden yet, then. */
  let left;
  let timer;
  let person;
  let lastActive = 0;
  let lastClick;
  let clickedAt;

  const warn = (...what) => debug && console.warn("liveinsight:", ...what);
  const now = () => Date.now() + skew;
  const faults = () => +read(faultsKey);

  const guard =
    (run) =>
    (...args) => {
      try {
        return off || run(...args);
      } catch (error) {
        warn(error);
        if (inside) {
          write(faultsKey, `${faults() + 1}`);
          turnOff();
        }
      }
    };

  function turnOff() {
    off = true;
    clearTimeout(timer);
    listening.abort();
    for (const restore of undo) restore();
  }

  /** `Intl` reads its tables when first used, 15 ms of a page's start; so browsers without `Temporal` wait. */
  let zone = window.Temporal?.Now.timeZoneId();

  const identity = () => (consent ? "" : cookie ? cookie.read() : read(key));

  const referrer = () => document.referrer && address(document.referrer);

  /** Tells the module what happened, and does what it says. */
  const say = guard((op, rest = "", a, b, c) => {
    if (!tell) {
      if (op > core.NAVIGATED) waiting.push([op, rest, a, b, c]);
      return;
    }
    const brief = op === core.ACTIVITY;
    const text = brief
      ? ""
      : `${identity()}\0${address(location.href)}\0${referrer()}\0${clean(document.title, MAX_TITLE_BYTES)}\0${rest}`;
    const flags = (left || document.hidden ? 0 : 16) | (document.hasFocus() ? 32 : 0) | (beforeSend ? 64 : 0);
    const height = brief ? 0 : document.documentElement.scrollHeight;
    const bottom = scrollY + innerHeight;
    const time = now();
    inside = true;
    const answer = tell(op | flags | (consent << 7), time, a, b, c, bottom, height, text);
    inside = false;
    for (const command of answer) obey[command[0]]?.(command.slice(1), op);
  });

  const act = (body, props = "") => {
    const fits = encoder.encode(props).length < MAX_PROPS_BYTES;
    if (!fits) warn("left out: too large properties");
    say(core.ACT, fits ? body + props : body);
  };

  const named = (type, name, props, more = "") => {
    const text = field("name", name, MAX_NAME_BYTES);
    if (text) act(`"type":"${type}"${text}${more}`, props);
    else warn("left out: no name");
  };

  const obey = {
    i: (text) => consent || (cookie ? cookie.write(text) : write(key, text)),
    u: (text) => consent || write(own, text),
    t(wait) {
      clearTimeout(timer);
      if (wait) timer = setTimeout(say, +wait, core.LOOK);
    },
    p: post,
    h: show,
  };

  const envelope = (user, session, identified, dropped, events) => {
    const count = (name, value) => (+value ? `,"${name}":${+value}` : "");
    return `{"v":1,"site_id":"${siteId}","user_id":"${user}","session_id":"${session}"${field("person_id", identified, MAX_PERSON_BYTES)}${consent ? ',"cookieless":true' : ""}${count("dropped", dropped)}${count("faults", faults())},"sent_at":${now()},"context":{"screen":[${screen.width | 0},${screen.height | 0}],"viewport":[${innerWidth | 0},${innerHeight | 0}],"tab":"${tab}","url":"${address(location.href)}"${field("language", navigator.language, MAX_CONTEXT_BYTES)}${field("time_zone", zone, MAX_CONTEXT_BYTES)}},"events":[${events}]}`;
  };

  /** Sends a batch. A string body makes it text/plain: one request, no preflight. */
  async function post(text, op) {
    const [number, dropped, user, session, identified, events] = text.split("\t");
    const body = envelope(user, session, identified, dropped, events);
    let status = 0;
    let wait;
    let patience;
    let sent;
    try {
      // A page that is gone in a moment hears no answer.
      if (op !== core.GO || !beacon(body)) {
        const abort = new AbortController();
        patience = setTimeout(() => abort.abort(), ANSWER_WITHIN_MS);
        sent = fetch(endpoint, {
          method: "POST",
          credentials: "omit",
          keepalive: document.hidden || body.length < KEEPALIVE_CHARACTERS,
          body,
          signal: abort.signal,
        });
        const response = await sent;
        status = response.status;
        wait = response.headers.get("retry-after");
        if (response.ok) write(faultsKey, "");
        else warn("the server answered", status);
        const error = (await response.json()).server_time - now();
        if (Math.abs(error) > CLOCK_ERROR_MS) {
          skew += error;
          if (!consent) write(clockKey, `${skew}`);
        }
      }
    } catch {
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
    if (kept) say(core.ADOPT, line.slice(0, start) + JSON.stringify({ id, ...kept, type }));
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
    if (consent) return;
    try {
      navigator.locks.request(key, { ifAvailable: true }, (lock) => lock && take()).catch(take);
    } catch {
      take();
    }
  }

  function listen(target, types, run) {
    for (const type of types.split(" "))
      target.addEventListener(type, guard(run), { capture: true, passive: true, signal: listening.signal });
  }

  function watch() {
    const look = () => say(core.LOOK);
    listen(document, "visibilitychange freeze", () => {
      left &&= document.hidden;
      look();
    });
    listen(window, "focus blur", look);
    listen(window, "pagehide", () => {
      left = true;
      if (!consent) leaveTab(tab);
      if (tell) say(core.GO);
      else firstView();
    });
    listen(window, "pageshow", ({ persisted }) => {
      if (persisted) {
        left = false;
        takeTab();
        look();
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
    listen(document, "click auxclick", (event) => {
      const [subject, body] = readClick(event, address, buttons);
      const again = subject === lastClick && event.timeStamp - clickedAt < DOUBLE_MS;
      lastClick = subject;
      clickedAt = event.timeStamp;
      if (subject && !again) act(body);
    });
    listen(document, "submit", ({ target }) => named("custom", "form_submit", readForm(target, address)));
    watchNavigation();
  }

  /** Tells of every change of the address; where the browser does not, of calls of `history`'s methods. */
  function watchNavigation() {
    const navigated = (replaced) => say(core.NAVIGATED, "", replaced ? 1 : 0);
    const { navigation } = window;
    if (navigation) {
      listen(navigation, "currententrychange", ({ navigationType }) =>
        navigated(!navigationType || navigationType === "replace"),
      );
      return;
    }
    listen(window, "popstate hashchange", () => navigated());
    for (const name of ["pushState", "replaceState"]) {
      // Where it stands already: a method of its own on the object would hide what others wrap later.
      const owner = Object.hasOwn(history, name) ? history : Object.getPrototypeOf(history);
      const original = owner[name];
      const wrapped = new Proxy(original, {
        apply(target, self, args) {
          const result = Reflect.apply(target, self, args);
          navigated(name[0] === "r");
          return result;
        },
      });
      owner[name] = wrapped;
      undo.push(() => {
        if (owner[name] === wrapped) owner[name] = original;
      });
    }
  }

  /** The page is left before the module was there: the one thing that can be said without it. */
  function firstView() {
    if (consent > 1 || document.prerendering) return;
    const at = now();
    const hex = (count) => Math.random().toString(16).slice(2).padEnd(count, "0").slice(0, count);
    const id = () => {
      const time = at.toString(16).padStart(12, "0");
      return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-a${hex(3)}-${hex(12)}`;
    };
    const [user, session] = identity() ? identity().split("\t") : [id(), id()];
    obey.i(`${user}\t${session}\t\t${at}`);
    beacon(
      envelope(
        user,
        session,
        "",
        0,
        `{"id":"${id()}","at":${at},"page_id":"${id()}","type":"page_view","url":"${address(location.href)}"${field("referrer", document.referrer, MAX_URL_BYTES)}${field("title", document.title, MAX_TITLE_BYTES)}}`,
      ),
    );
  }

  const setConsent = (next) => {
    if (next) {
      consent = 0;
      for (const name of [key, ...namesFrom(`${key}:`)]) write(name, "");
      cookie?.write("");
    }
    consent = next;
    say(core.CONSENT);
    if (!next) {
      if (person) say(core.IDENTIFY, person);
      adopt();
    }
  };

  const begin = guard((connected) => {
    tell = connected;
    const [a, b] = crypto.getRandomValues(new Uint32Array(2));
    const status = performance.getEntriesByType("navigation")[0]?.responseStatus;
    say(core.START, status > 399 ? printProps({ http_status: status }) : "", a, b);
    for (const call of waiting) say(...call);
    adopt();
    setTimeout(
      guard(() => (zone ??= Intl.DateTimeFormat().resolvedOptions().timeZone)),
      ZONE_AFTER_MS,
    );
  });

  const reason = reasonToStayAway(options);
  if (reason) {
    warn("off:", reason);
    return createHandle();
  }
  const methods = {
    conversion(name, { revenue, props } = {}) {
      const { amount, currency } = revenue ?? {};
      const valid =
        /^-?\d+(\.\d+)? [a-z]{3}$/i.test(`${amount} ${currency}`) && `${amount}`.length <= MAX_AMOUNT_BYTES;
      if (revenue && !valid) warn("left out: not a revenue", revenue);
      named(
        "conversion",
        name,
        printProps(props),
        valid ? `,"revenue":{"amount":"${amount}","currency":"${currency.toUpperCase()}"}` : "",
      );
    },
    event: (name, props) => named("custom", name, printProps(props)),
    pageView: ({ props } = {}) => say(core.PAGE_VIEW, printProps(props)),
    async identify(id, { hash } = {}) {
      let text = String(id ?? "").trim();
      if (hash) text = await digest(`${siteId}:${text}`);
      if (encoder.encode(text).length > MAX_PERSON_BYTES || /\p{Cc}/u.test(text))
        return warn("left out: not an id");
      person = text;
      say(core.IDENTIFY, person);
    },
    reset() {
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
  guard(watch)();
  guard(() => core.loadCore(options.loadFallback, begin)?.catch(warn))();
  if (options.vitals)
    options
      .loadVitals()
      .then(({ watchVitals }) => watchVitals((values) => methods.event("web_vitals", values)))
      .catch(warn);
  return createHandle(methods);
}

/** Why this visitor is not to be tracked. */
function reasonToStayAway({ ignorePrivacySignals, test }) {
  const { globalPrivacyControl, doNotTrack, webdriver } = navigator;
  if (!/^http/.test(location.protocol)) return "not on the web";
  if (!test && (webdriver || LOCAL.test(location.hostname))) return "local or automated";
  if (read("liveinsight.optout")) return "opted out";
  if (!ignorePrivacySignals && (globalPrivacyControl || /^(1|yes)$/.test(doNotTrack ?? window.doNotTrack)))
    return "asked not to track";
}

/** SHA-256 in hexadecimal. */
async function digest(text) {
  const hash = await crypto.subtle.digest("SHA-256", encoder.encode(text));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
