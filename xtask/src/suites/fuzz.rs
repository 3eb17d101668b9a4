//! The fuzz targets, for half a minute each: enough to notice what a change broke. What is found on the way is kept in
//! the cache, so that every run begins where the last one ended.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::paths::Paths;
use crate::process;
use crate::progress::Step;

/// How long each target runs, in seconds.
const SECONDS: u32 = 30;

/// A compiler that can build fuzz targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compiler {
    /// A nightly one that rustup has.
    Nightly,
    /// The one in `PATH`, which takes the instrumentation's flags when told to, but has no sanitizers.
    Stable,
}

impl Compiler {
    /// Finds one; `None` without a C++ compiler, which libFuzzer is built with.
    pub(super) fn find() -> Option<Self> {
        let runs = |program: &str, arguments: &[&str]| {
            process::output(process::command(program).args(arguments)).is_ok()
        };
        if !runs("c++", &["--version"]) {
            return None;
        }
        Some(if runs("rustup", &["run", "nightly", "cargo", "--version"]) {
            Self::Nightly
        } else {
            Self::Stable
        })
    }
}

/// Runs all targets of the folder `fuzz`.
pub(super) fn run(
    paths: &Paths,
    cargo_fuzz: &Path,
    compiler: Compiler,
    step: &mut Step,
    echo: bool,
) -> Result<bool> {
    let kept = paths.cache.join("fuzz");
    let mut passed = true;
    for target in targets(&paths.root)? {
        let corpus = kept.join(&target);
        fs::create_dir_all(&corpus).with_context(|| format!("cannot create {}", corpus.display()))?;
        let mut command = command(paths, cargo_fuzz, compiler, &target);
        command.arg(corpus).arg(paths.root.join("fuzz/seeds")).args([
            "--".to_owned(),
            format!("-max_total_time={SECONDS}"),
            format!("-dict={}", paths.root.join("fuzz/batch.dict").display()),
            // With a slash at its end it is a folder.
            format!("-artifact_prefix={}/", kept.display()),
            "-print_final_stats=1".to_owned(),
        ]);
        passed &= step.passes(&mut command, echo)?;
    }
    Ok(passed)
}

fn command(paths: &Paths, cargo_fuzz: &Path, compiler: Compiler, target: &str) -> Command {
    let mut command = process::command(cargo_fuzz);
    command.current_dir(&paths.root).env("CARGO_TARGET_DIR", paths.cache.join("target-fuzz")).args([
        "run",
        "--fuzz-dir",
        "fuzz",
    ]);
    match compiler {
        Compiler::Nightly => command.env("RUSTUP_TOOLCHAIN", "nightly"),
        Compiler::Stable => command.env("RUSTC_BOOTSTRAP", "1").args(["--sanitizer", "none"]),
    };
    command.arg(target);
    command
}

/// The names of the targets: that of their files.
fn targets(root: &Path) -> Result<Vec<String>> {
    let folder = root.join("fuzz/fuzz_targets");
    let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let files: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    let mut names: Vec<String> =
        files.iter().filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned())).collect();
    names.sort();
    if names.is_empty() {
        bail!("there is no target in {}", folder.display());
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_target() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        assert_eq!(targets(root).unwrap(), ["decode", "parse_print"]);
    }
}
