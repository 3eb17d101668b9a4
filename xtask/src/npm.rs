//! The npm packages, installed once for each lock file, and the programs inside them.

use std::env::consts;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::files;
use crate::hash;
use crate::paths::Paths;
use crate::process;
use crate::progress::Progress;

/// The oldest Node that wrangler runs on.
const OLDEST_NODE: (u32, u32) = (22, 12);

/// The programs from npm.
#[derive(Debug, Clone)]
pub(crate) struct Npm {
    /// Node, new enough for wrangler.
    pub(crate) node: PathBuf,
    /// Bundles JavaScript and CSS.
    pub(crate) esbuild: PathBuf,
    /// Optimises wasm; a script for Node.
    pub(crate) wasm_opt: PathBuf,
    /// The edge runtime.
    pub(crate) workerd: PathBuf,
    /// Formats and lints JavaScript and CSS.
    pub(crate) biome: PathBuf,
    /// Runs the worker locally; a script for Node.
    pub(crate) wrangler: PathBuf,
    /// The versions that shape the output, for fingerprints.
    pub(crate) versions: String,
}

impl Npm {
    /// Installs the packages if needed.
    pub(crate) fn install(paths: &Paths, progress: &Progress) -> Result<Self> {
        let lock_path = paths.root.join("package-lock.json");
        let lock = fs::read(&lock_path)
            .with_context(|| format!("cannot read {}: restore it from git", lock_path.display()))?;
        let link = paths.node_modules();
        let own_folder = link.is_dir() && !link.is_symlink();
        if own_folder {
            if let Some(missing) = first_missing(&lock, &link)? {
                bail!(
                    "node_modules is a folder and lacks {missing}: delete it and run this again, \
                     or complete it with `npm ci`"
                );
            }
        } else {
            let store = paths.cache.join("npm").join(&hash::hex(hash::sha256(&lock))[..16]);
            ensure_store(&store, &lock, paths, progress)?;
            link_to(&store.join("node_modules"), &link)?;
        }
        Self::find(paths)
    }

    /// The programs, without installing anything.
    pub(crate) fn find(paths: &Paths) -> Result<Self> {
        let modules = paths.node_modules();
        let platform = format!("{}-{}", node_os(), node_arch());
        // workerd's packages say 64 where the others say x64.
        let workerd =
            format!("workerd-{}-{}", node_os(), if node_arch() == "x64" { "64" } else { node_arch() });
        let found = Self {
            node: find_node(&modules)?,
            esbuild: modules.join("@esbuild").join(&platform).join("bin/esbuild"),
            wasm_opt: modules.join("binaryen/bin/wasm-opt"),
            workerd: modules.join("@cloudflare").join(workerd).join("bin/workerd"),
            biome: modules.join("@biomejs").join(format!("cli-{platform}")).join("biome"),
            wrangler: modules.join("wrangler/bin/wrangler.js"),
            versions: ["esbuild", "binaryen"]
                .map(|name| format!("{name} {}", package_version(&modules, name)))
                .join(", "),
        };
        for file in [&found.esbuild, &found.wasm_opt, &found.workerd, &found.biome, &found.wrangler] {
            if !file.is_file() {
                bail!("{} is missing: delete node_modules and run this again", file.display());
            }
        }
        Ok(found)
    }

    /// A command that runs a script with the picked Node, which its own children find first too.
    pub(crate) fn node_command(&self) -> Result<Command> {
        let mut command = process::command(&self.node);
        self.put_node_first(&mut command)?;
        Ok(command)
    }

    /// Makes the picked Node the first in a child's `PATH`.
    pub(crate) fn put_node_first(&self, command: &mut Command) -> Result<()> {
        match self.node.parent() {
            Some(dir) if self.node.is_absolute() => process::prepend_path(command, [dir]),
            _ => Ok(()),
        }
    }
}

fn ensure_store(store: &Path, lock: &[u8], paths: &Paths, progress: &Progress) -> Result<()> {
    let stamp = store.join(".installed");
    if stamp.is_file() && first_missing(lock, &store.join("node_modules"))?.is_none() {
        return Ok(());
    }
    progress.step("npm packages", |step| {
        step.hint("check that npm can reach its registry, then run this again");
        files::remove_dir(store)?;
        fs::create_dir_all(store)?;
        fs::copy(paths.root.join("package.json"), store.join("package.json"))?;
        fs::write(store.join("package-lock.json"), lock)?;
        let npmrc = paths.root.join(".npmrc");
        if npmrc.is_file() {
            fs::copy(npmrc, store.join(".npmrc"))?;
        }
        if step.run(&mut command("ci", store)?).is_err() {
            if process::interrupted() {
                bail!("interrupted");
            }
            // A lock file written where packages of other platforms were not to be had lacks them, and `npm ci`
            // insists on them all. What is in the lock file is still installed exactly as it says.
            step.run(&mut command("install", store)?)?;
        }
        fs::write(&stamp, "").context("cannot write to the cache")
    })
}

/// A command of npm in a folder with a lock file.
pub(crate) fn command(name: &str, folder: &Path) -> Result<Command> {
    let Some(npm) = process::which("npm") else {
        bail!("npm is not in PATH: install it together with Node 20 or later");
    };
    let mut command = process::command(npm);
    // No package here needs its install script: each brings ready-made programs.
    command.current_dir(folder).args([name, "--ignore-scripts", "--no-audit", "--no-fund"]);
    Ok(command)
}

fn link_to(target: &Path, link: &Path) -> Result<()> {
    if fs::read_link(link).is_ok_and(|to| to == target) {
        return Ok(());
    }
    // Another run may be about to read the old link: the new one replaces it in one step.
    let fresh = link.with_extension(format!("{}", std::process::id()));
    let _ = fs::remove_file(&fresh);
    symlink(target, &fresh).with_context(|| format!("cannot create the link {}", fresh.display()))?;
    fs::rename(&fresh, link).with_context(|| format!("cannot create the link {}", link.display()))
}

/// The first package of the lock file that is not installed in the right version. Optional packages are for
/// particular platforms and may be absent.
pub(crate) fn first_missing(lock: &[u8], modules: &Path) -> Result<Option<String>> {
    let lock: Value =
        serde_json::from_slice(lock).context("package-lock.json is not JSON: restore it from git")?;
    let packages =
        lock["packages"].as_object().context("package-lock.json lists no packages: restore it from git")?;
    for (place, package) in packages {
        let Some(name) = place.strip_prefix("node_modules/") else { continue };
        let optional = package["optional"].as_bool().unwrap_or(false);
        let manifest = modules.join(name).join("package.json");
        if optional && !manifest.exists() {
            continue;
        }
        let installed = fs::read(&manifest).ok().and_then(|text| serde_json::from_slice::<Value>(&text).ok());
        if installed.is_none_or(|installed| installed["version"] != package["version"]) {
            return Ok(Some(name.to_owned()));
        }
    }
    Ok(None)
}

/// The installed version of a package; empty when it is not installed.
pub(crate) fn package_version(modules: &Path, name: &str) -> String {
    fs::read(modules.join(name).join("package.json"))
        .ok()
        .and_then(|text| serde_json::from_slice::<Value>(&text).ok())
        .and_then(|package| package["version"].as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn find_node(modules: &Path) -> Result<PathBuf> {
    let bundled = modules.join(format!("node-{}-{}", node_os(), node_arch())).join("bin/node");
    let in_path = process::which("node");
    for node in in_path.into_iter().chain([bundled]) {
        let version = process::output(process::command(&node).arg("--version")).unwrap_or_default();
        if node_version(&version).is_some_and(|version| version >= OLDEST_NODE) {
            return Ok(node);
        }
    }
    bail!(
        "wrangler needs Node {}.{} or later, and there is no such Node in PATH: install a newer one",
        OLDEST_NODE.0,
        OLDEST_NODE.1
    )
}

/// `v22.12.0` as `(22, 12)`.
fn node_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn node_os() -> &'static str {
    match consts::OS {
        "macos" => "darwin",
        other => other,
    }
}

fn node_arch() -> &'static str {
    match consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::Scratch;

    #[test]
    fn node_versions_compare_by_number() {
        assert!(node_version("v22.9.1").unwrap() < OLDEST_NODE);
        assert!(node_version("v24.0.0\n").unwrap() > OLDEST_NODE);
        assert_eq!(node_version("nonsense"), None);
    }

    #[test]
    fn a_missing_package_is_named_and_an_optional_one_is_not() {
        let lock = br#"{"packages":{"":{},"node_modules/a":{"version":"1.0.0"},
            "node_modules/b":{"version":"2.0.0","optional":true},"node_modules/c":{"version":"3.0.0"}}}"#;
        let scratch = Scratch::new("npm");
        let add = |name: &str, version: &str| {
            fs::create_dir_all(scratch.0.join(name)).unwrap();
            fs::write(scratch.0.join(name).join("package.json"), format!("{{\"version\":\"{version}\"}}"))
                .unwrap();
        };
        add("a", "1.0.0");
        add("c", "2.9.9");
        assert_eq!(first_missing(lock, &scratch.0).unwrap().unwrap(), "c");
        add("c", "3.0.0");
        assert_eq!(first_missing(lock, &scratch.0).unwrap(), None);
    }

    #[test]
    fn a_stale_link_is_replaced() {
        let scratch = Scratch::new("link");
        let link = scratch.0.join("node_modules");
        link_to(Path::new("/old"), &link).unwrap();
        link_to(Path::new("/new"), &link).unwrap();
        assert_eq!(fs::read_link(&link).unwrap(), Path::new("/new"));
    }
}
