//! The tracker: one script for a page's head, and one package for npm.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{Work, esbuild, optimise, wasm_file};
use crate::files;
use crate::hash;
use crate::progress::Step;
use crate::setup::Setup;

pub(super) const FOLDERS: &[&str] = &["tracker-wasm"];

const CRATE: &str = "tracker-wasm";

/// A panic becomes a bare trap without its message, and nothing newer than the first wasm is used: 3-4 kB less.
const SMALL_FLAGS: &str = "-Zunstable-options -Cpanic=immediate-abort";

pub(super) fn build(setup: &Setup, step: &mut Step, work: &Work) -> Result<()> {
    let source = setup.paths.root.join(CRATE);
    let small = setup.toolchain.can_build_std() && {
        let built = build_small(setup, step).and_then(|wasm| package(setup, step, &wasm, work));
        if let Err(error) = &built {
            if crate::process::interrupted() {
                anyhow::bail!("interrupted");
            }
            step.log(&format!("without its own standard library instead: {error:#}"))?;
            step.note("larger: its own standard library did not build");
        }
        built.is_ok()
    };
    if !small {
        let wasm = build_plain(setup, step)?;
        package(setup, step, &wasm, work)?;
    }
    // After wasm-opt and the smoke test, which need a wasm file: from here on it is a JavaScript module.
    let mut shrink = setup.npm.node_command()?;
    step.run(shrink.arg(source.join("shrink.mjs")).arg(work.tmp.join("pkg")))?;
    let js = work.tmp.join("js");
    files::mirror(&[&source.join("js")], &js)?;
    bundle_script(setup, step, work, &js, &version(&setup.paths.root)?)?;
    bundle_package(setup, step, work, &js, &source.join("npm"))
}

fn build_small(setup: &Setup, step: &mut Step) -> Result<PathBuf> {
    let target = setup.paths.tracker_target();
    let mut cargo = setup.toolchain.cargo(&setup.paths);
    cargo
        .env("CARGO_TARGET_DIR", &target)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", SMALL_FLAGS)
        .args(["build", "--release", "--locked", "-p", CRATE, "--target", crate::toolchain::TARGET])
        .args(["-Zbuild-std=std,panic_abort"]);
    step.run(&mut cargo)?;
    wasm_file(&target, CRATE)
}

fn build_plain(setup: &Setup, step: &mut Step) -> Result<PathBuf> {
    let mut cargo = setup.toolchain.cargo(&setup.paths);
    cargo.args(["build", "--release", "--locked", "-p", CRATE, "--target", crate::toolchain::TARGET]);
    step.run(&mut cargo)?;
    wasm_file(&setup.paths.wasm_target(), CRATE)
}

fn package(setup: &Setup, step: &mut Step, wasm: &Path, work: &Work) -> Result<()> {
    let dir = work.tmp.join("pkg");
    files::remove_dir(&dir)?;
    optimise::package(setup, step, wasm, &dir, "tracker")?;
    Ok(())
}

fn bundle_script(setup: &Setup, step: &mut Step, work: &Work, js: &Path, version: &str) -> Result<()> {
    let cdn = work.out.join("cdn");
    fs::create_dir_all(&cdn)?;
    let script = cdn.join("li.js");
    bundle(setup, step, js, "cdn.js", "iife", &script)?;
    let bytes = fs::read(&script)?;
    // li.js may change under a page that loads it; the copy with its hash in the name never does.
    let pinned = format!("li-{version}-{}.js", hash::short(&bytes));
    fs::write(cdn.join(&pinned), &bytes)?;
    let integrity = hash::integrity(&bytes);
    let list = json!({ "li.js": integrity, pinned: integrity });
    fs::write(cdn.join("integrity.json"), format!("{list:#}\n")).context("cannot write to the cache")
}

fn bundle_package(setup: &Setup, step: &mut Step, work: &Work, js: &Path, npm: &Path) -> Result<()> {
    let package = work.out.join("package");
    files::mirror(&[npm], &package)?;
    bundle(setup, step, js, "index.js", "esm", &package.join("index.js"))
}

fn bundle(setup: &Setup, step: &mut Step, js: &Path, entry: &str, format: &str, out: &Path) -> Result<()> {
    let (format, out) = (format!("--format={format}"), format!("--outfile={}", out.display()));
    // The script tag's build never uses the address of a module, which the glue asks for in a default.
    let quiet = "--log-override:empty-import-meta=silent";
    esbuild(setup, step, js, &[entry, &format, "--target=es2020", "--loader:.wasm=js", quiet, &out])
}

fn version(root: &Path) -> Result<String> {
    let path = root.join(CRATE).join("npm").join("package.json");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let package: Value =
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))?;
    Ok(package["version"].as_str().with_context(|| format!("{} has no version", path.display()))?.to_owned())
}
