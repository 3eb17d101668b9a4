/** What a TypeScript project sees of the package: correct use compiles, wrong use does not. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { distFile } from "./support.mjs";

const TSC = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");

const RIGHT = `
import { type Consent, init, type Options, type Props, type Tracker, type TrackerEvent } from "@liveinsight/tracker";

const tracker: Tracker = init({ siteId: "my-site", endpoint: "https://insight.example/events" });
const consent: Consent = "pending";
const options: Options = {
  siteId: "my-site",
  endpoint: "/events",
  debug: true,
  ignorePrivacySignals: false,
  test: true,
  cookie: true,
  consent,
  hash: false,
  buttons: true,
  vitals: true,
  query: ["page", "sort"],
  mask: "/account/* /invite/*",
  maskUrl: (url) => url.replace(/token=[^&]*/, ""),
  beforeSend(event) {
    if (event.type === "custom" && event.name === "form_submit") return null;
    if (event.type === "click") delete event.target.text;
    if (event.type === "page_view") return { ...event, title: "" };
    if (event.type === "heartbeat") return event.engaged_ms > 0 && event;
    return event;
  },
};
const lists = ["/account/*"] as const;
init({ ...options, query: "", mask: lists });

const props: Props = { items: 2, gift: true, coupon: undefined };
tracker.conversion("purchase", { revenue: { amount: "49000", currency: "KRW" }, props });
tracker.conversion("tip", { revenue: { amount: 0.5, currency: "EUR" } });
tracker.conversion("sign-up");
tracker.event("video_play", { seconds: 3 });
tracker.event("filter_opened");
tracker.pageView();
tracker.pageView({ props });
tracker.identify(1042);
tracker.identify("customer-1042", { hash: true });
tracker.reset();
tracker.consent.grant();
tracker.consent.deny();
tracker.flush();
tracker.stop();

// Methods may be taken off the tracker, and every type of event is named.
const { conversion } = tracker;
conversion("sign-up");
function nameOf(event: TrackerEvent): string {
  switch (event.type) {
    case "page_view":
      return event.url;
    case "click":
      return event.target.kind;
    case "conversion":
      return event.revenue?.amount ?? event.name;
    case "custom":
      return event.props?.form_id ?? event.name;
    case "heartbeat":
      return \`\${event.scroll_percent} \${event.final}\`;
  }
}
nameOf({} as TrackerEvent);
`;

/** Each line is wrong. */
const WRONG = `
init();
init({ siteId: "my-site" });
init({ endpoint: "/events" });
init({ ...base, siteID: "my-site" });
init({ ...base, consent: "yes" });
init({ ...base, cookie: "true" });
init({ ...base, query: [1] });
init({ ...base, mask: /account/ });
init({ ...base, maskUrl: (url) => new URL(url) });
init({ ...base, beforeSend: (event) => { event; } });
init({ ...base, beforeSend: async (event) => event });
init({ ...base, beforeSend: () => true });
init({ ...base, beforeSend: (event) => event.title && event });
init({ ...base, beforeSend: (event) => { event.id = ""; return event; } });
tracker.conversion();
tracker.conversion("purchase", { revenue: 49000 });
tracker.conversion("purchase", { revenue: { amount: "49000" } });
tracker.conversion("purchase", { amount: "49000", currency: "KRW" });
tracker.conversion("purchase", { props: { cart: ["beans"] } });
tracker.event("video_play", { props: { seconds: 3 } });
tracker.pageView("/checkout");
tracker.identify();
tracker.identify("a", true);
tracker.grant();
tracker.consent("granted");
tracker.consent = tracker.consent;
tracker.flush().then();
`;

const folder = await mkdtemp(join(tmpdir(), "liveinsight-types-"));
after(() => rm(folder, { recursive: true }));
await mkdir(join(folder, "node_modules/@liveinsight"), { recursive: true });
await symlink(distFile("tracker"), join(folder, "node_modules/@liveinsight/tracker"));
const head = `import { init, type Options, type Tracker } from "@liveinsight/tracker";
declare const base: Options;
declare const tracker: Tracker;`;
const wrong = WRONG.trim().replace(/^/gm, "// @ts-expect-error\n");
await writeFile(join(folder, "package.json"), '{ "type": "module" }');
await writeFile(join(folder, "right.ts"), RIGHT);
await writeFile(join(folder, "wrong.ts"), `${head}\n${wrong}\n`);

for (const [moduleResolution, module] of [
  ["bundler", "esnext"],
  ["node16", "node16"],
]) {
  test(`with moduleResolution "${moduleResolution}" correct use compiles and wrong use does not`, async () => {
    const compilerOptions = {
      module,
      moduleResolution,
      target: "es2022",
      lib: ["es2022", "dom"],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
    };
    const project = join(folder, `${moduleResolution}.json`);
    await writeFile(project, JSON.stringify({ compilerOptions, files: ["right.ts", "wrong.ts"] }));
    const [code, output] = await new Promise((resolve) => {
      execFile(process.execPath, [TSC, "-p", project, "--pretty", "false"], (error, stdout) =>
        resolve([error?.code ?? 0, stdout]),
      );
    });
    assert.deepEqual([code, output], [0, ""]);
  });
}
