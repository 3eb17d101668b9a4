//! From cargo's wasm file to the one that is shipped: bindings, size, and a proof that it still loads.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process;
use crate::progress::Step;
use crate::setup::Setup;

/// What the optimiser aims at unless speed is wanted.
const SMALL: &str = "-Oz";

/// JavaScript bindings and the optimised wasm file.
#[derive(Debug)]
pub(super) struct Package {
    /// The bindings.
    pub(super) glue: PathBuf,
    /// The wasm file.
    pub(super) wasm: PathBuf,
}

/// Makes `<dir>/<name>.js` and `<dir>/<name>_bg.wasm`, as fast as can be.
pub(super) fn package_for_speed(
    setup: &Setup,
    step: &mut Step,
    wasm: &Path,
    dir: &Path,
    name: &str,
) -> Result<Package> {
    bind(setup, step, wasm, dir, name, &[])?;
    finish(setup, step, dir, name, "-O3")
}

/// The same, as small as can be, of a file from which others were split off: they expect to find what the linker exports.
pub(super) fn package_of_split(
    setup: &Setup,
    step: &mut Step,
    wasm: &Path,
    dir: &Path,
    name: &str,
) -> Result<Package> {
    bind(setup, step, wasm, dir, name, &["--keep-lld-exports", "--no-demangle"])?;
    finish(setup, step, dir, name, SMALL)
}

/// Makes a wasm file as small as can be.
pub(super) fn shrink(setup: &Setup, step: &mut Step, wasm: &Path) -> Result<()> {
    optimise(setup, step, wasm, SMALL)
}

fn bind(setup: &Setup, step: &mut Step, wasm: &Path, dir: &Path, name: &str, options: &[&str]) -> Result<()> {
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
            .arg(dir)
            .args(options),
    )
}

fn optimise(setup: &Setup, step: &mut Step, wasm: &Path, aim: &str) -> Result<()> {
    let optimised = wasm.with_extension("optimised");
    step.run(
        setup
            .npm
            .node_command()?
            .arg(&setup.npm.wasm_opt)
            .arg(wasm)
            // Which features are allowed is in the file itself; it is removed last because the passes read it.
            .args([aim, "--strip-debug", "--strip-producers", "--strip-target-features", "-o"])
            .arg(&optimised),
    )?;
    fs::rename(&optimised, wasm).with_context(|| format!("cannot write {}", wasm.display()))
}

fn finish(setup: &Setup, step: &mut Step, dir: &Path, name: &str, aim: &str) -> Result<Package> {
    let package = Package { glue: dir.join(format!("{name}.js")), wasm: dir.join(format!("{name}_bg.wasm")) };
    optimise(setup, step, &package.wasm, aim)?;
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
