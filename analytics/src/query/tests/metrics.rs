use protocol::query::{Dimension, Filter, Metric, Op, Value, VisitField};

use super::history::{DAY, HOUR, History, MINUTE, Visit, answer, days, rows, totals};
use crate::Dataset;
use crate::row::{Kind, VisitDim};

fn data() -> Dataset {
    let mut history = History::default();
    let (one, two, three) = (Visit(1, HOUR), Visit(2, HOUR), Visit(3, HOUR));
    history
        .from(&[(VisitDim::Source, "Google")])
        .view(one, HOUR, "/a")
        .beat(one, HOUR + 9_000, HOUR, 20_000, 50)
        .view(one, HOUR + MINUTE, "/b")
        .view(one, HOUR + 2 * MINUTE, "/a")
        .sale(one, HOUR + 2 * MINUTE + 1, HOUR + 2 * MINUTE, "10.50", "EUR")
        .sale(one, HOUR + 2 * MINUTE + 2, HOUR + 2 * MINUTE, "0.25", "EUR")
        .view(two, HOUR, "/b")
        .sale(two, HOUR + 1, HOUR, "0.00001", "BTC")
        .from(&[(VisitDim::Source, "Naver")])
        .view(three, HOUR, "/a")
        .beat(three, HOUR + 9_000, HOUR, 4_000, 100);
    history.data()
}

#[test]
fn rates_of_pages_are_of_their_views() {
    let metrics = [Metric::PageViews, Metric::EntryRate, Metric::ExitRate, Metric::ViewsPerVisit];
    let query = days(&metrics, &[Dimension::Page], 1);
    assert_eq!(rows(&data(), &query), ["/a: 3 66.67 66.67 1.5", "/b: 2 50 50 1"]);
    // Bounce rate by page is of visits that entered there: visitor 2's visit is no bounce, it converted.
    let query = days(&[Metric::Visits, Metric::BounceRate], &[Dimension::Page], 1);
    assert_eq!(rows(&data(), &query), ["/a: 2 50", "/b: 2 0"]);
    let query = days(&[Metric::TimeOnPage, Metric::ScrollDepth], &[Dimension::Page], 1);
    assert_eq!(rows(&data(), &query), ["/a: 12 75", "/b: - -"]);
}

#[test]
fn revenue_is_exact_and_by_currency() {
    let query = days(&[Metric::TotalRevenue, Metric::AverageRevenue, Metric::Conversions], &[], 1);
    assert_eq!(totals(&data(), &query), "[0.00001 BTC, 10.75 EUR] [0 BTC, 5.375 EUR] 3");
    let by_source = days(&[Metric::TotalRevenue], &[Dimension::Visit(VisitField::Source)], 1);
    assert_eq!(rows(&data(), &by_source), ["Google: [0.00001 BTC, 10.75 EUR]", "Naver: []"]);
}

#[test]
fn conversion_rates_look_past_goals_alone() {
    let metrics = [Metric::Visitors, Metric::ConversionRate, Metric::Percentage];
    let mut query = days(&metrics, &[], 1);
    assert_eq!(totals(&data(), &query), "3 66.67 100");
    query.filters = vec![Filter::test(Dimension::Goal, Op::Is, &["purchase"])];
    assert_eq!(totals(&data(), &query), "2 66.67 100");
    let metrics = [Metric::Visitors, Metric::ConversionRate, Metric::GroupConversionRate, Metric::Percentage];
    query = days(&metrics, &[Dimension::Visit(VisitField::Source)], 1);
    assert_eq!(rows(&data(), &query), ["Google: 2 66.67 100 66.67", "Naver: 1 0 0 33.33"]);
    query = days(&metrics, &[Dimension::Page, Dimension::Goal], 1);
    // Of two visitors each of /a and /b one bought there.
    assert_eq!(rows(&data(), &query), ["/a,purchase: 1 33.33 50 33.33", "/b,purchase: 1 33.33 50 33.33"]);
}

#[test]
fn group_that_is_missing_in_the_comparison_is_none_of_the_wider_group() {
    let mut history = History::default();
    let (before, now) = (Visit(1, HOUR), Visit(2, DAY + HOUR));
    history.view(before, HOUR, "/a").view(Visit(3, HOUR), HOUR, "/a");
    history.view(now, DAY + HOUR, "/a").push(now, DAY + HOUR + 5, DAY + HOUR, Kind::Conversion, |row| {
        row.texts[crate::EventDim::Name.index()] = "purchase";
    });
    let mut query = days(&[Metric::GroupConversionRate], &[Dimension::Page, Dimension::Goal], 2);
    query.period.range.start += DAY;
    query.comparison = Some(days(&[Metric::Visitors], &[], 1).period);
    let answer = answer(&history.data(), &query);
    let row = &answer.results[0];
    assert_eq!(row.dimensions, ["/a", "purchase"]);
    assert_eq!(row.metrics, [Value::Share(1, 1)]);
    assert_eq!(row.comparison, Some(vec![Value::Share(0, 2)]));
}

#[test]
fn engaged_time_has_a_mean_and_percentiles() {
    let metrics =
        [Metric::EngagedTime, Metric::EngagedTimeP50, Metric::EngagedTimeP75, Metric::EngagedTimeP95];
    let answer = answer(&data(), &days(&metrics, &[], 1));
    let numbers: Vec<_> = answer.results[0].metrics.iter().map(|value| value.number().unwrap()).collect();
    assert_eq!(numbers, [8.0, 4.0, 20.0, 20.0]);
    assert!(answer.meta.estimates.is_empty());
}

#[test]
fn percentiles_of_many_say_how_far_they_may_be_off() {
    let mut history = History::default();
    for number in 0..5_000_u64 {
        let visit = Visit((number % 200) as u8, number * 1_000);
        history.view(visit, visit.1, "/").beat(visit, visit.1 + 500, visit.1, number, 10);
    }
    let answer = answer(&history.data(), &days(&[Metric::EngagedTimeP50], &[], 1));
    let median = answer.results[0].metrics[0].number().unwrap();
    assert!((median - 2.499).abs() < 2.499 / 128.0, "{median}");
    assert_eq!(answer.meta.estimates[0].metric, "engaged_time_p50");
}

#[test]
fn page_opened_twice_counts_its_time_once() {
    let visit = Visit(1, HOUR);
    let mut history = History::default();
    history.view(visit, HOUR, "/a").push(visit, HOUR + 5, HOUR, Kind::PageView, |row| {
        row.texts[crate::EventDim::Path.index()] = "/b";
    });
    history.beat(visit, HOUR + 9_000, HOUR, 8_000, 10);
    let query = days(&[Metric::PageViews, Metric::TimeOnPage], &[Dimension::Page], 1);
    assert_eq!(rows(&history.data(), &query), ["/a: 1 8", "/b: 1 -"]);
}

#[test]
fn nothing_has_totals_of_nothing() {
    let all = Metric::ALL.into_iter().filter(|metric| *metric != Metric::GroupConversionRate);
    let query = days(&all.collect::<Vec<_>>(), &[], 1);
    assert_eq!(totals(&Dataset::default(), &query), "0 0 0 - - - - - - - - - 0 0 - [] [] - - -");
    assert_eq!(
        rows(&Dataset::default(), &days(&[Metric::Visitors], &[Dimension::Page], 1)),
        Vec::<String>::new()
    );
}
