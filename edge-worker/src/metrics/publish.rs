//! Publishing: at most once a minute and isolate, after an answer was given, with all that was measured since.
//!
//! `PutMetricData` takes a thousand metrics, each with at most 150 values and how often they occurred: those keep
//! percentiles exact where sums of several isolates would lose them. Such a call costs $0.00001, an isolate that is
//! busy all month $0.44; what the metrics themselves cost does not depend on traffic.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use protocol::metric::{Kind, Metric};
use serde_json::{Value, json};

use super::names::{Label, NAMESPACE};
use super::series::Ordered;
use super::{Metrics, Series};
use crate::log::{self, Level};
use crate::platform::{Backlog, Platform};
use crate::store::Store;

/// At least this long from one call to the next, milliseconds.
const EVERY_MS: u64 = 60_000;

/// How long is gathered before the first call, and at least before each: an isolate that is used for a few seconds
/// alone has its say, too. The platform lets work go on for 30 seconds after an answer.
const GATHER_MS: u64 = 15_000;

/// What the platform grants after an answer, milliseconds, less what a call may take.
const LONGEST_WAIT_MS: u64 = 25_000;

/// Most values of one datum.
const MAX_VALUES: usize = 150;

/// Values with how often each occurred, by metric.
type Taken = BTreeMap<(Metric, Label), BTreeMap<Ordered, u64>>;

/// Sees to it that what is measured is published.
#[derive(Debug, Default)]
pub(crate) struct Publisher {
    /// The dimension of all metrics; nothing is published without one.
    environment: Option<String>,
    /// When the last call was begun, Unix milliseconds.
    last: Cell<u64>,
    /// Until when somebody is waiting to make the next call, Unix milliseconds.
    waiting_until: Cell<u64>,
}

impl Publisher {
    pub(crate) fn new(environment: Option<String>) -> Self {
        Self { environment, ..Self::default() }
    }

    /// Publishes when it is time, after the answer. Costs nothing otherwise.
    pub(crate) fn publish_later(
        self: &Rc<Self>,
        metrics: &Metrics,
        store: &Rc<Store>,
        platform: &dyn Platform,
    ) {
        let Some(wait) = self.wait(platform.now()) else { return };
        let (publisher, metrics, store) = (Rc::clone(self), metrics.clone(), Rc::clone(store));
        let waited = platform.sleep(Duration::from_millis(wait));
        let backlogs = Backlog::ALL.map(|queue| (queue, platform.backlog(queue)));
        platform.background(Box::pin(async move {
            waited.await;
            for (queue, depth) in backlogs {
                if let Some(depth) = depth.await {
                    metrics.add(Metric::QueueDepth, Label::Queue(queue.name()), f64::from(depth));
                }
            }
            publisher.publish(&metrics, &store).await;
        }));
    }

    /// How long to wait until it is time; `None` when somebody else is waiting or it is too early to begin.
    fn wait(&self, now: u64) -> Option<u64> {
        self.environment.as_ref()?;
        if now < self.waiting_until.get() {
            return None;
        }
        let wait = (self.last.get() + EVERY_MS).saturating_sub(now).max(GATHER_MS);
        if wait > LONGEST_WAIT_MS {
            return None;
        }
        // Whom the platform ends early is not waited for longer than this.
        self.waiting_until.set(now + wait + 5_000);
        self.last.set(now + wait);
        Some(wait)
    }

    async fn publish(&self, metrics: &Metrics, store: &Store) {
        let Some(environment) = &self.environment else { return };
        let taken = take(&mut metrics.series());
        self.waiting_until.set(0);
        if taken.is_empty() {
            return;
        }
        let body = body(&taken, environment, store.now() / 1_000);
        if let Err(error) = store.put_metric_data(&body.to_string()).await {
            log::write(Level::Error, "metrics not published", &[("error", error.to_string().into())]);
            let mut all = metrics.series();
            for ((metric, label), values) in taken {
                if let Some(series) = all.get_mut(&(metric, label)) {
                    series.put_back(metric.kind(), values);
                }
            }
        }
    }
}

fn take(all: &mut BTreeMap<(Metric, Label), Series>) -> Taken {
    all.iter_mut()
        .map(|(key, series)| (*key, std::mem::take(&mut series.fresh)))
        .filter(|(_, values)| !values.is_empty())
        .collect()
}

/// The call's body.
fn body(taken: &Taken, environment: &str, unix_s: u64) -> Value {
    let mut data = Vec::new();
    for ((metric, label), values) in taken {
        let mut dimensions = vec![json!({ "Name": "Environment", "Value": environment })];
        dimensions.extend(label.pair().map(|(name, value)| json!({ "Name": name, "Value": value })));
        let values: Vec<_> = values.iter().collect();
        for part in values.chunks(MAX_VALUES) {
            let mut datum = json!({
                "MetricName": metric.name(),
                "Dimensions": dimensions,
                "Unit": metric.unit().as_str(),
                "Timestamp": unix_s,
                "Values": part.iter().map(|(value, _)| value.0).collect::<Vec<_>>(),
            });
            if metric.kind() == Kind::Distribution {
                datum["Counts"] = part.iter().map(|(_, count)| **count).collect();
            }
            data.push(datum);
        }
    }
    json!({ "Namespace": NAMESPACE, "MetricData": data })
}

#[cfg(test)]
mod tests {
    use protocol::outcome::Outcome;

    use super::*;

    #[test]
    fn values_are_published_once_with_dimensions_and_unit() {
        let metrics = Metrics::default();
        for value in [12.0, 12.0, 15.0] {
            metrics.add(Metric::ProcessingTime, Label::None, value);
        }
        metrics.add(Metric::EventsRejected, Label::Reason(Outcome::TooOld), 2.0);
        let taken = take(&mut metrics.series());
        let body = body(&taken, "staging", 1_763_866_800);
        assert_eq!(body["Namespace"], "LiveInsight");
        let environment = json!({ "Name": "Environment", "Value": "staging" });
        let rejected = json!({
            "MetricName": "EventsRejected",
            "Dimensions": [environment, { "Name": "Reason", "Value": "too_old" }],
            "Unit": "Count",
            "Timestamp": 1_763_866_800_u64,
            "Values": [2.0],
        });
        let time = json!({
            "MetricName": "ProcessingTime",
            "Dimensions": [environment],
            "Unit": "Milliseconds",
            "Timestamp": 1_763_866_800_u64,
            "Values": [12.0, 15.0],
            "Counts": [2, 1],
        });
        assert_eq!(body["MetricData"], json!([rejected, time]));
        assert!(take(&mut metrics.series()).is_empty());
    }

    #[test]
    fn many_values_are_split() {
        let metrics = Metrics::default();
        // Ones below a hundred and tens below a thousand are kept apart.
        for value in (0..100).chain((100..1_000).step_by(10)) {
            metrics.add(Metric::Duration, Label::None, f64::from(value));
        }
        let body = body(&take(&mut metrics.series()), "staging", 0);
        let lengths: Vec<usize> = body["MetricData"]
            .as_array()
            .unwrap()
            .iter()
            .map(|datum| datum["Values"].as_array().unwrap().len())
            .collect();
        assert_eq!(lengths, [MAX_VALUES, 190 - MAX_VALUES]);
    }

    #[test]
    fn one_call_a_minute_at_most() {
        let publisher = Publisher::new(Some("staging".into()));
        let mut calls = Vec::new();
        // A request every second for ten minutes, each call done when it is made.
        let start = 1_763_866_800_000;
        for now in (start..start + 600_000).step_by(1_000) {
            if let Some(wait) = publisher.wait(now) {
                calls.push(now + wait);
            }
        }
        assert!(calls.len() >= 8, "{calls:?}");
        assert!(calls.windows(2).all(|pair| pair[1] - pair[0] >= EVERY_MS), "{calls:?}");
        assert_eq!(calls[0], start + GATHER_MS);
    }

    #[test]
    fn nothing_is_published_without_an_environment() {
        assert_eq!(Publisher::new(None).wait(1_763_866_800_000), None);
    }
}
