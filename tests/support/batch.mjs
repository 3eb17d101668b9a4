// Batches as documented, for tests that speak to the worker directly.

import { randomBytes } from "node:crypto";

export function uuid7(milliseconds = Date.now()) {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(milliseconds, 0, 6);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export function pageView(fields = {}) {
  const at = fields.at ?? Date.now();
  return {
    id: uuid7(at),
    type: "page_view",
    at,
    page_id: uuid7(at),
    url: "https://shop.example/products/guji",
    title: "Guji",
    ...fields,
  };
}

export function batch(events, fields = {}) {
  const now = Date.now();
  return {
    v: 1,
    site_id: "demo-shop",
    user_id: uuid7(now),
    session_id: uuid7(now),
    sent_at: now,
    context: { language: "ko-KR", time_zone: "Asia/Seoul", screen: [1920, 1080], viewport: [1280, 720] },
    events,
    ...fields,
  };
}

// What a browser says of itself. Node's own user agent is a program's, whose events are kept apart.
export const FIREFOX = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:144.0) Gecko/20100101 Firefox/144.0";

// Posts a body as the tracker does: from a page of the shop, as text.
export async function post(stack, body, headers = {}) {
  const answer = await fetch(`${stack.url}/events`, {
    method: "POST",
    headers: {
      origin: new URL(stack.shop).origin,
      "content-type": "text/plain;charset=UTF-8",
      "user-agent": FIREFOX,
      ...headers,
    },
    body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text && JSON.parse(text) };
}

// Signs in and gives back a function that asks the read API.
export async function signIn(stack) {
  const answer = await fetch(`${stack.url}/api/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ password: stack.password }),
  });
  if (answer.status !== 200) throw new Error(`not signed in: ${answer.status} ${await answer.text()}`);
  const cookie = answer.headers.get("set-cookie").split(";")[0];
  const get = async (path) => {
    const response = await fetch(stack.url + path, { headers: { cookie } });
    if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  return Object.assign(get, { cookie });
}
