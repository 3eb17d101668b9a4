//! What the worker measures of itself ([`protocol::metric`]): gathered in the isolate, published to CloudWatch (`publish`),
//! read at `GET /metrics` (`prometheus`) and at `GET /api/operator/metrics`.
//!
//! Nothing here is about a visitor or a site. An isolate that dies takes with it what it had not published, a minute at
//! most; the events themselves are stored before they are counted.

mod names;
mod prometheus;
mod publish;
mod series;
mod silence;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use protocol::metric::{Measured, Metric, Occurred};
use protocol::outcome::{Outcome, Status};

use crate::ingest::Counts;
pub use names::{Label, NAMESPACE};
pub(crate) use publish::Publisher;
use series::Series;
pub(crate) use silence::{days as silence_days, is_silent};

/// The measurements of an isolate. Copies share them. Lockable, not only countable: the store's client wants what it is
/// given to be fit for several threads, though there is one.
#[derive(Debug, Clone, Default)]
pub struct Metrics(Arc<Mutex<BTreeMap<(Metric, Label), Series>>>);

impl Metrics {
    fn series(&self) -> MutexGuard<'_, BTreeMap<(Metric, Label), Series>> {
        // Nothing panics while it is held, and numbers are whole between any two steps.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a measurement.
    pub fn add(&self, metric: Metric, label: Label, value: f64) {
        self.series().entry((metric, label)).or_insert_with(Series::new).add(metric.kind(), value);
    }

    /// Adds one.
    pub fn count(&self, metric: Metric) {
        self.add(metric, Label::None, 1.0);
    }

    /// Adds what became of events.
    pub fn events(&self, counts: &Counts) {
        for (outcome, number) in counts.iter() {
            #[expect(clippy::cast_precision_loss, reason = "a batch has few events")]
            let number = number as f64;
            match outcome.status() {
                Status::Accepted => self.add(Metric::EventsProcessed, Label::None, number),
                Status::Filtered => self.add(Metric::EventsFiltered, Label::None, number),
                Status::Rejected | Status::Skipped => {
                    self.add(Metric::EventsRejected, Label::Reason(outcome), number);
                }
            }
            if outcome == Outcome::StoreUnavailable {
                self.count(Metric::ProcessingErrors);
            }
        }
    }

    /// All as Prometheus reads it. `isolate` tells this isolate's numbers from those of others, which the next reading
    /// may meet.
    pub fn prometheus(&self, environment: &str, isolate: &str) -> String {
        prometheus::print(&self.series(), environment, isolate)
    }

    /// All that was measured since the isolate began.
    pub fn measured(&self) -> Vec<Measured> {
        let occurred = |(value, count): (&series::Ordered, &u64)| Occurred { value: value.0, count: *count };
        self.series()
            .iter()
            .map(|((metric, label), series)| Measured {
                metric: *metric,
                label: label.pair().map(|(_, value)| value.to_owned()),
                total: series.total,
                count: series.count,
                values: series.values.iter().map(occurred).collect(),
            })
            .collect()
    }
}
