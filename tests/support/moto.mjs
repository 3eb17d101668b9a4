// An account of AWS that moto simulates, with all its services on one port. It does not check signatures.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { eventually, freePort } from "./stack.mjs";

const REGION = "us-east-1";

const VERSIONS = { cloudformation: "2010-05-15", iam: "2010-05-08", sns: "2010-03-31" };

function programs() {
  const folder = process.env.LIVEINSIGHT_INFRA_PROGRAMS;
  if (!folder) throw new Error("LIVEINSIGHT_INFRA_PROGRAMS is not set: run the tests with `npm test`");
  return folder;
}

// Starts an empty account.
export async function startMoto() {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const child = spawn(join(programs(), "moto_server"), ["--host", "127.0.0.1", "--port", String(port)], {
    stdio: "ignore",
    env: { ...process.env, MOTO_ACCOUNT_ID: "123456789012" },
  });
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  };
  try {
    await eventually(async () => (await fetch(`${endpoint}/moto-api/data.json`)).ok, 60_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, region: REGION, stop, query: query(endpoint), json: json(endpoint) };
}

const authorization = (service) =>
  `AWS4-HMAC-SHA256 Credential=test/20250101/${REGION}/${service}/aws4_request, SignedHeaders=host, Signature=0`;

// Calls a service that answers with XML, and gives back its text.
function query(endpoint) {
  return async (service, Action, parameters = {}) => {
    const answer = await fetch(endpoint, {
      method: "POST",
      headers: { authorization: authorization(service) },
      body: new URLSearchParams({ Action, Version: VERSIONS[service], ...parameters }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${Action}: ${text}`);
    return text;
  };
}

// Calls a service that speaks JSON.
function json(endpoint) {
  const targets = { monitoring: "GraniteServiceVersion20100801", dynamodb: "DynamoDB_20120810" };
  return async (service, operation, body) => {
    const answer = await fetch(endpoint, {
      method: "POST",
      headers: {
        authorization: authorization(service),
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `${targets[service]}.${operation}`,
      },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${operation}: ${text}`);
    return JSON.parse(text);
  };
}

// The contents of an element, wherever it is.
export function elements(xml, name) {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"))].map(([, text]) => text);
}
