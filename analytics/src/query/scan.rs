//! Goes over the visits of a range in blocks and says which visits and actions are selected.

use std::ops::Range;

use protocol::query::{Definitions, Filter, Query, QueryError};

use super::filter::{Node, Pool, compile, only_actions};
use super::index::{AGAIN, NEW_DAY, NEWCOMER, at};
use super::source::{Input, Run, copy_all as copy};
use crate::codes::{Code, Codes};
use crate::dataset::Dataset;
use crate::row::Kind;
use crate::with_codes;

/// Visits of a block: their columns and what is written of them fit the first cache.
pub(crate) const BLOCK_VISITS: usize = 1_024;

/// Where a visit's actions lie: none in range, all, some. Products with 0 and 1 keep the meaning.
const OUTSIDE: u8 = 0;
const INSIDE: u8 = 1;
const PARTLY: u8 = 2;

/// A visit in sums of a block; page views are added to it.
pub(crate) const VISIT: u64 = 1 << 32;

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

/// Visits of a block in columns: one row each, those that are not selected included unless they are most.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// The visits of the block, selected or not.
    visits: Range<usize>,
    /// Of each row its visit, counted from the first one; empty if the rows are all visits of the block.
    chosen: Vec<u32>,
    /// Of each row: when the first and the last action happened.
    pub(crate) times: Vec<(u64, u64)>,
    /// Of each row: number of the visitor. Equal ones stand together; never 0.
    pub(crate) users: Vec<u32>,
    /// Of each row: [`VISIT`] and the selected page views; 0 if it is not selected.
    pub(crate) sums: Vec<u64>,
    /// Selected rows of visitors who have other visits, in order.
    pub(crate) again: Vec<u32>,
    /// [`OUTSIDE`], [`INSIDE`] or [`PARTLY`].
    states: Vec<u8>,
    /// Of each row: marks of the index.
    pub(crate) marks: Vec<u8>,
    /// All masked rows lie in one of these, and perhaps some more visits.
    pub(crate) runs: Vec<Run>,
    /// The event the mask begins with.
    pub(crate) base: usize,
    /// Which events are selected, for masked rows.
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
    /// Whether every row is to be masked.
    mask_all: bool,
    next: usize,
    /// Visitors of the visits so far, selected or not.
    user: u32,
    pool: Pool,
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
        let mask_all = mask_all || !of_events.is_empty();
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
        block.visits = visits.clone();
        block.chosen.clear();
        self.find_in_range(&visits, block);
        self.filter_visits(&visits, block);
        self.fill(&visits, block);
        block.drop_others();
        self.select_events(&visits, block);
        block.find_again();
        true
    }

    /// Which visits of a block have actions in range.
    fn find_in_range(&mut self, visits: &Range<usize>, block: &mut Block) {
        let Range { start: from, end: to } = self.range;
        let mask_all = self.mask_all;
        self.input.index.times(visits.clone(), &mut block.times);
        block.states.clear();
        block.states.extend(block.times.iter().map(|(begun, ended)| {
            let is_outside = begun > ended || *ended < from || *begun >= to;
            let is_partly = mask_all || *begun < from || *ended >= to;
            u8::from(!is_outside) * (INSIDE + u8::from(is_partly))
        }));
    }

    /// Takes out those that do not pass the filters of visits.
    fn filter_visits(&mut self, visits: &Range<usize>, block: &mut Block) {
        for node in &self.of_visits {
            // What is cheap looks at all visits of the block, what is not at those that are left.
            let mut from = 0;
            while from < block.states.len() {
                let rest = block.states.get(from..).unwrap_or_default();
                let mut len = rest.len();
                if node.is_costly() {
                    from += rest.iter().position(|state| *state != OUTSIDE).unwrap_or(len);
                    let rest = block.states.get(from..).unwrap_or_default();
                    len = rest.iter().position(|state| *state == OUTSIDE).unwrap_or(rest.len());
                }
                let Some(states) = block.states.get_mut(from..from + len).filter(|states| !states.is_empty())
                else {
                    break;
                };
                self.one.clear();
                self.one.resize(len, false);
                let run = visits.start + from..visits.start + from + len;
                node.visits(self.input, self.query, &run, &mut self.pool, &mut self.one);
                for (state, passes) in states.iter_mut().zip(&self.one) {
                    *state *= u8::from(*passes);
                }
                from += len;
            }
        }
    }

    fn fill(&mut self, visits: &Range<usize>, block: &mut Block) {
        let index = self.input.index;
        copy(&index.views, visits.clone(), &mut self.views);
        block.sums.clear();
        block.sums.extend(block.states.iter().zip(&self.views).map(|(state, views)| {
            let is_selected = u64::from(*state != OUTSIDE);
            is_selected.wrapping_neg() & (VISIT | u64::from(*views))
        }));
        block.marks.clear();
        block.marks.extend_from_slice(index.marks.get(visits.clone()).unwrap_or_default());
        let new = if self.query.definitions == Definitions::Plausible { NEW_DAY } else { NEWCOMER };
        let mut user = self.user;
        block.users.clear();
        block.users.extend(block.marks.iter().map(|marks| {
            user += u32::from(marks & new != 0);
            user
        }));
        self.user = user;
    }

    fn select_events(&mut self, visits: &Range<usize>, block: &mut Block) {
        let data = self.input.data;
        block.base = data.events_of(visits.start).start;
        block.runs.clear();
        if !block.states.contains(&PARTLY) {
            return;
        }
        for row in 0..block.states.len() {
            if !block.is_masked(row) {
                continue;
            }
            let visit = block.visit(row);
            match block.runs.last_mut() {
                Some(run) if run.visits.end == visit => {
                    run.visits.end += 1;
                    run.events.end = data.events_of(visit).end;
                }
                _ => block.runs.push(Run { visits: visit..visit + 1, events: data.events_of(visit) }),
            }
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
        for row in 0..block.states.len() {
            if !block.is_masked(row) {
                continue;
            }
            let (mut any, mut views) = (false, 0);
            for event in data.events_of(block.visit(row)) {
                if at(&block.mask, event - block.base) {
                    any = true;
                    views += u64::from(data.kinds().get(event) == Some(&Kind::PageView));
                }
            }
            if let Some(sum) = block.sums.get_mut(row) {
                *sum = if any { VISIT + views } else { 0 };
            }
        }
    }
}

impl Block {
    /// The visit of a row.
    #[inline]
    pub(crate) fn visit(&self, row: usize) -> usize {
        self.visits.start + self.chosen.get(row).map_or(row, |place| *place as usize)
    }

    /// The row of a visit.
    pub(crate) fn row(&self, visit: usize) -> Option<usize> {
        let place = visit.checked_sub(self.visits.start)?;
        if self.chosen.is_empty() { Some(place) } else { self.chosen.binary_search(&(place as u32)).ok() }
    }

    /// Whether the mask says which actions of a row are selected; otherwise all are, or none.
    #[inline]
    pub(crate) fn is_masked(&self, row: usize) -> bool {
        at(&self.states, row) == PARTLY
    }

    /// Numbers of the rows' visits.
    pub(crate) fn gather(&self, codes: &Codes, out: &mut Vec<u32>) {
        fn pick(codes: &[impl Code], first: usize, chosen: &[u32], out: &mut Vec<u32>) {
            let codes = codes.get(first..).unwrap_or_default();
            let code = |place: &u32| codes.get(*place as usize).copied().map_or(0, Into::into);
            out.clear();
            out.extend(chosen.iter().map(code));
        }
        if self.chosen.is_empty() {
            copy(codes, self.visits.start..self.visits.start + self.sums.len(), out);
            return;
        }
        with_codes!(codes, zero(_) => {
            out.clear();
            out.resize(self.chosen.len(), 0);
        }, codes => pick(codes, self.visits.start, &self.chosen, out));
    }

    /// The values of the rows' visits.
    pub(crate) fn pick<T: Copy + Default>(&self, values: &[T], out: &mut Vec<T>) {
        let values = values.get(self.visits.clone()).unwrap_or_default();
        out.clear();
        if self.chosen.is_empty() {
            out.extend_from_slice(values.get(..self.sums.len()).unwrap_or_default());
        } else {
            out.extend(self.chosen.iter().map(|place| at(values, *place as usize)));
        }
    }

    /// Leaves selected rows alone if they are few.
    fn drop_others(&mut self) {
        fn keep<T: Copy>(values: &mut Vec<T>, chosen: &[u32]) {
            for (place, from) in chosen.iter().enumerate() {
                // Never before the place itself.
                if let Some(value) = values.get(*from as usize).copied()
                    && let Some(place) = values.get_mut(place)
                {
                    *place = value;
                }
            }
            values.truncate(chosen.len());
        }
        let selected = self.states.iter().filter(|state| **state != OUTSIDE).count();
        if selected * 4 > self.states.len() {
            return;
        }
        marked(self.states.iter().map(|state| *state != OUTSIDE), &mut self.chosen);
        keep(&mut self.times, &self.chosen);
        keep(&mut self.users, &self.chosen);
        keep(&mut self.sums, &self.chosen);
        keep(&mut self.states, &self.chosen);
        keep(&mut self.marks, &self.chosen);
    }

    fn find_again(&mut self) {
        let rows = self.sums.iter().zip(&self.marks);
        marked(rows.map(|(sum, marks)| *sum != 0 && marks & AGAIN != 0), &mut self.again);
    }

    /// All events of the block, selected or not.
    pub(crate) fn all_events(&self, data: &Dataset) -> Range<usize> {
        match self.visits.end.checked_sub(1) {
            Some(last) => data.events_of(self.visits.start).start..data.events_of(last).end,
            None => 0..0,
        }
    }

    /// The visit of an event of the block.
    pub(crate) fn visit_of(&self, data: &Dataset, event: usize) -> Option<usize> {
        let firsts = data.first_event.get(self.visits.clone())?;
        let place = firsts.partition_point(|first| *first as usize <= event).checked_sub(1)?;
        Some(self.visits.start + place)
    }

    /// Events of selected visits that are not masked, those that stand together at once.
    pub(crate) fn for_each_run(&self, data: &Dataset, mut take: impl FnMut(Range<usize>)) {
        let first = self.all_events(data).start;
        let mut run = first..first;
        for (row, (sum, state)) in self.sums.iter().zip(&self.states).enumerate() {
            if *sum == 0 || *state != INSIDE {
                continue;
            }
            let events = data.events_of(self.visit(row));
            if events.start != run.end {
                take(run.clone());
                run.start = events.start;
            }
            run.end = events.end;
        }
        take(run);
    }

    /// Selected rows of visitors who have other visits, and others that are special, in order: visits of a visitor have
    /// to be looked at one after the other.
    pub(crate) fn special_rows(&self, is_special: impl Fn(usize) -> bool, rows: &mut Vec<u32>) {
        let all = self.sums.iter().zip(&self.marks).enumerate();
        marked(all.map(|(row, (sum, marks))| *sum != 0 && (marks & AGAIN != 0 || is_special(row))), rows);
    }

    /// How many events of a masked visit are selected.
    pub(crate) fn masked_count(&self, input: Input<'_>, visit: usize) -> u32 {
        let events = input.data.events_of(visit);
        events.map(|event| u32::from(at(&self.mask, event - self.base))).sum()
    }

    /// A selected row.
    pub(crate) fn slot(&self, row: usize) -> Slot {
        Slot {
            visit: self.visit(row) as u32,
            user: at(&self.users, row),
            views: at(&self.sums, row) as u32,
            masked: self.is_masked(row),
        }
    }

    /// The selected visits.
    pub(crate) fn slots(&self) -> impl Iterator<Item = Slot> + '_ {
        let rows = self.sums.iter().enumerate().filter(|(_, sum)| **sum != 0);
        rows.map(|(row, _)| self.slot(row))
    }

    /// The selected events of a slot.
    pub(crate) fn events<'b>(
        &'b self,
        input: Input<'b>,
        slot: &Slot,
    ) -> impl Iterator<Item = usize> + use<'b> {
        let (kinds, masked) = (input.data.kinds(), slot.masked);
        input.data.events_of(slot.visit as usize).filter(move |event| {
            if masked {
                at(&self.mask, event - self.base)
            } else {
                kinds.get(*event).is_some_and(|kind| *kind != Kind::Heartbeat)
            }
        })
    }
}

/// The places that are marked, in order.
pub(crate) fn marked(marks: impl ExactSizeIterator<Item = bool>, places: &mut Vec<u32>) {
    places.clear();
    places.resize(marks.len(), 0);
    let mut count = 0;
    for (place, is_marked) in (0..).zip(marks) {
        // Written for every place, and stays if the count moves on: marks are too irregular for a branch.
        if let Some(slot) = places.get_mut(count) {
            *slot = place;
        }
        count += usize::from(is_marked);
    }
    places.truncate(count);
}
