/** Navigation inside a document. */

/** Tells of every change of the address; where the browser does not, of calls of `history`'s methods. */
export function watchNavigation(listen, undo, navigated) {
  const { navigation } = window;
  if (navigation) {
    listen(navigation, "currententrychange", ({ navigationType }) =>
      navigated(!navigationType || navigationType === "replace"),
    );
    return;
  }
  listen(window, "popstate hashchange", () => navigated());
  for (const name of ["pushState", "replaceState"]) {
    const original = history[name];
    // Some pages take it away.
    if (!original) continue;
    const wrapped = new Proxy(original, {
      apply(target, self, args) {
        const result = Reflect.apply(target, self, args);
        navigated(name[0] === "r");
        return result;
      },
    });
    history[name] = wrapped;
    undo.push(() => {
      if (history[name] === wrapped) history[name] = original;
    });
  }
}
