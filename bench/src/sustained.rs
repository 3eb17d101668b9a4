//! Load at the highest rate the machine holds, for a minute, and then the question whether each event that was
//! accepted is stored, once.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use protocol::SiteId;

use crate::figures::Figures;
use crate::load::Visitor;
use crate::sender::{Sender, millis, percentile};
use crate::stack::Stack;
use crate::tables;

/// Events in a batch: what a tracker sends at most.
const EVENTS: usize = 10;
/// Batches of one visit, so that Sessions rows are written to again, by several connections.
const BATCHES: usize = 3;
/// One batch in so many is sent again, as a tracker does that did not hear the answer.
const REPLAY: u32 = 50;

/// What was sent of a visit, and what of it was accepted.
#[derive(Debug, Default, Clone, Copy)]
struct Visit {
    views_sent: usize,
    clicks_sent: usize,
    views_accepted: usize,
    clicks_accepted: usize,
}

/// What one connection has to tell.
#[derive(Default)]
struct Tale {
    latencies: Vec<Duration>,
    /// By status; 0 for connections that failed.
    statuses: BTreeMap<u16, u64>,
    accepted: Vec<[u8; 16]>,
    visits: Vec<(String, Visit)>,
}

/// Runs the load for `seconds` on a stack that has nothing else to do.
pub(crate) fn run(
    site: &SiteId,
    seconds: u64,
    concurrency: usize,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let stack = Stack::start("info")?;
    // The memory of an isolate grows until its code is compiled and its heap has found its size.
    load(&stack, site, Duration::from_secs((seconds / 6).max(1)), concurrency, |_| Ok(()))?;
    let mut memory = vec![stack.worker_memory()?];
    let cpu = stack.worker_cpu()?;
    let started = Instant::now();
    let tale = load(&stack, site, Duration::from_secs(seconds), concurrency, |stack| {
        memory.push(stack.worker_memory()?);
        Ok(())
    })?;
    let took = started.elapsed().as_secs_f64();
    let cpu = millis(stack.worker_cpu()? - cpu);
    memory.push(stack.worker_memory()?);

    let batches = tale.latencies.len() as f64;
    let name = |figure: &str| format!("ingest.sustained.{figure}");
    figures.add(name("seconds"), took, "s");
    figures.add(name("batches_per_s"), batches / took, "1/s");
    figures.add(name("events_per_s"), tale.accepted.len() as f64 / took, "1/s");
    let mut sorted = tale.latencies.clone();
    sorted.sort_unstable();
    figures.add(name("p50_ms"), percentile(&sorted, 50), "ms");
    figures.add(name("p99_ms"), percentile(&sorted, 99), "ms");
    figures.add(name("cpu_ms_per_request"), cpu / batches, "ms");
    let megabytes = |bytes: Option<&u64>| bytes.copied().unwrap_or(0) as f64 / 1e6;
    figures.add(name("memory_start_mb"), megabytes(memory.first()), "MB");
    figures.add(name("memory_middle_mb"), megabytes(memory.get(memory.len() / 2)), "MB");
    figures.add(name("memory_end_mb"), megabytes(memory.last()), "MB");
    figures.add(name("memory_most_mb"), megabytes(memory.iter().max()), "MB");
    for (status, count) in &tale.statuses {
        figures.add(name(&format!("status_{status}")), *count as f64, "");
    }
    verify(&stack, &tale, figures)
}

/// Keeps `concurrency` connections busy for a time, each with a visitor of its own; `each_tenth` is called ten
/// times meanwhile.
fn load(
    stack: &Stack,
    site: &SiteId,
    time: Duration,
    concurrency: usize,
    mut each_tenth: impl FnMut(&Stack) -> anyhow::Result<()>,
) -> anyhow::Result<Tale> {
    let sender = Sender::new(&stack.url, concurrency);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..concurrency).map(|_| scope.spawn(|| browse(&sender, site, &over))).collect();
        let watched = (0..10).try_for_each(|_| {
            std::thread::sleep(time / 10);
            each_tenth(stack)
        });
        over.store(true, Ordering::Relaxed);
        let mut all = Tale::default();
        for thread in threads {
            let tale = thread.join().ok().context("a thread panicked")?;
            all.latencies.extend(tale.latencies);
            all.accepted.extend(tale.accepted);
            all.visits.extend(tale.visits);
            for (status, count) in tale.statuses {
                *all.statuses.entry(status).or_default() += count;
            }
        }
        watched.map(|()| all)
    })
}

/// Visit after visit on one connection.
fn browse(sender: &Sender, site: &SiteId, over: &AtomicBool) -> Tale {
    let mut tale = Tale::default();
    while !over.load(Ordering::Relaxed) {
        let visitor = Visitor::new(site);
        let mut visit = Visit::default();
        for number in 0..BATCHES {
            let batch = visitor.later_batch(number * EVENTS, EVENTS);
            visit.views_sent += batch.views;
            visit.clicks_sent += batch.clicks;
            let mut accepted = false;
            let again = usize::from(fastrand::u32(..REPLAY) == 0);
            for _ in 0..=again {
                let started = Instant::now();
                let answer = sender.post(&visitor, &batch.body, &[]);
                tale.latencies.push(started.elapsed());
                let status = answer.as_ref().map_or(0, |answer| answer.status);
                *tale.statuses.entry(status).or_default() += 1;
                // An answer that names fewer would show as fewer events a second and as visits that fall short.
                accepted |= answer.is_ok_and(|answer| answer.status == 200 && answer.accepted == EVENTS);
            }
            if accepted {
                visit.views_accepted += batch.views;
                visit.clicks_accepted += batch.clicks;
                tale.accepted.extend(batch.ids.iter().map(|id| *id.as_bytes()));
            }
        }
        tale.visits.push((visitor.session_id.to_string(), visit));
    }
    tale
}

/// Compares what was accepted with what is stored.
fn verify(stack: &Stack, tale: &Tale, figures: &mut Figures) -> anyhow::Result<()> {
    let mut rows: HashMap<[u8; 16], u32> = HashMap::with_capacity(tale.accepted.len());
    let mut unreadable = 0;
    tables::scan(&stack.store_url, "Events", |item| {
        match protocol::EventId::parse(tables::text(item, "sk")) {
            Ok(id) => *rows.entry(*id.as_bytes()).or_default() += 1,
            Err(_) => unreadable += 1,
        }
    })?;
    if unreadable > 0 {
        bail!("{unreadable} rows of Events are not named by an event id");
    }
    let lost = tale.accepted.iter().filter(|id| !rows.contains_key(*id)).count();
    let mut doubled: usize = rows.values().map(|count| *count as usize - 1).sum();

    let mut sessions: HashMap<String, (usize, usize, usize)> = HashMap::new();
    tables::scan(&stack.store_url, "Sessions", |item| {
        let row = sessions.entry(tables::text(item, "sk").to_owned()).or_default();
        *row = (row.0 + 1, row.1 + tables::elements(item, "views"), row.2 + tables::elements(item, "clicks"));
    })?;
    let mut short = 0;
    for (session, visit) in &tale.visits {
        let (rows, views, clicks) = sessions.get(session).copied().unwrap_or_default();
        doubled += rows.saturating_sub(1);
        doubled += views.saturating_sub(visit.views_sent) + clicks.saturating_sub(visit.clicks_sent);
        short += visit.views_accepted.saturating_sub(views) + visit.clicks_accepted.saturating_sub(clicks);
    }
    figures.add("ingest.sustained.accepted", tale.accepted.len() as f64, "events");
    figures.add("ingest.sustained.visits", tale.visits.len() as f64, "");
    figures.add("ingest.sustained.lost", (lost + short) as f64, "events");
    figures.add("ingest.sustained.doubled", doubled as f64, "events");
    Ok(())
}
