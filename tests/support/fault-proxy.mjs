// A proxy between the worker and the store that makes it fail in the ways stores do. It passes on what it
// does not break, so that everything behind it is real.

import { createServer, request } from "node:http";

// Faults, by name. Each is given the request's body, the operation and a function that passes it on.
const FAULTS = {
  none: ({ pass }) => pass(),
  error500: ({ answer }) => answer(500, { __type: "InternalServerError", message: "injected" }),
  throttled: ({ answer }) =>
    answer(400, {
      __type: "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
      message: "injected",
    }),
  // What DynamoDB says when the caller's clock is off, or the signature was too long under way.
  expired: ({ answer }) =>
    answer(400, {
      __type: "com.amazon.coral.service#InvalidSignatureException",
      message: "Signature expired",
    }),
  reset: ({ socket }) => socket.resetAndDestroy(),
  hang: () => {},
  // Slow, but within what the worker grants an attempt.
  slow: ({ pass, later }) => later(1_200, pass),
  // Of each BatchWriteItem only the first item gets through.
  unprocessed: ({ operation, body, pass }) => {
    if (operation !== "BatchWriteItem") return pass();
    const [[table, [first, ...rest]], ...others] = Object.entries(JSON.parse(body).RequestItems);
    const left = Object.fromEntries(others);
    if (rest.length > 0) left[table] = rest;
    return pass({ RequestItems: { [table]: [first] } }, (result) => ({ ...result, UnprocessedItems: left }));
  },
  // The store does what it is asked and its answer is lost.
  deaf: ({ pass, socket }) => pass(undefined, () => socket.resetAndDestroy()),
  // Nothing gets through, politely.
  unprocessedForever: ({ operation, body, pass, answer }) =>
    operation === "BatchWriteItem"
      ? answer(200, { UnprocessedItems: JSON.parse(body).RequestItems })
      : pass(),
  // What is read by key range fails while single rows and writes get through: a hub cannot be rebuilt then.
  queriesDown: ({ operation, pass, answer }) =>
    operation === "Query" ? answer(500, { __type: "InternalServerError", message: "injected" }) : pass(),
  // The visit's row is refused while the events get through: a crash between the two writes.
  sessionsDown: ({ operation, body, pass, answer }) =>
    isVisit(operation, body) ? answer(500, { __type: "InternalServerError" }) : pass(),
  // The same, but the worker is left waiting: the moment in which it can be killed between its two writes.
  sessionsHang: ({ operation, body, pass }) => (isVisit(operation, body) ? undefined : pass()),
};

// Whether a request writes the row of a visit.
function isVisit(operation, body) {
  return operation === "UpdateItem" && JSON.parse(body).TableName.endsWith("Sessions");
}

// Starts a proxy in front of `endpoint`. `set(name, times)` breaks the next `times` requests.
export async function startFaultProxy(endpoint) {
  const target = new URL(endpoint);
  let fault = "none";
  let remaining = 0;
  const seen = [];
  const server = createServer(async (incoming, outgoing) => {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const operation = (incoming.headers["x-amz-target"] ?? "").split(".")[1];
    const answer = (status, value) => {
      outgoing.writeHead(status, { "content-type": "application/x-amz-json-1.0" });
      outgoing.end(JSON.stringify(value));
    };
    const pass = (replacement, change = (result) => result) => {
      const sent = replacement ? Buffer.from(JSON.stringify(replacement)) : body;
      const headers = { ...incoming.headers, host: target.host, "content-length": sent.length };
      const upstream = request(
        { host: target.hostname, port: target.port, method: "POST", path: "/", headers },
        async (reply) => {
          const parts = [];
          for await (const part of reply) parts.push(part);
          const text = Buffer.concat(parts).toString();
          if (reply.statusCode !== 200) {
            outgoing.writeHead(reply.statusCode, reply.headers);
            return outgoing.end(text);
          }
          const changed = change(JSON.parse(text));
          if (changed && !incoming.socket.destroyed) answer(200, changed);
        },
      );
      upstream.on("error", () => incoming.socket.destroy());
      upstream.end(sent);
    };
    const later = (milliseconds, then) => setTimeout(then, milliseconds);
    const name = remaining > 0 ? fault : "none";
    remaining -= 1;
    seen.push(`${operation} ${JSON.parse(body).TableName ?? ""}`);
    FAULTS[name]({ operation, body, pass, answer, later, socket: incoming.socket });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${server.address().port}`,
    // The operations that were asked for and their tables, in order, whatever became of them.
    seen,
    set(name, times = Number.POSITIVE_INFINITY) {
      if (!FAULTS[name]) throw new Error(`no fault called ${name}`);
      fault = name;
      remaining = times;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
