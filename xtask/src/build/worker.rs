//! The edge worker: one JavaScript module and one wasm file, made by worker-build.

use std::fs;

use anyhow::{Context, Result};

use super::{Work, with_own_std};
use crate::process;
use crate::progress::Step;
use crate::setup::Setup;

pub(super) const FOLDERS: &[&str] = &["edge-worker"];

/// What the edge loads; worker-build also leaves a package.json and an alias for old configurations.
const FILES: [&str; 2] = ["index.js", "index_bg.wasm"];

pub(super) fn build(setup: &Setup, step: &mut Step, work: &Work) -> Result<()> {
    with_own_std(setup, step, |step, own_std| compile(setup, step, work, own_std))
}

fn compile(setup: &Setup, step: &mut Step, work: &Work, own_std: bool) -> Result<()> {
    let built = work.tmp.join("worker");
    let mut command = process::command(&setup.tools.worker_build);
    setup.toolchain.configure(&mut command, &setup.paths);
    setup.npm.put_node_first(&mut command)?;
    if let Some(bin) = setup.toolchain.path_prefix() {
        // worker-build calls plain `cargo` and `rustc`.
        process::prepend_path(&mut command, [bin])?;
    }
    command
        .current_dir(setup.paths.root.join("edge-worker/module"))
        .env("WASM_BINDGEN_BIN", &setup.tools.wasm_bindgen)
        .env("ESBUILD_BIN", &setup.npm.esbuild)
        .env("WASM_OPT_BIN", &setup.npm.wasm_opt)
        .args(["--release", "--out-dir"])
        .arg(&built)
        .arg("--locked");
    if own_std {
        command
            .env("CARGO_TARGET_DIR", setup.paths.own_target("worker"))
            .env("RUSTC_BOOTSTRAP", "1")
            // Sorting alone, compiled for each type that is sorted, is a twelfth of the worker otherwise.
            .args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
    }
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
