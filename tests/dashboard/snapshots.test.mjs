// The main pages as they look, compared with pictures that somebody has looked at. With LIVEINSIGHT_SNAPSHOTS=write the
// pictures are taken anew instead.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";
import { launch } from "../support/browser.mjs";
import { openPage, signInOn } from "../support/dashboard.mjs";
import { startStack } from "../support/stack.mjs";
import { sendWeek } from "../support/week.mjs";

const FOLDER = join(import.meta.dirname, "snapshots");

// Parts of the picture that may differ. Letters and dates do, with the fonts of a machine and the day; an empty page has to
// differ by much more, which is looked at with each comparison.
const MOST = 0.006;
const EMPTY = 2.5;

// Of each two by two pixels one is kept: what is compared is layout and colour, and the pictures are in git.
const STEP = 2;

const OVERVIEW = { path: "/?period=7d", shown: '[data-testid="pages-row"]' };
const VIEWS = {
  "overview-light": OVERVIEW,
  "overview-dark": { ...OVERVIEW, colorScheme: "dark" },
  "overview-korean": { ...OVERVIEW, locale: "ko-KR" },
  "overview-phone": { ...OVERVIEW, viewport: { width: 390, height: 844 } },
  tracker: { path: "/settings/tracker", shown: '[data-testid="snippet-builder"]' },
  "sign-in": { path: "/", shown: '[data-testid="sign-in"]', isSignedOut: true },
};

let stack;
let browser;
before(async () => {
  stack = await startStack();
  browser = await launch();
  await sendWeek(stack);
});
after(async () => {
  await browser?.close();
  await stack?.stop();
});

function smaller(png) {
  const [width, height] = [Math.floor(png.width / STEP), Math.floor(png.height / STEP)];
  const small = new PNG({ width, height });
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * STEP * png.width + x * STEP) * 4;
      png.data.copy(small.data, (y * width + x) * 4, from, from + 4);
    }
  }
  return small;
}

async function picture(page) {
  // The pointer is on nothing, and nothing moves.
  await page.mouse.move(0, 0);
  const bytes = await page.screenshot({ animations: "disabled", caret: "hide" });
  return smaller(PNG.sync.read(bytes));
}

for (const [name, { path, shown, isSignedOut, ...options }] of Object.entries(VIEWS)) {
  test(`${name} looks as it did`, async () => {
    const { context, page, complaints } = await openPage(browser, { reducedMotion: "reduce", ...options });
    try {
      if (isSignedOut) {
        await page.goto(stack.url + path);
      } else {
        await signInOn(page, stack, path);
        await page.goto(stack.url + path);
      }
      await page.waitForSelector(shown);
      if (path === OVERVIEW.path) {
        await page.waitForSelector('[data-testid="source"][data-source="browser"]');
        await page.waitForFunction(() => !document.querySelector(".is-outdated, .skeleton"));
      }
      const seen = await picture(page);
      const file = join(FOLDER, `${name}.png`);
      if (process.env.LIVEINSIGHT_SNAPSHOTS === "write") {
        await writeFile(file, PNG.sync.write(seen, { colorType: 2, deflateLevel: 9 }));
        return;
      }
      const kept = PNG.sync.read(await readFile(file));
      assert.deepEqual([seen.width, seen.height], [kept.width, kept.height]);
      const differing = (data) =>
        pixelmatch(data, kept.data, null, kept.width, kept.height, { threshold: 0.2, includeAA: true }) /
        (kept.width * kept.height);
      const empty = Buffer.alloc(kept.data.length);
      for (let at = 0; at < empty.length; at += 4) kept.data.copy(empty, at, 0, 4);
      assert.ok(differing(empty) > EMPTY * MOST, "an empty page would pass");
      const part = differing(seen.data);
      assert.ok(part <= MOST, `${(part * 100).toFixed(2)} % of the picture differ`);
    } finally {
      await context.close();
    }
    assert.deepEqual(complaints, [], "neither the policy nor the code may complain");
  });
}
