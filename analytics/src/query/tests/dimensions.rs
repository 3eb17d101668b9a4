use protocol::query::{
    Dimension, Filter, Goal, GoalOn, Metric, Op, PropertyOp, PropertyTest, Step, VisitField, Zone,
};

use super::history::{DAY, HOUR, History, MINUTE, Visit, answer, between, days, rows};
use crate::Dataset;
use crate::row::{EventDim, Kind, VisitDim};

const COUNTS: [Metric; 3] = [Metric::Visitors, Metric::Visits, Metric::Events];

fn data() -> Dataset {
    let mut history = History::default();
    let (one, two) = (Visit(1, HOUR), Visit(2, DAY));
    history
        .on_host("a.example")
        .from(&[
            (VisitDim::Source, "Google"),
            (VisitDim::BrowserVersion, "120"),
            (VisitDim::Browser, "Firefox"),
        ])
        .view(one, HOUR, "/a")
        .act(one, HOUR + 5, HOUR, Kind::Click, "")
        .act(one, HOUR + 6, HOUR, Kind::Conversion, "buy")
        .on_host("b.example")
        .view(one, HOUR + MINUTE, "/b")
        .from(&[(VisitDim::Source, "Naver")])
        .push(two, DAY, DAY, Kind::PageView, |row| {
            row.texts[EventDim::Path.index()] = "/a";
            row.texts[EventDim::Title.index()] = "A";
            row.props = &[("plan", "pro"), ("team", "x")];
        })
        .act(two, DAY + 1, DAY, Kind::Custom, "video");
    history.data()
}

fn by(dimensions: &[Dimension]) -> Vec<String> {
    rows(&data(), &days(&COUNTS, dimensions, 2))
}

#[test]
fn visits_are_grouped_by_what_is_said_of_them() {
    assert_eq!(by(&[Dimension::Visit(VisitField::Source)]), ["Google: 1 1 4", "Naver: 1 1 2"]);
    assert_eq!(by(&[Dimension::EntryPage]), ["/a: 2 2 6"]);
    assert_eq!(by(&[Dimension::ExitPage]), ["/a: 1 1 2", "/b: 1 1 4"]);
    assert_eq!(by(&[Dimension::EntryHost]), ["a.example: 1 1 4", "b.example: 1 1 2"]);
    assert_eq!(by(&[Dimension::ExitHost]), ["b.example: 2 2 6"]);
    assert_eq!(
        by(&[Dimension::Visit(VisitField::Browser), Dimension::Visit(VisitField::BrowserVersion)]),
        [",: 1 1 2", "Firefox,120: 1 1 4"]
    );
}

#[test]
fn actions_are_grouped_by_what_they_say_or_their_page_says() {
    assert_eq!(by(&[Dimension::Page]), ["/a: 2 2 5", "/b: 1 1 1"]);
    assert_eq!(by(&[Dimension::Host]), ["b.example: 2 2 3", "a.example: 1 1 3"]);
    assert_eq!(by(&[Dimension::Title]), [": 1 1 2", "A: 1 1 1"]);
    assert_eq!(
        by(&[Dimension::EventName]),
        ["pageview: 2 2 3", "buy: 1 1 1", "click: 1 1 1", "video: 1 1 1"]
    );
    assert_eq!(by(&[Dimension::Goal]), ["buy: 1 1 1"]);
    assert_eq!(by(&[Dimension::Property("plan".into())]), ["(none): 2 2 5", "pro: 1 1 1"]);
    assert_eq!(
        by(&[Dimension::Property("plan".into()), Dimension::Page]),
        ["(none),/a: 2 2 4", "(none),/b: 1 1 1", "pro,/a: 1 1 1"]
    );
}

#[test]
fn one_action_may_reach_several_goals() {
    let mut query = days(&[Metric::Visitors, Metric::Conversions], &[Dimension::Goal], 2);
    let goal = |name: &str, on| Goal::new(name, on);
    query.goals = vec![
        goal("Any page", GoalOn::Page("**".into())),
        goal("Page a", GoalOn::Page("/a".into())),
        goal("Bought", GoalOn::Event("buy".into())),
        goal("Never", GoalOn::Event("never".into())),
    ];
    assert_eq!(rows(&data(), &query), ["Any page: 2 3", "Page a: 2 2", "Bought: 1 1"]);
    query.dimensions.clear();
    query.order.truncate(1);
    assert_eq!(rows(&data(), &query), [": 2 4"], "an action that reaches two goals is one conversion");
}

#[test]
fn goal_may_ask_for_properties_of_its_event() {
    let mut query = days(&[Metric::Visitors, Metric::Conversions], &[Dimension::Goal], 2);
    let goal = |name: &str, op, value: &str| Goal {
        props: vec![PropertyTest { key: "plan".into(), op, values: vec![value.into()] }],
        ..Goal::new(name, GoalOn::Event("buy".into()))
    };
    let seen = |name: &str, op, value: &str| Goal { on: GoalOn::Page("/a".into()), ..goal(name, op, value) };
    query.goals = vec![
        seen("pro", PropertyOp::Is, "pro"),
        seen("not pro", PropertyOp::IsNot, "pro"),
        seen("in part", PropertyOp::Contains, "ro"),
        seen("not in part", PropertyOp::ContainsNot, "ro"),
        goal("without", PropertyOp::Is, "(none)"),
        goal("never", PropertyOp::Is, "pro"),
    ];
    let expected = ["in part: 1 1", "not in part: 1 1", "not pro: 1 1", "pro: 1 1", "without: 1 1"];
    assert_eq!(rows(&data(), &query), expected);
    query.filters = vec![Filter::test(Dimension::Goal, Op::Is, &["never"])];
    assert!(rows(&data(), &query).is_empty());
}

#[test]
fn conversion_without_a_name_reaches_the_goal_of_the_empty_text() {
    let visit = Visit(1, HOUR);
    let data =
        History::default().view(visit, HOUR, "/").act(visit, HOUR + 5, HOUR, Kind::Conversion, "").data();
    assert_eq!(rows(&data, &days(&COUNTS, &[Dimension::Goal], 1)), [": 1 1 1"]);
    assert_eq!(
        rows(&data, &days(&COUNTS, &[Dimension::EventName], 1)),
        ["conversion: 1 1 1", "pageview: 1 1 1"]
    );
}

#[test]
fn steps_without_a_row_have_a_label_if_asked() {
    let mut query = days(&[Metric::Visitors], &[Dimension::Time(Step::Hour)], 1);
    query.include.time_labels = true;
    let answer = answer(&data(), &query);
    assert_eq!(answer.results.len(), 1);
    assert_eq!(answer.meta.time_labels.unwrap().len(), 24);
}

#[test]
fn hours_and_weekdays_come_round() {
    let query = between(&COUNTS, &[Dimension::Weekday], 0, 8 * DAY, &Zone::UTC);
    assert_eq!(rows(&data(), &query), ["1: 1 1 4", "2: 1 1 2"]);
    let query = between(&COUNTS, &[Dimension::HourOfDay, Dimension::Weekday], 0, 8 * DAY, &Zone::UTC);
    assert_eq!(rows(&data(), &query), ["00,2: 1 1 2", "01,1: 1 1 4"]);
}

#[test]
fn range_cuts_counts_but_not_what_is_said_of_visits() {
    // Only the second page view is in range; the visit still entered on /a.
    let query = between(&COUNTS, &[Dimension::EntryPage], HOUR + MINUTE, DAY, &Zone::UTC);
    assert_eq!(rows(&data(), &query), ["/a: 1 1 1"]);
    let query = between(&COUNTS, &[], HOUR + MINUTE + 1, DAY, &Zone::UTC);
    assert_eq!(rows(&data(), &query), [": 0 0 0"], "the end of the range is not in it");
}

#[test]
fn comparison_stands_beside_each_row() {
    let mut query = between(&[Metric::Visitors], &[Dimension::Page], DAY, 2 * DAY, &Zone::UTC);
    let before = query.period.range.start - DAY..query.period.range.start;
    query.comparison = Some(protocol::query::Period { range: before, edges: Vec::new() });
    let answer = answer(&data(), &query);
    assert_eq!(answer.results.len(), 1);
    let row = &answer.results[0];
    assert_eq!((&row.dimensions[0][..], &row.comparison), ("/a", &Some(row.metrics.clone())));
}
