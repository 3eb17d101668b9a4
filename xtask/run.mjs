// Compiles the build tool and runs it: node xtask/run.mjs <command> [arguments]
// All it does itself is to say what is missing, choose where compiled files go, and pass on signals.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { constants, homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const env = { ...process.env, LIVEINSIGHT_ROOT: root, LIVEINSIGHT_STOP_WITH_PARENT: "1" };

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(1);
}

const hasCargo = () => spawnSync("cargo", ["--version"], { env, stdio: "ignore" }).status === 0;

if (process.platform === "win32") {
  fail("the build steps need Linux or macOS: use WSL on Windows");
}
if (!hasCargo()) {
  // Right after the installation of Rust, the open terminal does not know its folder yet.
  env.PATH = [env.PATH, join(env.CARGO_HOME || join(homedir(), ".cargo"), "bin")].join(delimiter);
  if (!hasCargo()) {
    fail("cargo is missing: install Rust from https://rustup.rs, then run this again");
  }
}

const cache = env.LIVEINSIGHT_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "liveinsight");
env.CARGO_TARGET_DIR ||= join(cache, "target");

const compiled = existsSync(join(env.CARGO_TARGET_DIR, "debug", "xtask"));
if (!compiled) {
  console.error("compiling the build tool; this takes a minute the first time");
}

const quiet = compiled ? ["--quiet"] : [];
const child = spawn(
  "cargo",
  ["run", ...quiet, "--locked", "--package", "xtask", "--", ...process.argv.slice(2)],
  // A group of its own, so that a signal reaches cargo and its compilers as well, each exactly once.
  { cwd: root, env, stdio: "inherit", detached: true },
);
child.on("error", (error) => fail(`cannot start cargo: ${error.message}`));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It has ended already; its exit is on the way.
    }
  });
}
child.on("exit", (code, signal) => {
  process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
});
