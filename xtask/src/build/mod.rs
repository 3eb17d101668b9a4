//! The artefacts: tracker, dashboard, worker, and the native store tool.
//!
//! Each has a fingerprint over all it is made from. Its files are kept in the cache under that fingerprint, so an
//! artefact whose sources did not change, or changed back, costs nothing.

mod dashboard;
mod export;
mod fingerprint;
mod optimise;
mod query;
mod split;
mod store;
mod tracker;
mod worker;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result};

use crate::files;
use crate::paths::Paths;
use crate::process;
use crate::progress::Step;
use crate::setup::Setup;
pub(crate) use export::{export, export_target, export_tool};
use fingerprint::Fingerprint;

/// How many builds of each artefact are kept.
const KEPT: usize = 4;

/// The store tool that `serve` and the tests run.
pub(crate) fn store_tool(paths: &Paths) -> PathBuf {
    paths.dist().join("bin").join(store::PROGRAM)
}

/// Builds everything into `dist/`.
pub(crate) fn all(setup: &Setup) -> Result<()> {
    let dist = setup.paths.dist();
    let tracker = artefact(setup, "tracker", tracker::FOLDERS, tracker::build)?;
    let dashboard = artefact(setup, "dashboard", dashboard::FOLDERS, dashboard::build)?;
    let worker = artefact(setup, "worker", worker::FOLDERS, worker::build)?;
    let store = artefact(setup, "store", store::FOLDERS, store::build)?;

    let document = store.join("openapi");
    let (cdn, package) = (tracker.join("cdn"), tracker.join("package"));
    files::mirror(&[&cdn], &dist.join("cdn"))?;
    files::mirror(&[&package], &dist.join("tracker"))?;
    files::mirror(&[&dashboard], &dist.join("dashboard"))?;
    files::mirror(&[&dashboard, &cdn, &document], &dist.join("assets"))?;
    files::mirror(&[&worker], &dist.join("worker"))?;
    files::mirror(&[&store.join("bin")], &dist.join("bin"))?;
    Ok(())
}

/// Builds the store tool alone.
pub(crate) fn store(setup: &Setup) -> Result<()> {
    let store = artefact(setup, "store", store::FOLDERS, store::build)?;
    files::mirror(&[&store.join("bin")], &setup.paths.dist().join("bin"))
}

/// Builds the query engine as the module that benchmarks run in V8, and returns its folder.
pub(crate) fn query_module(setup: &Setup) -> Result<PathBuf> {
    artefact(setup, "query", query::FOLDERS, query::build)
}

/// Prints what the `integrity` of a tag that loads one of the tracker's files has to be.
pub(crate) fn print_integrity(paths: &Paths) -> Result<()> {
    let file = paths.dist().join("cdn").join("integrity.json");
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let list: BTreeMap<String, String> = serde_json::from_str(&text)
        .with_context(|| format!("{} is not what the build wrote", file.display()))?;
    println!();
    for (name, value) in list {
        println!("{name:<28} {value}");
    }
    Ok(())
}

/// Builds one artefact unless it is in the cache, and returns the folder with its files.
fn artefact(
    setup: &Setup,
    name: &str,
    folders: &[&str],
    build: impl FnOnce(&Setup, &mut Step, &Work) -> Result<()>,
) -> Result<PathBuf> {
    let fingerprint = Fingerprint::of(setup, name, folders)?;
    let cache = setup.paths.cache.join("dist");
    let finished = cache.join(format!("{name}-{fingerprint}"));
    setup.progress.step(&format!("build: {name}"), |step| {
        let stamp = finished.join(".finished");
        if stamp.is_file() {
            step.note("unchanged");
            // The time tells which builds are worth keeping.
            fs::write(&stamp, "").context("cannot write to the cache")?;
            return Ok(());
        }
        step.hint("correct what the compiler complains about, then run this again");
        let work = Work::new(&cache, name)?;
        build(setup, step, &work)?;
        files::remove_dir(&finished)?;
        fs::rename(&work.root, &finished).context("cannot write to the cache")?;
        files::remove_dir(&finished.join("tmp"))?;
        fs::write(&stamp, "").context("cannot write to the cache")?;
        prune(&cache, name)
    })?;
    Ok(finished.join("out"))
}

/// The folder an artefact is built in.
#[derive(Debug)]
struct Work {
    root: PathBuf,
    /// For whatever is needed on the way.
    tmp: PathBuf,
    /// For the result.
    out: PathBuf,
}

impl Work {
    fn new(cache: &Path, name: &str) -> Result<Self> {
        let root = cache.join(format!(".{name}"));
        files::remove_dir(&root)?;
        let work = Self { tmp: root.join("tmp"), out: root.join("out"), root };
        fs::create_dir_all(&work.tmp).with_context(|| format!("cannot create {}", work.tmp.display()))?;
        fs::create_dir_all(&work.out)?;
        Ok(work)
    }
}

fn prune(cache: &Path, name: &str) -> Result<()> {
    let prefix = format!("{name}-");
    let mut builds = Vec::new();
    for entry in fs::read_dir(cache)? {
        let path = entry?.path();
        let file_name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if file_name.starts_with(&prefix) {
            let used = fs::metadata(path.join(".finished")).and_then(|metadata| metadata.modified());
            builds.push((used.unwrap_or(SystemTime::UNIX_EPOCH), path));
        }
    }
    builds.sort();
    let old = builds.len().saturating_sub(KEPT);
    for (_, path) in builds.drain(..old) {
        files::remove_dir(&path)?;
    }
    Ok(())
}

/// Has cargo compile a library as a module. Its manifest names no `cdylib`: what is compiled as a library for others at
/// the same time is left without link-time optimisation.
fn module(cargo: &mut Command, profile: &str, name: &str) {
    cargo.args([
        "rustc",
        "--lib",
        "--crate-type",
        "cdylib",
        "--locked",
        "--target",
        crate::toolchain::TARGET,
    ]);
    cargo.args(["--profile", profile, "-p", name]);
}

/// Builds with a standard library of its own where that can be compiled; otherwise, or if it fails, without.
fn with_own_std(setup: &Setup, step: &mut Step, build: impl Fn(&mut Step, bool) -> Result<()>) -> Result<()> {
    if setup.toolchain.can_build_std() {
        let Err(error) = build(step, true) else { return Ok(()) };
        if process::interrupted() {
            anyhow::bail!("interrupted");
        }
        step.log(&format!("without its own standard library instead: {error:#}"))?;
        step.note("larger: its own standard library did not build");
    }
    build(step, false)
}

/// The wasm file of a crate in a target folder; cargo keeps a binary's dashes but not a library's.
fn wasm_file(target: &Path, crate_name: &str) -> Result<PathBuf> {
    wasm_file_of(target, "release", crate_name)
}

/// The same of another profile than that of what is shipped.
fn wasm_file_of(target: &Path, profile: &str, crate_name: &str) -> Result<PathBuf> {
    let dir = target.join(crate::toolchain::TARGET).join(profile);
    [crate_name.to_owned(), crate_name.replace('-', "_")]
        .iter()
        .map(|name| dir.join(format!("{name}.wasm")))
        .find(|file| file.is_file())
        .with_context(|| format!("cargo left no {crate_name}.wasm in {}", dir.display()))
}

/// Bundles with esbuild; warnings are in the log.
fn esbuild(setup: &Setup, step: &mut Step, dir: &Path, arguments: &[&str]) -> Result<()> {
    let mut command = process::command(&setup.npm.esbuild);
    command.current_dir(dir).args(["--bundle", "--minify", "--legal-comments=none", "--log-level=warning"]);
    step.run(command.args(arguments))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::Scratch;

    #[test]
    fn only_the_newest_builds_are_kept() {
        let scratch = Scratch::new("prune");
        for number in 0..KEPT + 2 {
            let dir = scratch.0.join(format!("worker-{number}"));
            fs::create_dir_all(&dir).unwrap();
            let stamp = fs::File::create(dir.join(".finished")).unwrap();
            stamp
                .set_modified(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(number as u64))
                .unwrap();
        }
        fs::create_dir_all(scratch.0.join("tracker-0")).unwrap();
        prune(&scratch.0, "worker").unwrap();
        let left = fs::read_dir(&scratch.0).unwrap().count();
        assert_eq!(left, KEPT + 1);
        assert!(!scratch.0.join("worker-1").exists());
        assert!(scratch.0.join("worker-2").exists());
    }
}
