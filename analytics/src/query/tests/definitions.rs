//! Cases A to G of the metric definitions under all three sets, and the days on which clocks and calendars are
//! odd.

use protocol::query::{Definitions, Dimension, Metric, Step, Zone};

use super::history::{BY_DAY, DAY, HOUR, History, MINUTE, MONDAY, Visit, between, days, rows, totals};
use crate::Dataset;
use crate::row::Kind;

const SETS: [Definitions; 3] = [Definitions::LiveInsight, Definitions::Plausible, Definitions::Ga4];
const WHOLE: [Metric; 4] = [Metric::Visitors, Metric::Visits, Metric::BounceRate, Metric::VisitDuration];

/// Visitors, visits, bounce rate and duration under the three sets.
fn judged(data: &Dataset, whole_days: u64) -> [String; 3] {
    SETS.map(|definitions| {
        let mut query = days(&WHOLE, &[], whole_days);
        query.definitions = definitions;
        totals(data, &query)
    })
}

#[test]
fn case_a_one_page_read_six_minutes() {
    let visit = Visit(1, HOUR);
    let data =
        History::default().view(visit, HOUR, "/").beat(visit, HOUR + 6 * MINUTE, HOUR, 6 * MINUTE, 90).data();
    assert_eq!(judged(&data, 1), ["1 1 0 360", "1 1 100 0", "1 1 0 360"]);
    let mut query = days(&[Metric::TimeOnPage], &[Dimension::Page], 1);
    for definitions in SETS {
        query.definitions = definitions;
        assert_eq!(rows(&data, &query), ["/: 360"]);
    }
}

#[test]
fn case_b_one_page_and_a_conversion() {
    let visit = Visit(1, HOUR);
    let data = History::default()
        .view(visit, HOUR, "/")
        .act(visit, HOUR + 20_000, HOUR, Kind::Conversion, "signup")
        .beat(visit, HOUR + 21_000, HOUR, 9_000, 10)
        .data();
    assert_eq!(judged(&data, 1), ["1 1 0 9", "1 1 0 20", "1 1 0 9"]);
}

#[test]
fn case_c_two_loads_across_the_hour() {
    let visit = Visit(1, 10 * HOUR + 58 * MINUTE);
    let data = History::default()
        .view(visit, 10 * HOUR + 58 * MINUTE, "/a")
        .view(visit, 11 * HOUR + 3 * MINUTE, "/b")
        .data();
    assert_eq!(judged(&data, 1), ["1 1 0 0", "1 1 0 300", "1 1 0 0"]);
}

#[test]
fn case_d_same_person_next_day() {
    let data =
        History::default().view(Visit(1, HOUR), HOUR, "/").view(Visit(1, DAY + HOUR), DAY + HOUR, "/").data();
    let visitors = judged(&data, 2).map(|line| line.split(' ').next().unwrap().to_owned());
    assert_eq!(visitors, ["1", "2", "1"]);
}

#[test]
fn case_d_under_daily_ids_is_two_people_to_everyone() {
    let data =
        History::default().view(Visit(1, HOUR), HOUR, "/").view(Visit(2, DAY + HOUR), DAY + HOUR, "/").data();
    let visitors = judged(&data, 2).map(|line| line.split(' ').next().unwrap().to_owned());
    assert_eq!(visitors, ["2", "2", "2"]);
}

fn across_midnight() -> Dataset {
    let visit = Visit(1, DAY - 5 * MINUTE);
    History::default().view(visit, DAY - 5 * MINUTE, "/a").view(visit, DAY + 5 * MINUTE, "/b").data()
}

#[test]
fn case_e_a_visit_across_midnight() {
    let data = across_midnight();
    assert_eq!(judged(&data, 2), ["1 1 0 0", "1 1 0 600", "1 1 0 0"]);
    for (definitions, expected) in SETS.into_iter().zip([
        ["2026-03-02: 1 1 1", "2026-03-03: 1 1 1"],
        ["2026-03-02: 1 1 1", "2026-03-03: 1 1 1"],
        ["2026-03-02: 1 1 1", "2026-03-03: 1 0 1"],
    ]) {
        let mut query = days(&[Metric::Visitors, Metric::Visits, Metric::PageViews], &[BY_DAY], 2);
        query.definitions = definitions;
        assert_eq!(rows(&data, &query), expected, "{definitions:?}");
    }
}

#[test]
fn second_day_of_a_visit_knows_the_first() {
    // Events are loaded from a day before the range: the visit is no bounce, and entered on /a.
    let data = across_midnight();
    for (definitions, expected) in SETS.into_iter().zip(["/a: 1 1 0 0", "/a: 1 1 0 600", "/a: 1 0 - -"]) {
        let mut query = between(&WHOLE, &[Dimension::EntryPage], DAY, 2 * DAY, &Zone::UTC);
        query.definitions = definitions;
        assert_eq!(rows(&data, &query), [expected], "{definitions:?}");
    }
}

#[test]
fn case_f_idle_for_31_minutes_is_two_visits() {
    let (first, second) = (Visit(1, HOUR), Visit(1, HOUR + 31 * MINUTE));
    let data = History::default()
        .view(first, HOUR, "/1")
        .beat(first, HOUR + MINUTE, HOUR, 5_000, 40)
        .view(second, HOUR + 31 * MINUTE, "/2")
        .data();
    for definitions in SETS {
        let mut query = days(&[Metric::Visits, Metric::BounceRate], &[Dimension::EntryPage], 1);
        query.definitions = definitions;
        assert_eq!(rows(&data, &query), ["/1: 1 100", "/2: 1 100"]);
    }
}

#[test]
fn case_g_still_reading_counts_by_actions_alone() {
    // The page was opened 6 minutes ago; a heartbeat makes nobody a visitor of the last 5 minutes.
    let visit = Visit(1, HOUR);
    let data =
        History::default().view(visit, HOUR, "/").beat(visit, HOUR + 6 * MINUTE, HOUR, 6 * MINUTE, 90).data();
    let last = |minutes: u64| {
        let to = HOUR + 6 * MINUTE + 1;
        totals(&data, &between(&[Metric::Visitors], &[], to - minutes * MINUTE, to, &Zone::UTC))
    };
    assert_eq!((last(5), last(30)), ("0".into(), "1".into()));
}

#[test]
fn definition_sets_differ_in_clicks_and_custom_events() {
    let mut history = History::default();
    for (user, kind) in (1..).zip([Kind::Click, Kind::Custom, Kind::Conversion]) {
        let visit = Visit(user, HOUR);
        history.view(visit, HOUR, "/").act(visit, HOUR + 4_000, HOUR, kind, "x");
    }
    let data = history.data();
    assert_eq!(judged(&data, 1), ["3 3 33.33 0", "3 3 0 4", "3 3 66.67 0"]);
}

#[test]
fn midnight_is_that_of_the_sites_zone() {
    // 15:00 UTC is midnight in Seoul.
    let seoul = Zone::new(9 * 3_600, Vec::new());
    let data = History::default()
        .view(Visit(1, 15 * HOUR - 1), 15 * HOUR - 1, "/")
        .view(Visit(2, 15 * HOUR), 15 * HOUR, "/")
        .data();
    let query = between(&[Metric::Visitors], &[BY_DAY], 0, DAY, &seoul);
    assert_eq!(rows(&data, &query), ["2026-03-02: 1", "2026-03-03: 1"]);
}

#[test]
fn half_hour_zones_have_half_hour_edges() {
    let kolkata = Zone::new(19_800, Vec::new());
    let data = History::default()
        .view(Visit(1, 30 * MINUTE - 1), 30 * MINUTE - 1, "/")
        .view(Visit(2, 30 * MINUTE), 30 * MINUTE, "/")
        .data();
    let query = between(&[Metric::Visitors], &[Dimension::Time(Step::Hour)], 0, HOUR, &kolkata);
    assert_eq!(rows(&data, &query), ["2026-03-02 05:00:00: 1", "2026-03-02 06:00:00: 1"]);
    let query = between(&[Metric::Visitors], &[Dimension::HourOfDay], 0, HOUR, &kolkata);
    assert_eq!(rows(&data, &query), ["05: 1", "06: 1"]);
}

#[test]
fn days_of_23_and_25_hours_are_whole() {
    // New York: 8 March 07:00 UTC from -5 to -4 h, 1 November 06:00 UTC back.
    let spring = MONDAY + 6 * DAY + 7 * HOUR;
    let autumn = MONDAY + (6 + 238) * DAY + 6 * HOUR;
    let new_york = Zone::new(-5 * 3_600, vec![(spring, -4 * 3_600), (autumn, -5 * 3_600)]);
    for (change, hours) in [(spring, 23), (autumn, 25)] {
        let day = new_york.day(change);
        let (from, to) = (new_york.day_start(day) - MONDAY, new_york.day_start(day + 1) - MONDAY);
        assert_eq!((to - from) / HOUR, hours);
        let data = History::default()
            .view(Visit(1, from), from, "/")
            .view(Visit(2, to - 1), to - 1, "/")
            .view(Visit(3, to), to, "/")
            .data();
        let query = between(&[Metric::Visitors], &[BY_DAY], from - DAY, to + DAY, &new_york);
        let counts: Vec<_> = rows(&data, &query).iter().map(|row| row[12..].to_owned()).collect();
        assert_eq!(counts, ["2", "1"]);
    }
}

#[test]
fn hour_that_occurs_twice_is_two_steps() {
    let change = MONDAY + 6 * HOUR;
    let zone = Zone::new(7_200, vec![(change, 3_600)]);
    let data = History::default()
        .view(Visit(1, 5 * HOUR), 5 * HOUR, "/")
        .view(Visit(2, 6 * HOUR), 6 * HOUR, "/")
        .data();
    let query = between(&[Metric::Visitors], &[Dimension::Time(Step::Hour)], 0, DAY, &zone);
    assert_eq!(rows(&data, &query), ["2026-03-02 07:00:00: 1", "2026-03-02 07:00:00: 1"]);
    let query = between(&[Metric::Visitors], &[Dimension::HourOfDay], 0, DAY, &zone);
    assert_eq!(rows(&data, &query), ["07: 2"]);
}

#[test]
fn leap_day_and_new_year_have_their_days() {
    // 2028-02-28T00:00Z is 728 days after 2026-03-02, 2026-12-31 is 304.
    let leap = 728 * DAY;
    let year = 304 * DAY;
    let data = History::default()
        .view(Visit(1, leap + DAY), leap + DAY, "/")
        .view(Visit(2, leap + 2 * DAY), leap + 2 * DAY, "/")
        .view(Visit(3, year + DAY - 1), year + DAY - 1, "/")
        .view(Visit(4, year + DAY), year + DAY, "/")
        .data();
    let query = between(&[Metric::Visitors], &[BY_DAY], leap, leap + 3 * DAY, &Zone::UTC);
    assert_eq!(rows(&data, &query), ["2028-02-29: 1", "2028-03-01: 1"]);
    let query =
        between(&[Metric::Visitors], &[Dimension::Time(Step::Month)], year, year + 2 * DAY, &Zone::UTC);
    assert_eq!(rows(&data, &query), ["2026-12-01: 1", "2027-01-01: 1"]);
    let query =
        between(&[Metric::Visitors], &[Dimension::Time(Step::Week)], year, year + 2 * DAY, &Zone::UTC);
    assert_eq!(rows(&data, &query), ["2026-12-28: 2"]);
}

#[test]
fn two_devices_and_tabs_in_parallel() {
    // Two devices are two visitors; two tabs share a visit and their times add up page by page.
    let (phone, desk) = (Visit(1, HOUR), Visit(2, HOUR));
    let data = History::default()
        .view(phone, HOUR, "/")
        .view(desk, HOUR, "/a")
        .view(desk, HOUR + 1_000, "/b")
        .beat(desk, HOUR + 5_000, HOUR, 4_000, 10)
        .beat(desk, HOUR + 6_000, HOUR + 1_000, 3_000, 20)
        .beat(desk, HOUR + 9_000, HOUR, 6_000, 30)
        .data();
    assert_eq!(totals(&data, &days(&WHOLE, &[], 1)), "2 2 50 4.5");
    let query = days(&[Metric::TimeOnPage, Metric::ScrollDepth], &[Dimension::Page], 1);
    assert_eq!(rows(&data, &query), ["/a: 6 30", "/b: 3 20", "/: - -"]);
}
