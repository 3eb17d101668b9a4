/** How long, how often, how much; and what a visitor may agree to. */

/** A request without an answer by then is given up; its events are sent again. */
export const ANSWER_WITHIN_MS = 30_000;

/** What makes a page's start slow waits until the browser is idle, but not longer. */
export const SETTLE_WITHIN_MS = 1_000;

/** Pointers move by the hundred; it is enough to know that they do. */
export const ACTIVITY_EVERY_MS = 1_000;

/** Larger requests leave the browser's allowance for requests that outlive their page to others. */
export const KEEPALIVE_CHARACTERS = 15_000;

/** Two clicks on one thing within that time are one: a label's, and the one it makes for its control. */
export const DOUBLE_MS = 10;

/** What the visitor agrees to: the order of `Consent` in `src/core/tracker.rs`. */
export const CONSENT = ["granted", "cookieless", "pending", "denied"];
export const DENIED = 3;
