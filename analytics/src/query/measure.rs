//! One pass over the selected actions of a period: sums by group.

use protocol::query::{Definitions, Dimension, Filter, MAX_DIMENSIONS, Metric, Period, Query, QueryError};

use super::goals::Goals;
use super::groups::{Groups, Key};
use super::index::at;
use super::money::Amounts;
use super::scan::{Block, Scan, Slot};
use super::source::{Input, NONE, Source};
use crate::dataset::Dataset;
use crate::row::Kind;

/// What metrics ask for beyond counts of visitors, visits, page views and events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    goals: bool,
    pages: bool,
    edges: bool,
    revenue: bool,
    pub(crate) percentiles: bool,
}

impl Needs {
    pub(crate) fn of(metrics: &[Metric]) -> Self {
        let any = |of: &[Metric]| metrics.iter().any(|metric| of.contains(metric));
        Self {
            goals: any(&[Metric::Conversions, Metric::ConversionRate, Metric::GroupConversionRate]),
            pages: any(&[Metric::TimeOnPage, Metric::ScrollDepth]),
            edges: any(&[Metric::EntryRate, Metric::ExitRate]),
            revenue: any(&[Metric::TotalRevenue, Metric::AverageRevenue]),
            percentiles: any(&[Metric::EngagedTimeP50, Metric::EngagedTimeP75, Metric::EngagedTimeP95]),
        }
    }

    pub(crate) fn of_events(self) -> bool {
        self.goals || self.pages || self.edges || self.revenue
    }
}

/// The sums of a pass.
pub(crate) struct Measured<'a> {
    pub(crate) sources: Vec<Source<'a>>,
    pub(crate) groups: Groups,
    amounts: Amounts<'a>,
    data: &'a Dataset,
}

impl Measured<'_> {
    pub(crate) fn data(&self) -> &Dataset {
        self.data
    }

    pub(crate) fn currency(&self, code: u32) -> &str {
        self.amounts.currency(code)
    }
}

struct Pass<'a> {
    input: Input<'a>,
    query: &'a Query,
    period: &'a Period,
    needs: Needs,
    goals: Goals,
    /// Which of the dimensions is that of pages, by which bounce rates are told apart.
    page_place: Option<usize>,
    out: Measured<'a>,
}

/// Sums up the selected actions of a period by dimensions.
///
/// # Errors
/// A filter holds an expression that is none, or there are too many groups.
pub(crate) fn measure<'a, 'f>(
    input: Input<'a>,
    query: &'a Query,
    period: &'a Period,
    dimensions: &[Dimension],
    filters: impl IntoIterator<Item = &'f Filter>,
    needs: Needs,
) -> Result<Measured<'a>, QueryError> {
    let source = |dimension| Source::new(input, dimension, query, &period.edges);
    let sources: Vec<_> = dimensions.iter().take(MAX_DIMENSIONS).map(source).collect();
    let domains: Vec<_> = sources.iter().map(|source| source.domain(input.data)).collect();
    let by_event = !sources.iter().all(Source::is_of_visit);
    let mut scan = Scan::new(input, query, &period.range, filters, by_event)?;
    let mut groups = Groups::new(&domains, needs.of_events(), needs.percentiles);
    if sources.is_empty() {
        // Totals have a row even if nothing is selected.
        groups.number(&Key::default())?;
    }
    let mut pass = Pass {
        input,
        query,
        period,
        needs,
        goals: Goals::new(input.data, &query.goals),
        page_place: dimensions.iter().position(|dimension| *dimension == Dimension::Page),
        out: Measured { sources, groups, amounts: Amounts::new(input.data), data: input.data },
    };
    let mut block = Block::default();
    let mut codes = vec![Vec::new(); pass.out.sources.len()];
    while scan.next(&mut block) {
        if by_event { pass.block_by_event(&block, &mut codes)? } else { pass.block_by_visit(&block)? }
    }
    Ok(pass.out)
}

/// What is the same for all actions of a visit.
struct Visit {
    slot: Slot,
    counts: bool,
    first_view: usize,
    last_view: usize,
    entry: u32,
    /// Codes of the first action, in dimensions of time under definitions that ask for it.
    begun: Key,
}

impl Pass<'_> {
    fn visit(&self, slot: Slot) -> Visit {
        let Input { data, index } = self.input;
        let place = slot.visit as usize;
        let mut visit = Visit {
            slot,
            counts: true,
            first_view: usize::MAX,
            last_view: usize::MAX,
            entry: NONE,
            begun: [NONE; MAX_DIMENSIONS],
        };
        if self.query.definitions == Definitions::Ga4 {
            let begun = index.begun(place);
            visit.counts = self.period.range.contains(&begun);
            for (code, source) in visit.begun.iter_mut().zip(&self.out.sources) {
                *code = source.at_moment(self.query, begun);
            }
        }
        if self.needs.edges {
            let is_view = |event: &usize| data.kinds().get(*event) == Some(&Kind::PageView);
            visit.first_view = data.events_of(place).find(is_view).unwrap_or(usize::MAX);
            visit.last_view = data.events_of(place).rev().find(is_view).unwrap_or(usize::MAX);
        }
        if self.page_place.is_some() && index.views.get(place) > 0 {
            visit.entry = index.entry.get(place);
        }
        visit
    }

    fn block_by_visit(&mut self, block: &Block) -> Result<(), QueryError> {
        for slot in &block.slots {
            let visit = self.visit(*slot);
            let mut key = Key::default();
            for (code, source) in key.iter_mut().zip(&self.out.sources) {
                *code = source.of_visit(self.input, slot.visit as usize);
            }
            let number = self.out.groups.number(&key)?;
            self.touch(number, &key, &visit);
            let events = if slot.masked {
                block.events(self.input, slot).count() as u32
            } else {
                self.input.index.action_count(self.input.data, slot.visit as usize)
            };
            if let Some(cell) = self.out.groups.cells.get_mut(number) {
                cell.views += slot.views;
                cell.events += events;
            }
            if self.needs.of_events() {
                for event in block.events(self.input, slot) {
                    self.look_closer(number, event, &visit);
                }
            }
        }
        Ok(())
    }

    fn block_by_event(&mut self, block: &Block, codes: &mut [Vec<u32>]) -> Result<(), QueryError> {
        for (codes, source) in codes.iter_mut().zip(&self.out.sources) {
            codes.resize(block.mask.len(), 0);
            for run in &block.runs {
                let places = run.events.start - block.base..run.events.end - block.base;
                source.events(self.input, run, self.query, codes.get_mut(places).unwrap_or_default());
            }
        }
        // Of several goals an action falls into the group of each.
        let goal =
            self.out.sources.iter().position(|source| matches!(source, Source::Goal(Goals::Given { .. })));
        for slot in &block.slots {
            let visit = self.visit(*slot);
            for event in block.events(self.input, slot) {
                let mut key = Key::default();
                let mut has_value = true;
                for (code, codes) in key.iter_mut().zip(&*codes) {
                    *code = at(codes, event - block.base);
                    has_value &= *code != NONE;
                }
                if !has_value {
                    continue;
                }
                match goal {
                    None => self.add(&key, event, &visit)?,
                    Some(place) => {
                        let mut left = self.goals.reached(self.input.data, event);
                        while left != 0 {
                            key[place] = left.trailing_zeros();
                            self.add(&key, event, &visit)?;
                            left &= left - 1;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    #[inline]
    fn add(&mut self, key: &Key, event: usize, visit: &Visit) -> Result<(), QueryError> {
        let number = self.out.groups.number(key)?;
        self.touch(number, key, visit);
        if let Some(cell) = self.out.groups.cells.get_mut(number) {
            cell.events += 1;
            cell.views += u32::from(self.input.data.kinds().get(event) == Some(&Kind::PageView));
        }
        if self.needs.of_events() {
            self.look_closer(number, event, visit);
        }
        Ok(())
    }

    /// Counts the visitor and the visit, each once in a group.
    #[inline]
    fn touch(&mut self, number: usize, key: &Key, visit: &Visit) {
        let slot = &visit.slot;
        let Some(cell) = self.out.groups.cells.get_mut(number) else { return };
        cell.visitors += u32::from(cell.last_user != slot.user);
        cell.last_user = slot.user;
        if cell.last_visit == slot.visit + 1 {
            return;
        }
        cell.last_visit = slot.visit + 1;
        let began_here = || key.iter().zip(&visit.begun).all(|(code, begun)| *begun == NONE || code == begun);
        if !visit.counts || !began_here() {
            return;
        }
        let judged = self.input.judge(self.query.definitions, slot.visit as usize);
        cell.visits += 1;
        cell.duration_ms += u64::from(judged.duration_ms);
        cell.engaged_ms += u64::from(judged.engaged_ms);
        if self.page_place.is_none_or(|place| key[place] == visit.entry) {
            cell.entered += 1;
            cell.bounced += u32::from(judged.bounced);
        }
        if let Some(sketch) = self.out.groups.sketches.get_mut(number) {
            sketch.add(judged.engaged_ms);
        }
    }

    /// What few metrics ask for.
    fn look_closer(&mut self, number: usize, event: usize, visit: &Visit) {
        let Input { data, index } = self.input;
        let Some(more) = self.out.groups.more.get_mut(number) else { return };
        let is_view = data.kinds().get(event) == Some(&Kind::PageView);
        if self.needs.goals && self.goals.any(data, event) {
            more.conversions += 1;
            more.converters += u32::from(more.last_converter != visit.slot.user);
            more.last_converter = visit.slot.user;
        }
        if self.needs.edges {
            more.entries += u32::from(event == visit.first_view);
            more.exits += u32::from(event == visit.last_view);
        }
        if self.needs.pages && is_view && index.repeats.binary_search(&(event as u32)).is_err() {
            let first_page = at(data.first_pages(), visit.slot.visit as usize);
            let page = (first_page + data.page_ordinals().get(event)) as usize;
            let (engaged, scroll) = (at(&index.page_engaged, page), at(&index.page_scroll, page));
            more.timed_pages += u32::from(engaged > 0);
            more.page_ms += u64::from(engaged);
            more.scrolled_pages += u32::from(scroll > 0);
            more.scroll += u64::from(scroll);
        }
        if self.needs.revenue
            && let Some((value, currency)) = self.out.amounts.of(event)
        {
            self.out.groups.revenue.entry((number as u32, currency)).or_default().add(value);
        }
    }
}
