//! Other trackers, to be measured beside ours: installed into the cache, only when they are measured, as
//! `bench/rivals/package-lock.json` pins them. None of it is ever shipped.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::files::{self, BuildLock};
use crate::hash;
use crate::npm;
use crate::process;
use crate::progress::Step;
use crate::setup::Setup;

/// A name, its package, and the file that a page loads of it. Umami is not to be had from npm; web-vitals is no
/// tracker, but what several of them include.
const SCRIPTS: [(&str, &str, &str); 5] = [
    ("web-vitals", "web-vitals", "node_modules/web-vitals/dist/web-vitals.iife.js"),
    ("plausible", "@plausible-analytics/tracker", BUNDLE),
    ("swetrix", "swetrix", "node_modules/swetrix/dist/swetrix.js"),
    ("snowplow", "@snowplow/browser-tracker", "node_modules/@snowplow/browser-tracker/dist/index.umd.min.js"),
    ("posthog", "posthog-js", "node_modules/posthog-js/dist/array.js"),
];

/// Plausible's package is a module.
const BUNDLE: &str = "plausible.js";

/// The installed packages.
#[derive(Debug)]
pub(crate) struct Rivals {
    /// The folder with `node_modules` and the bundle.
    pub(crate) dir: PathBuf,
}

impl Rivals {
    /// Installs them if needed; `None` without them.
    pub(crate) fn install(setup: &Setup) -> Result<Option<Self>> {
        let Some(dir) = packages(setup, "rivals", "other trackers")? else { return Ok(None) };
        bundle(setup, &setup.paths.root.join("bench/rivals"), &dir)?;
        Ok(Some(Self { dir }))
    }

    /// The name with its version, and the file that a page loads, of each.
    pub(crate) fn scripts(&self) -> Vec<(String, PathBuf)> {
        let modules = self.dir.join("node_modules");
        let script = |(name, package, file): (&str, &str, &str)| {
            (format!("{name} {}", npm::package_version(&modules, package)), self.dir.join(file))
        };
        SCRIPTS.map(script).to_vec()
    }
}

/// Installs the npm packages that `bench/<name>/package-lock.json` pins, if needed, and gives the folder with their
/// `node_modules`. Without them, because the registry cannot be reached, there is a note and `None`: our own figures
/// do not depend on them.
pub(crate) fn packages(setup: &Setup, name: &str, label: &str) -> Result<Option<PathBuf>> {
    let _lock = BuildLock::acquire(&setup.paths)?;
    let source = setup.paths.root.join("bench").join(name);
    let lock_path = source.join("package-lock.json");
    let lock = fs::read(&lock_path)
        .with_context(|| format!("cannot read {}: restore it from git", lock_path.display()))?;
    let dir = setup.paths.cache.join(name).join(&hash::hex(hash::sha256(&lock))[..16]);
    let stamp = dir.join(".installed");
    let complete = stamp.is_file() && npm::first_missing(&lock, &dir.join("node_modules"))?.is_none();
    if !complete {
        let root = &setup.paths.root;
        let installed = setup.progress.step(label, |step| download(step, root, &source, &dir));
        if installed.is_err() {
            if process::interrupted() {
                bail!("interrupted");
            }
            // What it said is in the log.
            let log = setup.paths.logs();
            eprintln!(
                "note: {label} are left out, because npm could not install them: check that it can reach its registry, \
                 see {}",
                log.display()
            );
            return Ok(None);
        }
        fs::write(&stamp, "").context("cannot write to the cache")?;
    }
    Ok(Some(dir))
}

fn download(step: &mut Step, root: &Path, source: &Path, dir: &Path) -> Result<()> {
    files::remove_dir(dir)?;
    fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(source.join(file), dir.join(file))?;
    }
    let npmrc = root.join(".npmrc");
    if npmrc.is_file() {
        fs::copy(npmrc, dir.join(".npmrc"))?;
    }
    // Without a network there is nothing to wait for: npm's own pauses between attempts add up to a minute, and it
    // waits five for an answer.
    step.run(npm::command("ci", dir)?.args(["--fetch-retries=0", "--fetch-timeout=30000"]))
}

/// Bundles Plausible's module into a script, as a site that uses its package would.
fn bundle(setup: &Setup, source: &Path, dir: &Path) -> Result<()> {
    let mut esbuild = process::command(&setup.npm.esbuild);
    esbuild
        // The package is looked up there, not next to the entry.
        .env("NODE_PATH", dir.join("node_modules"))
        .arg(source.join(BUNDLE))
        .args(["--bundle", "--minify", "--format=iife", "--target=es2020", "--legal-comments=none"])
        .args(["--log-level=warning".to_owned(), format!("--outfile={}", dir.join(BUNDLE).display())]);
    process::output(&mut esbuild).map(|_| ())
}
