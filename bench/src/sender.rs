//! Sending batches to the worker, one after the other or many at a time.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::bail;
use protocol::SiteId;

use crate::load::Visitor;

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: u16,
    /// Events of which a receipt says that they are accepted.
    pub(crate) accepted: usize,
}

/// One browser's way to the worker; clones share their connections.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    agent: ureq::Agent,
    events: String,
    health: String,
}

impl Sender {
    /// A way to the worker at `url`, `concurrency` connections wide.
    pub(crate) fn new(url: &str, concurrency: usize) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            // Longer than the worker ever takes: one that hangs must not hang the benchmark.
            .timeout_global(Some(Duration::from_secs(30)))
            .max_idle_connections(concurrency)
            .max_idle_connections_per_host(concurrency)
            .build()
            .into();
        Self { agent, events: format!("{url}/events"), health: format!("{url}/health") }
    }

    /// Posts a batch with all that a browser and the edge say in headers.
    pub(crate) fn post(
        &self,
        visitor: &Visitor,
        body: &str,
        more: &[(&str, &str)],
    ) -> anyhow::Result<Answer> {
        let browser = visitor.browser;
        let mut request = self
            .agent
            .post(&self.events)
            .content_type("text/plain;charset=UTF-8")
            .header("accept", "*/*")
            .header("accept-encoding", "gzip, deflate, br, zstd")
            .header("accept-language", browser.language)
            .header("origin", "https://shop.example")
            .header("referer", "https://shop.example/")
            .header("sec-fetch-dest", "empty")
            .header("sec-fetch-mode", "cors")
            .header("sec-fetch-site", "cross-site")
            .header("priority", "u=4, i")
            .header("cf-connecting-ip", &visitor.address)
            .header("cf-ipcountry", "KR")
            .header("cf-ray", "9a3c1f0e8d7b2c11-ICN")
            .header("cf-visitor", r#"{"scheme":"https"}"#)
            .header("x-forwarded-proto", "https")
            .header("cf-blob", browser.place);
        if let Some(hints) = browser.hints {
            let names = ["sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform"];
            for (name, value) in names.into_iter().zip(hints) {
                request = request.header(name, value);
            }
        }
        if more.iter().all(|(name, _)| *name != "user-agent") {
            request = request.header("user-agent", browser.agent);
        }
        for (name, value) in more {
            request = request.header(*name, *value);
        }
        let mut answer = request.send(body)?;
        let text = answer.body_mut().read_to_vec()?;
        let accepted = br#""status":"accepted""#;
        let accepted = text.windows(accepted.len()).filter(|window| window == accepted).count();
        Ok(Answer { status: answer.status().as_u16(), accepted })
    }

    /// Asks the worker whether it is well.
    pub(crate) fn health(&self) -> anyhow::Result<()> {
        let mut answer = self.agent.get(&self.health).call()?;
        answer.body_mut().read_to_vec()?;
        Ok(())
    }
}

/// The site whose events are stored.
pub(crate) const STORED: &str = "shop";

/// What `fire` sends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target<'a> {
    /// Batches of so many events to a site, which answers with this status.
    Batches(&'a SiteId, usize, u16),
    /// No batch at all.
    Health,
}

/// Sends `requests` requests, each of a new visitor, and gives back how long each took, sorted.
pub(crate) fn fire(
    url: &str,
    target: Target<'_>,
    requests: usize,
    concurrency: usize,
) -> anyhow::Result<Vec<Duration>> {
    let prepared: Vec<(Visitor, String)> = match target {
        Target::Health => Vec::new(),
        Target::Batches(site, size, _) => (0..requests)
            .map(|_| {
                let visitor = Visitor::new(site);
                let body = visitor.batch(size).body;
                (visitor, body)
            })
            .collect(),
    };
    let next = Mutex::new(0..requests);
    let sender = Sender::new(url, concurrency);
    let results: Vec<anyhow::Result<Vec<Duration>>> = std::thread::scope(|scope| {
        let worker = || {
            let mut took = Vec::with_capacity(requests);
            loop {
                let Some(index) = next.lock().ok().and_then(|mut next| next.next()) else { return Ok(took) };
                let started = Instant::now();
                match target {
                    Target::Health => sender.health()?,
                    Target::Batches(site, size, expected) => {
                        let (visitor, body) = &prepared[index];
                        let answer = sender.post(visitor, body, &[])?;
                        let all = site.as_str() == STORED && expected == 200;
                        if answer.status != expected || all && answer.accepted != size {
                            bail!("a batch of {size} was answered with {answer:?}");
                        }
                    }
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

/// The value below which `percent` of the sorted durations lie, in milliseconds.
pub(crate) fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).map_or(0.0, |duration| millis(*duration))
}

/// A duration in milliseconds.
pub(crate) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
