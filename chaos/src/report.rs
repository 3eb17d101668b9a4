//! The table at the end.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::check::Compared;
use crate::ledger::Ledger;
use crate::options::Options;
use crate::proxy::Proxy;
use crate::queues::Queues;
use crate::stack::Usage;
use crate::stored::Found;

/// What the worker's process used at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) at: Duration,
    /// Which of its processes: it is started again after each kill.
    pub(crate) process: u32,
    pub(crate) usage: Usage,
}

/// All that is to be told.
pub(crate) struct Report<'a> {
    pub(crate) options: &'a Options,
    pub(crate) ledger: &'a Ledger,
    pub(crate) found: &'a Found,
    pub(crate) compared: &'a Compared,
    pub(crate) injected: &'a BTreeMap<&'static str, u32>,
    pub(crate) queues: &'a Queues,
    pub(crate) proxy: &'a Proxy,
    pub(crate) samples: &'a [Sample],
    pub(crate) drained: Duration,
    /// Segments, and events in them.
    pub(crate) segments: (usize, u64),
    pub(crate) starts: u32,
}

/// A soak's memory may be this much larger at its end than after its first fifth, in per cent; a heap that collects
/// its garbage is never still.
const MEMORY_GROWTH_PERCENT: u64 = 25;

impl Report<'_> {
    /// Prints everything and says whether all is as it should be.
    pub(crate) fn print(&self) -> bool {
        let Self { ledger, found, compared, queues, proxy, .. } = self;
        let made = ledger.made.len();
        let accepted = ledger.made.values().filter(|made| made.accepted).count();
        println!();
        row("visitors", ledger.visitors);
        row("of them with a wrong clock", ledger.skewed);
        row("of them offline hours before", ledger.offline);
        row("pages", ledger.pages);
        row("pages torn down with a request under way", ledger.torn);
        row("events taken over from earlier pages", ledger.adopted);
        row("requests", ledger.statuses.values().sum::<u64>());
        for (status, count) in &ledger.statuses {
            let name = if *status == 0 { "without an answer".into() } else { format!("answered {status}") };
            row(&format!("  {name}"), count);
        }
        row("requests to the store", proxy.requests.get());
        row("  of them broken", proxy.broken.get());
        row("batches taken by the overflow queue", queues.taken("liveinsight-overflow"));
        row("batches delivered again, consumers failing", queues.redelivered.get());
        for (name, count) in self.injected {
            row(&format!("fault: {name}"), count);
        }
        println!();
        row("events made", made);
        row("events accepted", accepted);
        row("events stored", found.rows.len());
        row("  of them never confirmed to a tracker", found.unheard);
        row("events never sent, by browsers that keep nothing", found.unsent);
        for (reason, count) in &ledger.refused {
            row(&format!("events refused: {reason}"), count);
        }
        let (segments, in_segments) = self.segments;
        row("segments built", segments);
        row("  events in them", in_segments);
        row("answers compared with brute force", compared.answers);
        row("  their rows", compared.rows);
        println!();
        self.latency();
        self.memory();
        row("until all was delivered, s", format!("{:.1}", self.drained.as_secs_f64()));
        println!();

        let dropped = ledger.dropped + queues.dropped.get();
        let wrong = [
            ("lost", found.lost),
            ("doubled", found.doubled),
            ("altered", found.altered),
            ("of nobody", found.strange),
            ("missing in visits", found.missing_in_visits),
            ("dropped", dropped as usize),
            ("answers that differ", compared.mismatches),
        ];
        for (name, count) in wrong {
            row(&name.to_uppercase(), count);
        }
        for example in found.examples.iter().chain(&compared.examples) {
            println!("  {example}");
        }
        let mut is_well = wrong.iter().all(|(_, count)| *count == 0);
        // A proof over nothing is none.
        if accepted == 0 || compared.rows == 0 || (!self.options.soak && self.injected.is_empty()) {
            println!("nothing was proven: no events, no answers or no faults");
            is_well = false;
        }
        if self.options.soak && !self.is_memory_flat() {
            println!("memory grew by more than {MEMORY_GROWTH_PERCENT} %");
            is_well = false;
        }
        println!("\n{}", if is_well { "all is as it should be" } else { "SOMETHING IS WRONG" });
        is_well
    }

    fn latency(&self) {
        let mut all: Vec<Duration> = self.ledger.latencies.iter().map(|(_, took)| *took).collect();
        all.sort_unstable();
        for percent in [50, 95, 99] {
            row(&format!("answer, p{percent}, ms"), format!("{:.1}", millis(percentile(&all, percent))));
        }
        if self.options.soak {
            for fifth in 0..5 {
                let mut part = self.fifth(fifth, &self.ledger.latencies, |(at, _)| *at);
                part.sort_unstable_by_key(|(_, took)| *took);
                let part: Vec<Duration> = part.into_iter().map(|(_, took)| took).collect();
                let (p50, p99) = (millis(percentile(&part, 50)), millis(percentile(&part, 99)));
                row(&format!("  fifth {}: p50, p99, ms", fifth + 1), format!("{p50:.1}  {p99:.1}"));
            }
        }
    }

    fn memory(&self) {
        let megabytes = |bytes: u64| format!("{:.0}", bytes as f64 / 1e6);
        row("worker started", self.starts);
        if self.samples.is_empty() {
            return;
        }
        for fifth in 0..5 {
            let part = self.fifth(fifth, self.samples, |sample| sample.at);
            let files = part.iter().map(|sample| sample.usage.files).max().unwrap_or(0);
            let text = format!("{}  {files}", megabytes(median_memory(&part)));
            row(&format!("  fifth {}: memory, MB, and most open files", fifth + 1), text);
        }
        let most = self.samples.iter().map(|sample| sample.usage.memory).max().unwrap_or(0);
        row("  most memory, MB", megabytes(most));
        let processes: std::collections::BTreeSet<u32> = self.samples.iter().map(|it| it.process).collect();
        row("  processes sampled", processes.len());
    }

    fn is_memory_flat(&self) -> bool {
        let median = |fifth| median_memory(&self.fifth(fifth, self.samples, |sample| sample.at));
        let (early, late) = (median(1), median(4));
        late <= early + early * MEMORY_GROWTH_PERCENT / 100
    }

    /// What lies in one fifth of the time in which visitors came.
    fn fifth<T: Copy>(&self, number: u32, of: &[T], at: impl Fn(&T) -> Duration) -> Vec<T> {
        let length = self.options.length / 5;
        let range = length * number..length * (number + 1);
        of.iter().filter(|it| range.contains(&at(it))).copied().collect()
    }
}

fn row(name: &str, value: impl std::fmt::Display) {
    println!("{name:<52} {value:>12}");
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn median_memory(samples: &[Sample]) -> u64 {
    let mut memory: Vec<u64> = samples.iter().map(|sample| sample.usage.memory).collect();
    memory.sort_unstable();
    memory.get(memory.len() / 2).copied().unwrap_or(0)
}

/// Of sorted values the smallest that so many per cent do not pass.
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let index = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(index).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentile_is_a_value_that_is_there() {
        let values: Vec<Duration> = (1..=10).map(Duration::from_millis).collect();
        assert_eq!(percentile(&values, 50), Duration::from_millis(5));
        assert_eq!(percentile(&values, 99), Duration::from_millis(10));
        assert_eq!(percentile(&[], 99), Duration::ZERO);
    }
}
