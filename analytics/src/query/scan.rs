//! Goes over the visits of a range in blocks and says which visits and actions are selected.

use std::ops::Range;

use protocol::query::{Definitions, Filter, Query, QueryError};

use super::filter::{Node, Pool, compile, only_actions};
use super::index::{NEW_DAY, NEWCOMER, at};
use super::source::{Input, Run, copy_all as copy};
use crate::row::Kind;

/// Visits of a block: their columns and what is written of them fit the first cache.
pub(crate) const BLOCK_VISITS: usize = 1_024;

/// Where a visit's actions lie: none in range, all, some. Products with 0 and 1 keep the meaning.
const OUTSIDE: u8 = 0;
const INSIDE: u8 = 1;
const PARTLY: u8 = 2;

/// A selected visit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) visit: u32,
    /// Number of the visitor; equal ones stand together. Never 0.
    pub(crate) user: u32,
    /// Selected page views.
    pub(crate) views: u32,
    /// Whether the block's mask says which of its actions are selected; otherwise all are.
    pub(crate) masked: bool,
}

/// Selected visits of a block.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// The first visit of the block, selected or not.
    pub(crate) first: usize,
    /// Of each visit from the first on: when its first and its last action happened.
    pub(crate) times: Vec<(u64, u64)>,
    pub(crate) slots: Vec<Slot>,
    /// All masked slots lie in one of these, and perhaps some more visits.
    pub(crate) runs: Vec<Run>,
    /// The event the mask begins with.
    pub(crate) base: usize,
    /// Which events are selected, for masked slots.
    pub(crate) mask: Vec<bool>,
}

/// A pass over a data set.
#[derive(Debug)]
pub(crate) struct Scan<'a> {
    pub(crate) input: Input<'a>,
    query: &'a Query,
    range: Range<u64>,
    of_visits: Vec<Node<'a>>,
    of_events: Vec<Node<'a>>,
    /// Whether every slot is to be masked.
    mask_all: bool,
    next: usize,
    /// Visitors of the visits so far, selected or not.
    user: u32,
    pool: Pool,
    /// Of each visit of the block: [`OUTSIDE`], [`INSIDE`], [`PARTLY`].
    places: Vec<u8>,
    views: Vec<u32>,
    one: Vec<bool>,
}

impl<'a> Scan<'a> {
    /// A pass over the actions in `range` that pass all `filters`.
    ///
    /// # Errors
    /// A filter holds an expression that is none.
    pub(crate) fn new<'f>(
        input: Input<'a>,
        query: &'a Query,
        range: &Range<u64>,
        filters: impl IntoIterator<Item = &'f Filter>,
        mask_all: bool,
    ) -> Result<Self, QueryError> {
        let (mut of_visits, mut of_events) = (Vec::new(), Vec::new());
        let mut filters: Vec<&Filter> = filters.into_iter().collect();
        filters.reverse();
        while let Some(filter) = filters.pop() {
            if let Filter::And(all) = filter {
                filters.extend(all.iter().rev());
                continue;
            }
            let node = compile(input, filter, query, range)?;
            if node.is_of_visit() { of_visits.push(node) } else { of_events.push(node) }
        }
        let (costly, mut of_visits): (Vec<_>, Vec<_>) = of_visits.into_iter().partition(Node::is_costly);
        of_visits.extend(costly);
        Ok(Self {
            input,
            query,
            range: range.clone(),
            of_visits,
            of_events,
            mask_all,
            next: 0,
            user: 0,
            pool: Pool::default(),
            places: Vec::new(),
            views: Vec::new(),
            one: Vec::new(),
        })
    }

    /// Fills in the next block; `false` after the last one. A block may be empty. All visits of a visitor are in one
    /// block.
    pub(crate) fn next(&mut self, block: &mut Block) -> bool {
        let count = self.input.data.visit_count();
        if self.next >= count {
            return false;
        }
        let mut end = (self.next + BLOCK_VISITS).min(count);
        let goes_on = |end: usize| end < count && at(&self.input.index.marks, end) & NEWCOMER == 0;
        while goes_on(end) {
            end += 1;
        }
        let visits = self.next..end;
        self.next = visits.end;
        block.first = visits.start;
        block.slots.clear();
        block.runs.clear();
        self.select_visits(&visits, block);
        self.select_events(&visits, block);
        true
    }

    fn select_visits(&mut self, visits: &Range<usize>, block: &mut Block) {
        self.find_in_range(visits, block);
        self.filter_visits(visits);
        let index = self.input.index;
        let mask_all = self.mask_all || !self.of_events.is_empty();
        copy(&index.views, visits.clone(), &mut self.views);
        let marks = index.marks.get(visits.clone()).unwrap_or_default();
        let new = if self.query.definitions == Definitions::Plausible { NEW_DAY } else { NEWCOMER };
        let mut user = self.user;
        let mut count = 0;
        block.slots.resize(visits.len(), Slot::default());
        let columns = self.places.iter().zip(marks).zip(&self.views);
        for (visit, ((place, marks), views)) in (visits.start as u32..).zip(columns) {
            user += u32::from(marks & new != 0);
            // Every visit is written, and stays if the count moves on: filters are too irregular for a branch.
            if let Some(slot) = block.slots.get_mut(count) {
                *slot = Slot { visit, user, views: *views, masked: mask_all || *place == PARTLY };
            }
            count += usize::from(*place != OUTSIDE);
        }
        block.slots.truncate(count);
        self.user = user;
    }

    /// Which visits of a block have actions in range.
    fn find_in_range(&mut self, visits: &Range<usize>, block: &mut Block) {
        let Range { start: from, end: to } = self.range;
        self.input.index.times(visits.clone(), &mut block.times);
        self.places.clear();
        self.places.extend(block.times.iter().map(|(begun, ended)| {
            let is_outside = begun > ended || *ended < from || *begun >= to;
            let is_partly = *begun < from || *ended >= to;
            if is_outside { OUTSIDE } else { INSIDE + u8::from(is_partly) }
        }));
    }

    /// Takes out those that do not pass the filters of visits.
    fn filter_visits(&mut self, visits: &Range<usize>) {
        for node in &self.of_visits {
            // What is cheap looks at all visits of the block, what is not at those that are left.
            let mut from = 0;
            while from < self.places.len() {
                let rest = self.places.get(from..).unwrap_or_default();
                let mut len = rest.len();
                if node.is_costly() {
                    from += rest.iter().position(|place| *place != OUTSIDE).unwrap_or(len);
                    let rest = self.places.get(from..).unwrap_or_default();
                    len = rest.iter().position(|place| *place == OUTSIDE).unwrap_or(rest.len());
                }
                let Some(places) = self.places.get_mut(from..from + len).filter(|places| !places.is_empty())
                else {
                    break;
                };
                self.one.clear();
                self.one.resize(len, false);
                let run = visits.start + from..visits.start + from + len;
                node.visits(self.input, self.query, &run, &mut self.pool, &mut self.one);
                for (place, passes) in places.iter_mut().zip(&self.one) {
                    *place *= u8::from(*passes);
                }
                from += len;
            }
        }
    }

    fn select_events(&mut self, visits: &Range<usize>, block: &mut Block) {
        let data = self.input.data;
        block.base = data.events_of(visits.start).start;
        for slot in block.slots.iter().filter(|slot| slot.masked) {
            let visit = slot.visit as usize;
            match block.runs.last_mut() {
                Some(run) if run.visits.end == visit => {
                    run.visits.end += 1;
                    run.events.end = data.events_of(visit).end;
                }
                _ => block.runs.push(Run { visits: visit..visit + 1, events: data.events_of(visit) }),
            }
        }
        if block.runs.is_empty() {
            return;
        }
        block.mask.resize(data.events_of(visits.end - 1).end - block.base, false);
        for run in &block.runs {
            let places = run.events.start - block.base..run.events.end - block.base;
            let Some(mask) = block.mask.get_mut(places) else { continue };
            mask.fill(true);
            self.one.resize(mask.len().max(self.one.len()), false);
            for node in &self.of_events {
                let Some(one) = self.one.get_mut(..mask.len()) else { continue };
                node.events(self.input, run, self.query, &mut self.pool, one);
                for (place, one) in mask.iter_mut().zip(one) {
                    *place &= *one;
                }
            }
            only_actions(self.input, run, &self.range, mask);
        }
        let (mask, base) = (&block.mask, block.base);
        block.slots.retain_mut(|slot| {
            if !slot.masked {
                return true;
            }
            let (mut any, mut views) = (false, 0);
            for event in data.events_of(slot.visit as usize) {
                if at(mask, event - base) {
                    any = true;
                    views += u32::from(data.kinds().get(event) == Some(&Kind::PageView));
                }
            }
            slot.views = views;
            any
        });
    }
}

impl Block {
    /// The selected events of a slot.
    pub(crate) fn events<'b>(&'b self, input: Input<'b>, slot: &'b Slot) -> impl Iterator<Item = usize> + 'b {
        let kinds = input.data.kinds();
        input.data.events_of(slot.visit as usize).filter(move |event| {
            if slot.masked {
                at(&self.mask, event - self.base)
            } else {
                kinds.get(*event).is_some_and(|kind| *kind != Kind::Heartbeat)
            }
        })
    }
}
