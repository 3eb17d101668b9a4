//! `npm run screenshots`: takes the pictures of README and docs anew, of the finished artefacts.

use std::env;

use anyhow::{Result, bail};

use crate::chromium;
use crate::process;
use crate::setup::Setup;
use crate::suites;

/// Runs the script that takes them.
pub(crate) fn run(setup: &Setup) -> Result<()> {
    let browser = chromium::find_or_install(&setup.progress)?;
    let mut command = setup.npm.node_command()?;
    suites::environment(&mut command, setup, Some(&browser), &env::current_exe()?);
    let mut child = process::spawn(command.arg("docs/images/take.mjs"))?;
    let status = process::wait(&mut child)?;
    if process::interrupted() {
        bail!("interrupted");
    }
    if !status.success() {
        bail!("a picture could not be taken: see the output above");
    }
    Ok(())
}
