/**
 * The script a site includes:
 * `<script async src="https://…/li.js" data-site-id="my-site"></script>`
 */

import { startTracker } from "./start.js";

/* global FALLBACK, VITALS */

const script = document.currentScript ?? document.querySelector("script[data-site-id]");
const early = window.liveinsight;
// A stub has a queue; an element with this id has neither queue nor methods.
if (typeof early?.flush === "function" && !early.q)
  console.warn("liveinsight: included twice; the first stays");
else {
  const { src } = script;
  const beside = (name) => src.replace(/[^/]*$/, name);
  const options = {
    endpoint: `${src.split("/", 3).join("/")}/events`,
    loadFallback: () => import(beside(FALLBACK)),
    loadVitals: () => import(beside(VITALS)),
  };
  // An attribute without a value is a switch that is on.
  for (const [name, value] of Object.entries(script.dataset))
    options[name] = value !== "false" && (value || true);
  const handle = startTracker({ ...options, ...early?.options });
  window.liveinsight = handle;
  for (const [method, ...args] of early?.q ?? []) (handle[method] ?? handle.consent[method])?.(...args);
}
