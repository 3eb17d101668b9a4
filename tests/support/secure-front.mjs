// A DynamoDB endpoint as self-hosted ones are: over TLS with a certificate of an authority of one's own, and with every
// signature checked. What passes goes on to a store that checks neither.
//
// By hand: node tests/support/secure-front.mjs <endpoint>

import { spawnSync } from "node:child_process";
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// How far the clock of a request may be off (AWS: five minutes).
const MOST_SKEW_MS = 300_000;

// A certificate for localhost, and the authority that vouches for it.
function certificates() {
  const folder = mkdtempSync(join(tmpdir(), "liveinsight-tls-"));
  const openssl = (...args) => {
    const done = spawnSync("openssl", args, { cwd: folder, encoding: "utf8" });
    if (done.status !== 0) throw new Error(`openssl ${args[0]}: ${done.error ?? done.stderr}`);
  };
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc"];
  writeFileSync(
    join(folder, "names"),
    "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n",
  );
  openssl(
    "req",
    "-x509",
    ...key,
    "-keyout",
    "ca.key",
    "-out",
    "ca.pem",
    "-days",
    "2",
    "-subj",
    "/CN=Test CA",
  );
  openssl("req", ...key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost");
  openssl(
    ...["x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"],
    ...["-out", "server.pem", "-days", "2", "-extfile", "names"],
  );
  const read = (name) => readFileSync(join(folder, name));
  return {
    authority: join(folder, "ca.pem"),
    key: read("server.key"),
    cert: read("server.pem"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const hmac = (key, text) => createHmac("sha256", key).update(text).digest();

// Why a request is refused, by AWS Signature Version 4; nothing if it is signed as it has to be.
function refusal(incoming, body, { id, secret, region }) {
  const header = incoming.headers.authorization ?? "";
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/dynamodb\/aws4_request, ?SignedHeaders=([\w;-]+), ?Signature=([0-9a-f]{64})$/.exec(
      header,
    );
  if (!parts) return "MissingAuthenticationTokenException";
  const [, given, day, scope, names, signature] = parts;
  if (given !== id) return "UnrecognizedClientException";
  const date = incoming.headers["x-amz-date"] ?? "";
  const at = Date.parse(date.replace(/^(....)(..)(..T..)(..)(.*)$/, "$1-$2-$3:$4:$5"));
  const signed = names.split(";");
  const isDated = date.startsWith(day) && Math.abs(Date.now() - at) <= MOST_SKEW_MS;
  if (
    !isDated ||
    scope !== region ||
    !["host", "x-amz-date", "x-amz-target"].every((name) => signed.includes(name))
  )
    return "InvalidSignatureException";
  const lines = signed.map(
    (name) =>
      `${name}:${String(incoming.headers[name] ?? "")
        .trim()
        .replace(/ +/g, " ")}\n`,
  );
  const canonical = [incoming.method, incoming.url, "", lines.join(""), names, sha256(body)].join("\n");
  const text = ["AWS4-HMAC-SHA256", date, `${day}/${scope}/dynamodb/aws4_request`, sha256(canonical)].join(
    "\n",
  );
  const key = [day, scope, "dynamodb", "aws4_request"].reduce(hmac, `AWS4${secret}`);
  const expected = hmac(key, text);
  return timingSafeEqual(expected, Buffer.from(signature, "hex")) ? undefined : "InvalidSignatureException";
}

// Starts it in front of `endpoint`. `counts` says how many requests were let through and refused.
export async function startSecureFront(endpoint, credentials) {
  const target = new URL(endpoint);
  const { authority, key, cert, remove } = certificates();
  const counts = { passed: 0, refused: 0 };
  const server = createServer({ key, cert }, async (incoming, outgoing) => {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const why = refusal(incoming, body, credentials);
    if (why) {
      counts.refused += 1;
      outgoing.writeHead(400, { "content-type": "application/x-amz-json-1.0" });
      return outgoing.end(JSON.stringify({ __type: `com.amazon.coral.service#${why}`, message: "refused" }));
    }
    counts.passed += 1;
    const headers = { ...incoming.headers, host: target.host, "content-length": body.length };
    const options = { host: target.hostname, port: target.port, method: "POST", path: "/", headers };
    const onward = httpRequest(options, (reply) => {
      outgoing.writeHead(reply.statusCode, reply.headers);
      reply.pipe(outgoing);
    });
    onward.on("error", () => incoming.socket.destroy());
    onward.end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `https://localhost:${server.address().port}`,
    authority,
    counts,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      remove();
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const credentials = { id: "liveinsight", secret: "a-secret-of-your-own", region: "us-east-1" };
  const front = await startSecureFront(process.argv[2], credentials);
  console.log(`export LIVEINSIGHT_DYNAMODB_ENDPOINT=${front.endpoint} SSL_CERT_FILE=${front.authority}`);
  console.log(`export AWS_ACCESS_KEY_ID=${credentials.id} AWS_SECRET_ACCESS_KEY=${credentials.secret}`);
  console.log(`export AWS_REGION=${credentials.region} NODE_EXTRA_CA_CERTS=${front.authority}`);
}
