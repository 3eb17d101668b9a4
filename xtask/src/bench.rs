//! `npm run bench`: the benchmarks, on finished artefacts.

use std::env;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::build;
use crate::chromium;
use crate::files::BuildLock;
use crate::process;
use crate::rivals::{self, Rivals};
use crate::setup::Setup;
use crate::suites;

/// Whether the artefacts have to be built for the benchmarks asked for: `enrich` measures a crate.
pub(crate) fn needs_artefacts(arguments: &[String]) -> bool {
    let mut names = arguments.iter().take_while(|argument| !argument.starts_with('-')).peekable();
    names.peek().is_none() || names.any(|name| name != "enrich")
}

/// Runs the bench crate with the given arguments: names of benchmarks, then options of the one named.
pub(crate) fn run(setup: &Setup, arguments: &[String]) -> Result<()> {
    let mut command = process::command("cargo");
    let tracker = includes(arguments, "tracker");
    let browser = match tracker || includes(arguments, "live") {
        true => Some(chromium::find_or_install(&setup.progress)?),
        false => chromium::find()?,
    };
    suites::environment(&mut command, setup, browser.as_deref(), &env::current_exe()?);
    if tracker && let Some(rivals) = Rivals::install(setup)? {
        command.env("LIVEINSIGHT_RIVALS", rivals.dir);
    }
    if includes(arguments, "query") {
        let _lock = BuildLock::acquire(&setup.paths)?;
        command.env("LIVEINSIGHT_QUERY_WASM", build::query_module(setup)?);
    }
    if includes(arguments, "enrich")
        && let Some(agents) = rivals::packages(setup, "agents", "user agents")?
    {
        fixtures(setup, &agents)?;
        command.env("LIVEINSIGHT_AGENTS", agents);
    }
    command
        .env("CARGO_TARGET_DIR", setup.paths.native_target())
        // The release profile is for what browsers load: small before fast.
        .args([
            "run",
            "--quiet",
            "--locked",
            "--profile",
            "native",
            "-p",
            "bench",
            "--features",
            "store",
            "--",
        ])
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

/// Where Matomo's fixtures are on PyPI, with the device detector they test. They are LGPL-3.0: measured with, never
/// shipped.
const FIXTURES: &str = "device-detector==6.5.1";

/// Unpacks the fixtures next to the user agents, if Python's pip is there to bring them.
fn fixtures(setup: &Setup, dir: &Path) -> Result<()> {
    if dir.join("device_detector").is_dir() {
        return Ok(());
    }
    let brought = setup.progress.step("user agents: fixtures", |step| {
        let wheels = dir.join("wheels");
        let python = |arguments: &[&str]| {
            let mut command = process::command("python3");
            command.current_dir(dir).args(arguments);
            command
        };
        step.run(&mut python(&[
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "--dest",
            "wheels",
            FIXTURES,
        ]))?;
        let wheel = fs::read_dir(&wheels)?
            .flatten()
            .map(|entry| entry.path())
            .next()
            .context("pip brought nothing")?;
        // Under another name first: half of them would look like all.
        step.run(python(&["-m", "zipfile", "-e"]).arg(wheel).arg("unpacked"))?;
        fs::rename(dir.join("unpacked/device_detector"), dir.join("device_detector"))?;
        Ok(())
    });
    match brought {
        Err(_) if process::interrupted() => bail!("interrupted"),
        Err(_) => {
            eprintln!("note: Matomo's fixtures are left out, because python3 with pip could not bring them");
        }
        Ok(()) => {}
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

    #[test]
    fn a_crate_alone_needs_no_artefacts() {
        let needs = |arguments: &[&str]| {
            let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
            needs_artefacts(&arguments)
        };
        assert!(!needs(&["enrich"]));
        assert!(!needs(&["enrich", "--errors"]));
        assert!(needs(&["query", "--sizes", "1m"]));
        assert!(needs(&["enrich", "ingest"]));
        assert!(needs(&[]));
    }
}
