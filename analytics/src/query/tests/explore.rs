//! Funnels, retention, journeys and timelines.

use protocol::query::{Anchor, Definitions, Dimension, Filter, GoalOn, Metric, Op, RawFunnel, Step, Zone};
use protocol::{SessionId, UserId};

use super::history::{BY_DAY, DAY, HOUR, History, MINUTE, MONDAY, Visit, between, days};
use crate::query::Index;
use crate::row::{EventDim, Kind, VisitDim};
use crate::{Dataset, funnel, journey, retention, visit_timeline, visitor_timeline};

fn steps(steps: &[&str], strict: bool, window_ms: u64) -> protocol::query::Funnel {
    let on = |step: &&str| {
        if step.starts_with('/') { GoalOn::Page((*step).into()) } else { GoalOn::Event((*step).into()) }
    };
    RawFunnel { steps: steps.iter().map(on).collect(), strict, window_ms }.check().unwrap()
}

fn reached(data: &Dataset, funnel_: &protocol::query::Funnel) -> Vec<u64> {
    let query = days(&[Metric::Visitors], &[], 7);
    funnel(data, &Index::of(data), &query, funnel_).unwrap().visitors
}

/// 1 goes straight, 2 looks at another page in between, 3 stops half-way, 4 goes backwards, 5 needs two visits.
fn shoppers() -> Dataset {
    let mut history = History::default();
    for (user, pages) in [
        (1, vec!["/cart", "/pay"]),
        (2, vec!["/cart", "/help", "/pay"]),
        (3, vec!["/cart"]),
        (4, vec!["/pay", "/cart"]),
    ] {
        let visit = Visit(user, HOUR);
        for (minute, page) in (0..).zip(&pages) {
            history.view(visit, HOUR + minute * MINUTE, page);
        }
        if user < 3 {
            history.act(visit, 2 * HOUR, HOUR, Kind::Conversion, "buy");
        }
    }
    history.view(Visit(5, HOUR), HOUR, "/cart").view(Visit(5, DAY), DAY, "/pay");
    history.data()
}

#[test]
fn funnel_counts_who_takes_the_steps_in_order() {
    let data = shoppers();
    assert_eq!(reached(&data, &steps(&["/cart", "/pay", "buy"], false, 7 * DAY)), [5, 3, 2]);
    assert_eq!(reached(&data, &steps(&["/cart", "/pay", "buy"], true, 7 * DAY)), [5, 2, 1]);
    assert_eq!(reached(&data, &steps(&["/cart", "/pay", "buy"], false, 5 * MINUTE)), [5, 2, 0]);
    assert_eq!(reached(&data, &steps(&["/cart", "/cart"], false, DAY)), [5, 0], "one action is one step");
    assert_eq!(reached(&data, &steps(&["/**", "/**", "/**"], false, DAY)), [5, 4, 1]);
}

#[test]
fn later_attempt_may_be_the_better_one() {
    let visit = Visit(1, HOUR);
    let data = History::default()
        .view(visit, HOUR, "/cart")
        .view(visit, HOUR + 50 * MINUTE, "/cart")
        .view(visit, HOUR + 55 * MINUTE, "/pay")
        .data();
    assert_eq!(reached(&data, &steps(&["/cart", "/pay"], false, 10 * MINUTE)), [1, 1]);
}

#[test]
fn funnels_have_two_to_eight_steps() {
    for count in [0, 1, 9] {
        let steps = vec![GoalOn::Page("/".into()); count];
        assert!(RawFunnel { steps, strict: false, window_ms: 1 }.check().is_err(), "{count}");
    }
}

#[test]
fn cohorts_come_back() {
    let mut history = History::default();
    for (user, on) in [(1, vec![0, 1, 3]), (2, vec![0, 3]), (3, vec![1, 2]), (4, vec![2])] {
        for day in on {
            let visit = Visit(user, day * DAY + HOUR);
            history.view(visit, visit.1, "/").view(visit, visit.1 + 1, "/");
        }
    }
    let data = history.data();
    let query = between(&[Metric::Visitors], &[BY_DAY], 0, 4 * DAY, &Zone::UTC);
    let answer = retention(&data, &Index::of(&data), &query).unwrap();
    let table: Vec<_> = answer.cohorts.iter().map(|cohort| cohort.visitors.clone()).collect();
    assert_eq!(table, [vec![2, 1, 0, 2], vec![1, 1, 0], vec![1, 0], vec![0]]);
    let weeks = between(&[Metric::Visitors], &[Dimension::Time(Step::Week)], 0, 14 * DAY, &Zone::UTC);
    let answer = retention(&data, &Index::of(&data), &weeks).unwrap();
    assert_eq!(answer.cohorts[0].visitors, [4, 0]);
    assert!(retention(&data, &Index::of(&data), &days(&[Metric::Visitors], &[], 1)).is_err());
}

#[test]
fn journeys_tell_where_visits_go_and_came_from() {
    let mut history = History::default();
    for (user, pages) in
        (1..).zip([["/", "/a", "/b"].as_slice(), &["/", "/a", "/a", "/c"], &["/", "/b"], &["/a"]])
    {
        let visit = Visit(user, HOUR);
        for (minute, page) in (0..).zip(pages) {
            history.view(visit, HOUR + minute * MINUTE, page);
        }
    }
    let data = history.data();
    let index = Index::of(&data);
    let query = days(&[Metric::Visits], &[], 1);
    let told = |anchor: &Anchor, limit| journey(&data, &index, &query, anchor, 3, limit).unwrap();
    let start = told(&Anchor::Start, 10);
    assert_eq!((start.visits, start.steps.len(), start.others), (4, 2, 0));
    let root = &start.steps[0];
    assert_eq!((&root.page[..], root.visits, root.ended, root.others), ("/", 3, 0, 0));
    let next: Vec<_> = root.next.iter().map(|step| (&step.page[..], step.visits)).collect();
    assert_eq!(next, [("/a", 2), ("/b", 1)]);
    let beyond: Vec<_> = root.next[0].next.iter().map(|step| (&step.page[..], step.ended)).collect();
    assert_eq!(beyond, [("/b", 1), ("/c", 1)]);
    let few = told(&Anchor::Start, 1);
    assert_eq!((few.others, few.steps[0].others, few.steps[0].next.len()), (1, 1, 1));
    let before = told(&Anchor::Before("/a".into()), 10);
    assert_eq!((before.visits, before.steps[0].ended), (3, 1));
    assert_eq!((&before.steps[0].next[0].page[..], before.steps[0].next[0].visits), ("/", 2));
    let after = told(&Anchor::After("/a".into()), 10);
    assert_eq!((after.steps[0].visits, after.steps[0].ended, after.steps[0].next.len()), (3, 1, 2));
    let end = told(&Anchor::End, 10);
    let ends: Vec<_> = end.steps.iter().map(|step| (&step.page[..], step.visits)).collect();
    assert_eq!(ends, [("/b", 2), ("/a", 1), ("/c", 1)]);
}

#[test]
fn filters_of_a_query_hold_everywhere() {
    let data = shoppers();
    let index = Index::of(&data);
    let mut query = days(&[Metric::Visitors], &[], 7);
    query.filters = vec![Filter::Not(Box::new(Filter::test(Dimension::Page, Op::Is, &["/help"])))];
    let strict = steps(&["/cart", "/pay"], true, DAY);
    assert_eq!(funnel(&data, &index, &query, &strict).unwrap().visitors, [5, 3]);
}

#[test]
fn timelines_tell_what_a_visitor_did() {
    let visit = Visit(1, HOUR);
    let mut history = History::default();
    history
        .from(&[(VisitDim::Country, "KR")])
        .on_host("a.example")
        .push(visit, HOUR, HOUR, Kind::PageView, |row| {
            row.texts[EventDim::Path.index()] = "/a";
            row.props = &[("plan", "pro")];
        })
        .beat(visit, HOUR + 9_000, HOUR, 8_000, 70)
        .on_host("")
        .sale(visit, HOUR + 5, HOUR, "1.50", "EUR")
        .view(Visit(1, DAY), DAY, "/later");
    let data = history.data();
    let index = Index::of(&data);
    let (user, session) = (UserId::new(MONDAY, &[1; 10]), SessionId::new(MONDAY + HOUR, &[1; 10]));
    let told = visit_timeline(&data, &index, Definitions::LiveInsight, &user, &session).unwrap();
    assert_eq!((told.started_at, told.engaged_ms, told.bounced), (MONDAY + HOUR, 8_000, false));
    assert_eq!(told.said, [("country", "KR".to_owned())]);
    let [view, sale] = told.events.as_slice() else { panic!("{:?}", told.events) };
    assert_eq!((view.engaged_ms, view.scroll_percent), (Some(8_000), Some(70)));
    assert_eq!(view.props, [("plan".to_owned(), "pro".to_owned())]);
    assert_eq!((&sale.path[..], &sale.host[..], &sale.name[..]), ("/a", "a.example", "purchase"));
    assert_eq!(sale.revenue.as_ref().map(|money| &money.value[..]), Some("1.5"));
    let all = visitor_timeline(&data, &index, Definitions::LiveInsight, &user, 10);
    assert_eq!(all.iter().map(|visit| visit.events.len()).collect::<Vec<_>>(), [2, 1]);
    let latest = visitor_timeline(&data, &index, Definitions::LiveInsight, &user, 1);
    assert_eq!(latest[0].events[0].path, "/later");
    let nobody = UserId::new(MONDAY, &[9; 10]);
    assert!(visit_timeline(&data, &index, Definitions::LiveInsight, &nobody, &session).is_none());
}
