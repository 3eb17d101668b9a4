// Segments never change, so they are kept in the browser's cache for as long as somebody is signed in:
// whoever signs out deletes the cache of this name (`browser/page.rs`).

const NAME = "segments-1";

// A year of days and then some; the oldest go first.
const MOST = 500;

const cache = () => (globalThis.caches ? caches.open(NAME).catch(() => null) : null);

// The bytes of a segment, from the cache or from the server. `checked` turns a refusal into an error.
export async function readSegment(address, checked) {
  const kept = await cache();
  const found = await kept?.match(address);
  if (found) return new Uint8Array(await found.arrayBuffer());
  const response = await checked(await fetch(address));
  const copy = kept && response.clone();
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (copy) {
    try {
      await kept.put(address, copy);
      const keys = await kept.keys();
      await Promise.all(keys.slice(0, Math.max(0, keys.length - MOST)).map((key) => kept.delete(key)));
    } catch {
      // No room, or a private window: then it is asked for again next time.
    }
  }
  return bytes;
}
