use protocol::query::{Dimension, Filter, Goal, GoalOn, Metric, Op, Test, VisitField};

use super::history::{HOUR, History, MINUTE, Visit, days, rows, totals};
use crate::Dataset;
use crate::row::{Kind, VisitDim};

const COUNTS: [Metric; 4] = [Metric::Visitors, Metric::Visits, Metric::PageViews, Metric::Events];
const COUNTRY: Dimension = Dimension::Visit(VisitField::Country);

/// Visitor 1 from KR reads /blog/a and /pricing and signs up there; visitor 2 from DE reads /blog/b with the
/// property plan=pro; visitor 3 from KR looks at / and clicks.
fn data() -> Dataset {
    let mut history = History::default();
    let (one, two, three) = (Visit(1, HOUR), Visit(2, 2 * HOUR), Visit(3, 3 * HOUR));
    history
        .from(&[(VisitDim::Country, "KR")])
        .view(one, HOUR, "/blog/a")
        .view(one, HOUR + MINUTE, "/pricing")
        .act(one, HOUR + 2 * MINUTE, HOUR + MINUTE, Kind::Conversion, "signup")
        .view(three, 3 * HOUR, "/")
        .act(three, 3 * HOUR + 1, 3 * HOUR, Kind::Click, "menu")
        .from(&[(VisitDim::Country, "DE")])
        .push(two, 2 * HOUR, 2 * HOUR, Kind::PageView, |row| {
            row.texts[crate::EventDim::Path.index()] = "/blog/b";
            row.props = &[("plan", "pro")];
        });
    history.data()
}

fn counted(filters: &[Filter]) -> String {
    let mut query = days(&COUNTS, &[], 1);
    query.filters = filters.to_vec();
    totals(&data(), &query)
}

fn is(dimension: Dimension, value: &str) -> Filter {
    Filter::test(dimension, Op::Is, &[value])
}

fn not(filter: Filter) -> Filter {
    Filter::Not(Box::new(filter))
}

fn has_done(filter: Filter) -> Filter {
    Filter::HasDone(Box::new(filter))
}

#[test]
fn filters_of_visits_keep_whole_visits() {
    assert_eq!(counted(&[]), "3 3 4 6");
    assert_eq!(counted(&[is(COUNTRY, "KR")]), "2 2 3 5");
    assert_eq!(counted(&[not(is(COUNTRY, "KR"))]), "1 1 1 1");
    assert_eq!(counted(&[is(COUNTRY, "FR")]), "0 0 0 0");
    assert_eq!(counted(&[is(Dimension::EntryPage, "/blog/a")]), "1 1 2 3");
    assert_eq!(counted(&[is(Dimension::ExitPage, "/pricing")]), "1 1 2 3");
}

#[test]
fn filters_of_actions_keep_actions() {
    let blog = Filter::test(Dimension::Page, Op::Contains, &["blog"]);
    assert_eq!(counted(std::slice::from_ref(&blog)), "2 2 2 2");
    assert_eq!(counted(&[not(blog.clone())]), "2 2 2 4");
    assert_eq!(counted(&[is(Dimension::Page, "/pricing")]), "1 1 1 2", "the conversion is on its page");
    assert_eq!(counted(&[blog.clone(), is(COUNTRY, "KR")]), "1 1 1 1");
    let either = Filter::Or(vec![blog.clone(), is(Dimension::EventName, "menu")]);
    assert_eq!(counted(&[either]), "3 3 2 3");
    let both = Filter::And(vec![blog, is(COUNTRY, "DE")]);
    assert_eq!(counted(&[Filter::Or(vec![both, is(Dimension::Page, "/")])]), "2 2 2 3");
    assert_eq!(counted(&[Filter::test(Dimension::Page, Op::Matches, &["^/blog/[ab]$"])]), "2 2 2 2");
}

#[test]
fn case_is_folded_only_when_asked() {
    let test = |case_sensitive| {
        let values = vec!["/BLOG/A".to_owned()];
        Filter::Test(Test { dimension: Dimension::Page, op: Op::Is, values, case_sensitive })
    };
    assert_eq!(counted(&[test(true)]), "0 0 0 0");
    assert_eq!(counted(&[test(false)]), "1 1 1 1");
}

#[test]
fn names_properties_and_goals_are_tested() {
    let plan = || Dimension::Property("plan".into());
    assert_eq!(counted(&[is(Dimension::EventName, "pageview")]), "3 3 4 4");
    assert_eq!(counted(&[is(plan(), "pro")]), "1 1 1 1");
    assert_eq!(counted(&[is(plan(), "(none)")]), "2 2 3 5");
    assert_eq!(counted(&[is(Dimension::Property("no such".into()), "(none)")]), "3 3 4 6");
    assert_eq!(counted(&[is(Dimension::Goal, "signup")]), "1 1 0 1");
    assert_eq!(counted(&[not(is(Dimension::Goal, "signup"))]), "3 3 4 5");
    let mut query = days(&COUNTS, &[], 1);
    query.goals = vec![Goal::new("Blog", GoalOn::Page("/blog/*".into()))];
    query.filters = vec![is(Dimension::Goal, "Blog")];
    assert_eq!(totals(&data(), &query), "2 2 2 2");
}

#[test]
fn has_done_asks_of_the_whole_visit() {
    assert_eq!(counted(&[has_done(is(Dimension::Goal, "signup"))]), "1 1 2 3");
    assert_eq!(counted(&[not(has_done(is(Dimension::Goal, "signup")))]), "2 2 2 3");
    let read_and_signed = [is(Dimension::Page, "/blog/a"), has_done(is(Dimension::Goal, "signup"))];
    assert_eq!(counted(&read_and_signed), "1 1 1 1");
    let mut query = days(&COUNTS, &[], 1);
    query.filters = vec![has_done(is(Dimension::Page, "/pricing"))];
    query.period.range.end = query.period.range.start + HOUR + MINUTE;
    assert_eq!(totals(&data(), &query), "0 0 0 0", "what is done after the range is not done");
}

#[test]
fn expression_that_is_none_is_an_error() {
    let mut query = days(&COUNTS, &[], 1);
    query.filters = vec![Filter::test(Dimension::Page, Op::Matches, &["("])];
    let data = data();
    let error = crate::query::run(&data, &crate::query::Index::of(&data), &query).unwrap_err();
    assert_eq!(error.place, "filters");
}

#[test]
fn order_and_pages_are_complete() {
    let mut query = days(&[Metric::Visitors], &[Dimension::Page], 1);
    let all = rows(&data(), &query);
    assert_eq!(all, ["/: 1", "/blog/a: 1", "/blog/b: 1", "/pricing: 1"]);
    query.include.total_rows = true;
    query.pagination.limit = 2;
    query.pagination.offset = 1;
    assert_eq!(rows(&data(), &query), all[1..3]);
    assert_eq!(super::history::answer(&data(), &query).meta.total_rows, Some(4));
    query.order[1].descending = true;
    assert_eq!(rows(&data(), &query), ["/blog/b: 1", "/blog/a: 1"]);
}
