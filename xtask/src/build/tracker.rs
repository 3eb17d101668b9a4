//! The tracker: one script for a page's head, and one package for npm.
//!
//! Cargo makes the module; `tracker-wasm/bundle/main.mjs` makes what pages load out of it.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use protocol::limits;
use serde_json::Value;
use tracker_wasm::core::{CAPACITY, MAX_PROPS_BYTES};

use super::{Work, module, wasm_file, with_own_std};
use crate::files;
use crate::process;
use crate::progress::Step;
use crate::setup::Setup;

pub(super) const FOLDERS: &[&str] = &["tracker-wasm"];

const CRATE: &str = "tracker-wasm";

/// A panic becomes a bare trap without its message, tables of references are left out because nothing is
/// referred to, and addresses are small because the stack below them is.
const SMALL_FLAGS: &str = "-Zunstable-options -Cpanic=immediate-abort -Zmir-opt-level=3 -Zlocation-detail=none \
    -Ctarget-feature=-reference-types -Clink-arg=-zstack-size=16384";

/// The limits the tracker's JavaScript keeps, by the names they have in Rust.
const LIMITS: [(&str, usize); 13] = [
    ("CAPACITY", CAPACITY),
    ("MAX_PROPS_BYTES", MAX_PROPS_BYTES),
    ("MAX_AMOUNT_BYTES", limits::MAX_AMOUNT_BYTES),
    ("MAX_CONTEXT_BYTES", limits::MAX_CONTEXT_BYTES),
    ("MAX_NAME_BYTES", limits::MAX_NAME_BYTES),
    ("MAX_PERSON_BYTES", limits::MAX_PERSON_BYTES),
    ("MAX_PROPS", limits::MAX_PROPS),
    ("MAX_PROP_KEY_BYTES", limits::MAX_PROP_KEY_BYTES),
    ("MAX_PROP_VALUE_BYTES", limits::MAX_PROP_VALUE_BYTES),
    ("MAX_TEXT_BYTES", limits::MAX_TEXT_BYTES),
    ("MAX_TITLE_BYTES", limits::MAX_TITLE_BYTES),
    ("MAX_URL_BYTES", limits::MAX_URL_BYTES),
    ("SESSION_IDLE_MS", limits::SESSION_IDLE_MS as usize),
];

pub(super) fn build(setup: &Setup, step: &mut Step, work: &Work) -> Result<()> {
    with_own_std(setup, step, |step, own_std| {
        let wasm = compile(setup, step, own_std)?;
        package(setup, step, &wasm, work)
    })
}

fn compile(setup: &Setup, step: &mut Step, own_std: bool) -> Result<PathBuf> {
    let mut cargo = setup.toolchain.cargo(&setup.paths);
    let mut target = setup.paths.wasm_target();
    module(&mut cargo, "release", CRATE);
    if own_std {
        target = setup.paths.own_target("tracker");
        cargo
            .env("CARGO_TARGET_DIR", &target)
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", SMALL_FLAGS)
            .arg("-Zbuild-std=std,panic_abort");
    }
    step.run(&mut cargo)?;
    wasm_file(&target, CRATE)
}

fn package(setup: &Setup, step: &mut Step, wasm: &Path, work: &Work) -> Result<()> {
    let root = &setup.paths.root;
    let pkg = work.tmp.join("pkg");
    files::remove_dir(&pkg)?;
    fs::create_dir_all(&pkg)?;
    let mut bindgen = process::command(&setup.tools.wasm_bindgen);
    bindgen.arg(wasm).args(["--target", "bundler", "--no-typescript", "--out-name", "tracker", "--out-dir"]);
    step.run(bindgen.arg(&pkg))?;
    let mut names = String::new();
    for (name, value) in LIMITS {
        writeln!(names, "export const {name} = {value};")?;
    }
    fs::write(pkg.join("limits.js"), names).context("cannot write to the cache")?;
    let mut bundle = setup.npm.node_command()?;
    bundle.arg(root.join(CRATE).join("bundle/main.mjs")).arg(&work.tmp).arg(&work.out).arg(version(root)?);
    step.run(&mut bundle)
}

fn version(root: &Path) -> Result<String> {
    let path = root.join(CRATE).join("npm").join("package.json");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let package: Value =
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))?;
    Ok(package["version"].as_str().with_context(|| format!("{} has no version", path.display()))?.to_owned())
}
