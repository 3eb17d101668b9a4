//! The numbers of one metric under one label.

use std::collections::BTreeMap;

use protocol::metric::Kind;

/// What was measured since it was last published, and since the isolate began.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    /// Values and how often each occurred; of a counter one value, the sum.
    pub(super) fresh: BTreeMap<Ordered, u64>,
    /// Sum since the beginning; of a gauge its newest value.
    pub(super) total: f64,
    /// Number of measurements since the beginning.
    pub(super) count: u64,
    /// Of a distribution, its values since the beginning and how often each occurred: at most some hundred.
    pub(super) values: BTreeMap<Ordered, u64>,
}

/// A finite number that can be a key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ordered(pub(super) f64);

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// Two digits: an isolate that answers a thousand requests a minute would otherwise have to name a thousand values.
fn rounded(value: f64) -> f64 {
    if value < 100.0 {
        return value.round();
    }
    let step = 10_f64.powf(value.log10().floor() - 1.0);
    (value / step).round() * step
}

impl Series {
    pub(super) fn new() -> Self {
        Self { fresh: BTreeMap::new(), total: 0.0, count: 0, values: BTreeMap::new() }
    }

    /// Adds a measurement.
    pub(super) fn add(&mut self, kind: Kind, value: f64) {
        if !value.is_finite() {
            return;
        }
        self.count += 1;
        match kind {
            Kind::Counter => {
                self.total += value;
                let sum = self.fresh.keys().next().map_or(0.0, |sum| sum.0) + value;
                self.fresh = BTreeMap::from([(Ordered(sum), 1)]);
            }
            Kind::Gauge => {
                self.total = value;
                let largest = self.fresh.keys().next().map_or(value, |old| old.0.max(value));
                self.fresh = BTreeMap::from([(Ordered(largest), 1)]);
            }
            Kind::Distribution => {
                self.total += value;
                let value = Ordered(rounded(value));
                *self.fresh.entry(value).or_default() += 1;
                *self.values.entry(value).or_default() += 1;
            }
        }
    }

    /// Puts back what could not be published.
    pub(super) fn put_back(&mut self, kind: Kind, values: BTreeMap<Ordered, u64>) {
        for (value, count) in values {
            match kind {
                Kind::Distribution => *self.fresh.entry(value).or_default() += count,
                Kind::Counter => {
                    let sum = self.fresh.keys().next().map_or(0.0, |sum| sum.0) + value.0;
                    self.fresh = BTreeMap::from([(Ordered(sum), 1)]);
                }
                // What it is now matters more.
                Kind::Gauge if self.fresh.is_empty() => self.fresh = BTreeMap::from([(value, count)]),
                Kind::Gauge => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh(kind: Kind, values: &[f64]) -> Vec<(f64, u64)> {
        let mut series = Series::new();
        values.iter().for_each(|value| series.add(kind, *value));
        series.fresh.iter().map(|(value, count)| (value.0, *count)).collect()
    }

    #[test]
    fn counters_add_up_gauges_keep_the_largest_distributions_keep_all() {
        assert_eq!(fresh(Kind::Counter, &[1.0, 2.5, 0.0]), [(3.5, 1)]);
        assert_eq!(fresh(Kind::Gauge, &[3.0, 9.0, 4.0]), [(9.0, 1)]);
        assert_eq!(fresh(Kind::Distribution, &[7.0, 7.2, 9.0]), [(7.0, 2), (9.0, 1)]);
    }

    #[test]
    fn values_are_kept_to_two_digits() {
        for (value, expected) in
            [(0.4, 0.0), (99.4, 99.0), (104.0, 100.0), (1_234.0, 1_200.0), (98_700.0, 99_000.0)]
        {
            assert!((rounded(value) - expected).abs() < 1e-6, "{value}");
        }
        // Ten seconds of every millisecond: what one datum may name at most is 150 values.
        let values: Vec<f64> = (0..10_000).map(f64::from).collect();
        assert!(fresh(Kind::Distribution, &values).len() <= 300);
    }

    #[test]
    fn what_was_put_back_is_published_with_what_came_since() {
        let mut series = Series::new();
        series.add(Kind::Counter, 2.0);
        let kept = std::mem::take(&mut series.fresh);
        series.add(Kind::Counter, 3.0);
        series.put_back(Kind::Counter, kept);
        assert_eq!(series.fresh, BTreeMap::from([(Ordered(5.0), 1)]));
        assert!((series.total - 5.0).abs() < f64::EPSILON && series.count == 2);
    }

    #[test]
    fn what_is_no_number_is_passed_over() {
        assert_eq!(fresh(Kind::Counter, &[f64::NAN, f64::INFINITY, 1.0]), [(1.0, 1)]);
    }
}
