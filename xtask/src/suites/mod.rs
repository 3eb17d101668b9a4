//! `npm test`: every suite, cheapest first, and one table at the end.

mod commands;
mod fuzz;
mod summary;

use std::env;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::build;
use crate::chromium;
use crate::files::BuildLock;
use crate::paths::Paths;
use crate::process;
use crate::progress::Progress;
use crate::python;
use crate::setup::Setup;
use crate::table;
use crate::tools;
use commands::Equipment;
pub(crate) use commands::environment;
use fuzz::Compiler;
use summary::{Counts, Format};

/// One suite.
#[derive(Debug)]
struct Suite {
    name: &'static str,
    format: Format,
    needs: Needs,
}

/// What a suite needs beyond the compilers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    Nothing,
    Artefacts,
    ArtefactsAndBrowser,
    ArtefactsAndPython,
    /// A simulated account of AWS, which is a program in Python.
    Account,
    ArtefactsAndAccount,
    /// DuckDB, for Python.
    TableReader,
    LicenceChecker,
    Fuzzer,
}

/// What is only there after a build.
const ARTEFACTS: [Needs; 4] =
    [Needs::Artefacts, Needs::ArtefactsAndBrowser, Needs::ArtefactsAndPython, Needs::ArtefactsAndAccount];

const SUITES: [Suite; 18] = [
    Suite { name: "cargo test", format: Format::Cargo, needs: Needs::Nothing },
    Suite { name: "store", format: Format::Cargo, needs: Needs::Nothing },
    Suite { name: "export", format: Format::Cargo, needs: Needs::TableReader },
    Suite { name: "infra", format: Format::Python, needs: Needs::Account },
    Suite { name: "worker", format: Format::Node, needs: Needs::Artefacts },
    Suite { name: "schemathesis", format: Format::Node, needs: Needs::ArtefactsAndPython },
    Suite { name: "operations", format: Format::Node, needs: Needs::ArtefactsAndAccount },
    Suite { name: "tracker", format: Format::Node, needs: Needs::ArtefactsAndBrowser },
    Suite { name: "dashboard", format: Format::Node, needs: Needs::ArtefactsAndBrowser },
    Suite { name: "end to end", format: Format::Node, needs: Needs::ArtefactsAndBrowser },
    Suite { name: "chaos", format: Format::Lint, needs: Needs::Artefacts },
    Suite { name: "fmt", format: Format::Lint, needs: Needs::Nothing },
    Suite { name: "clippy", format: Format::Lint, needs: Needs::Nothing },
    Suite { name: "clippy wasm32", format: Format::Lint, needs: Needs::Nothing },
    Suite { name: "rustdoc", format: Format::Lint, needs: Needs::Nothing },
    Suite { name: "biome", format: Format::Lint, needs: Needs::Nothing },
    Suite { name: "licences", format: Format::Lint, needs: Needs::LicenceChecker },
    Suite { name: "fuzz", format: Format::Lint, needs: Needs::Fuzzer },
];

/// How one suite went.
#[derive(Debug)]
struct Outcome {
    name: &'static str,
    counts: Counts,
    time: Duration,
}

/// Runs the named suites, or all of them.
pub(crate) fn run(paths: &Paths, progress: &Progress, names: &[String]) -> Result<()> {
    let chosen = choose(names)?;
    let needs = |what: &[Needs]| chosen.iter().any(|suite| what.contains(&suite.needs));

    let lock = BuildLock::acquire(paths)?;
    let setup = Setup::prepare(paths, progress)?;
    let browser = match needs(&[Needs::ArtefactsAndBrowser]) {
        true => Some(chromium::find_or_install(progress)?),
        false => chromium::find()?,
    };
    let cargo_deny = match needs(&[Needs::LicenceChecker]) {
        true => Some(tools::cargo_deny(paths, progress)?),
        false => None,
    };
    let schemathesis = match needs(&[Needs::ArtefactsAndPython]) {
        true => Some(python::schemathesis(paths, progress)?),
        false => None,
    };
    let infra = match needs(&[Needs::Account, Needs::ArtefactsAndAccount]) {
        true => Some(python::infra(paths, progress)?),
        false => None,
    };
    let duckdb = match needs(&[Needs::TableReader]) {
        true => Some(python::duckdb(paths, progress)?),
        false => None,
    };
    let fuzzer = match Compiler::find().filter(|_| needs(&[Needs::Fuzzer])) {
        Some(compiler) => Some((tools::cargo_fuzz(paths, progress)?, compiler)),
        None => None,
    };
    // The suites that need no artefacts can still say something.
    let built = match needs(&ARTEFACTS) {
        true => build::all(&setup),
        false => Ok(()),
    };
    if let Err(error) = &built {
        stop_if_interrupted()?;
        println!("{error:#}");
    }
    drop(lock);

    let xtask = env::current_exe()?;
    let equipment =
        Equipment { setup: &setup, browser, cargo_deny, schemathesis, infra, duckdb, fuzzer, xtask };
    let mut outcomes = Vec::new();
    for suite in chosen {
        let artefacts = ARTEFACTS.contains(&suite.needs);
        let started = Instant::now();
        let counts = if artefacts && built.is_err() {
            println!("{}: not run, because the build failed", suite.name);
            Counts::not_run()
        } else {
            run_suite(suite, &equipment, progress)
        };
        stop_if_interrupted()?;
        outcomes.push(Outcome { name: suite.name, counts, time: started.elapsed() });
    }
    report(&outcomes)
}

fn stop_if_interrupted() -> Result<()> {
    if process::interrupted() {
        bail!("interrupted");
    }
    Ok(())
}

fn choose(names: &[String]) -> Result<Vec<&'static Suite>> {
    if names.is_empty() {
        return Ok(SUITES.iter().collect());
    }
    let plain = |name: &str| match name.to_lowercase().replace([' ', '_'], "-").as_str() {
        "e2e" => "end-to-end".to_owned(),
        "cargo" => "cargo-test".to_owned(),
        "clippy-wasm" => "clippy-wasm32".to_owned(),
        "licenses" => "licences".to_owned(),
        other => other.to_owned(),
    };
    for name in names {
        if !SUITES.iter().any(|suite| plain(suite.name) == plain(name)) {
            let all: Vec<String> = SUITES.iter().map(|suite| plain(suite.name)).collect();
            bail!("there is no suite `{name}`: choose from {}", all.join(", "));
        }
    }
    Ok(SUITES.iter().filter(|suite| names.iter().any(|name| plain(name) == plain(suite.name))).collect())
}

fn run_suite(suite: &Suite, equipment: &Equipment<'_>, progress: &Progress) -> Counts {
    // With CI=true nobody is waiting at a terminal, and the log is all there is.
    let echo = env::var("CI").is_ok_and(|value| value == "true" || value == "1");
    let mut printed = echo;
    let result = progress.step(&format!("test: {}", suite.name), |step| {
        let success = equipment.run(suite.name, step, echo)?;
        let output = step.output();
        let counts = Counts::read(suite.format, &output, success);
        if counts.failed > 0 && !echo && !process::interrupted() {
            println!("{output}");
            printed = true;
        }
        step.note(match (counts.total(), counts.failed) {
            (1, 0) if suite.format == Format::Lint => "clean".to_owned(),
            (_, 0) => format!("{} passed", counts.passed),
            _ => format!("{} FAILED", counts.failed),
        });
        Ok(counts)
    });
    result.unwrap_or_else(|error| {
        if !process::interrupted() {
            println!("{}: {error:#}", suite.name);
        }
        Counts::not_run()
    })
}

fn report(outcomes: &[Outcome]) -> Result<()> {
    let rows: Vec<Vec<String>> = outcomes
        .iter()
        .map(|Outcome { name, counts, time }| {
            let numbers = [counts.total(), counts.passed, counts.failed].map(|number| number.to_string());
            let mut row = vec![(*name).to_owned()];
            row.extend(numbers);
            row.push(format!("{:.1}", time.as_secs_f64()));
            row
        })
        .collect();
    let passed: u64 = outcomes.iter().map(|outcome| outcome.counts.passed).sum();
    let failed: u64 = outcomes.iter().map(|outcome| outcome.counts.failed).sum();
    println!("\n{}", table::render(&["suite", "tests", "passed", "failed", "seconds"], &rows));
    println!("{passed} passed, {failed} failed");
    if failed > 0 {
        // The table says it all.
        std::process::exit(1);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(chosen: &[&str]) -> Vec<&'static str> {
        let chosen: Vec<String> = chosen.iter().map(ToString::to_string).collect();
        choose(&chosen).unwrap().iter().map(|suite| suite.name).collect()
    }

    #[test]
    fn all_suites_run_unless_some_are_named() {
        assert_eq!(names(&[]).len(), SUITES.len());
        assert_eq!(names(&["worker", "store"]), ["store", "worker"]);
    }

    #[test]
    fn names_with_spaces_have_several_spellings() {
        assert_eq!(names(&["e2e"]), ["end to end"]);
        assert_eq!(names(&["end-to-end", "clippy wasm32"]), ["end to end", "clippy wasm32"]);
        assert_eq!(names(&["clippy"]), ["clippy"]);
    }

    #[test]
    fn an_unknown_suite_is_refused() {
        assert!(
            choose(&["stores".to_owned()]).unwrap_err().to_string().contains("choose from cargo-test, store")
        );
    }
}
