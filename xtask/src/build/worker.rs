//! The edge worker: one JavaScript module and one wasm file, made by worker-build.

use std::fs;

use anyhow::{Context, Result};

use super::Work;
use crate::process;
use crate::progress::Step;
use crate::setup::Setup;

pub(super) const FOLDERS: &[&str] = &["edge-worker"];

/// What the edge loads; worker-build also leaves a package.json and an alias for old configurations.
const FILES: [&str; 2] = ["index.js", "index_bg.wasm"];

pub(super) fn build(setup: &Setup, step: &mut Step, work: &Work) -> Result<()> {
    let built = work.tmp.join("worker");
    let mut command = process::command(&setup.tools.worker_build);
    setup.toolchain.configure(&mut command, &setup.paths);
    setup.npm.put_node_first(&mut command)?;
    if let Some(bin) = setup.toolchain.path_prefix() {
        // worker-build calls plain `cargo` and `rustc`.
        process::prepend_path(&mut command, [bin])?;
    }
    command
        .current_dir(setup.paths.root.join("edge-worker"))
        .env("WASM_BINDGEN_BIN", &setup.tools.wasm_bindgen)
        .env("ESBUILD_BIN", &setup.npm.esbuild)
        .env("WASM_OPT_BIN", &setup.npm.wasm_opt)
        .args(["--release", "--out-dir"])
        .arg(&built)
        .arg("--locked");
    step.run(&mut command)?;
    let [script, wasm] = FILES;
    fs::copy(built.join(script), work.out.join(script))
        .with_context(|| format!("worker-build left no {script}"))?;
    // worker-build always keeps the names of functions, a sixth of what the edge has to load.
    let mut strip = setup.npm.node_command()?;
    strip
        .arg(&setup.npm.wasm_opt)
        .arg(built.join(wasm))
        .args(["--strip-debug", "-o"])
        .arg(work.out.join(wasm));
    step.run(&mut strip)
}
