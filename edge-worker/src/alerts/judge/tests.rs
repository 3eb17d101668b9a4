use proptest::prelude::*;

use super::*;
use crate::alerts::baseline::hour_of;

/// A Thursday at 14:00, UTC.
const AT: u64 = 1_763_647_200_000;

fn rule(kind: AlertKind) -> AlertRule {
    let mut rule: AlertRule =
        serde_json::from_value(serde_json::json!({ "name": "R", "kind": kind })).unwrap();
    rule.window_hours = kind.window_hours();
    rule.minimum = kind.minimum();
    rule
}

fn remembering(weeks: &[f64]) -> Memory {
    let weeks = weeks.iter().map(|week| (*week, *week)).collect();
    Memory { samples: Samples { hour: hour_of(AT), weeks }, ..Memory::default() }
}

fn seen(visitors: u64) -> Seen {
    Seen { at: AT, visitors, ..Seen::default() }
}

const WEEKS: [f64; 6] = [150.0, 140.0, 160.0, 155.0, 145.0, 150.0];

/// What is told of numbers that follow each other, an hour apart.
fn told(rule: &AlertRule, numbers: &[u64]) -> Vec<Option<News>> {
    let mut memory = remembering(&WEEKS);
    let each = (0..).zip(numbers).map(|(hour, number)| {
        let at = AT + hour * HOUR_MS;
        memory.samples.hour = at;
        let (next, news) = judge(rule, &Seen { at, ..seen(*number) }, &memory);
        memory = next;
        news
    });
    each.collect()
}

#[test]
fn spike_is_told_once_and_that_it_is_over() {
    let told = told(&rule(AlertKind::Spike), &[150, 412, 500, 420, 200, 150, 150]);
    let expected = [None, Some(News::Fired), None, None, None, Some(News::Recovered), None];
    assert_eq!(told, expected, "200 is nearly usual: it does not close yet");
}

#[test]
fn cool_down_keeps_a_second_spike_silent() {
    let mut spike = rule(AlertKind::Spike);
    let numbers = [412, 150, 412, 150, 412, 150, 412];
    let fired = |rule: &AlertRule| told(rule, &numbers).iter().filter(|it| **it == Some(News::Fired)).count();
    assert_eq!(fired(&spike), 2, "at the first hour and the seventh");
    spike.cool_down_hours = 0;
    assert_eq!(fired(&spike), 4);
    spike.recovery = false;
    assert!(!told(&spike, &numbers).contains(&Some(News::Recovered)));
}

#[test]
fn few_visitors_are_no_spike_and_few_usual_ones_no_drop() {
    let quiet = remembering(&[1.0, 2.0, 1.0]);
    assert_eq!(judge(&rule(AlertKind::Spike), &seen(19), &quiet).1, None);
    assert_eq!(judge(&rule(AlertKind::Spike), &seen(20), &quiet).1, Some(News::Fired));
    assert_eq!(judge(&rule(AlertKind::Drop), &seen(0), &quiet).1, None);
    assert_eq!(judge(&rule(AlertKind::Drop), &seen(20), &remembering(&WEEKS)).1, Some(News::Fired));
}

#[test]
fn too_little_history_says_so_and_stays_silent_unless_there_is_a_limit() {
    let young = remembering(&[150.0, 150.0]);
    for kind in [AlertKind::Spike, AlertKind::Drop, AlertKind::Conversion] {
        let (next, news) = judge(&rule(kind), &seen(5_000), &young);
        assert_eq!((next.state.status, next.state.weeks, news), (AlertStatus::Learning, 2, None), "{kind:?}");
    }
    let limited = AlertRule { threshold: Some(5_000), ..rule(AlertKind::Spike) };
    assert_eq!(judge(&limited, &seen(5_000), &young).1, Some(News::Fired));
    assert_eq!(judge(&limited, &seen(4_999), &young).1, None);
    let limited = AlertRule { threshold: Some(10), ..rule(AlertKind::Drop) };
    assert_eq!(judge(&limited, &seen(10), &young).1, Some(News::Fired));
    assert_eq!(judge(&limited, &seen(11), &young).1, None);
}

#[test]
fn goal_is_told_when_it_is_reached_first_and_at_every_so_many() {
    let reached = |number| Seen { reached: number, ..seen(0) };
    let first = rule(AlertKind::Goal);
    let (next, news) = judge(&first, &reached(1), &Memory::default());
    assert_eq!(news, Some(News::Fired));
    assert_eq!(judge(&first, &reached(9), &next).1, None);
    let (next, news) = judge(&first, &reached(0), &next);
    assert_eq!((next.state.status, news), (AlertStatus::Fine, None));

    let each = AlertRule { every: Some(100), ..rule(AlertKind::Goal) };
    let mut memory = Memory::default();
    let mut fired = Vec::new();
    for (day, number) in [(1, 99), (1, 100), (1, 150), (1, 330), (1, 399), (2, 5), (2, 101)] {
        let (next, news) = judge(&each, &Seen { day, ..reached(number) }, &memory);
        memory = next;
        fired.extend(news.map(|_| (day, number)));
    }
    assert_eq!(fired, [(1, 100), (1, 330), (2, 101)]);
}

#[test]
fn conversion_rate_falls_only_where_enough_visitors_say_so() {
    let memory = remembering(&[3.0, 3.2, 2.8, 3.1, 2.9, 3.0]);
    let of = |visitors, converted| Seen { converted, ..seen(visitors) };
    let fell = rule(AlertKind::Conversion);
    assert_eq!(judge(&fell, &of(10_000, 100), &memory).1, Some(News::Fired));
    assert_eq!(judge(&fell, &of(10_000, 290), &memory).1, None);
    assert_eq!(judge(&fell, &of(99, 0), &memory).1, None, "too few");
    assert_eq!(judge(&fell, &of(100, 2), &memory).1, None, "by chance");
    let (open, _) = judge(&fell, &of(10_000, 100), &memory);
    assert_eq!(judge(&fell, &of(50, 5), &open).0.state.status, AlertStatus::Open);
}

#[test]
fn silence_is_told_where_it_is_not_usual() {
    let silent = rule(AlertKind::NoData);
    assert_eq!(judge(&silent, &seen(0), &remembering(&WEEKS)).1, Some(News::Fired));
    assert_eq!(judge(&silent, &seen(0), &remembering(&[0.0, 1.0, 0.0])).1, None, "a night like others");
    let (open, news) = judge(&silent, &Seen { day_before: 40, ..seen(0) }, &Memory::default());
    assert_eq!(news, Some(News::Fired), "no weeks are known, but yesterday there was somebody");
    // The day before is empty as well, later on: that closes nothing.
    assert_eq!(judge(&silent, &seen(0), &open).1, None);
    assert_eq!(judge(&silent, &seen(1), &open).1, Some(News::Recovered));
}

proptest! {
    #[test]
    fn looked_at_twice_tells_once(kind in 0_usize..5, visitors in 0_u64..1_000, reached in 0_u64..50, weeks in prop::collection::vec(0.0_f64..500.0, 0..7)) {
        let rule = rule(AlertKind::ALL[kind]);
        let seen = Seen { reached, converted: visitors / 3, ..seen(visitors) };
        let (next, _) = judge(&rule, &seen, &remembering(&weeks));
        let (again, news) = judge(&rule, &seen, &next);
        prop_assert_eq!(news, None);
        prop_assert_eq!(again, next);
    }

    #[test]
    fn fired_and_recovered_take_turns(numbers in prop::collection::vec(0_u64..600, 1..60), cool_down in 0_u32..9) {
        let rule = AlertRule { cool_down_hours: cool_down, ..rule(AlertKind::Spike) };
        let all = told(&rule, &numbers);
        let news: Vec<News> = all.iter().copied().flatten().collect();
        for (place, one) in news.iter().enumerate() {
            let expected = if place % 2 == 0 { News::Fired } else { News::Recovered };
            prop_assert_eq!(*one, expected);
        }
        let fired: Vec<usize> = (0..all.len()).filter(|hour| all[*hour] == Some(News::Fired)).collect();
        prop_assert!(fired.windows(2).all(|pair| pair[1] - pair[0] >= cool_down as usize));
    }
}
