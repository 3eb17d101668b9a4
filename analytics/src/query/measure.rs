//! Sums by any combination of dimensions: groups are found by the codes of each visit or action.

use protocol::query::{Definitions, Dimension, MAX_DIMENSIONS, QueryError};

use super::goals::Goals;
use super::groups::{Groups, Key};
use super::index::at;
use super::scan::{Block, Slot};
use super::source::{Input, NONE, Source};
use super::task::{Measured, Task};
use crate::row::Kind;

/// A task in the making.
pub(super) struct Grouping<'a> {
    input: Input<'a>,
    task: Task<'a>,
    goals: Goals,
    /// Whether actions are told apart one by one.
    by_event: bool,
    /// Which of the dimensions is that of pages, by which bounce rates are told apart.
    page_place: Option<usize>,
    out: Measured<'a>,
    /// Of each dimension the codes of a block.
    codes: Vec<Vec<u32>>,
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

impl<'a> Grouping<'a> {
    pub(super) fn new(input: Input<'a>, task: Task<'a>) -> Result<Self, QueryError> {
        let source = |dimension| Source::new(input, dimension, task.query, &task.period.edges);
        let sources: Vec<_> = task.dimensions.iter().take(MAX_DIMENSIONS).map(source).collect();
        let domains: Vec<_> = sources.iter().map(|source| source.domain(input.data)).collect();
        let by_event = !sources.iter().all(Source::is_of_visit);
        let mut groups = Groups::new(&domains, task.needs.of_events(), task.needs.percentiles);
        if sources.is_empty() {
            // Totals have a row even if nothing is selected.
            groups.number(&Key::default())?;
        }
        Ok(Self {
            input,
            goals: Goals::new(input.data, &task.query.goals),
            by_event,
            page_place: task.dimensions.iter().position(|dimension| *dimension == Dimension::Page),
            codes: vec![Vec::new(); sources.len()],
            out: Measured::new(input, sources, groups),
            task,
        })
    }

    /// Adds what is selected of a block.
    ///
    /// # Errors
    /// There are too many groups.
    pub(super) fn block(&mut self, block: &Block) -> Result<(), QueryError> {
        if !self.by_event {
            return self.block_by_visit(block);
        }
        let mut codes = std::mem::take(&mut self.codes);
        let done = self.block_by_event(block, &mut codes);
        self.codes = codes;
        done
    }

    pub(super) fn finish(self) -> Measured<'a> {
        self.out
    }

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
        if self.task.query.definitions == Definitions::Ga4 {
            let begun = index.begun(place);
            visit.counts = self.task.period.range.contains(&begun);
            for (code, source) in visit.begun.iter_mut().zip(&self.out.sources) {
                *code = source.at_moment(self.task.query, begun);
            }
        }
        if self.task.needs.edges {
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
        for slot in block.slots() {
            let visit = self.visit(slot);
            let mut key = Key::default();
            for (code, source) in key.iter_mut().zip(&self.out.sources) {
                *code = source.of_visit(self.input, slot.visit as usize);
            }
            let number = self.out.groups.number(&key)?;
            self.touch(number, &key, &visit);
            let events = if slot.masked {
                block.events(self.input, &slot).count() as u32
            } else {
                self.input.index.action_count(self.input.data, slot.visit as usize)
            };
            if let Some(cell) = self.out.groups.cells.get_mut(number) {
                cell.views += slot.views;
                cell.events += events;
            }
            if self.task.needs.of_events() {
                for event in block.events(self.input, &slot) {
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
                source.events(self.input, run, self.task.query, codes.get_mut(places).unwrap_or_default());
            }
        }
        // Of several goals an action falls into the group of each.
        let goal =
            self.out.sources.iter().position(|source| matches!(source, Source::Goal(Goals::Given { .. })));
        for slot in block.slots() {
            let visit = self.visit(slot);
            for event in block.events(self.input, &slot) {
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
        if self.task.needs.of_events() {
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
        let judged = self.input.judge(self.task.query.definitions, slot.visit as usize);
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
        if self.task.needs.goals && self.goals.any(data, event) {
            more.conversions += 1;
            more.converters += u32::from(more.last_converter != visit.slot.user);
            more.last_converter = visit.slot.user;
        }
        if self.task.needs.edges {
            more.entries += u32::from(event == visit.first_view);
            more.exits += u32::from(event == visit.last_view);
        }
        if self.task.needs.pages && is_view && index.repeats.binary_search(&(event as u32)).is_err() {
            let first_page = at(data.first_pages(), visit.slot.visit as usize);
            let page = (first_page + data.page_ordinals().get(event)) as usize;
            let (engaged, scroll) = (at(&index.page_engaged, page), at(&index.page_scroll, page));
            more.timed_pages += u32::from(engaged > 0);
            more.page_ms += u64::from(engaged);
            more.scrolled_pages += u32::from(scroll > 0);
            more.scroll += u64::from(scroll);
        }
        if self.task.needs.revenue
            && let Some((value, currency)) = self.out.amount(event)
        {
            self.out.groups.revenue.entry((number as u32, currency)).or_default().add(value);
        }
    }
}
