// A server that takes what the worker sends: keeps the requests, and answers as it is told.

import { createServer } from "node:http";

// Starts one. `answers` are statuses for the next requests; 200 when there are none left.
export async function startReceiver() {
  const received = [];
  const answers = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url: path, headers } = request;
    received.push({ method, path, headers, text: Buffer.concat(chunks).toString() });
    const status = answers.shift() ?? 200;
    const location = status >= 300 && status < 400 ? { location: "/elsewhere" } : {};
    response.writeHead(status, { "content-type": "application/json", ...location }).end('{"MessageId":"1"}');
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  const stop = () => new Promise((resolve) => server.close(resolve));
  return { url, received, answers, stop };
}
