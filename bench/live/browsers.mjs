// A visitor in one browser, an analyst in another.

import { launch } from "../../tests/support/browser.mjs";

const TIMEOUT_MS = 20_000;

// When the page has painted what `watch` waits for: a task after the frame in which it is drawn.
const PAINTED = `
  window.painted = (accepts) => new Promise((resolve) => {
    let done = false;
    const look = () => {
      if (done || !accepts()) return;
      done = true;
      observer.disconnect();
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(performance.timeOrigin + performance.now());
        port2.postMessage(null);
      });
    };
    const observer = new MutationObserver(look);
    observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    look();
  });
`;

async function open(stack, browser, path) {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 1000 } })).newPage();
  await page.addInitScript(PAINTED);
  await page.goto(stack.url);
  await page.fill('[data-testid="sign-in"] input[name="email"]', stack.email);
  await page.fill('[data-testid="sign-in"] input[name="password"]', stack.password);
  await page.press('[data-testid="sign-in"] input[name="password"]', "Enter");
  await page.waitForSelector('[data-testid="visitors-now"]');
  await page.goto(stack.url + path);
  return page;
}

// Two browsers: pages of one browser share processes.
async function both(stack, path, act) {
  const [visitor, analyst] = [await launch(), await launch()];
  try {
    const dashboard = await open(stack, analyst, path);
    const shop = await (await visitor.newContext()).newPage();
    return await act(shop, dashboard);
  } finally {
    await Promise.all([visitor.close(), analyst.close()]);
  }
}

// Between two events, so that they do not share a frame: a human is no faster. Not a multiple of the hub's pace.
const pause = () => new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 400));

// Clicks on a marked button, to the row of the feed.
export function measureClicks(stack, count) {
  return both(stack, "/live", async (shop, dashboard) => {
    await dashboard.waitForSelector('[data-testid="connection"][data-push="live"]');
    await shop.goto(new URL("/about", stack.shop).href);
    // A button of the page's own: a link would leave it.
    await shop.evaluate(() => {
      const button = document.createElement("button");
      button.textContent = "Measured";
      button.dataset.liEvent = "measured";
      button.addEventListener("click", () => {
        window.clickedAt = performance.timeOrigin + performance.now();
      });
      document.querySelector("main").prepend(button);
    });
    const times = [];
    // The first is not counted: isolates that were told that nobody watches are quiet for ten seconds.
    for (let n = 0; n <= count; n++) {
      const seen = dashboard.evaluate(
        ([number, timeout]) =>
          Promise.race([
            window.painted(() => {
              const rows = [...document.querySelectorAll('[data-testid="feed-row"][data-kind="click"]')];
              const fresh = rows.filter(
                (row) => row.textContent.includes("measured") && !row.dataset.counted,
              );
              for (const row of fresh) row.dataset.counted = number;
              return fresh.length > 0;
            }),
            new Promise((_, reject) => setTimeout(() => reject(new Error("a click was not shown")), timeout)),
          ]),
        [n, TIMEOUT_MS],
      );
      await shop.click('button[data-li-event="measured"]');
      const clicked = await shop.evaluate(() => window.clickedAt);
      const painted = await seen;
      if (n > 0) times.push(painted - clicked);
      await pause();
    }
    return times;
  });
}

// Page views of pages of their own, to the number of page views of the overview, filtered to these pages.
export function measureViews(stack, count) {
  const path = "/?f=contains,event:page,/measured";
  return both(stack, path, async (shop, dashboard) => {
    await dashboard.waitForSelector('[data-testid="source"][data-source="browser"]');
    await shop.goto(new URL("/about", stack.shop).href);
    const times = [];
    for (let n = 0; n <= count; n++) {
      const seen = dashboard.evaluate(
        ([number, timeout]) =>
          Promise.race([
            window.painted(() => {
              const total = document.querySelector('[data-testid="total-pageviews"]');
              return Number(total?.dataset.value) > number;
            }),
            new Promise((_, reject) => setTimeout(() => reject(new Error("a view was not shown")), timeout)),
          ]),
        [n, TIMEOUT_MS],
      );
      const viewed = await shop.evaluate((number) => {
        const now = performance.timeOrigin + performance.now();
        history.pushState({}, "", `/measured/${number}`);
        return now;
      }, n);
      const painted = await seen;
      if (n > 0) times.push(painted - viewed);
      await pause();
    }
    return times;
  });
}
