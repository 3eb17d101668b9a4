/** Core Web Vitals: loaded only where the site asks for them. */

import { onCLS, onFCP, onINP, onLCP, onTTFB } from "web-vitals";

/** Calls `report` once a page, when it is hidden for the first time: with milliseconds, CLS without unit. */
export function watchVitals(report) {
  const values = {};
  let last = 0;
  for (const watch of [onCLS, onFCP, onINP, onLCP, onTTFB]) {
    watch(({ name, value }) => {
      values[name.toLowerCase()] = Math.round(value * 1_000) / 1_000;
    });
  }
  const tell = () => {
    // web-vitals listens, too: it has told everything by the end of this turn.
    if (document.hidden && !last++) queueMicrotask(() => report(values));
  };
  document.addEventListener("visibilitychange", tell, true);
  window.addEventListener("pagehide", tell, true);
}
