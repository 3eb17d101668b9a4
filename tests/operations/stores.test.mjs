// A store of one's own: over TLS with a certificate of one's own authority, and with every signature checked. All of the
// product runs on it, and nothing gets through without the right key.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { batch, pageView, post, signIn } from "../support/batch.mjs";
import { startSecureFront } from "../support/secure-front.mjs";
import { startDynamoDb, startStack } from "../support/stack.mjs";
import { ids, storedOf } from "../support/stored.mjs";

const CREDENTIALS = { id: "liveinsight", secret: "a-secret-of-the-test", region: "eu-central-1" };

let dynamodb;
let front;
before(async () => {
  dynamodb = await startDynamoDb();
  front = await startSecureFront(dynamodb.endpoint, CREDENTIALS);
});
after(async () => {
  await front?.stop();
  await dynamodb?.stop();
});

const environment = (more) => ({
  LIVEINSIGHT_DYNAMODB_ENDPOINT: front.endpoint,
  AWS_ACCESS_KEY_ID: CREDENTIALS.id,
  AWS_SECRET_ACCESS_KEY: CREDENTIALS.secret,
  AWS_REGION: CREDENTIALS.region,
  // The native tools', and that of the local runtime.
  SSL_CERT_FILE: front.authority,
  NODE_EXTRA_CA_CERTS: front.authority,
  ...more,
});

// Has the store tool make the tables.
function createTables(more) {
  const env = { ...process.env, LIVEINSIGHT_TABLE_PREFIX: "tool-", ...environment(more) };
  return new Promise((resolve) => {
    execFile(process.env.LIVEINSIGHT_STORE, ["create-tables"], { env }, (error, stdout, stderr) =>
      resolve({ failed: error !== null, stdout, stderr }),
    );
  });
}

test("tools make the tables, and are refused with another key, another secret or without the authority", async () => {
  const cases = [
    [{ AWS_SECRET_ACCESS_KEY: "another" }, /InvalidSignatureException/],
    [{ AWS_ACCESS_KEY_ID: "another" }, /UnrecognizedClientException/],
    [{ AWS_REGION: "us-east-1" }, /InvalidSignatureException/],
    [{ SSL_CERT_FILE: "/nonexistent" }, /no connection/],
  ];
  for (const [more, expected] of cases) {
    const refused = await createTables(more);
    assert.ok(refused.failed);
    assert.match(refused.stderr, expected);
  }
  const made = await createTables({});
  assert.ok(!made.failed, made.stderr);
  assert.match(made.stdout, /tool-Events created/);
});

test("visitors are stored and questions answered over it", async () => {
  const stack = await startStack(environment());
  try {
    const refused = front.counts.refused;
    const sent = batch([pageView(), pageView()]);
    assert.equal((await post(stack, sent)).status, 200);
    assert.deepEqual(await storedOf(dynamodb.endpoint, sent), { events: ids(sent), views: 2 });
    const sites = await (await signIn(stack))("/api/sites");
    assert.ok(JSON.stringify(sites).includes("demo-shop"));
    assert.equal(front.counts.refused, refused, "the worker signs every request");
    assert.ok(front.counts.passed > 10);
  } finally {
    await stack.stop();
  }
});
