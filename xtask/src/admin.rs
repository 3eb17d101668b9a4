//! `cargo xtask admin`: looks after the people and sites of the system that `npm start` runs, or of the store that
//! `LIVEINSIGHT_DYNAMODB_ENDPOINT` names. Recovers access: it needs the store's credentials and no password.

use std::process::{ExitStatus, Stdio};

use anyhow::{Context, Result};

use crate::build;
use crate::files::BuildLock;
use crate::paths::Paths;
use crate::progress::Progress;
use crate::serve;
use crate::setup::Setup;

/// Runs the store tool's `admin` with the given arguments, its input and output being the person's.
pub(crate) fn run(paths: &Paths, progress: &Progress, arguments: &[String]) -> Result<ExitStatus> {
    {
        let _lock = BuildLock::acquire(paths)?;
        build::store(&Setup::prepare(paths, progress)?)?;
    }
    let mut command = serve::admin_command(paths, arguments)?;
    // In this program's own group: another one may not read from the terminal.
    command.stdin(Stdio::inherit()).status().context("cannot start the store tool")
}
