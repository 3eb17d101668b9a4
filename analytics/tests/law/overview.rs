//! The overview against the reference: it has to say what queries one by one say.

use analytics::query::{Index, columns as columns_of, overview};
use proptest::prelude::*;
use protocol::query::{Dimension, Key, Metric, Order, Period, Query, Step, Totals, Value};

use crate::reference;
use crate::store::{Store, join};

/// What breakdowns are of.
pub(crate) fn cards() -> Vec<Dimension> {
    use Dimension::{EntryHost, EntryPage, EventName, ExitPage, Goal, Host, Page, Property, Title, Visit};
    let visit = protocol::query::VisitField::ALL.into_iter().map(Visit);
    let others =
        [Page, EntryPage, ExitPage, EntryHost, Host, Title, EventName, Goal, Property("plan".into())];
    visit.chain(others).collect()
}

/// The overview is what queries one by one say.
pub(crate) fn check(
    store: &Store<'_>,
    query: &Query,
    dimensions: &[Dimension],
    step: Step,
) -> Result<(), TestCaseError> {
    let mut query = query.clone();
    let edges = |period: &Period| Period {
        edges: query.zone.edges(step, period.range.clone()).unwrap(),
        range: period.range.clone(),
    };
    let (period, comparison) = (edges(&query.period), query.comparison.as_ref().map(edges));
    (query.period, query.comparison) = (period, comparison);
    query.metrics = vec![Metric::Visitors, Metric::Visits, Metric::PageViews];
    query.dimensions = dimensions.to_vec();
    let data = join(&store.parts(columns_of(&query)));
    let answer = overview(&data, &Index::of(&data), &query, dimensions, usize::MAX).unwrap();
    let (data, index) = Index::condense(data);
    let condensed = overview(&data, &index, &query, dimensions, usize::MAX).unwrap();
    prop_assert_eq!(&condensed, &answer, "a condensed data set answers the same");

    let count = |value: &Value| if let Value::Count(count) = value { *count } else { panic!("{value:?}") };
    let ask = |dimensions: Vec<Dimension>, metrics: &[Metric]| {
        let by = |key, descending| Order { key, descending };
        let order = vec![by(Key::Metric(0), true), by(Key::Dimension(0), false)];
        let order = order.into_iter().take(1 + dimensions.len()).collect();
        let metrics = [&query.metrics, metrics].concat();
        reference::answer(store.events(), &Query { dimensions, metrics, order, ..query.clone() })
    };
    let more = [Metric::BounceRate, Metric::VisitDuration, Metric::EngagedTime];
    let totals = ask(Vec::new(), &more);
    let numbers = |values: &[Value]| -> [u64; 6] {
        std::array::from_fn(|place| match values[place] {
            Value::Count(count) => count,
            Value::Share(part, _) | Value::Duration(part, _) => part,
            _ => 0,
        })
    };
    let told = |totals: &Totals| {
        [
            totals.visitors,
            totals.visits,
            totals.page_views,
            totals.bounces,
            totals.duration_ms,
            totals.engaged_ms,
        ]
    };
    prop_assert_eq!(told(&answer.totals), numbers(&totals[0].metrics));
    prop_assert_eq!(answer.comparison.as_ref().map(told), totals[0].comparison.as_deref().map(numbers));
    for (card, dimension) in answer.cards.iter().zip(dimensions) {
        let rows = ask(vec![dimension.clone()], &[]);
        let rows: Vec<_> = rows
            .into_iter()
            .map(|row| (row.dimensions[0].clone(), row.metrics.iter().map(count).collect::<Vec<_>>()))
            .collect();
        let told: Vec<_> = card
            .rows
            .iter()
            .map(|row| (row.name.clone(), vec![row.visitors, row.visits, row.page_views]))
            .collect();
        prop_assert_eq!(told, rows, "engine on the left, reference on the right, {:?}", dimension);
        prop_assert_eq!(card.total_rows as usize, card.rows.len());
    }
    let steps = ask(vec![Dimension::Time(step)], &[]);
    let mut steps = steps.into_iter().map(|row| (row.step(), row.metrics)).collect::<Vec<_>>();
    steps.sort_by_key(|(step, _)| *step);
    let told: Vec<_> = answer
        .series
        .iter()
        .enumerate()
        .map(|(step, point)| {
            (step, [point.visitors, point.visits, point.page_views].map(Value::Count).to_vec())
        })
        .collect();
    prop_assert_eq!(told.len() + 1, query.period.edges.len());
    let nothing = vec![Value::Count(0); 3];
    let told: Vec<_> = told.into_iter().filter(|(_, metrics)| *metrics != nothing).collect();
    prop_assert_eq!(told, steps);
    Ok(())
}
