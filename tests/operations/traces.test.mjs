// A share of the requests is told to a collector of OpenTelemetry: here all of them, to a server of the test's own.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { batch, pageView, post, signIn } from "../support/batch.mjs";
import { startFaultProxy } from "../support/fault-proxy.mjs";
import { eventually, startDynamoDb, startStack } from "../support/stack.mjs";

const told = [];
let collector;
let dynamodb;
let proxy;
let stack;
before(async () => {
  collector = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    told.push({ path: request.url, headers: request.headers, body: JSON.parse(text) });
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  await new Promise((resolve) => collector.listen(0, "127.0.0.1", resolve));
  dynamodb = await startDynamoDb();
  proxy = await startFaultProxy(dynamodb.endpoint);
  stack = await startStack({
    LIVEINSIGHT_DYNAMODB_ENDPOINT: proxy.endpoint,
    LIVEINSIGHT_ENVIRONMENT: "staging",
    LIVEINSIGHT_CLOUDWATCH_ENDPOINT: proxy.endpoint,
    LIVEINSIGHT_TRACE_ENDPOINT: `http://127.0.0.1:${collector.address().port}/v1/traces`,
    LIVEINSIGHT_TRACE_HEADERS: "x-team=shop,authorization=Bearer k3y",
    LIVEINSIGHT_TRACE_SHARE: "1",
  });
});
after(async () => {
  await stack?.stop();
  await proxy?.stop();
  await dynamodb?.stop();
  collector?.close();
});

const attribute = (span, name) => {
  const found = span.attributes.find((one) => one.key === name)?.value;
  return found && Object.values(found)[0];
};

// The spans of the request that the worker names so, once they have arrived.
const spansOf = (requestId) =>
  eventually(() => {
    for (const { body } of told) {
      const { spans } = body.resourceSpans[0].scopeSpans[0];
      if (attribute(spans[0], "liveinsight.request_id") === requestId) return spans;
    }
    return false;
  });

test("a batch is a span with a span for each operation of the store", async () => {
  const sent = batch([pageView(), pageView()]);
  const answer = await post(stack, sent);
  assert.equal(answer.status, 200);
  const [root, ...operations] = await spansOf(answer.body.request_id);
  assert.equal(root.name, "POST /events");
  assert.equal(attribute(root, "http.response.status_code"), "200");
  const names = operations.map((span) => span.name);
  assert.ok(names.includes("DynamoDB.BatchWriteItem") && names.includes("DynamoDB.UpdateItem"), `${names}`);
  for (const span of operations) {
    assert.equal(span.traceId, root.traceId);
    assert.equal(span.parentSpanId, root.spanId);
    assert.ok(BigInt(span.startTimeUnixNano) >= BigInt(root.startTimeUnixNano), span.name);
    assert.ok(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano), span.name);
  }
  const write = operations.find((span) => span.name === "DynamoDB.BatchWriteItem");
  const tables = attribute(write, "aws.dynamodb.table_names").values.map((one) => one.stringValue);
  assert.deepEqual(tables.toSorted(), ["ActiveSessions", "Events"]);
});

test("what fails says so, and each request has a trace of its own", async () => {
  proxy.set("throttled");
  const answers = await Promise.all([1, 2].map(() => post(stack, batch([pageView()]))));
  proxy.set("none");
  const traces = await Promise.all(answers.map((answer) => spansOf(answer.body.request_id)));
  assert.notEqual(traces[0][0].traceId, traces[1][0].traceId);
  const failed = traces.flat().filter((span) => attribute(span, "error.type") === "throttled");
  assert.ok(failed.length > 0, JSON.stringify(traces));
  for (const span of failed) assert.equal(span.status.code, 2);
});

test("the collector is told the installation and its headers, and nothing of visitors and sites", async () => {
  await (await signIn(stack))("/api/sites");
  const sent = batch([pageView({ url: "https://shop.example/secret-page?token=abc" })]);
  const answer = await post(stack, sent);
  await spansOf(answer.body.request_id);
  const [{ path, headers, body }] = told;
  assert.equal(path, "/v1/traces");
  assert.equal(headers["x-team"], "shop");
  assert.equal(headers.authorization, "Bearer k3y");
  const { resource } = body.resourceSpans[0];
  assert.equal(attribute(resource, "service.name"), "liveinsight");
  assert.equal(attribute(resource, "deployment.environment.name"), "staging");
  const text = JSON.stringify(told.map((one) => one.body));
  for (const word of [sent.user_id, sent.session_id, sent.site_id, "secret-page", "127.0.0.1", stack.email])
    assert.ok(!text.includes(word), word);
});
