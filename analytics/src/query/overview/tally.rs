//! Counts by group, in one addition for each visit.
//!
//! Of a visit whose visitor has no other there is nothing to compare: it is one visitor more. Only the visits of those
//! who came again are looked at a second time, to see whether the group has their visitor already.

use crate::codes::Code;
use crate::query::scan::{Block, Slot};

/// Copies of the sums of few groups. Visits in a row often fall into the same group, and an addition to what was just
/// written has to wait for it.
const LANES: usize = 4;

/// Most groups that have copies: they stay in the first cache.
const MAX_LANED: usize = 512;

/// A visit, in [`Tally::add`]; page views are added to it.
pub(super) const VISIT: u64 = 1 << 32;

/// Counts of each group of a breakdown.
pub(super) struct Tally {
    groups: usize,
    /// Sums of group `g` in copy `c` are at `c << shift | g`.
    shift: u32,
    lanes: usize,
    /// Visits in the upper half, page views in the lower: there are less than 2³² of either.
    sums: Vec<u64>,
    again: Vec<Again>,
    /// Visits that are in the group and do not count; empty if all do.
    uncounted: Vec<u32>,
    /// The last visit (and one) of each group, where visits come back; empty until one might.
    last_visit: Vec<u32>,
}

#[derive(Clone, Copy, Default)]
struct Again {
    /// The last visitor who came again.
    user: u32,
    /// Visits whose visitor was counted before.
    visits: u32,
}

impl Slot {
    /// What it adds to a sum.
    #[inline]
    pub(super) fn sum(&self) -> u64 {
        VISIT + u64::from(self.views)
    }
}

/// What is known of a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) visitors: u32,
    pub(super) visits: u32,
    pub(super) views: u32,
}

impl Tally {
    pub(super) fn new(groups: usize) -> Self {
        let lanes = if groups <= MAX_LANED { LANES } else { 1 };
        let shift = groups.next_power_of_two().trailing_zeros();
        Self {
            groups,
            shift,
            lanes,
            sums: vec![0; lanes << shift],
            again: vec![Again::default(); groups],
            uncounted: Vec::new(),
            last_visit: Vec::new(),
        }
    }

    /// How many groups there may be.
    pub(super) fn len(&self) -> usize {
        self.groups
    }

    /// Adds sums to groups, one after the other.
    #[inline]
    pub(super) fn add(&mut self, all: impl Iterator<Item = (u32, u64)>) {
        // Kept out of the loop, which writes to memory that might be theirs for all a compiler knows.
        let (sums, mask, shift) = (self.sums.as_mut_slice(), self.lanes - 1, self.shift);
        for (turn, (code, sum)) in all.enumerate() {
            if let Some(place) = sums.get_mut((turn & mask) << shift | code as usize) {
                *place += sum;
            }
        }
    }

    /// Sees groups of visits of visitors who came again, and whether each is seen for the first time in its visit.
    /// Visits of one visitor stand together.
    #[inline]
    pub(super) fn see(&mut self, all: impl Iterator<Item = (u32, u32, bool)>) {
        let groups = self.again.as_mut_slice();
        for (code, user, is_first) in all {
            if let Some(again) = groups.get_mut(code as usize) {
                again.visits += u32::from(again.user == user) & u32::from(is_first);
                again.user = user;
            }
        }
    }

    /// A visit that was added does not count.
    pub(super) fn discount(&mut self, code: u32) {
        self.uncounted.resize(self.groups, 0);
        if let Some(uncounted) = self.uncounted.get_mut(code as usize) {
            *uncounted += 1;
        }
    }

    /// Adds an action of a visit that may have others in the group; answers whether it is the first.
    pub(super) fn touch(&mut self, code: u32, slot: &Slot, is_view: bool) -> bool {
        self.last_visit.resize(self.groups, 0);
        let Some(last) = self.last_visit.get_mut(code as usize) else { return false };
        let is_first = *last != slot.visit + 1;
        *last = slot.visit + 1;
        self.add(std::iter::once((code, u64::from(is_first) * VISIT + u64::from(is_view))));
        self.see(std::iter::once((code, slot.user, is_first)));
        is_first
    }

    /// Adds all visits of a block, each to the group `code` finds.
    #[inline]
    pub(super) fn add_visits(&mut self, block: &Block, returns: &Returns, code: impl Fn(usize) -> u32) {
        self.add(block.slots.iter().map(|slot| (code(slot.visit as usize), slot.sum())));
        self.see(returns.slots(block).map(|slot| (code(slot.visit as usize), slot.user, true)));
    }

    /// Adds all visits of a block, by a column of codes.
    #[inline]
    pub(super) fn add_column<C: Code>(&mut self, block: &Block, returns: &Returns, codes: &[C]) {
        let code = |visit: usize| codes.get(visit).copied().map_or(0, Into::into);
        match block.slots.as_slice() {
            // No visit is left out: all is in step.
            [first, .., last] if (last.visit - first.visit) as usize + 1 == block.slots.len() => {
                let codes = codes.get(first.visit as usize..=last.visit as usize).unwrap_or_default();
                self.add(codes.iter().zip(&block.slots).map(|(code, slot)| ((*code).into(), slot.sum())));
            }
            slots => self.add(slots.iter().map(|slot| (code(slot.visit as usize), slot.sum()))),
        }
        self.see(returns.slots(block).map(|slot| (code(slot.visit as usize), slot.user, true)));
    }

    pub(super) fn counts(&self, code: u32) -> Counts {
        let sums = |lane: usize| self.sums.get(lane << self.shift | code as usize).copied().unwrap_or(0);
        let sum: u64 = (0..self.lanes).map(sums).sum();
        let group = code as usize;
        let touched = (sum >> 32) as u32;
        Counts {
            visitors: touched - self.again.get(group).map_or(0, |again| again.visits),
            visits: touched - self.uncounted.get(group).copied().unwrap_or(0),
            views: sum as u32,
        }
    }
}

/// Which slots of a block are of visitors with several.
#[derive(Default)]
pub(super) struct Returns {
    /// These slots, in order.
    pub(super) places: Vec<u32>,
    /// Of each slot.
    pub(super) is_return: Vec<bool>,
}

/// The places that are marked, in order.
pub(super) fn marked(marks: impl ExactSizeIterator<Item = bool>, places: &mut Vec<u32>) {
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

impl Returns {
    pub(super) fn find(&mut self, block: &Block) {
        let slots = &block.slots;
        self.is_return.clear();
        self.is_return.resize(slots.len(), false);
        let mut before = 0;
        for (place, slot) in slots.iter().enumerate() {
            let is_same = slot.user == before;
            before = slot.user;
            // The one before then returns as well.
            for place in [place, place.wrapping_sub(1)] {
                if let Some(is_return) = self.is_return.get_mut(place) {
                    *is_return |= is_same;
                }
            }
        }
        marked(self.is_return.iter().copied(), &mut self.places);
    }

    /// These slots, in order.
    #[inline]
    pub(super) fn slots<'b>(&'b self, block: &'b Block) -> impl Iterator<Item = &'b Slot> + 'b {
        self.places.iter().filter_map(|place| block.slots.get(*place as usize))
    }
}
