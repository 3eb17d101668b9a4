//! `npm run bench`: the benchmarks, on finished artefacts.

use std::env;

use anyhow::{Result, bail};

use crate::chromium;
use crate::process;
use crate::rivals::Rivals;
use crate::setup::Setup;
use crate::suites;

/// Runs the bench crate with the given arguments: names of benchmarks, then options of the one named.
pub(crate) fn run(setup: &Setup, arguments: &[String]) -> Result<()> {
    let mut command = process::command("cargo");
    let tracker = includes(arguments, "tracker");
    let browser = match tracker {
        true => Some(chromium::find_or_install(&setup.progress)?),
        false => chromium::find()?,
    };
    suites::environment(&mut command, setup, browser.as_deref(), &env::current_exe()?);
    if tracker && let Some(rivals) = Rivals::install(setup)? {
        command.env("LIVEINSIGHT_RIVALS", rivals.dir);
    }
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

/// Whether the arguments ask for that benchmark: by name, or with all others by naming none.
fn includes(arguments: &[String], benchmark: &str) -> bool {
    let mut names = arguments.iter().take_while(|argument| !argument.starts_with('-')).peekable();
    names.peek().is_none() || names.any(|name| name == benchmark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_benchmark_is_asked_for_by_name_or_with_all() {
        let asked = |arguments: &[&str]| {
            let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
            includes(&arguments, "tracker")
        };
        assert!(asked(&[]));
        assert!(asked(&["ingest", "tracker"]));
        assert!(asked(&["tracker", "--rounds", "5"]));
        assert!(!asked(&["ingest"]));
    }
}
