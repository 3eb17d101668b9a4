// Made-up visitors of the demo shop for pictures: the same whenever they are made, but for their dates.

import { createHash } from "node:crypto";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
// Older events are not taken.
const HOURS_BACK = 6 * 24 + 20;

// Shares in per cent.
const PLACES = [
  [40, "KR", ["Seoul", "Busan", "Incheon", "Daegu"], "ko-KR"],
  [16, "US", ["New York", "Seattle", "Austin"], "en-US"],
  [12, "JP", ["Tokyo", "Osaka"], "ja-JP"],
  [8, "DE", ["Berlin", "Munich"], "de-DE"],
  [7, "GB", ["London", "Manchester"], "en-GB"],
  [5, "FR", ["Paris", "Lyon"], "fr-FR"],
  [4, "SG", ["Singapore"], "en-SG"],
  [4, "BR", ["Recife"], "pt-BR"],
  [4, "AU", ["Sydney", "Melbourne"], "en-AU"],
];
const CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0";
const AGENTS = [
  [30, `Mozilla/5.0 (Linux; Android 10; K) ${CHROME} Mobile Safari/537.36`, [412, 915]],
  [
    24,
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
    [393, 852],
  ],
  [24, `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36`, [1920, 1080]],
  [
    12,
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
    [1512, 982],
  ],
  [6, `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36 Edg/142.0.0.0`, [1536, 864]],
  [4, "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", [2560, 1440]],
];
const REFERRERS = [
  [32, undefined],
  [22, "https://www.google.com/"],
  [15, "https://search.naver.com/search.naver"],
  [10, "https://www.instagram.com/"],
  [8, "https://www.youtube.com/"],
  [6, "https://www.reddit.com/r/coffee"],
  [4, "https://chatgpt.com/"],
  [3, "https://news.ycombinator.com/"],
];
const PAGES = [
  [30, "/"],
  [16, "/products"],
  [14, "/products/yirgacheffe"],
  [10, "/products/morning-blend"],
  [9, "/products/guji"],
  [8, "/blog/espresso"],
  [7, "/cart"],
  [6, "/subscribe"],
];
const EVENING = 21;
const BUSIEST = 20;
const CAMPAIGN = "?utm_source=instagram&utm_medium=social&utm_campaign=autumn";
// Visits an hour as a share of the busiest. The hour that is going on is taken for nine in the evening, whenever it is, so
// that the line always looks the same.
const HOURS = [28, 17, 10, 7, 6, 9, 18, 34, 52, 66, 74, 80, 92, 84, 78, 76, 77, 80, 84, 90, 97, 100, 82, 52];

// A generator of numbers in 0..1 that always begins alike (mulberry32).
function dice(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const chosen = (random, list) => {
  let left = random() * list.reduce((sum, [share]) => sum + share, 0);
  for (const entry of list) {
    left -= entry[0];
    if (left < 0) return entry;
  }
  return list[0];
};

// A UUIDv7 of a moment and a number.
function id(at, number) {
  const bytes = createHash("sha256").update(`visitor ${number}`).digest().subarray(0, 16);
  bytes.writeUIntBE(at, 0, 6);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

// Who makes up visits, each as the headers and the batch of a server that sends it: `past` those of almost a week, `here` those
// that go on at a moment.
export function crowd() {
  const random = dice(20_261_127);
  const known = [];
  let number = 0;
  const next = (at) => id(at, number++);

  // A visit that began at a moment; one that goes on has its last page open at `now`.
  const visit = (at, now) => {
    const [, country, cities, language] = chosen(random, PLACES);
    const [, agent, screen] = chosen(random, AGENTS);
    const [, referrer] = chosen(random, REFERRERS);
    const city = cities[Math.floor(random() * cities.length)];
    const isBack = known.length > 20 && random() < 0.16;
    const user = isBack ? known[Math.floor(random() * known.length)] : next(at);
    known.push(user);
    const session = next(at);
    const views = 1 + Math.floor(random() ** 1.7 * 5);
    const events = [];
    let time = at;
    let url;
    for (let view = 0; view < views && (view === 0 || !now || time < now); view++) {
      const isCampaign = view === 0 && random() < 0.08;
      const page = isCampaign ? `/products/yirgacheffe${CAMPAIGN}` : chosen(random, PAGES)[1];
      url = `https://shop.example${page}`;
      const page_id = next(time);
      const source = view === 0 && referrer ? { referrer } : {};
      events.push({ id: next(time), type: "page_view", at: time, page_id, url, ...source });
      const isOpen = now !== undefined && (view === views - 1 || time + 70_000 > now);
      const gone = isOpen ? now : time + 4_000 + Math.floor(random() * 60_000);
      events.push({
        id: next(gone),
        type: "heartbeat",
        at: gone,
        page_id,
        engaged_ms: Math.min(gone - time, 90_000),
        scroll_percent: 20 + Math.floor(random() * 80),
        // Until the pictures are taken.
        interval_s: isOpen ? 300 : 15,
        final: !isOpen,
      });
      if (view > 0 && random() < 0.16) {
        const amount = String(18_000 + Math.floor(random() * 20) * 1_000);
        const revenue = { amount, currency: "KRW" };
        events.push({ id: next(gone), type: "conversion", at: gone, page_id, name: "purchase", revenue });
      }
      if (isOpen) break;
      time = gone + 1_000;
    }
    return {
      headers: {
        "x-liveinsight-user-agent": agent,
        "x-liveinsight-country": country,
        "x-liveinsight-city": city,
      },
      batch: {
        v: 1,
        site_id: "demo-shop",
        user_id: user,
        session_id: session,
        context: { language, screen, viewport: screen, url },
        events,
      },
    };
  };

  const past = (now) => {
    const visits = [];
    for (let ago = HOURS_BACK; ago >= 0; ago--) {
      const share = HOURS[(EVENING - ago + 24 * 7) % 24] / 100;
      // The shop grows.
      const count = Math.round(share * (1 - ago / 700) * BUSIEST * (0.75 + 0.5 * random()));
      for (let visitor = 0; visitor < count; visitor++) {
        const at = now - ago * HOUR - Math.floor(random() * HOUR);
        if (at < now - 30 * MINUTE) visits.push(visit(at));
      }
    }
    return visits;
  };
  const here = (now) =>
    Array.from({ length: 26 }, () => visit(now - 2_000 - Math.floor(random() ** 1.4 * 27 * MINUTE), now));
  return { past, here };
}
