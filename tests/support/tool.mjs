// The command line's tool, on a stack's store.

import { execFileSync } from "node:child_process";

// Runs it, and returns what it prints.
export function tool(stack, ...words) {
  return execFileSync(process.env.LIVEINSIGHT_STORE, words, {
    encoding: "utf8",
    env: {
      ...process.env,
      LIVEINSIGHT_DYNAMODB_ENDPOINT: stack.dynamodb,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
    },
    input: "",
    stdio: ["pipe", "pipe", "ignore"],
  });
}
