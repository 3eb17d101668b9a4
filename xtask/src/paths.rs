//! Where everything lives: the checkout, the cache outside it, and the user's data.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The folders every step works in.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    /// The checkout.
    pub(crate) root: PathBuf,
    /// Everything that is made once and reused; safe to delete.
    pub(crate) cache: PathBuf,
}

impl Paths {
    /// Finds the checkout from `LIVEINSIGHT_ROOT` or the current folder, and the cache from the environment.
    pub(crate) fn discover() -> Result<Self> {
        let root = match env::var_os("LIVEINSIGHT_ROOT") {
            Some(root) => PathBuf::from(root),
            None => find_root(&env::current_dir().context("the current folder is gone")?)?,
        };
        let cache = match env_dir("LIVEINSIGHT_CACHE") {
            Some(cache) => cache,
            None => match env_dir("XDG_CACHE_HOME") {
                Some(base) => base.join("liveinsight"),
                None => home()?.join(".cache").join("liveinsight"),
            },
        };
        std::fs::create_dir_all(&cache).with_context(|| {
            format!("cannot create the cache folder {}: set LIVEINSIGHT_CACHE", cache.display())
        })?;
        // Child processes run in other folders: a relative path would mean something else there.
        Ok(Self { root: std::path::absolute(root)?, cache: std::path::absolute(cache)? })
    }

    /// Native cargo output.
    pub(crate) fn native_target(&self) -> PathBuf {
        env_dir("CARGO_TARGET_DIR").unwrap_or_else(|| self.cache.join("target"))
    }

    /// Wasm cargo output. Apart from the native one, so that the two compilers never wait for each other's lock.
    pub(crate) fn wasm_target(&self) -> PathBuf {
        self.cache.join("target-wasm")
    }

    /// Wasm output of a build with a standard library of its own, whose flags would otherwise evict every other build.
    pub(crate) fn own_target(&self, artefact: &str) -> PathBuf {
        self.cache.join(format!("target-{artefact}"))
    }

    /// Logs of the steps.
    pub(crate) fn logs(&self) -> PathBuf {
        self.cache.join("logs")
    }

    /// The finished artefacts.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// The npm packages of the checkout.
    pub(crate) fn node_modules(&self) -> PathBuf {
        self.root.join("node_modules")
    }
}

/// The folder for the local database, secrets and logs of `start`.
pub(crate) fn default_data_dir() -> Result<PathBuf> {
    let dir = match env_dir("LIVEINSIGHT_DATA_DIR") {
        Some(dir) => dir,
        None => match env_dir("XDG_DATA_HOME") {
            Some(base) => base.join("liveinsight"),
            None => home()?.join(".local").join("share").join("liveinsight"),
        },
    };
    Ok(std::path::absolute(dir)?)
}

/// An environment variable naming a folder; an empty one counts as not set.
fn env_dir(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn home() -> Result<PathBuf> {
    env::home_dir().context("no home folder: set LIVEINSIGHT_CACHE and LIVEINSIGHT_DATA_DIR")
}

fn find_root(start: &Path) -> Result<PathBuf> {
    for dir in start.ancestors() {
        if dir.join("xtask").join("run.mjs").is_file() {
            return Ok(dir.to_path_buf());
        }
    }
    bail!("not inside the LiveInsight checkout: change into it, or set LIVEINSIGHT_ROOT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_found_from_a_folder_below() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = find_root(&here.join("src")).unwrap();
        assert!(root.join("xtask").is_dir());
    }

    #[test]
    fn a_folder_outside_is_refused() {
        assert!(find_root(Path::new("/")).is_err());
    }
}
