//! `query`: the engine over made-up months of events, natively and as WebAssembly in V8; questions to the worker on bare
//! workerd; compaction.
//!
//! ```text
//! npm run bench -- query [--sizes 10k,100k,1m,10m] [--runs 9] [--parts engine,api,compact]
//! ```
//!
//! One thread; medians of time on the processor, of questions to the worker of time that passes. What is asked is in
//! `scenario.rs` and `api.rs`, of what data in `data.rs`; answers of all ways to the same data are compared before a
//! time counts. The worker is asked over 10m only when that size is named, and a third as often as over the others; the
//! largest size that is named up to 1m is compacted. How long each part took is said at its end.

#[cfg(feature = "store")]
mod api;
mod clock;
#[cfg(feature = "store")]
mod compaction;
mod data;
mod native;
mod scenario;
mod segments;
#[cfg(feature = "store")]
mod stored;
mod wasm;
mod world;

use std::time::Instant;

use analytics::Span;
use anyhow::{Context, Result, bail};

use crate::figures::Figures;
use crate::given;
pub(crate) use data::{DAYS, START};
pub(crate) use segments::build;

/// Names of the sizes and their events.
const SIZES: [(&str, usize); 4] =
    [("10k", 10_000), ("100k", 100_000), ("1m", 1_000_000), ("10m", 10_000_000)];

/// The size that segments are compared with all others by.
const USUAL: &str = "1m";

/// Above so many events a run takes so long that there are fewer, and rows take too long to be stored one by one.
const LARGE: usize = 1_000_000;

/// What there is to be measured.
const PARTS: [&str; 3] = ["engine", "api", "compact"];

#[cfg_attr(not(feature = "store"), allow(dead_code, reason = "only the store is told of some"))]
struct Options {
    sizes: Vec<(&'static str, usize)>,
    /// Sizes the worker is asked over.
    asked: Vec<(&'static str, usize)>,
    /// Events that are compacted, if a size is named.
    compacted: Option<usize>,
    runs: usize,
    parts: Vec<&'static str>,
}

impl Options {
    fn read(arguments: &[String]) -> Result<Self> {
        let asked = SIZES[..3].to_vec();
        let mut options =
            Self { sizes: SIZES.to_vec(), asked, compacted: None, runs: 9, parts: PARTS.to_vec() };
        let mut arguments = arguments.iter();
        while let Some(name) = arguments.next() {
            let value = arguments.next().with_context(|| format!("`{name}` needs a value"))?;
            match name.as_str() {
                "--sizes" => {
                    let names: Vec<&str> = value.split(',').collect();
                    options.sizes.retain(|(name, _)| names.contains(name));
                    anyhow::ensure!(options.sizes.len() == names.len(), "sizes are 10k, 100k, 1m and 10m");
                    options.asked.clone_from(&options.sizes);
                    options.compacted =
                        options.sizes.iter().map(|(_, events)| *events).rfind(|events| *events <= LARGE);
                }
                "--runs" => {
                    options.runs = value.parse().context("`--runs` is how often each time is taken")?;
                }
                "--parts" => {
                    let names: Vec<&str> = value.split(',').collect();
                    options.parts.retain(|name| names.contains(name));
                    anyhow::ensure!(options.parts.len() == names.len(), "parts are engine, api and compact");
                }
                _ => bail!("there is no `{name}`; there are `--sizes`, `--runs` and `--parts`"),
            }
        }
        Ok(options)
    }
}

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let root = given("LIVEINSIGHT_ROOT")?;
    let options = Options::read(arguments)?;
    let mut figures = Figures::default();
    for part in &options.parts {
        let started = Instant::now();
        match *part {
            "engine" => engine(&mut figures, &options)?,
            #[cfg(feature = "store")]
            "api" => api::measure(&mut figures, &options.asked, options.runs)?,
            #[cfg(feature = "store")]
            "compact" => {
                compaction::measure(&mut figures, options.compacted.unwrap_or(compaction::EVENTS))?;
            }
            _ => {}
        }
        eprintln!("query: {part} took {:.0} s", started.elapsed().as_secs_f64());
    }
    figures.publish(&root, "query")
}

/// The engine itself, natively and in V8.
fn engine(figures: &mut Figures, options: &Options) -> Result<()> {
    let mut growth = Vec::new();
    let files = tempfile::tempdir().context("there is no room for segments")?;
    for (name, events) in &options.sizes {
        let monthly = segments::build(*events, Span::Month)?;
        let daily = segments::build(*events, Span::Day)?;
        let count = segments::events(&monthly)? as f64;
        let mut weigh = |label: &str, segments: &segments::Segments| {
            let name = if *name == USUAL { String::new() } else { format!(".{name}") };
            figures.add(
                format!("segment.{label}{name}.bytes_per_event"),
                segments::bytes(segments) / count,
                "bytes",
            );
        };
        if *events <= 1_000_000 {
            weigh("hourly", &segments::build(*events, Span::Hour)?);
        }
        weigh("daily", &daily);
        weigh("monthly", &monthly);
        if *name == USUAL {
            segments::speed(figures, &segments::dataset(*events)?, options.runs)?;
            native::cold(figures, name, &monthly, &daily, options.runs)?;
        }
        growth.push((count, native::warm(figures, name, &monthly, options.runs)?));
        wasm::keep(files.path(), name, &monthly, &daily)?;
    }
    if growth.len() > 1 {
        println!("\n{:>12}  {:>12}  {:>18}", "events", "overview, ms", "ns an event");
        for (events, time) in &growth {
            println!("{events:>12}  {time:>12.3}  {:>18.2}", time * 1e6 / events);
        }
        figures.add("query.overview.native.growth_exponent", clock::exponent(&growth), "");
    }
    let sizes: Vec<&str> = options.sizes.iter().map(|(name, _)| *name).collect();
    wasm::measure(figures, files.path(), &sizes, options.runs)
}
