import assert from "node:assert/strict";
import { test } from "node:test";
import { everything, openSite, startBrowser, types } from "./support.mjs";

const browser = await startBrowser();

/** Opens a page whose links lead nowhere, and whose forms neither. */
async function visit(body, { attributes, stay = true } = {}) {
  const opened = await openSite(browser, { attributes, page: () => ({ body }) });
  await opened.collector.untilEvents("page_view");
  await opened.page.evaluate((stay) => {
    for (const type of stay ? ["click", "submit"] : [])
      addEventListener(
        type,
        (event) => event.target.closest(type[0] === "c" ? "a" : "form") && event.preventDefault(),
      );
  }, stay);
  return opened;
}

const targets = (events) => events.filter(({ type }) => type === "click").map(({ target }) => target);
const customs = (events) =>
  events.filter(({ type }) => type === "custom").map(({ name, props }) => ({ name, props }));

test("custom event carries its name and properties", async () => {
  const { collector, page, errors } = await visit("");
  await page.evaluate(() => {
    liveinsight.event("  video played ", { seconds: 12.5, muted: false, title: '하늘 "live"', nested: {} });
    liveinsight.event("bare");
    liveinsight.event("");
    liveinsight.event();
    liveinsight.event("odd", "not an object");
    liveinsight.event("odd", null);
  });
  const events = await everything(page, collector);
  assert.deepEqual(customs(events).slice(0, 2), [
    { name: "video played", props: { seconds: "12.5", muted: "false", title: '하늘 "live"' } },
    { name: "bare", props: undefined },
  ]);
  assert.equal(customs(events).length, 4);
  assert.ok(events.every(({ page_id }) => page_id === events[0].page_id));
  assert.deepEqual(errors, []);
});

test("too long names and values are cut, and properties too many left out", async () => {
  const { collector, page } = await visit("");
  await page.evaluate(() => {
    const many = Object.fromEntries(
      [...Array(40).keys()].map((index) => [`key${index}`, "값".repeat(1_000)]),
    );
    liveinsight.event("이".repeat(100), many);
  });
  const [{ name, props }] = customs(await everything(page, collector));
  assert.equal(name, "이".repeat(40));
  // Thirty of them are more than an event may hold: then it goes without any.
  assert.equal(props, undefined);
  await page.evaluate(() => {
    const many = Object.fromEntries([...Array(40).keys()].map((index) => [`key${index}`, "값".repeat(300)]));
    liveinsight.event("fits", { ...many, key0: "값".repeat(1_000) });
  });
  const fits = customs(await everything(page, collector)).at(-1);
  assert.equal(Object.keys(fits.props).length, 30);
  assert.equal(fits.props.key0, "값".repeat(666));
});

const SHADOW = `<div id="host"></div><script>
  const root = document.querySelector("#host").attachShadow({ mode: "open" });
  root.innerHTML = \`
    <a id="out" href="https://other.example/x">Away <b>now</b></a>
    <p id="marked" data-li-event="inside"><span>Marked</span></p>
    <div id="inner"></div>\`;
  const inner = root.querySelector("#inner").attachShadow({ mode: "open" });
  inner.innerHTML = '<button class="deep" data-li-event="deep">Deep</button><input id="typed" value="secret">';
</script>`;

test("clicks inside open shadow roots are recorded as those outside are", async () => {
  const { collector, page, errors } = await visit(SHADOW);
  await page.evaluate(() =>
    document.querySelector("#host").shadowRoot.addEventListener("click", (event) => event.preventDefault()),
  );
  for (const selector of ["#out b", "#marked span", ".deep", "#typed"]) await page.click(selector);
  assert.deepEqual(targets(await everything(page, collector)), [
    { kind: "outbound", text: "Away now", href: "https://other.example/x", selector: "a#out" },
    { kind: "marked", name: "inside", text: "Marked", selector: "p#marked" },
    { kind: "marked", name: "deep", text: "Deep", selector: "button.deep" },
  ]);
  assert.deepEqual(errors, []);
});

test("link and file drawn as SVG are links and files", async () => {
  const { collector, page } = await visit(`<svg width="400" height="40">
    <a href="https://svg.example/"><text id="away" y="20">away</text></a>
    <a href="/plan.pdf" data-li-event="plan"><rect id="plan" x="200" width="40" height="40"/></a></svg>`);
  await page.click("#away");
  await page.click("#plan");
  assert.deepEqual(
    targets(await everything(page, collector)).map(({ kind, name, href }) => [kind, name, href]),
    [
      ["outbound", undefined, "https://svg.example/"],
      ["marked", "plan", new URL("/plan.pdf", page.url()).href],
    ],
  );
});

test("click on a label, and the one the browser makes of it for its control, are one", async () => {
  const { collector, page } = await visit(`
    <label id="one"><input type="checkbox" data-li-event="agree"> <span>I agree</span></label><br>
    <label id="two" data-li-event="news"><input type="checkbox"> <span>News</span></label><br>
    <label id="three" for="far" data-li-event="far"><span>Far</span></label><input type="checkbox" id="far">`);
  for (const selector of ["#one span", "#two span", "#three span"]) await page.click(selector);
  await page.click("#one input");
  assert.deepEqual(
    targets(await everything(page, collector)).map(({ name }) => name),
    ["agree", "news", "far", "agree"],
  );
  assert.ok(await page.isChecked("#two input"));
});

test("two clicks of a visitor on one thing are two", async () => {
  const { collector, page } = await visit('<p id="one" data-li-event="one">One</p>');
  await page.click("#one", { clickCount: 2, delay: 30 });
  assert.equal(targets(await everything(page, collector)).length, 2);
});

test("click with a modifier counts once", async () => {
  const { collector, page } = await visit('<a id="one" href="https://other.example/">One</a>');
  for (const modifier of ["Control", "Shift", "Alt"]) await page.click("#one", { modifiers: [modifier] });
  assert.equal(targets(await everything(page, collector)).length, 3);
});

const BUTTONS = `
  <button id="one"><i>Buy</i></button>
  <input id="two" type="submit" value="Pay with 1234">
  <a href="/inside"><button id="three">In a link</button></a>
  <input id="four" type="text" value="secret"><p id="five">Text</p>`;

test("buttons are recorded where the site says so, and never what fields hold", async () => {
  const { collector, page } = await visit(BUTTONS, { attributes: "data-buttons" });
  for (const id of ["one i", "two", "three", "four", "five"]) await page.click(`#${id}`);
  assert.deepEqual(
    targets(await everything(page, collector)).map(({ kind, text, selector }) => [kind, text, selector]),
    [
      ["button", "Buy", "button#one"],
      ["button", undefined, "input#two"],
      ["button", "In a link", "button#three"],
    ],
  );
  assert.ok(!JSON.stringify(collector.requests).match(/secret|1234/));
});

test("buttons are not recorded where the site does not say so", async () => {
  const { collector, page } = await visit(BUTTONS);
  for (const id of ["one i", "two", "three"]) await page.click(`#${id}`);
  assert.deepEqual(types(await everything(page, collector)), ["page_view"]);
});

const FORM = (action) => `
  <form id="sign-up" name="news" action="${action}" method="post">
    <input name="id" value="private-1"><input name="action" value="private-2">
    <input name="name" type="hidden" value="private-3"><textarea name="text">private-4</textarea>
    <select name="choice"><option>private-5</option></select><button>Send</button>
  </form>`;

test("sending a form tells which and where to, and never what is in it", async () => {
  const { collector, page, url, errors } = await visit(FORM("/subscribe?token=private-6#private-7"));
  await page.fill("textarea", "private-8");
  await page.click("button");
  assert.deepEqual(customs(await everything(page, collector)), [
    {
      name: "form_submit",
      props: { form_id: "sign-up", form_name: "news", form_action: url("/subscribe") },
    },
  ]);
  assert.ok(!JSON.stringify(collector.requests).includes("private"));
  assert.deepEqual(errors, []);
});

test("form that leads away arrives with the page it was on", async () => {
  const { collector, page, url } = await visit(FORM("/subscribe"), { stay: false });
  await page.click("button");
  await page.waitForURL("**/subscribe");
  const [submitted] = await collector.untilEvents("custom");
  const views = await collector.untilEvents("page_view", 2);
  assert.equal(submitted.page_id, views[0].page_id);
  assert.equal(submitted.props.form_action, url("/subscribe"));
});

test("form without name, id and address tells the page's address", async () => {
  const { collector, page, url } = await visit("<form><input name=q value=secret><button>Go</button></form>");
  await page.click("button");
  assert.deepEqual(customs(await everything(page, collector)), [
    { name: "form_submit", props: { form_action: url("/") } },
  ]);
});

test("click whose link has a nonsensical address is recorded if it is marked", async () => {
  const { collector, page, errors } = await visit('<a href="https://[nonsense" data-li-event="odd">Odd</a>');
  await page.click("a");
  const [target] = targets(await everything(page, collector));
  assert.deepEqual([target?.name, target?.href], ["odd", undefined]);
  assert.deepEqual(errors, []);
});
