//! `ingest`: `POST /events` on bare workerd with all three tables written.
//!
//! | option | meaning |
//! |---|---|
//! | `--rounds N` | how often processor time is measured; the median is given; 3 if not set |
//! | `--requests N` | requests of a round; 2,000 if not set |
//! | `--sustained SECONDS` | how long the load at the highest rate lasts; 60 if not set, 0 leaves it out |

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use protocol::SiteId;

use crate::figures::Figures;
use crate::given;
use crate::load::Visitor;
use crate::sender::{STORED, Sender, Target, fire, millis, percentile};
use crate::stack::Stack;
use crate::sustained;

const SIZES: [usize; 3] = [1, 10, 25];
const WARM_UP: usize = 200;
const CONCURRENCY: usize = 16;
/// Starts of the worker that are timed.
const STARTS: usize = 5;

struct Options {
    rounds: usize,
    requests: usize,
    sustained: u64,
}

impl Options {
    fn read(given: &[String]) -> anyhow::Result<Self> {
        let mut options = Self { rounds: 3, requests: 2_000, sustained: 60 };
        for pair in given.chunks(2) {
            let [name, value] = pair else { bail!("`{}` needs a number", pair.concat()) };
            let number = || value.parse::<usize>().with_context(|| format!("`{name}` needs a number"));
            match name.as_str() {
                "--rounds" => options.rounds = number()?.max(1),
                "--requests" => options.requests = number()?.max(1),
                "--sustained" => options.sustained = number()? as u64,
                _ => bail!("there is no option `{name}`"),
            }
        }
        Ok(options)
    }
}

/// Runs the benchmark.
pub(crate) fn run(options: &[String]) -> anyhow::Result<()> {
    let options = Options::read(options)?;
    let site = site(STORED)?;
    let root = given("LIVEINSIGHT_ROOT")?;
    let mut figures = Figures::default();
    println!(
        "ingest: bare workerd, embedded DynamoDB in memory, {} requests, {CONCURRENCY} at a time, median of {} rounds",
        options.requests, options.rounds
    );
    bundle(&root.join("dist/worker"), &mut figures)?;
    let stack = Stack::start("debug")?;
    for size in SIZES {
        let units = write_units(&stack, &site, size, &[])?;
        figures.add(format!("ingest.batch{size}.write_units"), units, "WRU");
    }
    drop(stack);
    starts(&site, &mut figures)?;
    let stack = Stack::start("info")?;
    parts(&stack, &site, &options, &mut figures)?;
    for size in SIZES {
        batches(&stack, &site, size, &options, &mut figures)?;
    }
    figures.add("ingest.worker_memory_mb", stack.worker_memory()? as f64 / 1e6, "MB");
    drop(stack);
    if options.sustained > 0 {
        sustained::run(&site, options.sustained, CONCURRENCY, &mut figures)?;
    }
    figures.publish(&root, "ingest")
}

pub(crate) fn site(id: &str) -> anyhow::Result<SiteId> {
    SiteId::parse(id).map_err(|error| anyhow::anyhow!("{error}"))
}

/// Processor time of the worker for one request: the median of several rounds.
pub(crate) fn cpu_per_request(
    stack: &Stack,
    target: Target<'_>,
    rounds: usize,
    requests: usize,
) -> anyhow::Result<f64> {
    fire(&stack.url, target, WARM_UP, CONCURRENCY)?;
    let mut times = (0..rounds)
        .map(|_| {
            let before = stack.worker_cpu()?;
            fire(&stack.url, target, requests, CONCURRENCY)?;
            Ok(millis(stack.worker_cpu()? - before) / requests as f64)
        })
        .collect::<anyhow::Result<Vec<f64>>>()?;
    Ok(median(&mut times))
}

/// Speed and processor time with batches of one size.
fn batches(
    stack: &Stack,
    site: &SiteId,
    size: usize,
    options: &Options,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let target = Target::Batches(site, size, 200);
    let cpu = cpu_per_request(stack, target, options.rounds, options.requests)?;
    let started = Instant::now();
    let latencies = fire(&stack.url, target, options.requests, CONCURRENCY)?;
    let seconds = started.elapsed().as_secs_f64();
    let requests = options.requests as f64;
    let name = |figure: &str| format!("ingest.batch{size}.{figure}");
    figures.add(name("requests_per_s"), requests / seconds, "1/s");
    figures.add(name("events_per_s"), requests * size as f64 / seconds, "1/s");
    figures.add(name("p50_ms"), percentile(&latencies, 50), "ms");
    figures.add(name("p99_ms"), percentile(&latencies, 99), "ms");
    figures.add(name("cpu_ms_per_request"), cpu, "ms");
    figures.add(name("cpu_ms_per_event"), cpu / size as f64, "ms");
    let alone = fire(&stack.url, target, WARM_UP, 1)?;
    figures.add(name("alone.p50_ms"), percentile(&alone, 50), "ms");
    figures.add(name("alone.p99_ms"), percentile(&alone, 99), "ms");
    Ok(())
}

/// Where the processor time of a batch of ten goes, by requests that are done after some of the way: one that asks
/// for the worker's health, and one to a site that leaves every event out once all is checked.
fn parts(stack: &Stack, site: &SiteId, options: &Options, figures: &mut Figures) -> anyhow::Result<()> {
    let shut = self::site("shut")?;
    let cpu = |target| cpu_per_request(stack, target, options.rounds, options.requests);
    let platform = cpu(Target::Health)?;
    let checked = cpu(Target::Batches(&shut, 10, 200))?;
    let all = cpu(Target::Batches(site, 10, 200))?;
    figures.add("ingest.part.platform_cpu_ms", platform, "ms");
    figures.add("ingest.part.read_and_judge_cpu_ms", checked - platform, "ms");
    figures.add("ingest.part.describe_and_store_cpu_ms", all - checked, "ms");
    Ok(())
}

/// From the start of the process to the first answer, and to the first batch that is stored.
fn starts(site: &SiteId, figures: &mut Figures) -> anyhow::Result<()> {
    let mut stack = Stack::start("info")?;
    let (mut first_answers, mut first_batches) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        stack.restart_worker()?;
        first_answers.push(millis(stack.first_answer));
        first_batches.push(millis(fire(&stack.url, Target::Batches(site, 10, 200), 1, 1)?[0]));
    }
    figures.add("ingest.start_to_first_answer_ms", median(&mut first_answers), "ms");
    figures.add("ingest.first_batch_ms", median(&mut first_batches), "ms");
    Ok(())
}

/// What DynamoDB says that a batch consumed, as the worker logs it with `LOG_LEVEL=debug`.
pub(crate) fn write_units(
    stack: &Stack,
    site: &SiteId,
    size: usize,
    headers: &[(&str, &str)],
) -> anyhow::Result<f64> {
    let visitor = Visitor::new(site);
    write_units_of(stack, &visitor, &visitor.batch(size).body, headers)
}

/// As [`write_units`], of one batch of a visitor.
pub(crate) fn write_units_of(
    stack: &Stack,
    visitor: &Visitor,
    body: &str,
    headers: &[(&str, &str)],
) -> anyhow::Result<f64> {
    let answer = Sender::new(&stack.url, 1).post(visitor, body, headers)?;
    if answer.status != 200 {
        bail!("a batch was answered with {}", answer.status);
    }
    loop {
        let line = stack.log.recv_timeout(Duration::from_secs(5)).context("the worker logged no batch")?;
        let line: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        if line["message"] == "batch stored" {
            return line["write_units"].as_f64().context("no write units in the log");
        }
    }
}

/// The size of what the edge loads.
fn bundle(folder: &Path, figures: &mut Figures) -> anyhow::Result<()> {
    let mut whole = 0.0;
    for file in ["index.js", "index_bg.wasm"] {
        let path = folder.join(file);
        let bytes = std::fs::read(&path).with_context(|| format!("{} is missing", path.display()))?;
        whole += gzip(&bytes)? as f64;
    }
    figures.add("ingest.bundle_gzip_kb", whole / 1e3, "kB");
    Ok(())
}

/// Length after `gzip -9`.
fn gzip(bytes: &[u8]) -> anyhow::Result<usize> {
    let mut gzip = Command::new("gzip")
        .arg("-9c")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("gzip does not start")?;
    let mut input = gzip.stdin.take().context("gzip takes no input")?;
    let output = std::thread::scope(|scope| {
        scope.spawn(move || input.write_all(bytes));
        gzip.wait_with_output()
    })?;
    Ok(output.stdout.len())
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
