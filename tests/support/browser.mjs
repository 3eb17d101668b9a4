// Chromium, as a visitor or an analyst would use it.

import { chromium } from "playwright-core";

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
    ],
  });
}
