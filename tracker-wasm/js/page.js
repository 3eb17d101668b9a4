/** Reads the page: what was clicked, which form was sent, and addresses as they may be told. */

import { MAX_NAME_BYTES, MAX_TEXT_BYTES, MAX_URL_BYTES } from "../pkg/limits.js";
import { DOUBLE_MS } from "./constants.js";
import { encoder, field, printProps } from "./json.js";

const SELECTOR_DEPTH = 3;
const CLASSES = 2;
const MIDDLE_BUTTON = 1;

/** Endings that make a link a download. */
const FILES =
  /\.(7z|avi|csv|dmg|docx?|exe|gz|hwpx?|key|mov|mp[34]|mpe?g|msi|pdf|pkg|pp[st]x?|rar|rtf|txt|wav|wm[av]|xlsx?|zip)$/i;

/** Parameters that tell where a visitor comes from are kept whatever else is removed. */
const CAMPAIGN = /^utm_|clid$/;

/** What visitors type or choose is never read, not even the text around it. */
const TYPED = "input,textarea,select,[contenteditable]";

const withoutQuery = (url) => url.split("?")[0];

/**
 * Gives an address as it is to be sent; nothing for what is no web address. A fragment is the page's own
 * business and often holds secrets; a query goes before an address that is too long is given up.
 */
export function createAddress({ hash, query, mask, maskUrl }) {
  const list = (value) => (value === true ? [] : (value?.split?.(/[\s,]+/) ?? value));
  const kept = list(query);
  const patterns = list(mask)?.map((pattern) => pattern.split("/"));
  return (href) => {
    let url;
    try {
      url = new URL(href, document.baseURI);
    } catch {
      return "";
    }
    // Apps are referrers, too.
    if (!/^(http|android)/.test(url.protocol)) return "";
    url.username = url.password = "";
    if (!hash) url.hash = "";
    if (kept) {
      for (const name of [...url.searchParams.keys()])
        if (!kept.includes(name) && !CAMPAIGN.test(name)) url.searchParams.delete(name);
    }
    if (patterns) {
      const parts = url.pathname.split("/");
      const found = patterns.find((pattern) =>
        pattern.every((part, index) => part === parts[index] || (part === "*" && parts[index])),
      );
      url.pathname = parts.map((part, index) => (found?.[index] === "*" ? "*" : part)).join("/");
    }
    url = maskUrl ? maskUrl(url.href) : url.href;
    return [url, withoutQuery(url)].find((text) => encoder.encode(text).length <= MAX_URL_BYTES) ?? "";
  };
}

/** The thing that was clicked and the event's body; nothing if it is of no interest. */
function readClick(event, address, buttons) {
  // The right button opens a menu; only the middle one opens a link.
  if (event.type === "auxclick" && event.button !== MIDDLE_BUTTON) return [];
  let marked;
  let link;
  let button;
  for (const node of event.composedPath()) {
    const name = node.localName;
    if (!name) continue;
    if (node.hasAttribute("data-li-event")) marked ??= node;
    else if (!marked && (name === "button" || (name === "input" && /submit|button/.test(node.type))))
      button ??= node;
    if (/^a(rea)?$/.test(name) && node.hasAttribute("href")) link ??= node;
  }
  let url = link && address(link.getAttribute("href"));
  const { host, pathname } = url ? new URL(url) : {};
  const file = url && (link.hasAttribute("download") || FILES.test(pathname));
  // The query of a file may be its key.
  if (file) url = withoutQuery(url);
  const kind = marked
    ? button
      ? "button"
      : "marked"
    : url && host !== location.host
      ? "outbound"
      : file
        ? "download"
        : buttons && button && "button";
  if (!kind) return [];
  const subject = button ?? marked ?? link;
  return [
    subject,
    `"type":"click","target":{"kind":"${kind}"${field("name", marked?.getAttribute("data-li-event"), MAX_NAME_BYTES)}${field("text", text(subject), MAX_TEXT_BYTES)}${field("href", url, MAX_URL_BYTES)}${field("selector", selector(subject), MAX_TEXT_BYTES)}}`,
  ];
}

function text(element) {
  if (element.closest(TYPED) || element.querySelector(TYPED)) return "";
  return element.textContent.replace(/\s+/g, " ").trim() || element.getAttribute("aria-label");
}

/** A short CSS path: up to three elements, ending early at one with an id. */
function selector(element) {
  const steps = [];
  for (let next = element; next && steps.length < SELECTOR_DEPTH; next = next.parentElement) {
    const id = next.getAttribute("id");
    const names = id
      ? `#${id}`
      : [...next.classList]
          .slice(0, CLASSES)
          .map((name) => `.${name}`)
          .join("");
    steps.unshift(next.localName + names);
    if (id) break;
  }
  return steps.join(" > ");
}

/** Which form was sent and where to, as properties: never what is in it. */
function readForm(form, address) {
  const read = (name) => form.getAttribute(name);
  return printProps({
    form_id: read("id"),
    form_name: read("name"),
    form_action: withoutQuery(address(read("action") ?? "")),
  });
}

/** Tells of clicks and forms. */
export function watchActions(listen, address, buttons, act, named) {
  let last;
  let at;
  listen(document, "click auxclick", (event) => {
    const [subject, body] = readClick(event, address, buttons);
    const again = subject === last && event.timeStamp - at < DOUBLE_MS;
    last = subject;
    at = event.timeStamp;
    if (subject && !again) act(body);
  });
  listen(document, "submit", ({ target }) => named("custom", "form_submit", readForm(target, address)));
}
