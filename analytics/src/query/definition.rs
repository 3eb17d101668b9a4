//! Definition sets: see the tables of the parent module.

use protocol::query::Definitions;

use super::index::{CLICKED, CONVERTED, CUSTOM, Index, at};
use crate::overview::BOUNCE_ENGAGED_MS;
use crate::row::DAY_MS;

/// What a definition set says of one visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) bounced: bool,
    pub(crate) duration_ms: u32,
    pub(crate) engaged_ms: u32,
}

#[inline]
pub(crate) fn judge(definitions: Definitions, index: &Index, visit: usize) -> Judged {
    let engaged_ms = at(&index.engaged, visit);
    let views = index.views_of(visit).len();
    let marks = at(&index.marks, visit);
    let engaged = u64::from(engaged_ms) >= BOUNCE_ENGAGED_MS;
    let (bounced, duration_ms) = match definitions {
        Definitions::LiveInsight => {
            (views == 1 && marks & (CLICKED | CONVERTED) == 0 && !engaged, engaged_ms)
        }
        Definitions::Plausible => {
            let (first, last) = (at(&index.first_action, visit), at(&index.last_action, visit));
            let length = if first <= last { last.abs_diff(first) } else { 0 };
            (views < 2 && marks & (CLICKED | CONVERTED | CUSTOM) == 0, length)
        }
        Definitions::Ga4 => (!engaged && marks & CONVERTED == 0 && views < 2, engaged_ms),
    };
    Judged { bounced, duration_ms, engaged_ms }
}

/// Numbers visitors in the order of visits: equal numbers stand together, so that distinct visitors of a group
/// are counted by comparing with the last number seen.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Visitors {
    number: u32,
    user: u64,
    day: u64,
    by_day: bool,
}

impl Visitors {
    pub(crate) fn new(definitions: Definitions) -> Self {
        Self { by_day: definitions == Definitions::Plausible, ..Self::default() }
    }

    /// The number of the next visit's visitor, from 1 on. There are fewer visits than 2³².
    #[inline]
    pub(crate) fn next(&mut self, user: u64, start: u64) -> u32 {
        let day = if self.by_day { start / DAY_MS } else { 0 };
        if self.number == 0 || self.user != user || self.day != day {
            self.number += 1;
            (self.user, self.day) = (user, day);
        }
        self.number
    }
}
