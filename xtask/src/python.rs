//! Programs from the Python package index, each set in an environment of its own in the cache.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::apt;
use crate::files;
use crate::hash;
use crate::paths::Paths;
use crate::process;
use crate::progress::Progress;

/// A set of packages, all of them named to the version.
struct Set {
    name: &'static str,
    requirements: &'static [&'static str],
    /// A program of the set, which is tried before the set is used.
    program: &'static str,
}

/// What tries the API against its document.
const SCHEMATHESIS: Set =
    Set { name: "schemathesis", requirements: &["tests/api/requirements.txt"], program: "schemathesis" };

/// What deploys the stack of `infra/`.
const DEPLOY: Set = Set { name: "deploy", requirements: &["infra/requirements.txt"], program: "cfn-lint" };

/// What checks the stack of `infra/` and creates it in a simulated account.
const INFRA: Set = Set {
    name: "infra",
    requirements: &["infra/requirements.txt", "tests/infra/requirements.txt"],
    program: "cfn-lint",
};

/// A reader of the files that are exported.
const DUCKDB: Set = Set { name: "duckdb", requirements: &["export/requirements.txt"], program: "python" };

/// Installs a reader of the files that are exported, unless it is there, and returns its Python.
pub(crate) fn duckdb(paths: &Paths, progress: &Progress) -> Result<PathBuf> {
    Ok(DUCKDB.install(paths, progress)?.join("python"))
}

/// Installs what tries the API against its document, unless it is there, and returns its program.
pub(crate) fn schemathesis(paths: &Paths, progress: &Progress) -> Result<PathBuf> {
    Ok(SCHEMATHESIS.install(paths, progress)?.join("schemathesis"))
}

/// Installs what deploys the stack, unless it is there, and returns the folder of its programs. Where the stack is tested,
/// that is all there already.
pub(crate) fn deploy(paths: &Paths, progress: &Progress) -> Result<PathBuf> {
    let tested = INFRA.place(paths)?;
    if tested.join(".installed").is_file() {
        return Ok(tested.join("bin"));
    }
    DEPLOY.install(paths, progress)
}

/// Installs what tests the stack, unless it is there, and returns the folder of its programs.
pub(crate) fn infra(paths: &Paths, progress: &Progress) -> Result<PathBuf> {
    INFRA.install(paths, progress)
}

impl Set {
    fn install(&self, paths: &Paths, progress: &Progress) -> Result<PathBuf> {
        let root = self.place(paths)?;
        let (programs, stamp) = (root.join("bin"), root.join(".installed"));
        let tried = || process::output(process::command(programs.join(self.program)).arg("--version"));
        if stamp.is_file() && tried().is_ok() {
            return Ok(programs);
        }
        if process::which("python3").is_none() || !has_venv() {
            if !apt::is_available() {
                bail!("Python 3 with its module venv is missing: install it with your package manager");
            }
            apt::install(progress, "Debian packages for Python", &["python3", "python3-venv"])?;
        }
        progress.step(&format!("tool: {}", self.name), |step| {
            step.hint("run this again; pip keeps what it has downloaded");
            files::remove_dir(&root)?;
            step.run(process::command("python3").args(["-m", "venv"]).arg(&root))?;
            let mut pip = process::command(programs.join("pip"));
            pip.args(["install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
            for file in self.requirements {
                pip.arg("--requirement").arg(paths.root.join(file));
            }
            step.run(&mut pip)?;
            step.run(process::command(programs.join(self.program)).arg("--version"))?;
            fs::write(&stamp, "").context("cannot write to the cache")
        })?;
        Ok(programs)
    }

    /// Its folder; another one for other versions.
    fn place(&self, paths: &Paths) -> Result<PathBuf> {
        let mut wanted = Vec::new();
        for file in self.requirements {
            wanted.extend(fs::read(paths.root.join(file)).with_context(|| format!("cannot read {file}"))?);
        }
        let version = hash::hex(&hash::sha256(&wanted)[..6]);
        Ok(paths.cache.join("tools").join(format!("{}-{version}", self.name)))
    }
}

/// Debian splits it from Python.
fn has_venv() -> bool {
    process::output(process::command("python3").args(["-c", "import ensurepip, venv"])).is_ok()
}
