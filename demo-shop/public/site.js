/* Runs on every page. The tracker loads when it can; until then its calls wait in a queue. */
(() => {
  const early = [];
  const stub = { q: early };
  for (const name of ["conversion", "pageView", "flush"]) {
    stub[name] = (...args) => early.push([name, ...args]);
  }
  window.liveinsight ??= stub;

  document.addEventListener("DOMContentLoaded", () => {
    const { conversion } = document.body.dataset;
    if (conversion) window.liveinsight.conversion(conversion);
  });
})();
