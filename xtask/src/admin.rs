//! `cargo xtask admin`, `compact`, `verify`, `erase`, `import`, `export` and their like: look after the people, sites and segments of the system that `npm start`
//! runs, or of the store that `LIVEINSIGHT_DYNAMODB_ENDPOINT` names. They need the store's credentials and no password,
//! so the first recovers access.

use std::process::{ExitStatus, Stdio};

use anyhow::{Context, Result};

use crate::build;
use crate::files::BuildLock;
use crate::paths::Paths;
use crate::progress::Progress;
use crate::serve;
use crate::setup::Setup;

/// Runs a command of the store tool with the given arguments, its input and output being the person's.
pub(crate) fn run(
    paths: &Paths,
    progress: &Progress,
    name: &str,
    arguments: &[String],
) -> Result<ExitStatus> {
    if name == "export" {
        build::export(paths, progress)?;
        let mut command = serve::export_command(paths, arguments)?;
        return command.stdin(Stdio::inherit()).status().context("cannot start the exporting tool");
    }
    {
        let _lock = BuildLock::acquire(paths)?;
        build::store(&Setup::prepare(paths, progress)?)?;
    }
    let mut command = serve::tool_command(paths, name, arguments)?;
    // In this program's own group: another one may not read from the terminal.
    command.stdin(Stdio::inherit()).status().context("cannot start the store tool")
}
