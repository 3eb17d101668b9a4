//! `npm run chaos`: the reliability proof, on finished artefacts.

use std::env;
use std::process::Command;

use anyhow::{Result, bail};

use crate::process;
use crate::setup::Setup;
use crate::suites;

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
fn arguments_of<'a>(command: &'a mut Command, setup: &Setup) -> &'a mut Command {
    command
        .env("CARGO_TARGET_DIR", setup.paths.native_target())
        .args(["run", "--quiet", "--locked", "-p", "chaos", "--"])
}
