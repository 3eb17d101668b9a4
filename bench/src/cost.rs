//! `cost`: what a million events cost at list prices, derived from what is measured here: write units as DynamoDB
//! counts them, bytes as they lie in the tables, processor time of the worker.
//!
//! Left out, because it depends on the account: free allowances, backups, traffic from AWS to Cloudflare
//! (the answers to two calls a batch, some 500 bytes), logs. The ledger, heartbeats and the quarantine have lines of
//! their own.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use protocol::SiteId;

use crate::figures::Figures;
use crate::given;
use crate::ingest::{cpu_per_request, site, write_units, write_units_of};
use crate::load::Visitor;
use crate::sender::{STORED, Target};
use crate::stack::Stack;
use crate::tables::{self, INDEX_BYTES};

/// A region's prices.
struct Region {
    name: &'static str,
    /// US dollars for a million write request units, on demand.
    writes: f64,
    /// US dollars for a GB (2^30 bytes) kept for a month.
    storage: f64,
}

/// DynamoDB on demand, Standard table class: <https://aws.amazon.com/dynamodb/pricing/on-demand/>, November 2026.
/// Seoul's price of storage is that of its price list of 2025.
const REGIONS: [Region; 2] = [
    Region { name: "us", writes: 0.625, storage: 0.25 },
    Region { name: "seoul", writes: 0.68, storage: 0.27075 },
];

/// US dollars for a million requests, Workers Paid: <https://developers.cloudflare.com/workers/platform/pricing/>,
/// November 2026.
const REQUESTS: f64 = 0.30;
/// US dollars for a million milliseconds of processor time, same page.
const PROCESSOR: f64 = 0.02;

/// How long the rows of events and visits are kept in this calculation, in months of 30 days.
const MONTHS: f64 = 1.0;
/// Rows of ActiveSessions have a time to live of a day, and DynamoDB deletes within two more (developer guide).
const ACTIVE_MONTHS: f64 = 3.0 / 30.0;

/// Average batches that are calculated with.
const SIZES: [usize; 3] = [1, 3, 10];
/// Events of a visit, at least.
const VISIT: usize = 10;
/// Visits that are measured.
const VISITS: usize = 30;
const REQUESTS_TIMED: usize = 1_000;
const ROUNDS: usize = 3;

/// How often the ledger is written, in times an hour, by an isolate that is never idle.
const LEDGER_WRITES: f64 = 3_600.0 / 15.0;
const BOT: &str = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

/// What is measured with batches of one size, for each event.
struct Measured {
    size: usize,
    write_units: f64,
    /// Bytes of rows that are kept as long as events are.
    kept_bytes: f64,
    active_bytes: f64,
    /// Milliseconds.
    cpu: f64,
}

/// US dollars for a million events.
struct Bill {
    writes: f64,
    storage: f64,
    requests: f64,
    cpu: f64,
}

impl Bill {
    fn of(measured: &Measured, region: &Region) -> Self {
        let gigabytes = |bytes: f64| bytes * 1e6 / f64::from(1 << 30);
        let kept = gigabytes(measured.kept_bytes) * MONTHS + gigabytes(measured.active_bytes) * ACTIVE_MONTHS;
        Self {
            writes: measured.write_units * region.writes,
            storage: kept * region.storage,
            requests: REQUESTS / measured.size as f64,
            cpu: measured.cpu * PROCESSOR,
        }
    }

    fn lines(&self) -> [(&'static str, f64); 5] {
        let total = self.writes + self.storage + self.requests + self.cpu;
        [
            ("writes", self.writes),
            ("storage", self.storage),
            ("requests", self.requests),
            ("cpu", self.cpu),
            ("total", total),
        ]
    }
}

/// Takes no options.
pub(crate) fn run(options: &[String]) -> anyhow::Result<()> {
    if let Some(option) = options.first() {
        bail!("there is no option `{option}`");
    }
    let site = site(STORED)?;
    let mut figures = Figures::default();
    println!(
        "cost: visits of {VISIT} events or a few more, in batches of 1, 3 and 10; US dollars for a million events"
    );
    let measured = SIZES.map(|size| measure(&site, size));
    let measured = measured.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    for row in &measured {
        let name = |figure: &str| format!("cost.batch{}.{figure}", row.size);
        figures.add(name("write_units_per_event"), row.write_units, "WRU");
        figures.add(name("stored_bytes_per_event"), row.kept_bytes, "B");
        figures.add(name("active_bytes_per_event"), row.active_bytes, "B");
        figures.add(name("worker_cpu_ms_per_event"), row.cpu, "ms");
    }
    beside(&site, &mut figures)?;
    for region in &REGIONS {
        print(region, &measured);
        for row in &measured {
            for (line, dollars) in Bill::of(row, region).lines() {
                let name = format!("cost.{}.batch{}.{line}_usd", region.name, row.size);
                figures.add(name, dollars, "USD/M events");
            }
        }
    }
    figures.publish(&given("LIVEINSIGHT_ROOT")?, "cost")
}

fn print(region: &Region, measured: &[Measured]) {
    let heads: String = measured.iter().map(|row| format!("{:>10}", format!("n = {}", row.size))).collect();
    println!("{:10}{heads}", region.name);
    let bills: Vec<_> = measured.iter().map(|row| Bill::of(row, region).lines()).collect();
    for line in 0..bills.first().map_or(0, |lines| lines.len()) {
        let name = bills[0][line].0;
        let values: String = bills.iter().map(|lines| format!("{:>10.3}", lines[line].1)).collect();
        println!("{name:10}{values}");
    }
}

/// Sends visits in batches of `size` into empty tables.
fn measure(site: &SiteId, size: usize) -> anyhow::Result<Measured> {
    let stack = Stack::start("debug")?;
    let (mut write_units, mut events) = (0.0, 0.0);
    for _ in 0..VISITS {
        let visitor = Visitor::new(site);
        for earlier in (0..VISIT).step_by(size) {
            let body = visitor.later_batch(earlier, size).body;
            write_units += write_units_of(&stack, &visitor, &body, &[])?;
            events += size as f64;
        }
    }
    let bytes = |table| {
        let mut bytes = 0;
        tables::scan(&stack.store_url, table, |item| bytes += tables::size(item) + INDEX_BYTES)?;
        Ok::<f64, anyhow::Error>(bytes as f64 / events)
    };
    let kept_bytes = bytes("Events")? + bytes("Sessions")?;
    let active_bytes = bytes("ActiveSessions")?;
    drop(stack);
    let stack = Stack::start("info")?;
    let cpu = cpu_per_request(&stack, Target::Batches(site, size, 200), ROUNDS, REQUESTS_TIMED)?;
    let write_units = write_units / events;
    Ok(Measured { size, write_units, kept_bytes, active_bytes, cpu: cpu / size as f64 })
}

/// What is paid beside the events that count: signs of life, the quarantine, the ledger.
fn beside(site: &SiteId, figures: &mut Figures) -> anyhow::Result<()> {
    let us = &REGIONS[0];
    let stack = Stack::start("debug")?;
    let visitor = Visitor::new(site);
    let units = write_units_of(&stack, &visitor, &visitor.heartbeat(), &[])?;
    figures.add("cost.heartbeat.write_units", units, "WRU");
    let heartbeat = units;
    for size in SIZES {
        let units = write_units(&stack, site, size, &[("user-agent", BOT)])?;
        figures.add(format!("cost.quarantine.batch{size}.write_units"), units, "WRU");
        let dollars = units / size as f64 * us.writes;
        figures.add(format!("cost.us.quarantine.batch{size}.writes_usd"), dollars, "USD/M events");
    }
    let row = ledger_row(&stack)?;
    figures.add("cost.ledger.row_bytes", row as f64, "B");
    let units = row.div_ceil(1_024) as f64 * LEDGER_WRITES;
    figures.add("cost.ledger.write_units", units, "WRU/isolate hour");
    figures.add("cost.us.ledger.usd", units * 730.0 * us.writes / 1e6, "USD/isolate month");
    // Last, because each of its batches leaves a line in the log from which units are read.
    let worker = REQUESTS + cpu_per_beat(&stack, site)? * PROCESSOR;
    figures.add("cost.us.heartbeat.total_usd", heartbeat * us.writes + worker, "USD/M heartbeats");
    Ok(())
}

/// Processor time of a batch of one event, which a heartbeat does not exceed.
fn cpu_per_beat(stack: &Stack, site: &SiteId) -> anyhow::Result<f64> {
    cpu_per_request(stack, Target::Batches(site, 1, 200), 1, REQUESTS_TIMED)
}

/// The size of a row of the ledger, once the worker has written it.
fn ledger_row(stack: &Stack) -> anyhow::Result<usize> {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(40) {
        let mut size = None;
        tables::scan(&stack.store_url, "Accounts", |item| {
            if tables::text(item, "pk").starts_with("ledger#") {
                size = Some(tables::size(item));
            }
        })?;
        if let Some(size) = size {
            return Ok(size);
        }
        std::thread::sleep(Duration::from_millis(250));
    }
    None.context("the worker wrote no ledger within 40 s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bill_follows_from_units_bytes_requests_and_time() {
        let measured =
            Measured { size: 4, write_units: 1.5, kept_bytes: 1_073.741_824, active_bytes: 0.0, cpu: 0.5 };
        let bill = Bill::of(&measured, &REGIONS[0]);
        for (got, expected) in [
            (bill.writes, 0.9375),
            (bill.storage, 0.25),
            (bill.requests, 0.075),
            (bill.cpu, 0.01),
            (bill.lines()[4].1, 1.2725),
        ] {
            assert!((got - expected).abs() < 1e-9, "{got} {expected}");
        }
    }
}
