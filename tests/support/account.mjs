// People, as their browsers and their authenticator apps would act for them.

import { createHmac } from "node:crypto";
import { signIn } from "./batch.mjs";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

// What an authenticator app shows for a secret in base32 (RFC 6238), `steps` half minutes from now.
export function totp(secret, steps = 0) {
  const bits = [...secret].map((c) => ALPHABET.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const tag = createHmac("sha1", key).update(counter).digest();
  const word = tag.readUInt32BE(tag[19] & 15) & 0x7fffffff;
  return String(word % 1_000_000).padStart(6, "0");
}

// Somebody who makes requests: with a cookie as a page of the dashboard, or with a token as a program.
export function caller(stack, { cookie, token } = {}) {
  return async (method, path, body, extra = {}) => {
    const headers = { ...extra };
    if (cookie) Object.assign(headers, { cookie, origin: stack.url });
    if (token) headers.authorization = `Bearer ${token}`;
    if (body !== undefined) headers["content-type"] ??= "application/json";
    const answer = await fetch(stack.url + path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    const cookies = answer.headers.getSetCookie().map((line) => line.split(";")[0]);
    return {
      status: answer.status,
      headers: answer.headers,
      cookie: cookies.at(-1),
      body: text ? JSON.parse(text) : null,
    };
  };
}

// The owner, as a function that posts and keeps up with changing cookies.
export async function acting(stack) {
  let { cookie } = await signIn(stack);
  return async (path, body) => {
    const answer = await caller(stack, { cookie })("POST", path, body);
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    cookie = answer.cookie ?? cookie;
    return answer;
  };
}

// Lets somebody in and gives back their cookie.
export async function letIn(owner, stack, { email, role = null, grants = [] }) {
  const made = await owner("POST", "/api/invitations", { email, role, grants });
  if (made.status !== 201) throw new Error(`not invited: ${JSON.stringify(made.body)}`);
  const body = { token: made.body.token, name: email, password: "correct horse battery" };
  const accepted = await caller(stack)("POST", "/api/invitations/accept", body);
  if (accepted.status !== 201) throw new Error(`not let in: ${JSON.stringify(accepted.body)}`);
  return accepted.cookie;
}

// The rows of the answer to a question about the last day, unless `fields` say otherwise.
export async function results(ask, fields) {
  const question = { date_range: "24h", metrics: ["visitors", "pageviews"], ...fields };
  const answer = await ask("POST", "/api/v2/query", question);
  if (answer.status !== 200) throw new Error(`not answered: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body.results;
}
