/** Reads what a click hit: facts only. What they mean is decided, and tested, in `src/core/click.rs`. */

const SELECTOR_DEPTH = 3;
const CLASSES = 2;
const MIDDLE_BUTTON = 1;

/** What visitors type or choose is never read, not even the text around it. */
const TYPED = "input,textarea,select,[contenteditable]";

/** Eight fields parted by NUL, or `undefined` if the click hit neither a link nor a marked element. */
export function readClick(event) {
  // The right button opens a menu; only the middle one opens a link.
  if (event.type === "auxclick" && event.button !== MIDDLE_BUTTON) return undefined;
  const target = event.target.closest ? event.target : event.target.parentElement;
  const marked = target?.closest("[data-li-event]");
  const link = target?.closest("a[href],area[href]");
  if (!marked && !link) return undefined;
  const button = marked && target.closest("button");
  const inButton = button && button !== marked && marked.contains(button);
  const subject = inButton ? button : (marked ?? link);
  const url = link && address(link);
  return [
    marked ? 1 : "",
    marked?.dataset.liEvent,
    inButton ? 1 : "",
    url?.href,
    url && url.host !== location.host ? 1 : "",
    link?.hasAttribute("download") ? 1 : "",
    text(subject),
    selector(subject),
  ]
    .map((field) => String(field ?? "").replaceAll("\0", ""))
    .join("\0");
}

/** Resolved by hand: inside SVG, the property `href` is no string. */
function address(link) {
  try {
    return new URL(link.getAttribute("href"), document.baseURI);
  } catch {
    return undefined;
  }
}

function text(element) {
  if (element.closest(TYPED) || element.querySelector(TYPED)) return "";
  return element.textContent.trim() || element.getAttribute("aria-label");
}

/** A short CSS path: up to three elements, ending early at one with an id. */
function selector(element) {
  const steps = [];
  for (let next = element; next && steps.length < SELECTOR_DEPTH; next = next.parentElement) {
    const id = next.getAttribute("id");
    const names = id ? [`#${id}`] : [...next.classList].slice(0, CLASSES).map((name) => `.${name}`);
    steps.unshift(next.localName + names.join(""));
    if (id) break;
  }
  return steps.join(" > ");
}
