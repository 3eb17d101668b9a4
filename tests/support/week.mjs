// A week of visits that ended yesterday, the same whenever it is made but for its dates.

import { batch, pageView, post, uuid7 } from "./batch.mjs";

const DAY = 86_400_000;
const VISITS = [7, 11, 5, 13, 9, 12];
const PATHS = ["/", "/products", "/products/guji", "/cart", "/about", "/blog/espresso"];
const REFERRERS = ["https://www.google.com/", "https://news.example/", undefined, "https://www.youtube.com/"];
const AGENTS = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:144.0) Gecko/20100101 Firefox/144.0",
];

// Sends them; resolves when all are stored.
export async function sendWeek(stack) {
  const today = Math.floor(Date.now() / DAY) * DAY;
  let number = 0;
  for (const [place, visits] of VISITS.entries()) {
    const day = today - (VISITS.length - place) * DAY;
    for (let visit = 0; visit < visits; visit++, number++) {
      const at = day + 7 * 3_600_000 + Math.floor((visit * 14 * 3_600_000) / visits);
      const pages = Array.from({ length: 1 + (number % 3) }, (_, page) => {
        const url = `https://shop.example${PATHS[(number + page * (visit + 1)) % PATHS.length]}`;
        const referrer = page === 0 ? REFERRERS[number % REFERRERS.length] : undefined;
        return pageView({ at: at + page * 45_000, url, ...(referrer && { referrer }) });
      });
      const ids = { user_id: uuid7(at), session_id: uuid7(at) };
      const sent = { ...batch(pages, ids), sent_at: Date.now() };
      const answer = await post(stack, sent, { "user-agent": AGENTS[number % AGENTS.length] });
      if (answer.status !== 200)
        throw new Error(`not stored: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
  }
}
