// Loads a wasm file through its wasm-bindgen glue: node smoke.mjs <glue.js> <file.wasm>
// There is no page here, so what fails for want of one is fine, and so is a panic over it. What must not happen is
// that the module does not compile, link or initialise.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [glue, wasm] = process.argv.slice(2);

function isBroken(error) {
  if (error instanceof WebAssembly.RuntimeError) return error.message !== "unreachable";
  const { CompileError, LinkError } = WebAssembly;
  return (
    [CompileError, LinkError, SyntaxError].some((kind) => error instanceof kind) ||
    (error instanceof TypeError && error.message.includes("WebAssembly"))
  );
}

try {
  const { initSync } = await import(pathToFileURL(resolve(glue)));
  initSync({ module: await readFile(wasm) });
  console.log("loads");
} catch (error) {
  if (isBroken(error)) {
    console.error(error);
    process.exit(1);
  }
  console.log(`loads; then, without a page: ${error}`);
}
