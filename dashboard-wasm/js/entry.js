// Starts the dashboard. __WASM_URL__ and __WASM_INTEGRITY__ are filled in by the build.
import start from "../pkg/dashboard.js";

// Before anything is drawn, so that a chosen theme does not flash up as the other one.
try {
  // A page within another one (model/route.rs) is told by its address.
  const isEmbedded = location.pathname === "/embed";
  const theme = isEmbedded
    ? new URLSearchParams(location.search).get("theme")
    : localStorage.getItem("theme");
  if (/^(light|dark)$/.test(theme)) document.documentElement.dataset.theme = theme;
} catch {
  // Storage is switched off: the system's theme it is.
}

start({
  module_or_path: fetch(__WASM_URL__, { integrity: __WASM_INTEGRITY__, credentials: "same-origin" }),
}).catch((error) => {
  console.error(error);
  const supported = typeof WebAssembly === "object";
  document.getElementById("crash-text").textContent = supported
    ? "LiveInsight could not be loaded. Check the connection, then reload the page."
    : "LiveInsight needs a browser with WebAssembly; this one has none, or it is switched off.";
  document.documentElement.dataset.crashed = "";
});
