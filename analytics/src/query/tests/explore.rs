//! Funnels, retention, journeys and timelines.

use protocol::UserId;
use protocol::query::{
    Anchor, Definitions, Dimension, Filter, Metric, Op, RawFunnel, RawStep, Step, VisitCursor, VisitField,
    Zone,
};

use super::history::{BY_DAY, DAY, HOUR, History, MINUTE, MONDAY, Visit, between, days};
use crate::query::Index;
use crate::row::{EventDim, Kind, VisitDim};
use crate::{
    Dataset, funnel, journey, retention, united_visits, user_hash, visit_timeline, visitor_name,
    visitor_number, visitor_timeline, visits,
};

fn steps(steps: &[&str], strict: bool, window_ms: u64) -> protocol::query::Funnel {
    let on = |step: &&str| {
        let text = Some((*step).to_owned());
        if step.starts_with('/') {
            RawStep { page: text, ..RawStep::default() }
        } else {
            RawStep { event: text, ..RawStep::default() }
        }
    };
    RawFunnel { steps: steps.iter().map(on).collect(), strict, window_ms }.check(&[]).unwrap()
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
        let steps = vec![RawStep { page: Some("/".into()), ..RawStep::default() }; count];
        assert!(RawFunnel { steps, strict: false, window_ms: 1 }.check(&[]).is_err(), "{count}");
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
    let user = user_hash(&UserId::new(MONDAY, &[1; 10]));
    assert_eq!(visitor_number(&visitor_name(user)), Some(user));
    assert_eq!(visitor_number(&UserId::new(MONDAY, &[1; 10]).to_string()), Some(user));
    let told = visit_timeline(&data, &index, Definitions::LiveInsight, user, MONDAY + HOUR).unwrap();
    assert_eq!((told.started_at, told.engaged_ms, told.bounced), (MONDAY + HOUR, 8_000, false));
    assert_eq!(told.said, [("country".to_owned(), "KR".to_owned())].into());
    let [view, sale] = told.events.as_slice() else { panic!("{:?}", told.events) };
    assert_eq!((view.engaged_ms, view.scroll_percent), (Some(8_000), Some(70)));
    assert_eq!(view.props, [("plan".to_owned(), "pro".to_owned())].into());
    assert_eq!((&sale.path[..], &sale.host[..], &sale.name[..]), ("/a", "a.example", "purchase"));
    assert_eq!(sale.revenue.as_ref().map(|money| &money.value[..]), Some("1.5"));
    let told = |days_: u64, limit| {
        visitor_timeline(&data, &index, &days(&[Metric::Visits], &[], days_), user, limit)
    };
    let all = told(7, 10);
    assert_eq!(all.visits.iter().map(|visit| visit.events.len()).collect::<Vec<_>>(), [2, 1]);
    let latest = told(7, 1);
    assert_eq!((&latest.visits[0].events[0].path[..], latest.total), ("/later", 2));
    assert_eq!(told(1, 10).total, 1, "visits that touch the range");
    let nobody = user_hash(&UserId::new(MONDAY, &[9; 10]));
    assert!(visit_timeline(&data, &index, Definitions::LiveInsight, nobody, MONDAY + HOUR).is_none());
}

#[test]
fn visits_are_listed_the_newest_first_page_by_page() {
    let mut history = History::default();
    for user in 1..=5 {
        let visit = Visit(user, u64::from(user) * HOUR);
        history.from(&[(VisitDim::Country, if user % 2 == 0 { "KR" } else { "JP" })]);
        history.view(visit, visit.1, "/in").view(visit, visit.1 + MINUTE, "/out");
    }
    history.act(Visit(5, 5 * HOUR), 5 * HOUR + 2 * MINUTE, 5 * HOUR, Kind::Conversion, "buy");
    let data = history.data();
    let index = Index::of(&data);
    let mut query = days(&[Metric::Visits], &[], 1);
    let first = visits(&data, &index, &query, None, 2).unwrap();
    let [newest, second] = first.visits.as_slice() else { panic!("{first:?}") };
    assert_eq!((newest.started_at, second.started_at), (MONDAY + 5 * HOUR, MONDAY + 4 * HOUR));
    assert_eq!((newest.views, newest.actions, newest.conversions, newest.bounced), (2, 3, 1, false));
    assert_eq!((&newest.entry[..], &newest.exit[..], &newest.said["country"][..]), ("/in", "/out", "JP"));
    assert_eq!((newest.last_at, first.total), (MONDAY + 5 * HOUR + 2 * MINUTE, 5));
    let mut seen = first.visits.clone();
    let mut next = first.next;
    while let Some(text) = next {
        let page = visits(&data, &index, &query, VisitCursor::parse(&text), 2).unwrap();
        assert_eq!(page.total, 5);
        seen.extend(page.visits);
        next = page.next;
    }
    let starts: Vec<_> = seen.iter().map(|visit| (visit.started_at - MONDAY) / HOUR).collect();
    assert_eq!(starts, [5, 4, 3, 2, 1]);
    query.filters = vec![Filter::test(Dimension::Visit(VisitField::Country), Op::Is, &["KR"])];
    let filtered = visits(&data, &index, &query, None, 10).unwrap();
    assert_eq!((filtered.visits.len(), filtered.total, filtered.next), (2, 2, None));
}

#[test]
fn pages_of_parts_unite_to_the_page_of_the_whole() {
    let (mut whole, mut one, mut two) = (History::default(), History::default(), History::default());
    for user in 1..=7 {
        let visit = Visit(user, u64::from(user) * HOUR);
        whole.view(visit, visit.1, "/");
        if user % 3 == 0 { &mut one } else { &mut two }.view(visit, visit.1, "/");
    }
    let query = days(&[Metric::Visits], &[], 1);
    let listed = |history: &mut History, before| {
        let data = history.data();
        visits(&data, &Index::of(&data), &query, before, 3).unwrap()
    };
    let mut before = None;
    for _ in 0..3 {
        let expected = listed(&mut whole, before);
        let parts = vec![listed(&mut one, before), listed(&mut two, before)];
        assert_eq!(united_visits(parts, 3), expected);
        before = expected.next.as_deref().and_then(VisitCursor::parse);
    }
    assert_eq!(before, None);
}
