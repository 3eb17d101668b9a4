//! How the worker is doing: what it has measured, reading by reading, and what of it somebody has to look at.

mod checks;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use protocol::metric::{Kind, Measured, Metric, MetricsAnswer, Occurred};

pub use checks::{Check, State};

/// How far back figures and judgements reach, milliseconds: as long as the periods of the alarms.
pub const WINDOW_MS: u64 = 300_000;

/// Readings that are kept for the lines: 15 minutes at the pace of the page.
const MAX_POINTS: usize = 300;

/// What happened between two readings of one isolate.
#[derive(Debug, Clone, PartialEq, Default)]
struct Point {
    /// When the later one was made, by the worker's clock.
    at: u64,
    /// How long after the earlier one.
    over: u64,
    parts: BTreeMap<(Metric, String), Part>,
}

/// What one series was between two readings; of a gauge what it was at the later one.
#[derive(Debug, Clone, PartialEq, Default)]
struct Part {
    sum: f64,
    values: Vec<Occurred>,
}

/// The readings since the page was opened.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Watch {
    /// The newest reading of each isolate that has answered lately.
    last: BTreeMap<String, MetricsAnswer>,
    /// Name of the isolate that answered last.
    newest: String,
    points: VecDeque<Point>,
}

/// A line of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The metric.
    pub metric: Metric,
    /// Reason, table or queue; empty for metrics that have none.
    pub label: String,
    /// The sum in the window; of a gauge its newest value. Nothing for distributions, and before there are two readings.
    pub lately: Option<f64>,
    /// The sum since the isolates began; of a gauge nothing.
    pub total: Option<f64>,
    /// Of a distribution p50, p95 and p99, in the window if something was measured in it, else since the isolates began.
    pub percentiles: Option<[f64; 3]>,
}

fn key(series: &Measured) -> (Metric, String) {
    (series.metric, series.label.clone().unwrap_or_default())
}

/// What came to `before` until it was `after`. A series that was not there began in between.
fn since(before: Option<&Measured>, after: &Measured) -> Part {
    let Some(before) = before else { return Part { sum: after.total, values: after.values.clone() } };
    let sum = match after.metric.kind() {
        Kind::Gauge => after.total,
        Kind::Counter | Kind::Distribution => after.total - before.total,
    };
    let known = |value: f64| before.values.iter().find(|it| it.value.total_cmp(&value).is_eq());
    let fresh = |it: &Occurred| {
        let count = it.count.saturating_sub(known(it.value).map_or(0, |known| known.count));
        (count > 0).then_some(Occurred { count, ..*it })
    };
    Part { sum, values: after.values.iter().filter_map(fresh).collect() }
}

/// The value that `share` of all are at or below (nearest rank); nothing of nothing.
fn percentile<'a>(values: impl Iterator<Item = &'a Occurred>, share: f64) -> Option<f64> {
    let mut values: Vec<&Occurred> = values.collect();
    values.sort_by(|a, b| a.value.total_cmp(&b.value));
    let total: u64 = values.iter().map(|it| it.count).sum();
    let rank = ((total as f64 * share).ceil() as u64).max(1);
    let mut seen = 0;
    values
        .into_iter()
        .find(|it| {
            seen += it.count;
            seen >= rank
        })
        .map(|it| it.value)
}

fn percentiles(values: &[&Occurred]) -> Option<[f64; 3]> {
    let of = |share| percentile(values.iter().copied(), share);
    Some([of(0.5)?, of(0.95)?, of(0.99)?])
}

impl Watch {
    /// Takes a reading.
    pub fn take(&mut self, answer: MetricsAnswer) {
        let at = answer.generated_at;
        let before = self.last.remove(&answer.isolate);
        // An isolate that has not answered for as long may be no more.
        self.last.retain(|_, other| other.generated_at + WINDOW_MS > at);
        if let Some(before) = before.filter(|before| before.began_at == answer.began_at) {
            let known: BTreeMap<_, _> = before.series.iter().map(|series| (key(series), series)).collect();
            let part = |series: &Measured| (key(series), since(known.get(&key(series)).copied(), series));
            let parts = answer.series.iter().map(part).collect();
            self.points.push_back(Point { at, over: at.saturating_sub(before.generated_at), parts });
            if self.points.len() > MAX_POINTS {
                self.points.pop_front();
            }
        }
        self.newest.clone_from(&answer.isolate);
        self.last.insert(answer.isolate.clone(), answer);
    }

    /// The reading made last.
    pub fn newest(&self) -> Option<&MetricsAnswer> {
        self.last.get(&self.newest)
    }

    /// How many isolates have answered lately.
    pub fn isolates(&self) -> usize {
        self.last.len()
    }

    fn window(&self) -> impl Iterator<Item = &Point> {
        let end = self.points.back().map_or(0, |point| point.at);
        self.points.iter().filter(move |point| point.at + WINDOW_MS > end)
    }

    /// Milliseconds that the window covers so far; 0 before there are two readings.
    pub fn covered(&self) -> u64 {
        let end = self.points.back().map_or(0, |point| point.at);
        let start = self.window().map(|point| point.at - point.over.min(point.at)).min().unwrap_or(end);
        (end - start).min(WINDOW_MS)
    }

    fn readings(&self) -> impl Iterator<Item = &Measured> {
        self.last.values().flat_map(|answer| &answer.series)
    }

    fn parts(&self, metric: Metric, label: Option<&str>) -> impl Iterator<Item = &Part> {
        self.window().flat_map(move |point| {
            let all = point.parts.iter();
            all.filter(move |((of, its), _)| *of == metric && label.is_none_or(|label| label == its))
                .map(|(_, part)| part)
        })
    }

    /// The sum since the isolates began, over all labels; of a gauge its newest value, the largest of all labels.
    pub fn total(&self, metric: Metric) -> Option<f64> {
        self.of(metric, None)
    }

    fn of(&self, metric: Metric, label: Option<&str>) -> Option<f64> {
        let all = self.readings().filter(|series| {
            series.metric == metric && label.is_none_or(|label| series.label.as_deref() == Some(label))
        });
        let totals = all.map(|series| series.total);
        match (metric, metric.kind()) {
            // Each isolate knows its own.
            (Metric::LiveConnections, _) | (_, Kind::Counter | Kind::Distribution) => {
                totals.reduce(|sum, total| sum + total)
            }
            (_, Kind::Gauge) => totals.reduce(f64::max),
        }
    }

    /// The sum in the window; nothing before there are two readings.
    pub fn lately(&self, metric: Metric) -> Option<f64> {
        self.sum(metric, None)
    }

    fn sum(&self, metric: Metric, label: Option<&str>) -> Option<f64> {
        // The sum of nothing is minus zero.
        (!self.points.is_empty()).then(|| self.parts(metric, label).fold(0.0, |sum, part| sum + part.sum))
    }

    /// p50, p95 and p99 in the window if something was measured in it, else since the isolates began.
    pub fn percentiles(&self, metric: Metric) -> Option<[f64; 3]> {
        let all = || self.readings().filter(|it| it.metric == metric).flat_map(|it| &it.values);
        self.percentiles_lately(metric).or_else(|| percentiles(&all().collect::<Vec<_>>()))
    }

    fn percentiles_lately(&self, metric: Metric) -> Option<[f64; 3]> {
        percentiles(&self.parts(metric, None).flat_map(|part| &part.values).collect::<Vec<_>>())
    }

    /// Between each two readings: events a second, p95 of durations, what gauges were. Nothing was measured where it is
    /// `None`.
    pub fn line(&self, metric: Metric) -> Vec<Option<f64>> {
        let of = |point: &Point| {
            let parts = || point.parts.iter().filter(|((of, _), _)| *of == metric).map(|(_, part)| part);
            match metric.kind() {
                Kind::Counter => {
                    Some(parts().fold(0.0, |sum, part| sum + part.sum) * 1_000.0 / point.over.max(1) as f64)
                }
                Kind::Gauge => parts().map(|part| part.sum).reduce(f64::max),
                Kind::Distribution => percentile(parts().flat_map(|part| &part.values), 0.95),
            }
        };
        self.points.iter().map(of).collect()
    }

    /// Every series there is, in order.
    pub fn rows(&self) -> Vec<Row> {
        let mut keys: Vec<(Metric, String)> = self.readings().map(key).collect();
        keys.sort();
        keys.dedup();
        let row = |(metric, label): (Metric, String)| {
            let named = (!label.is_empty()).then_some(label.as_str());
            let (lately, total, percentiles) = match metric.kind() {
                Kind::Counter => (self.sum(metric, named), self.of(metric, named), None),
                Kind::Gauge => (self.of(metric, named), None, None),
                Kind::Distribution => (None, None, self.percentiles(metric)),
            };
            Row { metric, label, lately, total, percentiles }
        };
        keys.into_iter().map(row).collect()
    }

    fn is_known(&self) -> bool {
        !self.last.is_empty()
    }
}
