// Takes the pictures of README and docs: `npm run screenshots`. The product with made-up visitors, as the tests start it; but
// for dates and the letters of the machine's fonts they are the same each time.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PNG } from "pngjs";
import { launch } from "../../tests/support/browser.mjs";
import { openPage, signInOn } from "../../tests/support/dashboard.mjs";
import { startStack } from "../../tests/support/stack.mjs";
import { crowd } from "./shop.mjs";

const FOLDER = import.meta.dirname;
const MOST_BYTES = 300_000;
const AT_ONCE = 8;

// `last` is what the picture ends with.
const OVERVIEW = { path: "/", shown: '[data-testid="countries-row"]', last: ".board" };
const LIVE = { path: "/live", shown: '[data-testid="feed-row"]', last: ".live-grid > .card" };
const DESKTOP = { width: 1440, height: 1400 };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

// Each picture by the name of its file.
const PICTURES = {
  dashboard: { ...OVERVIEW, viewport: DESKTOP },
  "dashboard-dark": { ...OVERVIEW, viewport: DESKTOP, colorScheme: "dark" },
  "dashboard-ko": { ...OVERVIEW, viewport: DESKTOP, locale: "ko-KR" },
  "dashboard-phone": { ...OVERVIEW, last: undefined, ...PHONE },
  live: { ...LIVE, viewport: DESKTOP },
};

async function send(stack, { headers, batch }) {
  for (;;) {
    const answer = await fetch(`${stack.url}/events`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "user-agent": "liveinsight-screenshots/1",
        "x-liveinsight-key": stack.ingest_key,
        ...headers,
      },
      body: JSON.stringify({ ...batch, sent_at: Date.now() }),
    });
    const body = await answer.json();
    if (answer.status === 200) {
      const refused = body.receipts?.find(({ status }) => status !== "accepted");
      if (refused) throw new Error(`an event was refused: ${JSON.stringify(refused)}`);
      return;
    }
    if (answer.status !== 429) throw new Error(`not stored: ${answer.status} ${JSON.stringify(body)}`);
    const seconds = Number(answer.headers.get("retry-after") ?? 1);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  }
}

async function sendAll(stack, visits) {
  const left = visits.reverse();
  const next = async () => {
    for (let visit = left.pop(); visit; visit = left.pop()) await send(stack, visit);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
}

// Without a filter: what is drawn repeats itself, and is found again as it stands.
function packed(bytes) {
  const options = { colorType: 2, deflateLevel: 9, deflateStrategy: 0, filterType: 0 };
  return PNG.sync.write(PNG.sync.read(bytes), options);
}

async function take(browser, stack, name, { path, shown, last, ...options }) {
  const { context, page, complaints } = await openPage(browser, {
    colorScheme: "light",
    reducedMotion: "reduce",
    timezoneId: "Asia/Seoul",
    ...options,
  });
  try {
    await signInOn(page, stack, path);
    await page.goto(stack.url + path);
    await page.waitForSelector(shown);
    if (path === OVERVIEW.path) {
      await page.waitForSelector('[data-testid="source"][data-source="browser"]');
    } else {
      await page.waitForSelector('[data-testid="connection"][data-push="live"]');
    }
    await page.waitForFunction(() => !document.querySelector(".is-outdated, .skeleton, [aria-busy='true']"));
    // Flags are pictures of their own.
    await page.waitForLoadState("networkidle");
    await page.mouse.move(0, 0);
    const { width, height } = page.viewportSize();
    const end = last && (await page.$eval(last, (element) => element.getBoundingClientRect().bottom));
    const clip = { x: 0, y: 0, width, height: Math.min(height, Math.ceil((end ?? height) + 20)) };
    const picture = packed(await page.screenshot({ animations: "disabled", caret: "hide", clip }));
    if (complaints.length > 0) throw new Error(`${name}: ${complaints.join("\n")}`);
    if (picture.length > MOST_BYTES) throw new Error(`${name}.png has ${picture.length} bytes`);
    const file = join(FOLDER, `${name}.png`);
    await writeFile(file, picture);
    console.log(`docs/images/${name}.png: ${picture.length} bytes`);
  } finally {
    await context.close();
  }
}

const stack = await startStack();
const browser = await launch();
try {
  const { past, here } = crowd();
  await sendAll(stack, past(Date.now()));
  await sendAll(stack, here(Date.now()));
  for (const [name, options] of Object.entries(PICTURES)) await take(browser, stack, name, options);
} finally {
  await browser.close();
  await stack.stop();
}
