//! Compaction of a month of rows in the embedded store: hours, then days of hours, then the month of days.

use std::collections::HashSet;

use analytics::{Bucket, Columns, Span};
use anyhow::{Context, Result};
use edge_worker::compact;

use super::clock::median_ms;
use super::data::{DAYS, START};
use super::stored::{DAY, Stored};
use crate::figures::Figures;
use crate::stack::{Stack, memory};

/// Events that are compacted unless a size is named: rows take minutes for each million to be stored.
pub(super) const EVENTS: usize = 200_000;

pub(super) fn measure(figures: &mut Figures, events: usize) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let stack = Stack::start("info")?;
    let stored = Stored::new(&stack.store_url, "months")?;
    let (count, bytes) = runtime.block_on(stored.rows(events))?;
    figures.add("rows.bytes_per_event", bytes as f64 / count as f64, "bytes");

    let process = std::process::id();
    // What was held until now does not count as the most that was held. Linux alone can forget it.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = memory(process, "VmRSS:")?;
    // The last visits go on into the day after.
    let range = START..START + (DAYS + 1) * DAY;
    let (mut done, mut failure) = (compact::Built::default(), None);
    let ms = median_ms(1, || {
        let all = async {
            for span in [Span::Hour, Span::Day, Span::Month] {
                let own = |bucket: &Bucket| bucket.end() <= range.end;
                for bucket in Bucket::touching(span, range.clone()).filter(own) {
                    done += compact::build(&stored.store, &stored.site, bucket, false).await?;
                }
            }
            anyhow::Ok(())
        };
        failure = runtime.block_on(all).err();
    });
    if let Some(error) = failure {
        return Err(error);
    }
    let peak = memory(process, "VmHWM:")?;
    let month = Bucket::of(Span::Month, START);
    let sealed = runtime.block_on(stored.store.sealed_of(&stored.site.id, month))?;
    let sealed = sealed.context("the month was not built")?;
    check(&runtime, &stored, count)?;
    let events = count as f64;
    figures.add("compact.events_per_s", events / (ms / 1_000.0), "1/s");
    figures.add("compact.write_units_per_million_events", done.write_units / events * 1e6, "WRU");
    figures.add("compact.segments", f64::from(done.written), "");
    figures.add("compact.memory_peak_mb", peak.saturating_sub(before) as f64 / 1e6, "MB");
    println!(
        "compacted: {count} events, {} of them in the month, {} bytes",
        sealed.manifest.events,
        sealed.bytes()
    );
    Ok(())
}

/// That no event was lost on the way: those of all rows, once each.
fn check(runtime: &tokio::runtime::Runtime, stored: &Stored, count: usize) -> Result<()> {
    let range = START..START + (DAYS + 1) * DAY;
    let loaded = runtime.block_on(stored.store.load(&stored.site, &range, Columns::NONE, range.end + DAY))?;
    let found = loaded.data.event_count();
    let spans: HashSet<Span> = loaded.cover.sealed.iter().map(|sealed| sealed.bucket.span()).collect();
    anyhow::ensure!(found == count, "{count} events were stored, {found} are in segments of {spans:?}");
    Ok(())
}
