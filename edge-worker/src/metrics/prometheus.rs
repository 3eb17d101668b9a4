//! The text format of Prometheus, version 0.0.4.
//!
//! The numbers are those of the isolate that answers. Names are CloudWatch's in snake case; durations are histograms.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use protocol::metric::{Kind, Metric, Unit};

use super::names::Label;
use super::series::{Ordered, Series};

/// Upper bounds of the buckets, in milliseconds.
const BOUNDS_MS: [f64; 11] =
    [5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1_000.0, 2_500.0, 5_000.0, 10_000.0];

pub(super) fn print(all: &BTreeMap<(Metric, Label), Series>, environment: &str, isolate: &str) -> String {
    let mut text = String::new();
    let mut last = None;
    for ((metric, label), series) in all {
        let name = name(*metric);
        if last != Some(*metric) {
            let kind = match metric.kind() {
                Kind::Counter => "counter",
                Kind::Gauge => "gauge",
                Kind::Distribution => "histogram",
            };
            // Writing into a String cannot fail.
            let _ = writeln!(text, "# TYPE {name} {kind}");
            last = Some(*metric);
        }
        let mut labels = format!("environment=\"{environment}\",isolate=\"{isolate}\"");
        if let Some((dimension, value)) = label.pair() {
            let _ = write!(labels, ",{}=\"{value}\"", dimension.to_lowercase());
        }
        if metric.kind() == Kind::Distribution {
            for bound in BOUNDS_MS {
                let within: u64 = series.values.range(..=Ordered(bound)).map(|(_, number)| number).sum();
                let _ = writeln!(text, "{name}_bucket{{{labels},le=\"{}\"}} {within}", bound / 1_000.0);
            }
            let _ = writeln!(text, "{name}_bucket{{{labels},le=\"+Inf\"}} {}", series.count);
            let _ = writeln!(text, "{name}_sum{{{labels}}} {}", series.total / 1_000.0);
            let _ = writeln!(text, "{name}_count{{{labels}}} {}", series.count);
        } else {
            let _ = writeln!(text, "{name}{{{labels}}} {}", series.total);
        }
    }
    text
}

/// Such as `liveinsight_events_processed_total`.
fn name(metric: Metric) -> String {
    let mut name = String::from("liveinsight");
    for letter in metric.name().chars() {
        if letter.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    match (metric.kind(), metric.unit()) {
        (Kind::Counter, _) => name.push_str("_total"),
        (_, Unit::Milliseconds | Unit::Seconds) => name.push_str("_seconds"),
        _ => {}
    }
    name
}

#[cfg(test)]
mod tests {
    use super::super::Metrics;
    use super::*;

    #[test]
    fn numbers_are_printed_with_type_and_labels() {
        let metrics = Metrics::default();
        metrics.add(Metric::EventsProcessed, Label::None, 3.0);
        metrics.add(Metric::ThrottledRequests, Label::Table("Events"), 1.0);
        metrics.add(Metric::ThrottledRequests, Label::Table("Accounts"), 2.0);
        let text = metrics.prometheus("staging", "a1");
        assert!(text.contains("# TYPE liveinsight_events_processed_total counter\n"));
        let line = "liveinsight_events_processed_total{environment=\"staging\",isolate=\"a1\"} 3\n";
        assert!(text.contains(line), "{text}");
        assert!(text.contains("isolate=\"a1\",table=\"Events\"} 1\n"), "{text}");
        assert_eq!(text.matches("# TYPE liveinsight_throttled_requests_total").count(), 1);
    }

    #[test]
    fn buckets_of_a_histogram_hold_those_below() {
        let metrics = Metrics::default();
        for value in [4.0, 30.0, 40.0, 60_000.0] {
            metrics.add(Metric::ProcessingTime, Label::None, value);
        }
        let text = metrics.prometheus("", "a1");
        for (bound, number) in [("0.005", 1), ("0.025", 1), ("0.05", 3), ("10", 3), ("+Inf", 4)] {
            assert!(text.contains(&format!("le=\"{bound}\"}} {number}\n")), "{bound}: {text}");
        }
        assert!(
            text.contains(
                "liveinsight_processing_time_seconds_sum{environment=\"\",isolate=\"a1\"} 60.074\n"
            )
        );
    }
}
