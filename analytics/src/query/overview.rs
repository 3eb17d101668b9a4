//! The overview: totals with comparison, a series and any number of breakdowns in one pass. The same numbers as
//! queries one by one give, at a fraction of their cost.

mod pages;

use std::ops::Range;

use protocol::query::{
    Card, CardRow, Definitions, Dimension, OverviewAnswer, Period, Query, QueryError, SeriesPoint, Totals,
};

use self::pages::add_pages;
use super::definition::judge;
use super::index::{Index, at, moment};
use super::measure::{Needs, measure};
use super::scan::{Block, Scan, Slot};
use super::source::{Input, Source};
use super::time::Steps;
use crate::codes::Code;
use crate::dataset::Dataset;
use crate::row::{EventDim, Kind};
use crate::with_codes;

/// Counts of one group, a quarter of a cache line. Visitors and visits come in order, so whoever is not the last
/// one seen is new.
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    last_user: u32,
    visitors: u32,
    visits: u32,
    views: u32,
}

/// The same where a visit may come back: pages, steps of time.
#[derive(Debug, Clone, Copy, Default)]
struct Again {
    cell: Cell,
    last_visit: u32,
}

impl Cell {
    #[inline]
    fn touch(&mut self, user: u32, visits: u32, views: u32) {
        self.visitors += u32::from(self.last_user != user);
        self.last_user = user;
        self.visits += visits;
        self.views += views;
    }
}

impl Again {
    #[inline]
    fn touch(&mut self, slot: &Slot, counts: bool, views: u32) {
        let visits = u32::from(counts && self.last_visit != slot.visit + 1);
        self.last_visit = slot.visit + 1;
        self.cell.touch(slot.user, visits, views);
    }
}

/// A breakdown in the making.
enum Making<'a> {
    /// By what is said of visits.
    Visits(Source<'a>, Vec<Cell>),
    /// By page.
    Pages(Vec<Again>),
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
            Making::Visits(source, cells) => top(cells, limit, |code| source.text(data, code).to_owned()),
            Making::Pages(cells) => {
                let cells: Vec<Cell> = cells.iter().map(|again| again.cell).collect();
                top(&cells, limit, |code| data.event(EventDim::Path).dict.get(code).to_owned())
            }
            Making::Alone => alone(input, query, dimension, limit)?,
        };
        cards.push(Card { dimension: dimension.name(), total_rows: total as u64, rows });
    }
    let points = (0..).zip(&pass.series).map(|(step, again)| SeriesPoint {
        at: pass.steps.edge(step),
        visitors: again.cell.visitors.into(),
        visits: again.cell.visits.into(),
        page_views: again.cell.views.into(),
    });
    Ok(OverviewAnswer {
        range: query.period.range.clone(),
        totals: pass.totals.sums,
        comparison,
        series: points.collect(),
        cards,
        visits_scanned: data.visit_count() as u64,
        events_scanned: data.event_count() as u64,
        data_span: index.actions_span,
    })
}

fn totals_of(input: Input<'_>, query: &Query, period: &Period) -> Result<Totals, QueryError> {
    let mut scan = Scan::new(input, query, &period.range, &query.filters, false)?;
    let mut block = Block::default();
    let mut totals = Sums::default();
    while scan.next(&mut block) {
        totals.add(input, query, period, &block);
    }
    Ok(totals.sums)
}

#[derive(Default)]
struct Sums {
    sums: Totals,
    last_user: u32,
}

impl Sums {
    fn add(&mut self, input: Input<'_>, query: &Query, period: &Period, block: &Block) {
        for slot in &block.slots {
            self.sums.visitors += u64::from(self.last_user != slot.user);
            self.last_user = slot.user;
            self.sums.page_views += u64::from(slot.views);
            if !counts(input, query, period, slot) {
                continue;
            }
            let judged = judge(query.definitions, input.index, slot.visit as usize);
            self.sums.visits += 1;
            self.sums.bounces += u64::from(judged.bounced);
            self.sums.duration_ms += u64::from(judged.duration_ms);
            self.sums.engaged_ms += u64::from(judged.engaged_ms);
        }
    }
}

/// When a visit began: its first action that is loaded.
fn begun(input: Input<'_>, slot: &Slot) -> u64 {
    let visit = slot.visit as usize;
    moment(at(input.data.starts(), visit), at(&input.index.first_action, visit))
}

#[inline]
fn counts(input: Input<'_>, query: &Query, period: &Period, slot: &Slot) -> bool {
    query.definitions != Definitions::Ga4 || period.range.contains(&begun(input, slot))
}

struct Pass<'a> {
    input: Input<'a>,
    query: &'a Query,
    totals: Sums,
    steps: Steps,
    series: Vec<Again>,
    cards: Vec<Making<'a>>,
    /// How many visits begin at each page view of a block.
    turns: Vec<u32>,
}

impl<'a> Pass<'a> {
    fn new(input: Input<'a>, query: &'a Query, dimensions: &[Dimension]) -> Self {
        let card = |dimension: &Dimension| match dimension {
            Dimension::Page => {
                Making::Pages(vec![Again::default(); input.data.event(EventDim::Path).dict.len()])
            }
            dimension if dimension.is_of_visit() => {
                let source = Source::new(input, dimension, query, &[]);
                let cells = vec![Cell::default(); source.domain(input.data)];
                Making::Visits(source, cells)
            }
            _ => Making::Alone,
        };
        let steps = Steps::new(&query.period.edges);
        Self {
            input,
            query,
            totals: Sums::default(),
            series: vec![Again::default(); steps.len()],
            steps,
            cards: dimensions.iter().map(card).collect(),
            turns: Vec::new(),
        }
    }

    fn block(&mut self, block: &Block) {
        let (input, query) = (self.input, self.query);
        self.totals.add(input, query, &query.period, block);
        self.add_series(block);
        for card in &mut self.cards {
            match card {
                Making::Visits(source, cells) => add_visits(input, query, source, block, cells),
                Making::Pages(cells) => add_pages(input, query, block, &mut self.turns, cells),
                Making::Alone => {}
            }
        }
    }

    fn add_series(&mut self, block: &Block) {
        let Input { data, index } = self.input;
        if self.series.is_empty() {
            return;
        }
        let by_start = self.query.definitions == Definitions::Ga4;
        for slot in &block.slots {
            let visit = slot.visit as usize;
            let start = at(data.starts(), visit);
            let first = moment(start, at(&index.first_action, visit));
            let first_step = self.steps.find(first);
            if let Some(step) = first_step
                && !slot.masked
                && moment(start, at(&index.last_action, visit)) < self.steps.edge(step + 1)
            {
                if let Some(again) = self.series.get_mut(step as usize) {
                    again.touch(slot, true, slot.views);
                }
                continue;
            }
            let counts = counts(self.input, self.query, &self.query.period, slot);
            for event in block.events(self.input, slot) {
                let step = self.steps.find(moment(start, at(data.at(), event)));
                let again = step.and_then(|step| self.series.get_mut(step as usize));
                let Some(again) = again else { continue };
                let is_view = data.kinds().get(event) == Some(&Kind::PageView);
                again.touch(slot, counts && (!by_start || step == first_step), u32::from(is_view));
            }
        }
    }
}

fn add_visits(input: Input<'_>, query: &Query, source: &Source<'_>, block: &Block, cells: &mut [Cell]) {
    let Input { data, index } = input;
    if query.definitions == Definitions::Ga4 {
        let code = |visit| source.of_visit(input, visit);
        add_codes(code, |slot| u32::from(counts(input, query, &query.period, slot)), block, cells);
        return;
    }
    let every = |_: &Slot| 1;
    match source {
        Source::Visit(dim) => {
            with_codes!(&data.visit(*dim).codes, zero(_) => add_codes(|_| 0, every, block, cells), slice => {
                add_codes(|visit| at_code(slice, visit), every, block, cells);
            });
        }
        Source::EntryPage => add_edges(index, |views| views.start, block, cells),
        Source::ExitPage => add_edges(index, |views| views.end - 1, block, cells),
        source => add_codes(|visit| source.of_visit(input, visit), every, block, cells),
    }
}

/// By the path of one of the page views of a visit.
fn add_edges(index: &Index, edge: impl Fn(Range<usize>) -> usize, block: &Block, cells: &mut [Cell]) {
    with_codes!(&index.view_path, zero(_) => add_codes(|_| 0, |_| 1, block, cells), slice => {
        let code = |visit| {
            let views = index.views_of(visit);
            if views.is_empty() { 0 } else { at_code(slice, edge(views)) }
        };
        add_codes(code, |_| 1, block, cells);
    });
}

#[inline]
fn at_code<C: Code>(codes: &[C], place: usize) -> u32 {
    codes.get(place).copied().map_or(0, Into::into)
}

#[inline]
fn add_codes(code: impl Fn(usize) -> u32, visits: impl Fn(&Slot) -> u32, block: &Block, cells: &mut [Cell]) {
    for slot in &block.slots {
        if let Some(cell) = cells.get_mut(code(slot.visit as usize) as usize) {
            cell.touch(slot.user, visits(slot), slot.views);
        }
    }
}

/// The largest groups by visitors, equal ones by code, which is the order of texts; and how many there are.
fn top(cells: &[Cell], limit: usize, name: impl Fn(u32) -> String) -> (usize, Vec<CardRow>) {
    let mut codes: Vec<u32> =
        (0..).zip(cells).filter(|(_, cell)| cell.visitors > 0).map(|(code, _)| code).collect();
    let total = codes.len();
    let rank = |code: &u32| (std::cmp::Reverse(at(cells, *code as usize).visitors), *code);
    if limit < total {
        codes.select_nth_unstable_by_key(limit, rank);
        codes.truncate(limit);
    }
    codes.sort_unstable_by_key(rank);
    let row = |code: &u32| {
        let cell = at(cells, *code as usize);
        CardRow {
            name: name(*code),
            visitors: cell.visitors.into(),
            visits: cell.visits.into(),
            page_views: cell.views.into(),
        }
    };
    (total, codes.iter().map(row).collect())
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
    let mut rows: Vec<usize> = (0..measured.groups.len()).collect();
    rows.sort_unstable_by(|a, b| {
        let visitors = |row: usize| measured.groups.cells.get(row).map_or(0, |cell| cell.visitors);
        visitors(*b).cmp(&visitors(*a)).then_with(|| source.compare(input.data, code(*a), code(*b)))
    });
    let total = rows.len();
    let row = |row: usize| {
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
