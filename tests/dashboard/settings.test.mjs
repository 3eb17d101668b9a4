// The settings in Chromium on the real stack: each thing done once, and refused to those who may not.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { caller, letIn } from "../support/account.mjs";
import { batch, pageView, post, signIn as signInByApi } from "../support/batch.mjs";
import { launch } from "../support/browser.mjs";
import { startReceiver } from "../support/receiver.mjs";
import { allRows, eventually, startStack } from "../support/stack.mjs";

let stack;
let browser;
let owner;
let context;
let page;
let complaints;
before(async () => {
  stack = await startStack();
  browser = await launch();
  owner = caller(stack, await signInByApi(stack));
  const made = await owner("POST", "/api/sites", { id: "blog", domains: ["blog.example"] });
  assert.equal(made.status, 201, JSON.stringify(made.body));
});
after(async () => {
  await browser?.close();
  await stack?.stop();
});
beforeEach(async () => {
  complaints = [];
  ({ context, page } = await open());
});
afterEach(async () => {
  await context.close();
  assert.deepEqual(complaints, [], "neither the policy nor the code may complain");
});

async function open() {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB" });
  const page = await context.newPage();
  page.on("console", (message) => {
    // A failed request is what some tests are about; Chromium reports it by itself.
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) {
      complaints.push(message.text());
    }
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return { context, page };
}

async function signedIn(path) {
  await page.goto(stack.url + path);
  await page.fill('[data-testid="sign-in"] input[name="email"]', stack.email);
  await page.fill('[data-testid="sign-in"] input[name="password"]', stack.password);
  await page.press('[data-testid="sign-in"] input[name="password"]', "Enter");
  await page.waitForSelector(".settings-title");
}

test("a site is changed, and a refusal stands next to its field", async () => {
  await signedIn("/settings/site?site=blog");
  const form = '[data-testid="site-form"]';
  await page.waitForSelector(`${form} [name="domains"]`);
  await page.fill(`${form} [name="time_zone"]`, "+09:00");
  await page.click(`${form} [type="submit"]`);
  await page.waitForSelector(`${form} [name="time_zone"][aria-invalid="true"]`);
  assert.match(await page.textContent("#problem-time_zone"), /IANA/);
  await page.fill(`${form} [name="time_zone"]`, "Asia/Seoul");
  await page.fill(`${form} [name="segment_retention_days"]`, "1");
  await page.click(`${form} [type="submit"]`);
  await page.waitForSelector(`${form} [name="segment_retention_days"][aria-invalid="true"]`);
  await page.fill(`${form} [name="segment_retention_days"]`, "3650");
  await page.fill(`${form} [name="domains"]`, "blog.example\nhttps://www.Blog.example/about");
  await page.click(`${form} [type="submit"]`);
  await eventually(async () => {
    const { body } = await owner("GET", "/api/sites/blog");
    return (
      body.time_zone === "Asia/Seoul" &&
      body.segment_retention_days === 3650 &&
      body.domains.includes("www.blog.example")
    );
  });
  await eventually(async () =>
    (await page.inputValue(`${form} [name="domains"]`)).endsWith("\nwww.blog.example"),
  );
});

test("an invited viewer comes in by the link and sees no settings of others", async () => {
  await signedIn("/settings/people?site=blog");
  const form = '[data-testid="invite"]';
  await page.fill(`${form} [name="email"]`, "viewer@shop.example");
  await page.click(`${form} [type="submit"]`);
  const link = await page.textContent('[data-testid="copy-line"]');

  const theirs = await open();
  try {
    await theirs.page.goto(link);
    await theirs.page.fill('[data-testid="newcomer"] [name="name"]', "Vera");
    await theirs.page.fill('[data-testid="newcomer"] [name="password"]', "short");
    await theirs.page.click('[data-testid="newcomer"] [type="submit"]');
    await eventually(async () =>
      /10/.test(await theirs.page.textContent('[data-testid="newcomer"] [role="alert"]')),
    );
    await theirs.page.fill('[data-testid="newcomer"] [name="password"]', "correct horse battery");
    await theirs.page.click('[data-testid="newcomer"] [type="submit"]');
    await theirs.page.waitForSelector(".nav-link");
    assert.equal(new URL(theirs.page.url()).hash, "", "the secret leaves the address");
    await theirs.page.goto(`${stack.url}/settings/people?site=blog`);
    await theirs.page.waitForSelector('.settings-body [role="alert"]');
    assert.equal(await theirs.page.getByRole("link", { name: "People" }).count(), 0);
    await theirs.page.goto(`${stack.url}/settings/site?site=blog`);
    await theirs.page.waitForSelector('[data-testid="site-form"] [name="domains"][readonly]');
    assert.equal(await theirs.page.$('[data-testid="site-form"] [type="submit"]'), null);
  } finally {
    await theirs.context.close();
  }

  await page.reload();
  const row = page.locator('[data-testid="person"]', { hasText: "viewer@shop.example" });
  await row.getByRole("button", { name: "Remove" }).click();
  await row.getByRole("button", { name: "Remove" }).click();
  await row.waitFor({ state: "detached" });
});

test("roles are changed and taken away once that was confirmed, at every site and at one", async () => {
  await letIn(owner, stack, { email: "mina@shop.example", role: "viewer" });
  await signedIn("/settings/people?site=blog");
  const row = page.locator('[data-testid="person"]', { hasText: "mina@shop.example" });
  await row.getByRole("combobox", { name: "Role of mina@shop.example" }).selectOption("editor");
  await row.getByText("Change the role of mina@shop.example from Viewer to Editor?").waitFor();
  await row.getByRole("button", { name: "Cancel" }).click();
  assert.equal(await row.getByRole("combobox").inputValue(), "viewer");
  await row.getByRole("combobox").selectOption("admin");
  await row.getByRole("button", { name: "Change" }).click();
  const role = async () => {
    const { body } = await owner("GET", "/api/people");
    return body.people.find((person) => person.email === "mina@shop.example")?.role;
  };
  await eventually(async () => (await role()) === "admin");
  const own = page.locator('[data-testid="person"]', { hasText: "you" });
  assert.equal(await own.getByRole("combobox").count(), 0, "nobody changes their own role");

  const form = '[data-testid="give-role"]';
  await page.fill(`${form} [name="email"]`, "nobody@shop.example");
  await page.click(`${form} [type="submit"]`);
  await page.getByText("There is no such person").waitFor();
  await page.fill(`${form} [name="email"]`, "mina@shop.example");
  await page.click(`${form} [type="submit"]`);
  const grant = page.locator('[data-testid="site-role"]', { hasText: "mina@shop.example" });
  await grant.getByRole("combobox").selectOption("admin");
  await grant.getByRole("button", { name: "Change" }).click();
  await eventually(async () => {
    const { body } = await owner("GET", "/api/sites/blog/grants");
    return body.grants[0]?.role === "admin";
  });
  await grant.getByRole("button", { name: "Remove" }).click();
  await grant.locator(".button-bad").click();
  await grant.waitFor({ state: "detached" });

  await row.getByRole("button", { name: "Remove" }).click();
  await row.getByText("All their sessions and tokens end at once.").waitFor();
  await row.locator(".button-bad").click();
  await eventually(async () => (await role()) === undefined);
});

test("an admin of one site sees its roles and nobody else's", async () => {
  const grants = [{ site_id: "blog", role: "admin" }];
  const cookie = await letIn(owner, stack, { email: "site-admin@shop.example", grants });
  const [name, value] = cookie.split("=");
  await context.addCookies([{ name, value, url: stack.url }]);
  await page.goto(`${stack.url}/settings/people?site=blog`);
  await page.waitForSelector('[data-testid="site-role"]');
  assert.equal(await page.locator('[data-testid="everybody"]').count(), 0);
});

test("a person is erased once the id was typed again, and the task is followed", async () => {
  const site_id = "demo-shop";
  const person_id = "customer-7";
  const events = [pageView({ url: "https://shop.example/erased" })];
  assert.equal((await post(stack, batch(events, { person_id }))).status, 200);
  const stored = async () => JSON.stringify(await allRows(stack.dynamodb)).includes(person_id);
  await eventually(stored);
  await signedIn(`/settings/data?site=${site_id}`);
  const form = '[data-testid="erase-form"]';
  await page.selectOption(`${form} [name="subject"]`, "visitor_id");
  await page.fill(`${form} [name="id"]`, person_id);
  await page.fill(`${form} [name="confirm"]`, person_id);
  await page.click(`${form} [type="submit"]`);
  await page.getByText(/no UUID of version 7/).waitFor();
  await page.selectOption(`${form} [name="subject"]`, "person_id");
  await page.fill(`${form} [name="confirm"]`, "customer-8");
  assert.equal(await page.getAttribute(`${form} [type="submit"]`, "aria-disabled"), "true");
  await page.fill(`${form} [name="confirm"]`, person_id);
  await page.click(`${form} [type="submit"]`);
  const task = page.locator('[data-testid="task"]');
  await task.waitFor();
  await page.waitForSelector('[data-testid="task"][data-state="settling"]', { timeout: 60_000 });
  assert.equal(await stored(), false, "no row has the id");
  const { body } = await owner("GET", `/api/sites/${site_id}/audit`);
  assert.ok(body.entries.some((entry) => entry.action === "erasure.begun"));
});

test("what is dropped and throttled is said beside how long ingest takes", async () => {
  const old = pageView({ at: Date.now() - 8 * 86_400_000 });
  await post(stack, batch([pageView(), old]));
  const ledger = async () => (await owner("GET", "/api/sites/demo-shop/ledger")).body.totals.too_old >= 1;
  await eventually(ledger, 40_000);
  await signedIn("/settings/intake?site=demo-shop");
  const value = (name) => page.getAttribute(`[data-testid="health-${name}"]`, "data-value");
  await page.waitForSelector('[data-testid="health-accepted"]');
  assert.ok(Number(await value("accepted")) >= 1 && Number(await value("dropped")) >= 1);
  assert.equal(await value("throttled"), "0");
  await eventually(async () =>
    /p50 [\d,]+ ms · p95 [\d,]+ ms/.test(await page.textContent('[data-testid="health-processing"]')),
  );
});

test("a token is made, works, is revoked, and works no more", async () => {
  await signedIn("/settings/tokens?site=blog");
  await page.fill('[data-testid="new-token"] [name="name"]', "Nightly");
  await page.click('[data-testid="new-token"] [type="submit"]');
  const token = await page.textContent('[data-testid="copy-line"]');
  const program = caller(stack, { token });
  assert.equal((await program("GET", "/api/sites")).status, 200);
  const row = page.locator('[data-testid="token"]', { hasText: "Nightly" });
  await row.getByRole("button", { name: "Remove" }).click();
  await row.getByRole("button", { name: "Remove" }).click();
  await row.waitFor({ state: "detached" });
  assert.equal((await program("GET", "/api/sites")).status, 401);
});

test("a share link is made with a path, and taken back", async () => {
  await signedIn("/settings/shares?site=blog");
  await page.fill('[data-testid="new-share"] [name="name"]', "Press");
  await page.fill('[data-testid="new-share"] [name="filter.page"]', "blog");
  await page.click('[data-testid="new-share"] [type="submit"]');
  await page.waitForSelector('[name="filter.page"][aria-invalid="true"]');
  await page.fill('[data-testid="new-share"] [name="filter.page"]', "/news/*");
  await page.click('[data-testid="new-share"] [type="submit"]');
  const row = page.locator('[data-testid="share"]', { hasText: "/news/*" });
  await row.getByRole("button", { name: "Remove" }).click();
  await row.getByRole("button", { name: "Remove" }).click();
  await row.waitFor({ state: "detached" });
  assert.deepEqual((await owner("GET", "/api/sites/blog/shares")).body.shares, []);
});

test("a share link shows the site to somebody who cannot sign in, until it is taken back", async () => {
  const made = await owner("POST", "/api/sites/blog/shares", { name: "Board", password: "open sesame" });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  await page.goto(stack.url + made.body.path);
  const form = '[data-testid="shared"]';
  for (const password of ["guess", "open sesame"]) {
    await page.fill(`${form} [name="password"]`, password);
    await page.click(`${form} [type="submit"]`);
    if (password === "guess") await page.waitForSelector(`${form} [role="alert"]`);
  }
  await page.waitForSelector('[data-source="edge"]');
  assert.equal(await page.getByRole("link", { name: "Settings" }).count(), 0);
  await page.getByRole("link", { name: "Live", exact: true }).click();
  assert.match(page.url(), /\/live.*#share=/);
  await owner("DELETE", `/api/sites/blog/shares/${made.body.share.id}`);
  await page.reload();
  await page.waitForSelector(`${form} [role="alert"]`);
  assert.equal(await page.locator(".nav-link").count(), 0);
});

test("nothing overflows on a phone", async () => {
  await page.setViewportSize({ width: 360, height: 780 });
  await signedIn("/settings/site?site=blog");
  for (const path of ["site", "people", "tokens", "shares", "account"]) {
    await page.goto(`${stack.url}/settings/${path}?site=blog`);
    await page.waitForSelector(".settings-body form");
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert.ok(overflow <= 0, `${path}: ${overflow} px too wide`);
  }
});

test("a rule and a webhook are made, a test arrives, and what was delivered is listed", async () => {
  const receiver = await startReceiver();
  try {
    await signedIn("/settings/alerts?site=blog");
    const channel = '[data-testid="channel-form"]';
    await page.fill(`${channel} [name="name"]`, "Operators");
    await page.selectOption(`${channel} [name="kind"]`, "webhook");
    await page.fill(`${channel} [name="target"]`, "https://10.0.0.1/");
    await page.click(`${channel} [type="submit"]`);
    await page.waitForSelector(`${channel} [name="target"][aria-invalid="true"]`);
    await page.fill(`${channel} [name="target"]`, `${receiver.url}/hook`);
    await page.click(`${channel} [type="submit"]`);
    const row = page.locator('[data-testid="channel"]');
    await row.waitFor();
    assert.match(await page.textContent('[data-testid="copy-line"]'), /whsec_[0-9a-f]{64}/);
    receiver.answers.push(500);
    await row.locator('[data-testid="test-channel"]').click();
    await eventually(async () =>
      /did not arrive: status 500/.test(await row.locator('[data-testid="test-outcome"]').textContent()),
    );
    await row.locator('[data-testid="test-channel"]').click();
    await eventually(async () =>
      /was sent/.test(await row.locator('[data-testid="test-outcome"]').textContent()),
    );
    assert.equal(JSON.parse(receiver.received.at(-1).text).event, "test");
    await row.getByRole("button", { name: "Deliveries" }).click();
    await eventually(async () => (await row.locator('[data-testid="delivery"]').count()) === 2);

    const rule = '[data-testid="rule-form"]';
    await page.fill(`${rule} [name="name"]`, "Sold out");
    await page.selectOption(`${rule} [name="kind"]`, "goal");
    await page.fill(`${rule} [name="goal"]`, "purchase");
    await page.click(`${rule} [type="submit"]`);
    const listed = page.locator('[data-testid="alert-rule"]');
    await listed.waitFor();
    assert.match(await listed.textContent(), /Sold out.*Goal reached · purchase.*Not looked at yet/);
    await listed.getByRole("button", { name: "Edit" }).click();
    await eventually(async () => (await page.inputValue(`${rule} [name="name"]`)) === "Sold out");
    await page.fill(`${rule} [name="every"]`, "10");
    await page.click(`${rule} [type="submit"]`);
    await eventually(async () => {
      const { body } = await owner("GET", "/api/sites/blog/alerts");
      return body.alerts[0].rule.every === 10;
    });
    await listed.getByRole("button", { name: "Remove" }).click();
    await listed.locator(".button-bad").click();
    await eventually(async () => (await listed.count()) === 0);
  } finally {
    await receiver.stop();
  }
});
