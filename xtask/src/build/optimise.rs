//! From cargo's wasm file to the one that is shipped: bindings, size, and a proof that it still loads.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::process;
use crate::progress::Step;
use crate::setup::Setup;

/// JavaScript bindings and the optimised wasm file.
#[derive(Debug)]
pub(super) struct Package {
    /// The bindings.
    pub(super) glue: PathBuf,
    /// The wasm file.
    pub(super) wasm: PathBuf,
}

/// Makes `<dir>/<name>.js` and `<dir>/<name>_bg.wasm`, as small as can be.
pub(super) fn package(
    setup: &Setup,
    step: &mut Step,
    wasm: &Path,
    dir: &Path,
    name: &str,
) -> Result<Package> {
    package_with(setup, step, wasm, dir, name, "-Oz")
}

/// The same, as fast as can be.
pub(super) fn package_for_speed(
    setup: &Setup,
    step: &mut Step,
    wasm: &Path,
    dir: &Path,
    name: &str,
) -> Result<Package> {
    package_with(setup, step, wasm, dir, name, "-O3")
}

fn package_with(
    setup: &Setup,
    step: &mut Step,
    wasm: &Path,
    dir: &Path,
    name: &str,
    aim: &str,
) -> Result<Package> {
    fs::create_dir_all(dir)?;
    step.run(
        process::command(&setup.tools.wasm_bindgen)
            .arg(wasm)
            .args([
                "--target",
                "web",
                "--no-typescript",
                "--omit-default-module-path",
                "--out-name",
                name,
                "--out-dir",
            ])
            .arg(dir),
    )?;
    let package = Package { glue: dir.join(format!("{name}.js")), wasm: dir.join(format!("{name}_bg.wasm")) };
    let optimised = dir.join("optimised.wasm");
    step.run(
        setup
            .npm
            .node_command()?
            .arg(&setup.npm.wasm_opt)
            .arg(&package.wasm)
            // Which features are allowed is in the file itself; it is removed last because the passes read it.
            .args([aim, "--strip-debug", "--strip-producers", "--strip-target-features", "-o"])
            .arg(&optimised),
    )?;
    fs::rename(&optimised, &package.wasm)?;
    // An optimiser that does not know what wasm-bindgen emits writes a file that validates and then fails to start.
    step.run(
        setup
            .npm
            .node_command()?
            .arg(setup.paths.root.join("xtask/smoke.mjs"))
            .arg(&package.glue)
            .arg(&package.wasm),
    )?;
    Ok(package)
}
