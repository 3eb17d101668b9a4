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
  reset: ({ socket }) => socket.resetAndDestroy(),
  hang: () => {},
  // Of each BatchWriteItem only the first item gets through.
  unprocessed: ({ operation, body, pass }) => {
    if (operation !== "BatchWriteItem") return pass();
    const [[table, [first, ...rest]], ...others] = Object.entries(JSON.parse(body).RequestItems);
    const left = Object.fromEntries(others);
    if (rest.length > 0) left[table] = rest;
    return pass({ RequestItems: { [table]: [first] } }, (result) => ({ ...result, UnprocessedItems: left }));
  },
  // Nothing gets through, politely.
  unprocessedForever: ({ operation, body, pass, answer }) =>
    operation === "BatchWriteItem"
      ? answer(200, { UnprocessedItems: JSON.parse(body).RequestItems })
      : pass(),
  // The visit's row is refused while the events get through: a crash between the two writes.
  sessionsDown: ({ operation, pass, answer }) =>
    operation === "UpdateItem" ? answer(500, { __type: "InternalServerError" }) : pass(),
};

// Starts a proxy in front of `endpoint`. `set(name, times)` breaks the next `times` requests.
export async function startFaultProxy(endpoint) {
  const target = new URL(endpoint);
  let fault = "none";
  let remaining = 0;
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
          answer(200, change(JSON.parse(text)));
        },
      );
      upstream.on("error", () => incoming.socket.destroy());
      upstream.end(sent);
    };
    const name = remaining > 0 ? fault : "none";
    remaining -= 1;
    FAULTS[name]({ operation, body, pass, answer, socket: incoming.socket });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${server.address().port}`,
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
