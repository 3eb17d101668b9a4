// Made-up visitors: so many a second come, look at a page or two, click, buy, and leave.

import { batch, pageView, post, uuid7 } from "../../tests/support/batch.mjs";

const PAGES = ["/", "/products", "/about", "/shop", "/products/guji", "/products/morning", "/shop/cart"];
// Only senders with the key may say where a visitor is.
const PLACES = [
  ["KR", "Seoul"],
  ["KR", "Busan"],
  ["JP", "Tokyo"],
  ["US", "Austin"],
  ["US", "New York"],
  ["DE", "Berlin"],
  ["FR", "Paris"],
  ["GB", "London"],
  ["BR", "Recife"],
  ["IN", "Mumbai"],
  ["SG", "Singapore"],
  ["AU", "Sydney"],
];
const pick = (list) => list[Math.floor(Math.random() * list.length)];

export function startTraffic(stack, perSecond) {
  let running = true;
  const visits = new Set();
  const visit = async () => {
    let body = batch([]);
    const [country, city] = pick(PLACES);
    const headers = {
      origin: "",
      "x-liveinsight-key": stack.ingest_key,
      "x-liveinsight-country": country,
      "x-liveinsight-city": city,
    };
    for (let pages = 1 + Math.floor(Math.random() * 3); pages > 0 && running; pages--) {
      const view = pageView({ url: new URL(pick(PAGES), stack.shop).href });
      const events = [view];
      if (Math.random() < 0.3) {
        const target = { kind: "outbound", text: "about grinding", href: "https://example.org/grind" };
        events.push({ id: uuid7(), type: "click", at: Date.now(), page_id: view.page_id, target });
      }
      if (Math.random() < 0.1) {
        const revenue = { amount: "24000", currency: "KRW" };
        events.push({
          id: uuid7(),
          type: "conversion",
          at: Date.now(),
          page_id: view.page_id,
          name: "purchase",
          revenue,
        });
      }
      body = { ...body, sent_at: Date.now(), context: { ...body.context, url: view.url }, events };
      await post(stack, body, headers);
      await new Promise((resolve) => setTimeout(resolve, 1_000 + Math.random() * 4_000));
    }
  };
  const timer = setInterval(() => {
    const begun = visit().catch((error) => console.error(`traffic: ${error}`));
    visits.add(begun);
    begun.finally(() => visits.delete(begun));
  }, 1_000 / perSecond);
  return {
    stop: async () => {
      running = false;
      clearInterval(timer);
      await Promise.all(visits);
    },
  };
}
