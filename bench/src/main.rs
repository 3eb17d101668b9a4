//! Benchmarks of LiveInsight: each prints a table and writes `bench/results/<name>.json`, an array of
//! `{name, value, unit}`. They print figures and assert nothing: machines differ.
//!
//! Run through `npm run bench`, which builds what is measured and says where the tools are:
//! `LIVEINSIGHT_ROOT`, `LIVEINSIGHT_WORKERD`, `LIVEINSIGHT_DYNOXIDE`, `LIVEINSIGHT_STORE`.

mod figures;
mod ingest;
mod load;
mod stack;

use std::process::ExitCode;

type Benchmark = (&'static str, fn() -> anyhow::Result<()>);

const BENCHMARKS: &[Benchmark] = &[("ingest", ingest::run)];

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let known = || BENCHMARKS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    if let Some(unknown) = wanted.iter().find(|name| BENCHMARKS.iter().all(|(known, _)| known != name)) {
        eprintln!("error: no benchmark called `{unknown}`; there are: {}", known());
        return ExitCode::from(2);
    }
    for (name, run) in BENCHMARKS {
        if !wanted.is_empty() && wanted.iter().all(|w| w != name) {
            continue;
        }
        if let Err(error) = run() {
            eprintln!("error: {name}: {error:#}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
