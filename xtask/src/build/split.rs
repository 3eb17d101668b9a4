//! Splits a wasm file at the functions that say so (`wasm_split`): what only they need goes into files of their own, which
//! are loaded when one of them is called.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::optimise;
use crate::files;
use crate::process;
use crate::progress::Step;
use crate::setup::Setup;

/// The script that loads the parts, as the splitting program names it.
const LINK: &str = "__wasm_split.js";

/// What is loaded at once, and what later.
#[derive(Debug)]
pub(super) struct SplitPackage {
    /// The wasm file that everything starts with.
    pub(super) wasm: PathBuf,
    /// What was split off.
    pub(super) parts: Vec<Part>,
}

/// A wasm file that was split off.
#[derive(Debug)]
pub(super) struct Part {
    /// The name of the functions it is of; a number for what several of them share.
    pub(super) name: String,
    /// The file.
    pub(super) file: PathBuf,
}

/// Makes `<dir>/<name>.js`, `<dir>/<name>_bg.wasm` and the parts, all as small as can be.
pub(super) fn package(
    setup: &Setup,
    step: &mut Step,
    wasm: &Path,
    dir: &Path,
    name: &str,
) -> Result<SplitPackage> {
    let split = dir.join("split");
    files::remove_dir(&split)?;
    fs::create_dir_all(&split)?;
    let mut command = process::command(&setup.tools.wasm_split);
    step.run(command.arg(wasm).arg(&split).args(["--target", "web", "--out-name", name]))?;
    let main = split.join(format!("{name}.wasm"));
    fs::copy(split.join(LINK), dir.join(LINK)).context("the splitting program left no script")?;
    let package = optimise::package_of_split(setup, step, &main, dir, name)?;
    let mut parts = Vec::new();
    for file in files::list(&split)? {
        let path = split.join(&file);
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path == main || path.extension().is_none_or(|extension| extension != "wasm") {
            continue;
        }
        optimise::shrink(setup, step, &path)?;
        let name = stem.strip_prefix("split_").unwrap_or(&stem).replace('_', "-");
        parts.push(Part { name, file: path });
    }
    Ok(SplitPackage { wasm: package.wasm, parts })
}

impl Part {
    /// Has the part loaded from its address, and only if it is what was built.
    pub(super) fn link(&self, dir: &Path, url: &str, integrity: &str) -> Result<()> {
        let path = dir.join(LINK);
        let script = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let file = self.file.file_name().unwrap_or_default().to_string_lossy();
        fs::write(&path, linked(&script, &file, url, integrity)?).context("cannot write to the cache")
    }
}

fn linked(script: &str, file: &str, url: &str, integrity: &str) -> Result<String> {
    let before = format!("fetch(new URL(\"./{file}\", import.meta.url))");
    if script.matches(&before).count() != 1 {
        bail!("the splitting program does not load {file} as this expects: look at its script");
    }
    Ok(script.replace(&before, &format!("fetch(\"{url}\", {{ integrity: \"{integrity}\" }})")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_is_loaded_from_its_address_with_its_hash() {
        let script = "const src = fetch(new URL(\"./split_a.wasm\", import.meta.url));";
        let found = linked(script, "split_a.wasm", "/assets/later-a-1.wasm", "sha384-x").unwrap();
        assert_eq!(found, "const src = fetch(\"/assets/later-a-1.wasm\", { integrity: \"sha384-x\" });");
        assert!(linked(&found, "split_a.wasm", "/a", "b").is_err());
    }
}
