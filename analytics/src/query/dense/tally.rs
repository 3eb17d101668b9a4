//! Counts by group, in one addition for each visit.
//!
//! Of a visit whose visitor has no other there is nothing to compare: it is one visitor more. Only the visits of those
//! who came again are looked at a second time, to see whether the group has their visitor already.

use crate::query::scan::VISIT;

/// Copies of the sums of few groups. Visits in a row often fall into the same group, and an addition to what was just
/// written has to wait for it.
const LANES: usize = 4;

/// Most groups that have copies: they stay in the first cache.
const MAX_LANED: usize = 512;

/// Counts of each group of a breakdown.
#[derive(Debug)]
pub(super) struct Tally {
    groups: usize,
    /// Sums of group `g` in copy `c` are at `c << shift | g`.
    shift: u32,
    lanes: usize,
    /// Visits in the upper half, page views in the lower: there are less than 2³² of either.
    sums: Vec<u64>,
    again: Again,
    /// The last visit (and one) of each group, where visits come back; empty until one might.
    last_visit: Vec<u32>,
}

/// Visits of each group whose visitor was counted before.
#[derive(Debug)]
pub(super) struct Again(Vec<Seen>);

#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// The last visitor who came again.
    user: u32,
    visits: u32,
}

impl Again {
    pub(super) fn new(groups: usize) -> Self {
        Self(vec![Seen::default(); groups])
    }

    /// Sees groups of visits of visitors who came again, and whether each is seen for the first time in its visit.
    /// Visits of one visitor stand together.
    #[inline]
    pub(super) fn see(&mut self, all: impl Iterator<Item = (u32, u32, bool)>) {
        let groups = self.0.as_mut_slice();
        for (code, user, is_first) in all {
            if let Some(seen) = groups.get_mut(code as usize) {
                seen.visits += u32::from(seen.user == user) & u32::from(is_first);
                seen.user = user;
            }
        }
    }

    pub(super) fn visits(&self, code: u32) -> u32 {
        self.0.get(code as usize).map_or(0, |seen| seen.visits)
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
            again: Again::new(groups),
            last_visit: Vec::new(),
        }
    }

    /// How many groups there may be.
    pub(super) fn len(&self) -> usize {
        self.groups
    }

    /// Adds sums to groups, one after the other; codes beyond the groups to none.
    #[inline(never)]
    pub(super) fn add_all(&mut self, codes: &[u32], sums: &[u64]) {
        if self.lanes == 1 {
            return self.add(codes.iter().copied().zip(sums.iter().copied()));
        }
        let lane = 1 << self.shift;
        let (one, rest) = self.sums.split_at_mut(lane);
        let (two, rest) = rest.split_at_mut(lane);
        let (three, four) = rest.split_at_mut(lane);
        let add = |lane: &mut [u64], code: u32, sum: u64| {
            if let Some(place) = lane.get_mut(code as usize) {
                *place += sum;
            }
        };
        let count = codes.len().min(sums.len());
        let (codes, rest_codes) = codes.get(..count).unwrap_or_default().as_chunks::<LANES>();
        let (sums, rest_sums) = sums.get(..count).unwrap_or_default().as_chunks::<LANES>();
        for (codes, sums) in codes.iter().zip(sums) {
            add(one, codes[0], sums[0]);
            add(two, codes[1], sums[1]);
            add(three, codes[2], sums[2]);
            add(four, codes[3], sums[3]);
        }
        for (code, sum) in rest_codes.iter().zip(rest_sums) {
            add(one, *code, *sum);
        }
    }

    /// The same, into one copy.
    #[inline]
    pub(super) fn add(&mut self, all: impl Iterator<Item = (u32, u64)>) {
        // Kept out of the loop, which writes to memory that might be theirs for all a compiler knows.
        let sums = self.sums.get_mut(..1 << self.shift).unwrap_or_default();
        for (code, sum) in all {
            if let Some(place) = sums.get_mut(code as usize) {
                *place += sum;
            }
        }
    }

    /// See [`Again::see`].
    #[inline]
    pub(super) fn see(&mut self, all: impl Iterator<Item = (u32, u32, bool)>) {
        self.again.see(all);
    }

    /// So many visits of a group are of visitors who were counted before.
    #[inline]
    pub(super) fn count_again(&mut self, code: u32, visits: u32) {
        if let Some(seen) = self.again.0.get_mut(code as usize) {
            seen.visits += visits;
        }
    }

    /// Adds an action of a visit (and one) that may have others in the group; answers whether it is the first.
    pub(super) fn touch(&mut self, code: u32, user: u32, visit: u32, views: u64) -> bool {
        self.last_visit.resize(self.groups, 0);
        let Some(last) = self.last_visit.get_mut(code as usize) else { return false };
        let is_first = *last != visit;
        *last = visit;
        self.add(std::iter::once((code, u64::from(is_first) * VISIT + views)));
        self.see(std::iter::once((code, user, is_first)));
        is_first
    }

    pub(super) fn counts(&self, code: u32) -> Counts {
        let sums = |lane: usize| self.sums.get(lane << self.shift | code as usize).copied().unwrap_or(0);
        let sum: u64 = (0..self.lanes).map(sums).sum();
        let visits = (sum >> 32) as u32;
        Counts { visitors: visits - self.again.visits(code), visits, views: sum as u32 }
    }
}
