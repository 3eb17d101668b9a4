//! The overview: totals with comparison, a series and any number of breakdowns in one pass. The same numbers as
//! queries one by one give, at a fraction of their cost.

mod pages;
mod series;
mod tally;
mod totals;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use protocol::query::{Card, CardRow, Definitions, Dimension, OverviewAnswer, Query, QueryError};

use self::pages::add_pages;
use self::series::Series;
use self::tally::{Returns, Tally};
use self::totals::{Sums, counts, totals_of};
use super::index::Index;
use super::measure::{Needs, measure};
use super::scan::{Block, Scan};
use super::source::{Input, Source};
use crate::dataset::Dataset;
use crate::row::EventDim;
use crate::sort::order;
use crate::with_codes;

/// A breakdown in the making.
enum Making<'a> {
    /// By what is said of visits.
    Visits(Source<'a>, Tally),
    /// By page.
    Pages(Tally),
    /// By another dimension of events: a pass of its own.
    Alone,
}

/// Answers with totals of the query's period and of the one compared with, the series of the period's edges, and
/// the `limit` largest groups of each of the dimensions. The query's own metrics and dimensions are not read.
///
/// # Errors
/// As [`run`](super::run).
pub fn overview(
    data: &Dataset,
    index: &Index,
    query: &Query,
    dimensions: &[Dimension],
    limit: usize,
) -> Result<OverviewAnswer, QueryError> {
    let input = Input { data, index };
    let mut pass = Pass::new(input, query, dimensions);
    let mut scan = Scan::new(input, query, &query.period.range, &query.filters, false)?;
    let mut block = Block::default();
    while scan.next(&mut block) {
        pass.block(&block);
    }
    let comparison = query.comparison.as_ref().map(|period| totals_of(input, query, period)).transpose()?;
    let mut cards = Vec::with_capacity(dimensions.len());
    for (dimension, making) in dimensions.iter().zip(&pass.cards) {
        let (total, rows) = match making {
            Making::Visits(source, tally) => top(tally, limit, |code| source.text(data, code).to_owned()),
            Making::Pages(tally) => {
                top(tally, limit, |code| data.event(EventDim::Path).dict.get(code).to_owned())
            }
            Making::Alone => alone(input, query, dimension, limit)?,
        };
        cards.push(Card { dimension: dimension.name(), total_rows: total as u64, rows });
    }
    Ok(OverviewAnswer {
        range: query.period.range.clone(),
        totals: pass.totals.sums,
        comparison,
        series: pass.series.points(),
        cards,
        visits_scanned: data.visit_count() as u64,
        events_scanned: index.events as u64,
        data_span: index.actions_span,
    })
}

struct Pass<'a> {
    input: Input<'a>,
    query: &'a Query,
    totals: Sums,
    series: Series<'a>,
    cards: Vec<Making<'a>>,
    returns: Returns,
}

impl<'a> Pass<'a> {
    fn new(input: Input<'a>, query: &'a Query, dimensions: &[Dimension]) -> Self {
        let card = |dimension: &Dimension| match dimension {
            Dimension::Page => Making::Pages(Tally::new(input.data.event(EventDim::Path).dict.len())),
            dimension if dimension.is_of_visit() => {
                let source = Source::new(input, dimension, query, &[]);
                let tally = Tally::new(source.domain(input.data));
                Making::Visits(source, tally)
            }
            _ => Making::Alone,
        };
        Self {
            input,
            query,
            totals: Sums::default(),
            series: Series::new(input, query),
            cards: dimensions.iter().map(card).collect(),
            returns: Returns::default(),
        }
    }

    fn block(&mut self, block: &Block) {
        let (input, query) = (self.input, self.query);
        self.returns.find(block);
        self.totals.add(input, query, &query.period, block);
        self.series.add(block, &self.returns);
        for card in &mut self.cards {
            match card {
                Making::Visits(source, tally) => {
                    add_visits(input, query, source, block, &self.returns, tally);
                }
                Making::Pages(tally) => add_pages(input, query, block, &self.returns, tally),
                Making::Alone => {}
            }
        }
    }
}

fn add_visits(
    input: Input<'_>,
    query: &Query,
    source: &Source<'_>,
    block: &Block,
    returns: &Returns,
    tally: &mut Tally,
) {
    let codes = match source {
        Source::Visit(dim) => Some(&input.data.visit(*dim).codes),
        Source::EntryPage => Some(&input.index.entry),
        _ => None,
    };
    match codes {
        Some(codes) => with_codes!(codes, zero(_) => tally.add_visits(block, returns, |_| 0), slice => {
            tally.add_column(block, returns, slice);
        }),
        None => tally.add_visits(block, returns, |visit| source.of_visit(input, visit)),
    }
    if query.definitions == Definitions::Ga4 {
        for slot in block.slots.iter().filter(|slot| !counts(input, query, &query.period, slot)) {
            tally.discount(source.of_visit(input, slot.visit as usize));
        }
    }
}

/// The largest groups by visitors, equal ones by code, which is the order of texts; and how many there are.
fn top(tally: &Tally, limit: usize, name: impl Fn(u32) -> String) -> (usize, Vec<CardRow>) {
    // The last of those that are among the first so far is on top.
    let mut first: BinaryHeap<(Reverse<u32>, u32)> = BinaryHeap::new();
    let mut total = 0;
    for code in 0..tally.len() as u32 {
        let rank = (Reverse(tally.counts(code).visitors), code);
        if rank.0 == Reverse(0) {
            continue;
        }
        total += 1;
        if first.len() < limit {
            first.push(rank);
        } else if let Some(mut last) = first.peek_mut()
            && rank < *last
        {
            *last = rank;
        }
    }
    let row = |(_, code): &(Reverse<u32>, u32)| {
        let counts = tally.counts(*code);
        CardRow {
            name: name(*code),
            visitors: counts.visitors.into(),
            visits: counts.visits.into(),
            page_views: counts.views.into(),
        }
    };
    (total, first.into_sorted_vec().iter().map(row).collect())
}

fn alone(
    input: Input<'_>,
    query: &Query,
    dimension: &Dimension,
    limit: usize,
) -> Result<(usize, Vec<CardRow>), QueryError> {
    let dimensions = std::slice::from_ref(dimension);
    let measured = measure(input, query, &query.period, dimensions, &query.filters, Needs::default())?;
    let Some(source) = measured.sources.first() else { return Ok((0, Vec::new())) };
    let code = |row: usize| measured.groups.keys.get(row).map_or(0, |key| key[0]);
    let total = measured.groups.len();
    let rows = order(total, &mut |a, b| {
        let visitors = |row: usize| measured.groups.cells.get(row).map_or(0, |cell| cell.visitors);
        visitors(b).cmp(&visitors(a)).then_with(|| source.compare(input.data, code(a), code(b)))
    });
    let row = |row: u32| {
        let row = row as usize;
        let cell = measured.groups.cells.get(row).copied().unwrap_or_default();
        CardRow {
            name: source.label(input.data, query, code(row)),
            visitors: cell.visitors.into(),
            visits: cell.visits.into(),
            page_views: cell.views.into(),
        }
    };
    Ok((total, rows.into_iter().take(limit).map(row).collect()))
}
