//! What holds for every history.

use proptest::prelude::*;
use protocol::query::{Definitions, Dimension, Filter, Metric, Op, Query, Value, VisitField, Zone};

use super::history::{HOUR, History, MINUTE, Visit, answer, between};
use crate::Dataset;
use crate::row::{EventDim, Kind, VisitDim};

/// User, visit, minutes, kind, path and country of an event.
type Happening = (u8, u8, u8, u8, u8, u8);

fn history(steps: &[Happening]) -> Dataset {
    let mut history = History::default();
    for (user, visit, minutes, kind, path, country) in steps {
        let visit = Visit(user % 4, u64::from(visit % 3) * HOUR);
        let at = visit.1 + u64::from(*minutes) * MINUTE / 2;
        let page = visit.1 + u64::from(*path % 3) * MINUTE;
        let kind = Kind::ALL[usize::from(*kind) % 5];
        history.from(&[(VisitDim::Country, ["", "DE", "KR"][usize::from(country % 3)])]);
        history.push(visit, at, page, kind, |row| {
            if kind == Kind::PageView || path % 2 == 1 {
                row.texts[EventDim::Path.index()] = ["/", "/a", "/b", ""][usize::from(path % 4)];
            }
            row.engaged_ms = u64::from(*minutes) * 500;
        });
    }
    history.data()
}

fn filters() -> impl Strategy<Value = Vec<Filter>> {
    let country = Dimension::Visit(VisitField::Country);
    let leaf = prop_oneof![
        Just(Filter::test(country, Op::Is, &["KR", ""])),
        Just(Filter::test(Dimension::Page, Op::Contains, &["a"])),
        Just(Filter::test(Dimension::EntryPage, Op::Is, &["/"])),
        Just(Filter::test(Dimension::EventName, Op::Is, &["click", "pageview"])),
    ];
    let tree = leaf.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|filter| Filter::Not(Box::new(filter))),
            inner.clone().prop_map(|filter| Filter::HasDone(Box::new(filter))),
            prop::collection::vec(inner.clone(), 1..3).prop_map(Filter::Or),
            prop::collection::vec(inner, 1..3).prop_map(Filter::And),
        ]
    });
    prop::collection::vec(tree, 0..3)
}

fn counts(values: &[Value]) -> Vec<u64> {
    values.iter().map(|value| value.number().unwrap_or(0.0) as u64).collect()
}

fn queries(range: (u64, u64), filters: Vec<Filter>, definitions: u8) -> Query {
    let metrics = [Metric::Visitors, Metric::Visits, Metric::PageViews];
    let mut query = between(&metrics, &[], range.0 * MINUTE, (range.0 + range.1) * MINUTE, &Zone::UTC);
    query.filters = filters;
    query.definitions =
        [Definitions::LiveInsight, Definitions::Plausible, Definitions::Ga4][usize::from(definitions % 3)];
    query
}

proptest! {
    #[test]
    fn filter_and_its_negation_share_out_the_actions(
        steps in prop::collection::vec(any::<Happening>(), 0..40),
        range in (0..240_u64, 1..300_u64),
        filters in filters(),
    ) {
        let data = history(&steps);
        let events = |filters: Vec<Filter>| {
            let mut query = queries(range, filters, 0);
            query.metrics = vec![Metric::Events];
            counts(&answer(&data, &query).results[0].metrics)[0]
        };
        let all = Filter::And(filters);
        let (with, without) = (events(vec![all.clone()]), events(vec![Filter::Not(Box::new(all))]));
        prop_assert_eq!(with + without, events(Vec::new()));
    }
}
