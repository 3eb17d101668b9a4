// Live push as a program reads it: frames as protocol/src/live/frame.rs writes them, in JavaScript of its own, so that
// a mistake made in both directions in Rust does not pass.

const KINDS = ["hello", "snapshot", "delta", "resync", "ping"];
const CHANGES = ["here", "moved", "seen", "left", "gone"];
const EVENTS = ["page_view", "click", "conversion", "custom"];

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
    this.words = [];
  }
  byte() {
    if (this.at >= this.bytes.length) throw new Error("frame ends too early");
    return this.bytes[this.at++];
  }
  number() {
    let number = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte();
      number |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return number;
    }
  }
  count() {
    return Number(this.number());
  }
  raw(length) {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
  word() {
    const number = this.count();
    if (number > 0) return this.words[number - 1];
    const word = new TextDecoder().decode(this.raw(this.count()));
    this.words.push(word);
    return word;
  }
  list(read) {
    return Array.from({ length: this.count() }, () => read(this));
  }
}

const hex = (bytes) => Buffer.from(bytes).toString("hex");
const uuid = (bytes) => hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
const key = (reader) => (reader.byte() === 0 ? uuid(reader.raw(16)) : hex(reader.raw(32)));

function visit(reader) {
  const session_id = key(reader);
  const flags = reader.byte();
  const user_id = flags & 1 ? uuid(reader.raw(16)) : "";
  const [page, country, city, device, browser, os] = Array.from({ length: 6 }, () => reader.word());
  const [started_at, last_seen, interval_s] = [reader.count(), reader.count(), reader.count()];
  const left = (flags & 2) !== 0;
  return {
    session_id,
    user_id,
    page,
    country,
    city,
    device,
    browser,
    os,
    started_at,
    last_seen,
    interval_s,
    left,
  };
}

function change(reader) {
  const kind = CHANGES[reader.byte()];
  if (kind === "here") return { kind, ...visit(reader) };
  const session_id = key(reader);
  if (kind === "gone") return { kind, session_id };
  if (kind === "left") return { kind, session_id, last_seen: reader.count() };
  const page = kind === "moved" ? { page: reader.word() } : {};
  return { kind, session_id, ...page, last_seen: reader.count(), interval_s: reader.count() };
}

function entry(reader) {
  const [at, kind, session_id] = [reader.count(), EVENTS[reader.byte()], key(reader)];
  const [page, country, city, device, source, name, amount, currency] = Array.from({ length: 8 }, () =>
    reader.word(),
  );
  return { at, kind, session_id, page, country, city, device, source, name, amount, currency };
}

function minute(reader) {
  const start = reader.count() * 60_000;
  const [visits, page_views, conversions, events] = Array.from({ length: 4 }, () => reader.count());
  return { start, visits, page_views, conversions, events };
}

export function decode(bytes) {
  const reader = new Reader(new Uint8Array(bytes));
  if (reader.byte() !== 1) throw new Error("frame of another version");
  const kind = KINDS[reader.byte()];
  const frame = { kind };
  switch (kind) {
    case "hello":
      Object.assign(frame, { epoch: reader.number(), seq: reader.number(), time: reader.count() });
      break;
    case "snapshot":
      Object.assign(frame, { seq: reader.number(), time: reader.count(), known_from: reader.count() });
      Object.assign(frame, { visits: reader.list(visit), minutes: reader.list(minute) });
      Object.assign(frame, { feed: reader.list(entry), conversions: reader.list(entry) });
      Object.assign(frame, { rows_from: reader.count(), rows: reader.raw(reader.count()) });
      break;
    case "delta":
      Object.assign(frame, { seq: reader.number(), time: reader.count(), changes: reader.list(change) });
      Object.assign(frame, { feed: reader.list(entry), minutes: reader.list(minute) });
      frame.rows = reader.raw(reader.count());
      break;
    case "ping":
      Object.assign(frame, { seq: reader.number(), time: reader.count() });
      break;
  }
  if (reader.at !== reader.bytes.length) throw new Error("bytes after the end of a frame");
  return frame;
}

function varint(number) {
  const bytes = [];
  for (let rest = BigInt(number); ; rest >>= 7n) {
    if (rest < 0x80n) return [...bytes, Number(rest)];
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
}

export const ack = (seq) => new Uint8Array([1, 0, ...varint(seq)]);

// Opens a connection. Frames gather in `frames`; `next` waits for one that a predicate accepts, `closed` for the end.
// With `acknowledges: false` it takes everything in and says nothing.
export async function watch(stack, path, headers, { acknowledges = true } = {}) {
  const socket = new WebSocket(stack.url.replace("http", "ws") + path, { headers });
  socket.binaryType = "arraybuffer";
  const frames = [];
  const waiting = new Set();
  let seen = 0;
  const texts = [];
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") {
      texts.push(data);
    } else {
      const frame = { ...decode(data), received_at: Date.now() };
      frames.push(frame);
      if (acknowledges && frame.seq !== undefined && frame.kind !== "hello") socket.send(ack(frame.seq));
    }
    for (const look of waiting) look();
  };
  let ended;
  const closed = new Promise((resolve) => {
    socket.onclose = (event) => {
      ended = event;
      resolve(event);
      for (const look of waiting) look();
    };
  });
  const next = (accepts, milliseconds = 15_000) =>
    new Promise((resolve, reject) => {
      const stop = setTimeout(
        () => done(reject, new Error(`no such frame: ${accepts}\n${frames.map((f) => f.kind)}`)),
        milliseconds,
      );
      const look = () => {
        for (; seen < frames.length; ) {
          const frame = frames[seen++];
          if (accepts(frame)) return done(resolve, frame);
        }
        if (ended) done(reject, new Error(`the connection was closed: ${ended.code} ${ended.reason}`));
      };
      const done = (settle, value) => {
        clearTimeout(stop);
        waiting.delete(look);
        settle(value);
      };
      waiting.add(look);
      look();
    });
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error("the connection was refused"));
  });
  return { socket, frames, texts, next, closed, close: () => socket.close() };
}
