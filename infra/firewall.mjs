// Puts the rule against floods into a zone of Cloudflare, or renews the one that is there: rules of others stay as they
// are. It acts before the worker runs, and so before it is paid for. Cloudflare's Rulesets API, phase http_ratelimit
// (https://developers.cloudflare.com/waf/rate-limiting-rules/create-api/).

import { parseArgs } from "node:util";

const USAGE = `node infra/firewall.mjs --zone <id> [--host <name>] [--requests N] [--dry-run]

  --zone      id of the zone: on its overview page
  --host      host name of the worker; every host of the zone if not set
  --requests  most requests of one address in 10 seconds at one location; 100 if not set
  --dry-run   print the rule and change nothing

CLOUDFLARE_API_TOKEN has to hold a token with the permission Zone WAF Write.
`;

// By this name the rule is found again.
const REF = "liveinsight_ingest";

// The doors that anybody may knock at; the worker's own limits guard all others.
const DOORS = ["/events", "/p.gif", "/api/event", "/api/send", "/api/batch"];

function rule({ host, requests }) {
  const paths = `http.request.uri.path in {${DOORS.map((door) => JSON.stringify(door)).join(" ")}}`;
  return {
    ref: REF,
    description: "LiveInsight: floods of events",
    expression: host ? `(http.host eq ${JSON.stringify(host)} and ${paths})` : `(${paths})`,
    action: "block",
    // The period and the time of blocking that every plan has.
    ratelimit: {
      characteristics: ["cf.colo.id", "ip.src"],
      period: 10,
      requests_per_period: requests,
      mitigation_timeout: 10,
    },
  };
}

async function call(token, method, path, body) {
  const base = process.env.LIVEINSIGHT_CLOUDFLARE_API ?? "https://api.cloudflare.com/client/v4";
  const answer = await fetch(base + path, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  if (answer.status === 404) return undefined;
  const { success, result, errors } = await answer.json();
  if (!success) {
    const said = errors.map(({ code, message }) => `${message} (${code})`).join("; ");
    throw new Error(`Cloudflare refused ${method} ${path}: ${said}`);
  }
  return result;
}

async function put(token, zone, wanted) {
  const entry = `/zones/${zone}/rulesets/phases/http_ratelimit/entrypoint`;
  const ruleset = await call(token, "GET", entry);
  if (!ruleset) {
    if (!(await call(token, "PUT", entry, { rules: [wanted] }))) throw new Error(`there is no zone ${zone}`);
    return "made, with the zone's first ruleset of this kind";
  }
  const there = ruleset.rules?.find(({ ref }) => ref === REF);
  const rules = `/zones/${zone}/rulesets/${ruleset.id}/rules`;
  const done = await call(token, there ? "PATCH" : "POST", there ? `${rules}/${there.id}` : rules, wanted);
  if (!done) throw new Error("the zone's rules were changed meanwhile: run it again");
  return there ? "renewed" : "added to those of the zone";
}

function read() {
  const { values } = parseArgs({
    options: {
      zone: { type: "string" },
      host: { type: "string" },
      requests: { type: "string", default: "100" },
      "dry-run": { type: "boolean", default: false },
    },
  });
  const requests = Number(values.requests);
  if (!/^[0-9a-f]{32}$/.test(values.zone ?? ""))
    throw new Error("--zone has to be the id of a zone, 32 hex digits");
  if (!Number.isInteger(requests) || requests < 1)
    throw new Error("--requests has to be a whole number above 0");
  return { ...values, requests };
}

try {
  const options = read();
  const wanted = rule(options);
  if (options["dry-run"]) {
    console.log(JSON.stringify(wanted, null, 2));
  } else {
    const token = process.env.CLOUDFLARE_API_TOKEN;
    if (!token) throw new Error("CLOUDFLARE_API_TOKEN is not set");
    console.log(`firewall: the rule is ${await put(token, options.zone, wanted)}`);
  }
} catch (error) {
  console.error(`firewall: ${error.message}\n\n${USAGE}`);
  process.exitCode = 1;
}
