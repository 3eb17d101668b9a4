import assert from "node:assert/strict";
import { test } from "node:test";
import { everything, openPage, startBrowser, startCollector, startSite } from "./support.mjs";

const browser = await startBrowser();

const BODY = `
  <main id="main">
    <a class="buy big extra" data-li-event="hero-buy" href="/buy">  Buy
      now </a>
    <a class="away" href="https://other.example/page?x=1#y">Other site</a>
    <a href="/files/price-list.PDF?key=secret">Price list</a>
    <a href="/export" download>Export</a>
    <a id="inner" href="/inside">Inside</a>
    <a id="mail" href="mailto:hello@shop.example">Mail</a>
    <button id="plain">Plain button</button>
    <section data-li-event="filters">
      <button class="size">250 g</button>
      <span id="label">Sizes</span>
    </section>
    <div data-li-event="feedback"><p id="around">Around</p><textarea>typed before</textarea></div>
    <p data-li-event="note" contenteditable id="editable">private words</p>
    <a href="https://icons.example/" aria-label="Icon shop"><svg width="20" height="20"><rect id="rect" width="20" height="20"/></svg></a>
    <svg width="60" height="20"><a href="https://svg.example/"><text id="svgtext" y="15">drawn</text></a></svg>
    <p id="text">Nothing here</p>
  </main>`;

async function visit() {
  const collector = await startCollector();
  const site = await startSite(collector, () => ({ body: BODY }));
  const { page, errors } = await openPage(browser);
  await page.goto(site.origin);
  await collector.untilEvents("page_view");
  // The links of the page lead nowhere here; the tracker must not be what stops them.
  await page.evaluate(() => addEventListener("click", (event) => event.preventDefault()));
  return { collector, page, errors, url: (to) => site.origin + to };
}

const targets = (events) => events.filter((event) => event.type === "click").map((event) => event.target);

test("marked elements, outbound links and downloads are recorded, other clicks are not", async () => {
  const { collector, page, errors, url } = await visit();
  for (const selector of [
    ".buy",
    ".away",
    "text=Price list",
    "text=Export",
    "#inner",
    "#mail",
    "#plain",
    "#text",
    ".size",
    "#label",
    "#rect",
    "#svgtext",
  ]) {
    await page.click(selector);
  }
  assert.deepEqual(targets(await everything(page, collector)), [
    {
      kind: "marked",
      name: "hero-buy",
      text: "Buy now",
      href: url("/buy"),
      selector: "main#main > a.buy.big",
    },
    {
      kind: "outbound",
      text: "Other site",
      href: "https://other.example/page?x=1",
      selector: "main#main > a.away",
    },
    { kind: "download", text: "Price list", href: url("/files/price-list.PDF"), selector: "main#main > a" },
    { kind: "download", text: "Export", href: url("/export"), selector: "main#main > a" },
    { kind: "button", name: "filters", text: "250 g", selector: "main#main > section > button.size" },
    { kind: "marked", name: "filters", text: "250 g Sizes", selector: "main#main > section" },
    { kind: "outbound", text: "Icon shop", href: "https://icons.example/", selector: "main#main > a" },
    { kind: "outbound", text: "drawn", href: "https://svg.example/", selector: "main#main > svg > a" },
  ]);
  assert.deepEqual(errors, []);
});

test("what visitors type is never read", async () => {
  const { collector, page } = await visit();
  await page.fill("textarea", "typed now");
  await page.click("#around");
  await page.click("#editable");
  const recorded = targets(await everything(page, collector));
  assert.deepEqual(
    recorded.map(({ name, text }) => [name, text]),
    [
      ["feedback", undefined],
      ["note", undefined],
    ],
  );
});

test("middle and modified clicks count once, the right button does not", async () => {
  const { collector, page } = await visit();
  await page.click(".away", { button: "middle" });
  await page.click(".away", { modifiers: ["Control"] });
  await page.click(".away", { button: "right" });
  assert.equal(targets(await everything(page, collector)).length, 2);
});

test("click on a text node counts for its element", async () => {
  const { collector, page } = await visit();
  await page.evaluate(() => {
    const text = document.querySelector(".away").firstChild;
    text.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
  });
  assert.equal(targets(await everything(page, collector))[0].kind, "outbound");
});

test("click that leads away arrives, with the final heartbeat in the same request", async () => {
  const collector = await startCollector();
  const elsewhere = await startSite(collector, () => ({ head: "" }));
  const site = await startSite(collector, () => ({ body: `<a href="${elsewhere.origin}/">Away</a>` }));
  const { page } = await openPage(browser);
  await page.goto(site.origin);
  await collector.untilEvents("page_view");
  await page.click("a");
  await page.waitForURL(`${elsewhere.origin}/`);
  await collector.untilEvents("heartbeat");
  const [click] = await collector.untilEvents("click");
  assert.equal(click.target.kind, "outbound");
  assert.ok(collector.requests.length <= 3);
});
