// What the worker measures: published to a simulated CloudWatch with names, units and dimensions, read by Prometheus, and
// followed from a throttled table to the person who is told.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { batch, pageView, post } from "../support/batch.mjs";
import { startFaultProxy } from "../support/fault-proxy.mjs";
import { startMoto } from "../support/moto.mjs";
import { eventually, startDynamoDb, startStack } from "../support/stack.mjs";

const ENVIRONMENT = { Name: "Environment", Value: "staging" };

let dynamodb;
let moto;
let proxy;
let stack;
before(async () => {
  [dynamodb, moto] = await Promise.all([startDynamoDb(), startMoto()]);
  proxy = await startFaultProxy(dynamodb.endpoint);
  stack = await startStack({
    LIVEINSIGHT_DYNAMODB_ENDPOINT: proxy.endpoint,
    LIVEINSIGHT_ENVIRONMENT: "staging",
    LIVEINSIGHT_CLOUDWATCH_ENDPOINT: moto.endpoint,
  });
});
after(async () => {
  await stack?.stop();
  await Promise.all([proxy?.stop(), dynamodb?.stop(), moto?.stop()]);
});

const read = (headers) => fetch(`${stack.url}/metrics`, { headers });

async function statistics(MetricName, Dimensions, more) {
  const now = Date.now() / 1000;
  const { Datapoints } = await moto.json("monitoring", "GetMetricStatistics", {
    Namespace: "LiveInsight",
    MetricName,
    Dimensions: [ENVIRONMENT, ...Dimensions],
    StartTime: Math.floor(now - 3600),
    EndTime: Math.floor(now + 3600),
    Period: 7200,
    ...more,
  });
  return Datapoints;
}

const sum = async (name, dimensions = []) => {
  const points = await statistics(name, dimensions, { Statistics: ["Sum"] });
  return points.reduce((total, point) => total + point.Sum, 0);
};

test("measurements arrive in CloudWatch under their names, with units and dimensions", async () => {
  proxy.set("throttled", 1);
  const answer = await post(stack, batch([pageView(), pageView()]));
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("x-request-id"), answer.body.request_id, "one name for the request");
  assert.ok(answer.body.request_id.length >= 16);
  await eventually(async () => assert.equal(await sum("EventsProcessed"), 2), 60_000);
  const { Metrics } = await moto.json("monitoring", "ListMetrics", { Namespace: "LiveInsight" });
  const names = new Set(Metrics.map((metric) => metric.MetricName));
  for (const name of ["EventsProcessed", "ProcessingTime", "Invocations", "Duration", "StoreLatency"]) {
    assert.ok(names.has(name), `${name} among ${[...names]}`);
  }
  for (const metric of Metrics) {
    const values = metric.Dimensions.filter((dimension) => dimension.Name === "Environment");
    assert.deepEqual(values, [ENVIRONMENT], metric.MetricName);
  }
  const tables = Metrics.filter((metric) => metric.MetricName === "ConsumedWriteCapacity").map(
    (metric) => metric.Dimensions.find((dimension) => dimension.Name === "Table").Value,
  );
  for (const table of ["Events", "Sessions", "ActiveSessions"])
    assert.ok(tables.includes(table), `${tables}`);
  const [time] = await statistics("ProcessingTime", [], { Statistics: ["SampleCount", "Maximum"] });
  assert.ok(time.Unit === "Milliseconds" && time.SampleCount >= 1 && time.Maximum > 0, JSON.stringify(time));
});

test("throttled table: metric, alarm, notification", async () => {
  // Who is told: a server of ours. What confirms the subscription on AWS is left out by moto.
  const told = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    told.push(JSON.parse(text));
    response.end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const hook = `http://127.0.0.1:${server.address().port}/alarms`;
    const said = await alarm(hook);
    assert.deepEqual(
      said.breached,
      said.throttled,
      "alarms of the tables that were throttled, and only those",
    );
    assert.ok(said.breached.length > 0, JSON.stringify(said));
    const about = told
      .filter((message) => message.Type === "Notification")
      .map((message) => JSON.parse(message.Message));
    for (const name of said.breached) {
      const [message] = about.filter((one) => one.AlarmName === name);
      assert.equal(message?.NewStateValue, "ALARM", name);
    }
  } finally {
    server.close();
  }
});

// Creates the template's topic and alarms, judges each by its own metric, period and threshold as CloudWatch would, and
// publishes what it would say.
async function alarm(hook) {
  const python = join(process.env.LIVEINSIGHT_INFRA_PROGRAMS, "python");
  const script = join(process.env.LIVEINSIGHT_ROOT, "tests", "operations", "judge_alarms.py");
  const child = spawn(python, ["-B", "-W", "ignore", script, hook], {
    env: {
      ...process.env,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_ENDPOINT_URL: moto.endpoint,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  for await (const chunk of child.stdout) text += chunk;
  return JSON.parse(text);
}

test("metrics are read with the token and with nothing else", async () => {
  for (const headers of [{}, { authorization: "Bearer wrong" }, { authorization: stack.metrics_token }]) {
    const refused = await read(headers);
    assert.equal(refused.status, 401);
    assert.equal(refused.headers.get("www-authenticate"), "Bearer");
  }
  const answer = await read({ authorization: `Bearer ${stack.metrics_token}` });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type"), /^text\/plain; version=0\.0\.4/);
  const text = await answer.text();
  assert.match(
    text,
    /^liveinsight_events_processed_total\{environment="staging",isolate="[0-9a-f]{8}"\} 2$/m,
  );
  assert.match(text, /^liveinsight_throttled_requests_total\{.*table="\w+"\} \d+$/m);
  assert.match(text, /^liveinsight_processing_time_seconds_bucket\{.*le="\+Inf"\} \d+$/m);
});
