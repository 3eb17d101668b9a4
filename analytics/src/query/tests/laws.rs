//! What holds for every history: the fused overview says what queries say one by one, and what is not loaded is
//! not missed.

use proptest::prelude::*;
use protocol::query::{
    Definitions, Dimension, Filter, Metric, Op, Period, Query, Step, Value, VisitField, Zone,
};

use super::history::{HOUR, History, MINUTE, MONDAY, Visit, answer, between};
use crate::Dataset;
use crate::query::{Index, overview};
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
    fn overview_says_what_queries_say(
        steps in prop::collection::vec(any::<Happening>(), 0..40),
        range in (0..240_u64, 1..300_u64),
        filters in filters(),
        definitions: u8,
    ) {
        let data = history(&steps);
        let mut query = queries(range, filters, definitions);
        query.comparison = Some(Period { range: MONDAY..MONDAY + HOUR, edges: Vec::new() });
        let mut with_edges = query.clone();
        with_edges.period.edges = Zone::UTC.edges(Step::Hour, query.period.range.clone()).unwrap();
        let cards =
            [Dimension::Page, Dimension::Visit(VisitField::Country), Dimension::ExitPage, Dimension::EventName];
        let all = overview(&data, &Index::of(&data), &with_edges, &cards, 100).unwrap();
        let totals = answer(&data, &query);
        prop_assert_eq!(
            counts(&totals.results[0].metrics),
            [all.totals.visitors, all.totals.visits, all.totals.page_views]
        );
        let compared = all.comparison.unwrap();
        prop_assert_eq!(
            counts(totals.results[0].comparison.as_ref().unwrap()),
            [compared.visitors, compared.visits, compared.page_views]
        );
        query.comparison = None;
        for (dimension, card) in cards.iter().zip(&all.cards) {
            let mut query = query.clone();
            query.dimensions = vec![dimension.clone()];
            query.order = Query::new(query.metrics.clone(), query.dimensions.clone(), 0..1).order;
            let rows: Vec<_> = answer(&data, &query)
                .results
                .into_iter()
                .map(|row| (row.dimensions[0].clone(), counts(&row.metrics)))
                .collect();
            let fused: Vec<_> = card
                .rows
                .iter()
                .map(|row| (row.name.clone(), vec![row.visitors, row.visits, row.page_views]))
                .collect();
            prop_assert_eq!(rows, fused, "{}", card.dimension);
        }
        with_edges.dimensions = vec![Dimension::Time(Step::Hour)];
        with_edges.comparison = None;
        with_edges.order = Query::new(query.metrics.clone(), with_edges.dimensions.clone(), 0..1).order;
        let series: Vec<_> = answer(&data, &with_edges).results.iter().map(|row| counts(&row.metrics)).collect();
        let fused: Vec<_> = all
            .series
            .iter()
            .map(|point| vec![point.visitors, point.visits, point.page_views])
            .filter(|point| point[0] > 0)
            .collect();
        prop_assert_eq!(series, fused);
    }

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
