use super::checks::{ERROR_LIMIT, LAG_LIMIT_S, OVERFLOW_LIMIT, PROCESSING_LIMIT_MS, TABLES};
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
    let time =
        |at, values: &[(f64, u64)]| reading("a", at, vec![measured(Metric::ProcessingTime, "", 0.0, values)]);
    let first = time(1_000, &[(5.0, 90), (2_000.0, 10)]);
    assert_eq!(watched([first.clone()]).percentiles(Metric::ProcessingTime), Some([5.0, 2_000.0, 2_000.0]));
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
    let template = include_str!("../../../../infra/liveinsight.yaml");
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
    let alarm = template.split("\n  OverflowAlarm:\n").nth(1).unwrap();
    let threshold = alarm.split("Threshold: ").nth(1).unwrap().lines().next().unwrap();
    assert!((threshold.parse::<f64>().unwrap() - OVERFLOW_LIMIT).abs() < f64::EPSILON);
}

#[test]
fn every_check_has_its_section_in_the_runbook() {
    let runbook = include_str!("../../../../docs/runbook.md");
    let sections = TABLES.map(|(_, section)| section).into_iter();
    for section in sections.chain(Watch::default().checks().iter().map(|check| check.section)) {
        assert!(runbook.contains(&format!("\n## {section}\n")), "{section}");
    }
}
