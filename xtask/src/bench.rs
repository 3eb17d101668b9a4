//! `npm run bench`: the benchmarks, on finished artefacts.

use std::env;

use anyhow::{Result, bail};

use crate::chromium;
use crate::process;
use crate::setup::Setup;
use crate::suites;

/// Runs the bench crate with the given arguments.
pub(crate) fn run(setup: &Setup, arguments: &[String]) -> Result<()> {
    let mut command = process::command("cargo");
    let browser = chromium::find()?;
    suites::environment(&mut command, setup, browser.as_deref(), &env::current_exe()?);
    command
        .env("CARGO_TARGET_DIR", setup.paths.native_target())
        // The release profile is for what browsers load: small before fast.
        .args(["run", "--quiet", "--locked", "--profile", "native", "-p", "bench", "--"])
        .args(arguments);
    let mut child = process::spawn(&mut command)?;
    let status = process::wait(&mut child)?;
    if process::interrupted() {
        bail!("interrupted");
    }
    if !status.success() {
        bail!("the benchmark ended with {status}: see its output above");
    }
    Ok(())
}
