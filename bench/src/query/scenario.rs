//! What is asked: the overview a dashboard shows first, of everybody and filtered. Shared by the native benchmark and
//! the module that runs in V8, so that both ask the same.

use std::ops::Range;

use analytics::query::{Index, columns, overview};
use analytics::{Columns, Dataset};
use protocol::query::{
    Dimension, Filter, Metric, Op, OverviewAnswer, Period, Query, QueryError, Step, VisitField, Zone,
};

/// Milliseconds of a day.
const DAY: u64 = 24 * 60 * 60 * 1_000;

/// Rows of a breakdown.
const ROWS: usize = 10;

/// The ten breakdowns.
fn dimensions() -> Vec<Dimension> {
    let visit = [
        VisitField::Source,
        VisitField::Channel,
        VisitField::UtmCampaign,
        VisitField::Country,
        VisitField::City,
        VisitField::Device,
        VisitField::Browser,
        VisitField::Os,
    ];
    [Dimension::Page, Dimension::EntryPage].into_iter().chain(visit.map(Dimension::Visit)).collect()
}

/// The overview of so many days. Compared with are the same days begun a day later: all but a few visits count
/// twice, as if as many had come in the days before.
fn query(start: u64, days: u64, is_filtered: bool) -> Query {
    let zone = Zone::new(9 * 60 * 60, Vec::new());
    let period =
        |range: Range<u64>| Period { edges: zone.edges(Step::Day, range.clone()).unwrap_or_default(), range };
    let range = start..start + days * DAY;
    let mut query = Query::new(vec![Metric::Visitors], Vec::new(), range.clone());
    query.comparison = Some(period(range.start + DAY..range.end + DAY));
    query.period = period(range);
    if is_filtered {
        // One in thirty visits is left.
        let country = Filter::test(Dimension::Visit(VisitField::Country), Op::Is, &["KR"]);
        let page = Filter::test(Dimension::Page, Op::Contains, &["blog"]);
        query.filters = vec![country, Filter::HasDone(Box::new(page))];
    }
    query.zone = zone;
    query
}

/// The columns the overview reads, filtered or not.
pub(crate) fn wanted() -> Columns {
    let mut query = query(0, 1, true);
    query.dimensions = dimensions();
    columns(&query)
}

/// The overview of days of a data set.
///
/// # Errors
/// Those of the engine.
pub(crate) fn ask(
    data: &Dataset,
    index: &Index,
    start: u64,
    days: u64,
    is_filtered: bool,
) -> Result<OverviewAnswer, QueryError> {
    overview(data, index, &query(start, days, is_filtered), &dimensions(), ROWS)
}
