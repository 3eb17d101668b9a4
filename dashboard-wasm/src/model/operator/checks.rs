//! What of the worker's measures somebody has to look at: each thing that has an alarm.

use protocol::metric::Metric;

use super::Watch;

/// The template's own limits (`infra/liveinsight.yaml`, a test compares); an installation may have been given others.
pub(super) const ERROR_LIMIT: f64 = 5.0;
pub(super) const PROCESSING_LIMIT_MS: f64 = 1_500.0;
pub(super) const LAG_LIMIT_S: f64 = 10_800.0;
pub(super) const OVERFLOW_LIMIT: f64 = 1_000.0;

/// How one thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Fine,
    /// Somebody has to look.
    Look,
    /// Not known yet.
    Unknown,
}

/// One thing that is judged: what of, and where the runbook speaks of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The metric.
    pub metric: Metric,
    /// Table or queue, if it is about one.
    pub label: &'static str,
    /// How it is.
    pub state: State,
    /// What was found; nothing when nothing is known.
    pub value: Option<f64>,
    /// The section of `docs/runbook.md`.
    pub section: &'static str,
}

pub(super) const TABLES: [(&str, &str); 5] = [
    ("Events", "throttled-events"),
    ("Sessions", "throttled-sessions"),
    ("ActiveSessions", "throttled-active-sessions"),
    ("Segments", "throttled-segments"),
    ("Accounts", "throttled-accounts"),
];

const QUEUES: [(&str, &str, f64); 3] = [
    ("overflow", "overflow", OVERFLOW_LIMIT),
    ("overflow-dead", "dead-letters", 1.0),
    ("jobs-dead", "dead-jobs", 1.0),
];

impl Watch {
    /// Everything that has an alarm and is measured by the worker, in the order of the runbook. Of the tables those that
    /// were throttled, or all of them in one.
    pub fn checks(&self) -> Vec<Check> {
        let below = |metric, label, section, value: Option<f64>, limit: f64| {
            let state = match value {
                None => State::Unknown,
                Some(value) if value >= limit => State::Look,
                Some(_) => State::Fine,
            };
            Check { metric, label, state, value, section }
        };
        let mut checks = vec![
            below(Metric::Errors, "", "errors", self.lately(Metric::Errors), ERROR_LIMIT),
            below(
                Metric::ProcessingErrors,
                "",
                "processing-errors",
                self.lately(Metric::ProcessingErrors),
                1.0,
            ),
            below(
                Metric::ProcessingTime,
                "",
                "processing-time",
                self.percentiles_lately(Metric::ProcessingTime).map(|[_, p95, _]| p95),
                PROCESSING_LIMIT_MS,
            ),
        ];
        let tables = TABLES.map(|(table, section)| {
            let value = self.sum(Metric::ThrottledRequests, Some(table));
            below(Metric::ThrottledRequests, table, section, value, 1.0)
        });
        let throttled = tables.iter().filter(|check| check.state == State::Look).cloned();
        let throttled: Vec<Check> = throttled.collect();
        if throttled.is_empty() {
            checks.extend(tables.into_iter().take(1).map(|check| Check { label: "", ..check }));
        }
        checks.extend(throttled);
        // It is looked for once an hour.
        let silent = self.total(Metric::SilentSites).and_then(|_| self.lately(Metric::SilentSites));
        checks.push(below(Metric::SilentSites, "", "silent-sites", silent, 1.0));
        checks.extend(QUEUES.map(|(queue, section, limit)| {
            // A queue that never gave anything back is told of by nobody, unless it can be asked.
            let value = self.of(Metric::QueueDepth, Some(queue));
            let value = value.or_else(|| queue.ends_with("-dead").then_some(0.0).filter(|_| self.is_known()));
            below(Metric::QueueDepth, queue, section, value, limit)
        }));
        let lag = self.total(Metric::CompactionLag);
        checks.push(below(Metric::CompactionLag, "", "compaction-lag", lag, LAG_LIMIT_S));
        checks
    }
}
