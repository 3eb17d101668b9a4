//! What a dashboard asks at once against the reference: questions that share a pass are answered as alone.

use analytics::query::{Index, columns as columns_of, run_all};
use analytics::{Columns, Dataset};
use proptest::prelude::*;
use protocol::query::{Answer, Dimension, Filter, Metric, Op, Period, Query, QueryError, Step};

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

/// The figures of the cards.
const FIGURES: [Metric; 8] = [
    Metric::Visitors,
    Metric::Visits,
    Metric::PageViews,
    Metric::Events,
    Metric::BounceRate,
    Metric::VisitDuration,
    Metric::EngagedTime,
    Metric::Conversions,
];

/// Totals, series and breakdowns in the ways a dashboard asks for them.
fn questions(query: &Query, dimensions: &[Dimension], step: Step) -> Vec<Query> {
    let mut query = query.clone();
    let edges = |period: &Period| Period {
        edges: query.zone.edges(step, period.range.clone()).unwrap(),
        range: period.range.clone(),
    };
    let (period, comparison) = (edges(&query.period), query.comparison.as_ref().map(edges));
    (query.period, query.comparison) = (period, comparison);
    let ask = |metrics: &[Metric], dimensions: Vec<Dimension>| {
        let order = Query::new(metrics.to_vec(), dimensions.clone(), 0..1).order;
        Query { metrics: metrics.to_vec(), dimensions, order, ..query.clone() }
    };
    let with_rate = [&FIGURES[..], &[Metric::ConversionRate, Metric::Percentage]].concat();
    let mut all = vec![ask(&with_rate, Vec::new()), ask(&FIGURES, vec![Dimension::Time(step)])];
    // The range compared with is a range of its own in the graph.
    if let Some(period) = query.comparison.clone() {
        all.push(Query { period, comparison: None, ..ask(&FIGURES, vec![Dimension::Time(step)]) });
    }
    for dimension in dimensions {
        all.push(ask(&[Metric::Visitors], vec![dimension.clone()]));
        all.push(ask(&FIGURES, vec![dimension.clone()]));
        let mut named = ask(&[Metric::Visitors, Metric::PageViews], vec![dimension.clone()]);
        named.filters.push(Filter::Not(Box::new(Filter::test(dimension.clone(), Op::Is, &["", "a", "/a"]))));
        all.push(named);
    }
    all
}

/// All at once, of the whole data set and of the condensed one.
fn answers(data: Dataset, queries: &[Query]) -> [Vec<Result<Answer, QueryError>>; 2] {
    let queries: Vec<&Query> = queries.iter().collect();
    let whole = run_all(&data, &Index::of(&data), &queries);
    let (data, index) = Index::condense(data);
    [whole, run_all(&data, &index, &queries)]
}

/// Questions asked together are answered as the reference answers each.
pub(crate) fn check(
    store: &Store<'_>,
    query: &Query,
    dimensions: &[Dimension],
    step: Step,
) -> Result<(), TestCaseError> {
    let queries = questions(query, dimensions, step);
    let wanted = queries.iter().fold(Columns::NONE, |wanted, query| wanted.or(columns_of(query)));
    for answers in answers(join(&store.parts(wanted)), &queries) {
        prop_assert_eq!(answers.len(), queries.len());
        for (query, answer) in queries.iter().zip(answers) {
            let expected = reference::answer(store.events(), query).into_iter();
            let page = expected.skip(query.pagination.offset).take(query.pagination.limit);
            let page: Vec<_> = page.map(|row| (row.dimensions, row.metrics, row.comparison)).collect();
            let rows = answer.unwrap().results.into_iter();
            let rows: Vec<_> = rows.map(|row| (row.dimensions, row.metrics, row.comparison)).collect();
            prop_assert_eq!(rows, page, "engine on the left, reference on the right, {:?}", query.dimensions);
        }
    }
    Ok(())
}
