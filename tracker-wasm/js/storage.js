/**
 * The visitor's storage. Where the browser or the visitor forbids it, or it is full, values are kept as
 * long as the page.
 */

/** One name for each key of the core, in its order. The site id is in them: two sites may share an origin. */
const names = (siteId) => [`liveinsight.${siteId}`, `liveinsight.unsent.${siteId}`];

export function createStorage(siteId) {
  const keys = names(siteId);
  const memory = [];
  return {
    read(key) {
      try {
        return memory[key] ?? localStorage.getItem(keys[key]) ?? undefined;
      } catch {
        return undefined;
      }
    },
    write(key, value) {
      try {
        if (value) localStorage.setItem(keys[key], value);
        else localStorage.removeItem(keys[key]);
        delete memory[key];
      } catch {
        memory[key] = value;
      }
    },
  };
}
