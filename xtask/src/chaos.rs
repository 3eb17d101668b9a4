//! `npm run chaos`: the reliability proof, on finished artefacts.

use std::env;
use std::process::Command;

use anyhow::{Result, bail};

use crate::process;
use crate::setup::Setup;
use crate::suites;

/// A run that is short enough for every change: the same faults and checks, fewer visitors and less time.
pub(crate) const SHORT: [&str; 6] = ["--minutes", "0.7", "--visitors", "60", "--seed", "2"];

/// Runs the driver with the given arguments.
pub(crate) fn run(setup: &Setup, arguments: &[String]) -> Result<()> {
    let mut command = process::command("cargo");
    suites::environment(&mut command, setup, None, &env::current_exe()?);
    let mut child = process::spawn(arguments_of(&mut command, setup).args(arguments))?;
    let status = process::wait(&mut child)?;
    if process::interrupted() {
        bail!("interrupted");
    }
    if !status.success() {
        bail!("the proof failed: see its output above");
    }
    Ok(())
}

/// What cargo is told, up to the driver's own arguments.
pub(crate) fn arguments_of<'a>(command: &'a mut Command, setup: &Setup) -> &'a mut Command {
    command
        .env("CARGO_TARGET_DIR", setup.paths.native_target())
        .args(["run", "--quiet", "--locked", "-p", "chaos", "--"])
}
