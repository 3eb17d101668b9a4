//! Goes over the visits of a range in blocks and says which visits and actions are selected.

use std::ops::Range;

use protocol::query::{Filter, Query, QueryError};

use super::definition::Visitors;
use super::filter::{Node, Pool, compile, only_actions};
use super::index::{at, moment};
use super::source::{Input, Run};
use crate::row::Kind;

/// Visits of a block: their columns and what is written of them fit the second cache.
pub(crate) const BLOCK_VISITS: usize = 4_096;

/// A selected visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// Whether all actions there are lie in range.
    covers_all: bool,
    next: usize,
    visitors: Visitors,
    pool: Pool,
    keep: Vec<bool>,
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
        of_visits.sort_by_key(Node::is_costly);
        let span = input.index.actions_span;
        Ok(Self {
            input,
            query,
            range: range.clone(),
            of_visits,
            of_events,
            mask_all,
            covers_all: span.is_none_or(|(first, last)| range.contains(&first) && range.contains(&last)),
            next: 0,
            visitors: Visitors::new(query.definitions),
            pool: Pool::default(),
            keep: Vec::new(),
            one: Vec::new(),
        })
    }

    /// Fills in the next block; `false` after the last one. A block may be empty.
    pub(crate) fn next(&mut self, block: &mut Block) -> bool {
        let count = self.input.data.visit_count();
        if self.next >= count {
            return false;
        }
        let visits = self.next..(self.next + BLOCK_VISITS).min(count);
        self.next = visits.end;
        block.slots.clear();
        block.runs.clear();
        self.select_visits(&visits, block);
        self.select_events(&visits, block);
        true
    }

    fn select_visits(&mut self, visits: &Range<usize>, block: &mut Block) {
        let Input { data, index } = self.input;
        let filtered = !self.of_visits.is_empty();
        if filtered {
            self.keep.clear();
            self.keep.resize(visits.len(), true);
            for node in &self.of_visits {
                // What is cheap looks at all visits of the block, what is not at those that are left.
                let mut from = 0;
                while from < self.keep.len() {
                    let rest = self.keep.get(from..).unwrap_or_default();
                    let mut len = rest.len();
                    if node.is_costly() {
                        from += rest.iter().position(|keep| *keep).unwrap_or(len);
                        let rest = self.keep.get(from..).unwrap_or_default();
                        len = rest.iter().position(|keep| !*keep).unwrap_or(rest.len());
                    }
                    let Some(keep) = self.keep.get_mut(from..from + len).filter(|keep| !keep.is_empty())
                    else {
                        break;
                    };
                    self.one.clear();
                    self.one.resize(len, false);
                    let run = visits.start + from..visits.start + from + len;
                    node.visits(self.input, self.query, &run, &mut self.pool, &mut self.one);
                    for (keep, one) in keep.iter_mut().zip(&self.one) {
                        *keep &= one;
                    }
                    from += len;
                }
            }
        }
        let mask_all = self.mask_all || !self.of_events.is_empty();
        // Slices of equal length, so that the loop needs no bounds.
        let part = visits.clone();
        let users = data.users().get(part.clone()).unwrap_or_default();
        let starts = data.starts().get(part.clone()).unwrap_or_default();
        let firsts = index.first_action.get(part.clone()).unwrap_or_default();
        let lasts = index.last_action.get(part.clone()).unwrap_or_default();
        let views = index.first_view.get(part.start..part.end + 1).unwrap_or_default();
        let columns = users.iter().zip(starts).zip(firsts).zip(lasts).zip(views.windows(2));
        for (place, ((((user, start), first), last), views)) in columns.enumerate() {
            if filtered && !at(&self.keep, place) || first > last {
                continue;
            }
            let visit = visits.start + place;
            let mut masked = mask_all;
            if !self.covers_all {
                let (first, last) = (moment(*start, *first), moment(*start, *last));
                if last < self.range.start || first >= self.range.end {
                    continue;
                }
                masked |= first < self.range.start || last >= self.range.end;
            }
            let views = if let [from, to] = views { to - from } else { 0 };
            let user = self.visitors.next(*user, *start);
            block.slots.push(Slot { visit: visit as u32, user, views, masked });
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
