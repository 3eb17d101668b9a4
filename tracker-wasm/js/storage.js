/**
 * The visitor's storage. Where the browser or the visitor forbids it, or it is full, values are kept as
 * long as the page.
 */

/** Thirteen months, what European data protection authorities recommend at most for an audience cookie. */
const COOKIE_SECONDS = 34_190_000;

const TAB = "liveinsight.tab";

const memory = {};

/** A short random text. */
export const random = () => Math.random().toString(36).slice(2, 10);

export function read(name) {
  try {
    return memory[name] ?? localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

/** Returns whether it is really stored. An empty value removes it. */
export function write(name, value) {
  try {
    if (value) localStorage.setItem(name, value);
    else localStorage.removeItem(name);
    delete memory[name];
    return true;
  } catch {
    memory[name] = value;
  }
}

/** The names under which pages that could not deliver have left their events. */
export function namesFrom(prefix) {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(prefix));
  } catch {
    return [];
  }
}

/** Runs in one tab at a time; without a lock in several, which does no harm. */
export async function underLock(name, run) {
  try {
    await navigator.locks.request(name, { ifAvailable: true }, (lock) => lock && run());
  } catch {
    run();
  }
}

/**
 * A tab's own name. It is in the tab's storage only while no page of it is open: a tab that is duplicated
 * gets a copy of that storage, and would get the name with it.
 */
export function takeTab() {
  let tab;
  try {
    tab = sessionStorage.getItem(TAB);
    sessionStorage.removeItem(TAB);
  } catch {}
  return tab || random();
}

export function leaveTab(tab) {
  try {
    sessionStorage.setItem(TAB, tab);
  } catch {}
}

/** A first-party cookie all sub-domains share: at the broadest domain the browser takes one for. */
export function createCookie(name) {
  let root;
  let kept = "";
  const read = () => {
    try {
      const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`)) ?? "";
      kept = decodeURIComponent(found.slice(name.length + 1));
    } catch {}
    return kept;
  };
  const set = (value, domain) => {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API answers too late for a page that goes
    document.cookie = `${name}=${encodeURIComponent(value)};path=/;samesite=lax;max-age=${value ? COOKIE_SECONDS : 0}${
      domain && `;domain=${domain}`
    }${location.protocol === "https:" ? ";secure" : ""}`;
  };
  return {
    read,
    write(value) {
      try {
        const labels = location.hostname.split(".");
        for (let count = 2; root === undefined; count++) {
          const domain = count > labels.length ? "" : labels.slice(-count).join(".");
          set("-", domain);
          if (read() === "-" || !domain) root = domain;
        }
        set(value, root);
      } catch {
        kept = value;
      }
    },
  };
}
