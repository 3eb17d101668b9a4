// What of a batch is in the tables.

import { allRows } from "./stack.mjs";

// The ids of its events, sorted.
export const ids = (sent) => sent.events.map((event) => event.id).sort();

// The stored events of its visit by id, and the page views that the visit's row counts.
export async function storedOf(endpoint, sent) {
  const { events, sessions } = await allRows(endpoint);
  return {
    events: events.filter((row) => row.session_id === sent.session_id).map((row) => row.sk),
    views: sessions.find((row) => row.sk === sent.session_id)?.views?.length ?? 0,
  };
}
