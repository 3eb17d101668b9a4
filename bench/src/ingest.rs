//! `ingest`: `POST /events` on bare workerd with all three tables written.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use protocol::SiteId;

use crate::figures::Figures;
use crate::given;
use crate::load;
use crate::stack::Stack;

const SIZES: [usize; 3] = [1, 10, 25];
const REQUESTS: usize = 2_000;
const WARM_UP: usize = 200;
const CONCURRENCY: usize = 16;

/// Takes no options.
pub(crate) fn run(options: &[String]) -> anyhow::Result<()> {
    if let Some(option) = options.first() {
        bail!("there is no option `{option}`");
    }
    let site = SiteId::parse("shop").map_err(|error| anyhow::anyhow!("{error}"))?;
    let mut figures = Figures::default();
    println!(
        "ingest: bare workerd, embedded DynamoDB in memory, {REQUESTS} requests, {CONCURRENCY} at a time"
    );
    write_units(&site, &mut figures)?;

    let stack = Stack::start("info")?;
    figures.add("ingest.start_to_first_answer_ms", millis(stack.first_answer), "ms");
    for size in SIZES {
        fire(&stack.url, &site, size, WARM_UP, CONCURRENCY)?;
        let cpu = stack.worker_cpu()?;
        let started = Instant::now();
        let latencies = fire(&stack.url, &site, size, REQUESTS, CONCURRENCY)?;
        let seconds = started.elapsed().as_secs_f64();
        let cpu = millis(stack.worker_cpu()? - cpu);
        let requests = REQUESTS as f64;
        let name = |figure: &str| format!("ingest.batch{size}.{figure}");
        figures.add(name("requests_per_s"), requests / seconds, "1/s");
        figures.add(name("events_per_s"), requests * size as f64 / seconds, "1/s");
        figures.add(name("p50_ms"), percentile(&latencies, 50), "ms");
        figures.add(name("p99_ms"), percentile(&latencies, 99), "ms");
        figures.add(name("cpu_ms_per_request"), cpu / requests, "ms");
        figures.add(name("cpu_ms_per_event"), cpu / requests / size as f64, "ms");
        let alone = fire(&stack.url, &site, size, WARM_UP, 1)?;
        figures.add(name("alone.p50_ms"), percentile(&alone, 50), "ms");
        figures.add(name("alone.p99_ms"), percentile(&alone, 99), "ms");
    }
    figures.add("ingest.worker_memory_mb", stack.worker_memory()? as f64 / 1e6, "MB");
    figures.publish(&given("LIVEINSIGHT_ROOT")?, "ingest")
}

/// What DynamoDB says it consumed, as the worker logs it with `LOG_LEVEL=debug`.
fn write_units(site: &SiteId, figures: &mut Figures) -> anyhow::Result<()> {
    let stack = Stack::start("debug")?;
    for size in SIZES {
        fire(&stack.url, site, size, 1, 1)?;
        let units = loop {
            let line =
                stack.log.recv_timeout(Duration::from_secs(5)).context("the worker logged no batch")?;
            let line: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
            if line["message"] == "batch stored" {
                break line["write_units"].as_f64().context("no write units in the log")?;
            }
        };
        figures.add(format!("ingest.batch{size}.write_units"), units, "WRU");
    }
    Ok(())
}

/// Sends `requests` batches of `size` events and gives back how long each took, sorted.
fn fire(
    url: &str,
    site: &SiteId,
    size: usize,
    requests: usize,
    concurrency: usize,
) -> anyhow::Result<Vec<Duration>> {
    let url = format!("{url}/events");
    let bodies: Vec<String> = (0..requests).map(|_| load::batch(site, size)).collect();
    let next = Mutex::new(bodies.iter());
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_idle_connections_per_host(concurrency)
        .build()
        .into();
    let results: Vec<anyhow::Result<Vec<Duration>>> = std::thread::scope(|scope| {
        let worker = || {
            let mut took = Vec::with_capacity(requests);
            loop {
                let Some(body) = next.lock().ok().and_then(|mut bodies| bodies.next()) else {
                    return Ok(took);
                };
                let started = Instant::now();
                let status = Stack::post(&agent, &url, body)?;
                if status != 200 {
                    bail!("a batch was answered with {status}");
                }
                took.push(started.elapsed());
            }
        };
        let threads: Vec<_> = (0..concurrency).map(|_| scope.spawn(worker)).collect();
        threads.into_iter().map(|t| t.join().unwrap_or_else(|_| bail!("a thread panicked"))).collect()
    });
    let mut latencies = Vec::with_capacity(requests);
    for result in results {
        latencies.extend(result?);
    }
    latencies.sort_unstable();
    Ok(latencies)
}

fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).map_or(0.0, |duration| millis(*duration))
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
