//! How the worker is doing: what it has measured, reading by reading, and what of it somebody has to look at.

use std::collections::{BTreeMap, VecDeque};

use protocol::metric::{Kind, Measured, Metric, MetricsAnswer, Occurred};

/// How far back figures and judgements reach, milliseconds: as long as the periods of the alarms.
pub const WINDOW_MS: u64 = 300_000;

/// Readings that are kept for the lines: 15 minutes at the pace of the page.
const MAX_POINTS: usize = 300;

/// The template's own limits (`infra/liveinsight.yaml`, a test compares); an installation may have been given others.
const ERROR_LIMIT: f64 = 5.0;
const PROCESSING_LIMIT_MS: f64 = 1_500.0;
const LAG_LIMIT_S: f64 = 10_800.0;
const OVERFLOW_LIMIT: f64 = 1_000.0;

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

const TABLES: [(&str, &str); 5] = [
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
            let named = Some(label.as_str());
            let named = if label.is_empty() { None } else { named };
            let (lately, total, percentiles) = match metric.kind() {
                Kind::Counter => (self.sum(metric, named), self.of(metric, named), None),
                Kind::Gauge => (self.of(metric, named), None, None),
                Kind::Distribution => (None, None, self.percentiles(metric)),
            };
            Row { metric, label, lately, total, percentiles }
        };
        keys.into_iter().map(row).collect()
    }

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

    fn is_known(&self) -> bool {
        !self.last.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(metric: Metric, label: &str, total: f64, values: &[(f64, u64)]) -> Measured {
        Measured {
            metric,
            label: (!label.is_empty()).then(|| label.to_owned()),
            total,
            count: 1,
            values: values.iter().map(|(value, count)| Occurred { value: *value, count: *count }).collect(),
        }
    }

    fn reading(isolate: &str, at: u64, series: Vec<Measured>) -> MetricsAnswer {
        MetricsAnswer { generated_at: at, environment: None, isolate: isolate.into(), began_at: 1, series }
    }

    fn events(isolate: &str, at: u64, total: f64) -> MetricsAnswer {
        reading(isolate, at, vec![measured(Metric::EventsProcessed, "", total, &[])])
    }

    fn watched(readings: impl IntoIterator<Item = MetricsAnswer>) -> Watch {
        let mut watch = Watch::default();
        readings.into_iter().for_each(|reading| watch.take(reading));
        watch
    }

    #[test]
    fn first_reading_says_how_many_and_nothing_of_lately() {
        let watch = watched([events("a", 10_000, 7.0)]);
        assert_eq!(
            (watch.total(Metric::EventsProcessed), watch.lately(Metric::EventsProcessed)),
            (Some(7.0), None)
        );
        assert!(watch.line(Metric::EventsProcessed).is_empty() && watch.covered() == 0);
    }

    #[test]
    fn what_two_readings_of_one_isolate_differ_by_happened_between_them() {
        let watch = watched([events("a", 10_000, 7.0), events("a", 14_000, 15.0)]);
        assert_eq!(watch.lately(Metric::EventsProcessed), Some(8.0));
        assert!(watch.lately(Metric::Errors).is_some_and(f64::is_sign_positive), "no minus zero");
        assert_eq!(watch.line(Metric::EventsProcessed), [Some(2.0)]);
        assert_eq!((watch.covered(), watch.isolates()), (4_000, 1));
    }

    #[test]
    fn isolates_that_take_turns_add_up() {
        let watch = watched([
            events("a", 10_000, 100.0),
            events("b", 12_000, 3.0),
            events("a", 14_000, 104.0),
            events("b", 16_000, 5.0),
        ]);
        assert_eq!((watch.lately(Metric::EventsProcessed), watch.isolates()), (Some(6.0), 2));
        assert_eq!(watch.total(Metric::EventsProcessed), Some(109.0));
        assert_eq!(watch.newest().map(|answer| answer.isolate.as_str()), Some("b"));
    }

    #[test]
    fn isolate_of_the_same_name_that_began_anew_is_another() {
        let anew = MetricsAnswer { began_at: 2, ..events("a", 14_000, 1.0) };
        let watch = watched([events("a", 10_000, 7.0), anew]);
        assert_eq!(watch.lately(Metric::EventsProcessed), None);
    }

    #[test]
    fn figures_of_lately_forget_after_five_minutes() {
        let later = 10_000 + WINDOW_MS;
        let watch = watched([
            events("a", 1_000, 0.0),
            events("a", 4_000, 9.0),
            events("a", later, 10.0),
            events("a", later + 3_000, 12.0),
        ]);
        assert_eq!(watch.lately(Metric::EventsProcessed), Some(3.0));
        assert_eq!(watch.line(Metric::EventsProcessed).len(), 3, "the line goes on");
    }

    #[test]
    fn percentiles_are_of_what_was_measured_lately_and_else_of_all() {
        let time = |at, values: &[(f64, u64)]| {
            reading("a", at, vec![measured(Metric::ProcessingTime, "", 0.0, values)])
        };
        let first = time(1_000, &[(5.0, 90), (2_000.0, 10)]);
        assert_eq!(
            watched([first.clone()]).percentiles(Metric::ProcessingTime),
            Some([5.0, 2_000.0, 2_000.0])
        );
        let second = time(4_000, &[(5.0, 90), (7.0, 99), (40.0, 1), (2_000.0, 10)]);
        let watch = watched([first, second]);
        assert_eq!(watch.percentiles(Metric::ProcessingTime), Some([7.0, 7.0, 7.0]));
        assert_eq!(watch.line(Metric::ProcessingTime), [Some(7.0)]);
        assert_eq!(watch.percentiles(Metric::StoreLatency), None);
    }

    #[test]
    fn throttled_table_names_its_section_and_nothing_else_is_to_be_looked_at() {
        let throttled =
            |at, number| reading("a", at, vec![measured(Metric::ThrottledRequests, "Segments", number, &[])]);
        let checks = watched([throttled(1_000, 4.0), throttled(4_000, 6.0)]).checks();
        let looks: Vec<_> = checks.iter().filter(|check| check.state == State::Look).collect();
        assert_eq!(looks.len(), 1, "{checks:?}");
        assert_eq!((looks[0].section, looks[0].value), ("throttled-segments", Some(2.0)));
        // What happened before the page was opened has been over for who knows how long.
        let checks = watched([throttled(1_000, 4.0), throttled(4_000, 4.0)]).checks();
        assert!(checks.iter().all(|check| check.state != State::Look), "{checks:?}");
    }

    #[test]
    fn what_nobody_measured_is_unknown() {
        let checks = watched([events("a", 1_000, 1.0)]).checks();
        let state = |section| checks.iter().find(|check| check.section == section).map(|check| check.state);
        assert_eq!(state("errors"), Some(State::Unknown));
        assert_eq!(state("compaction-lag"), Some(State::Unknown));
        assert_eq!(state("dead-letters"), Some(State::Fine), "its consumer would have told");
    }

    #[test]
    fn limits_are_those_of_the_template() {
        let template = include_str!("../../../infra/liveinsight.yaml");
        let default = |name: &str| -> f64 {
            let parameter = template.split(&format!("\n  {name}:\n")).nth(1).unwrap();
            parameter.split("Default: ").nth(1).unwrap().lines().next().unwrap().parse().unwrap()
        };
        for (name, limit) in [
            ("ErrorLimit", ERROR_LIMIT),
            ("ProcessingTimeLimit", PROCESSING_LIMIT_MS),
            ("CompactionLagLimit", LAG_LIMIT_S),
        ] {
            assert!((default(name) - limit).abs() < f64::EPSILON, "{name}");
        }
    }

    #[test]
    fn every_check_has_its_section_in_the_runbook() {
        let runbook = include_str!("../../../docs/runbook.md");
        let sections = TABLES.map(|(_, section)| section).into_iter();
        for section in sections.chain(Watch::default().checks().iter().map(|check| check.section)) {
            assert!(runbook.contains(&format!("\n## {section}\n")), "{section}");
        }
    }
}
