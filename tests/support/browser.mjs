// Chromium, as a visitor or an analyst would use it.

import { chromium } from "playwright-core";

// Without a screen Chromium calls itself HeadlessChrome, and the worker keeps such visitors apart.
const USER_AGENT =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";

export function launch(options = {}) {
  return chromium.launch({
    ...options,
    executablePath: process.env.LIVEINSIGHT_CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      `--user-agent=${USER_AGENT}`,
    ],
  });
}
