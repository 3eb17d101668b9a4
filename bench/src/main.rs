//! Benchmarks of LiveInsight: each prints a table and writes `bench/results/<name>.json`, an array of
//! `{name, value, unit}`. They print figures and assert nothing: machines differ.
//!
//! Run through `npm run bench -- [name…] [option…]`, which builds what is measured and says where the tools are:
//! `LIVEINSIGHT_ROOT`, `LIVEINSIGHT_WORKERD`, `LIVEINSIGHT_DYNOXIDE`, `LIVEINSIGHT_STORE`, `LIVEINSIGHT_NODE`,
//! `LIVEINSIGHT_CHROMIUM` and, where they could be installed, `LIVEINSIGHT_RIVALS`, `LIVEINSIGHT_AGENTS` and `LIVEINSIGHT_QUERY_WASM`. What
//! begins with the first dash are options of the benchmark named.

mod browsers;
mod cost;
mod dashboard;
mod enrich;
mod figures;
mod ingest;
mod live;
mod load;
mod query;
mod sender;
mod stack;
mod sustained;
mod tables;
mod tracker;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

type Benchmark = (&'static str, fn(&[String]) -> anyhow::Result<()>);

const BENCHMARKS: &[Benchmark] = &[
    ("enrich", enrich::run),
    ("ingest", ingest::run),
    ("cost", cost::run),
    ("query", query::run),
    ("tracker", tracker::run),
    ("live", live::run),
    ("dashboard", dashboard::run),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let names = arguments.iter().take_while(|argument| !argument.starts_with('-')).count();
    let (wanted, options) = arguments.split_at(names);
    let known = || BENCHMARKS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    if let Some(unknown) = wanted.iter().find(|name| BENCHMARKS.iter().all(|(known, _)| known != name)) {
        eprintln!("error: no benchmark called `{unknown}`; there are: {}", known());
        return ExitCode::from(2);
    }
    if wanted.len() != 1 && !options.is_empty() {
        eprintln!("error: options need the name of one benchmark before them: {}", known());
        return ExitCode::from(2);
    }
    for (name, run) in BENCHMARKS {
        if !wanted.is_empty() && wanted.iter().all(|w| w != name) {
            continue;
        }
        if let Err(error) = run(options) {
            eprintln!("error: {name}: {error:#}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Where a program or folder is, by the variable that `npm run bench` sets.
fn given(name: &str) -> anyhow::Result<PathBuf> {
    std::env::var_os(name)
        .map(PathBuf::from)
        .with_context(|| format!("{name} is not set; use `npm run bench`"))
}
