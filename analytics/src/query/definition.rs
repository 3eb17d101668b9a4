//! Definition sets: see the tables of the parent module.

use protocol::query::Definitions;

use super::index::{BOUNCED, BOUNCED_GA4, BOUNCED_PLAUSIBLE, Index, at};
use crate::derive::VisitSums;

/// A visit of one page view and no click or conversion is a bounce below this engaged time. GA4 calls a
/// session engaged from 10 s on (its help, "engaged sessions"); so do we.
pub(crate) const BOUNCE_ENGAGED_MS: u32 = 10_000;

/// What a definition set says of one visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) bounced: bool,
    pub(crate) duration_ms: u32,
    pub(crate) engaged_ms: u32,
}

/// Under which definition sets a visit bounced, as marks of the [`Index`].
pub(super) fn bounces(sums: &VisitSums, visit: usize) -> u8 {
    let (views, engaged_ms) = (at(&sums.page_views, visit), at(&sums.engaged_ms, visit));
    let none = |counts: &[u32]| at(counts, visit) == 0;
    let (no_click, no_conversion) = (none(&sums.clicks), none(&sums.conversions));
    let is_short = engaged_ms < BOUNCE_ENGAGED_MS;
    let mark = |is: bool, mark| if is { mark } else { 0 };
    mark(views == 1 && no_click && no_conversion && is_short, BOUNCED)
        | mark(views < 2 && no_click && no_conversion && none(&sums.customs), BOUNCED_PLAUSIBLE)
        | mark(views < 2 && no_conversion && is_short, BOUNCED_GA4)
}

/// The mark of the visits that bounced.
#[inline]
pub(super) fn bounce_mark(definitions: Definitions) -> u8 {
    match definitions {
        Definitions::LiveInsight => BOUNCED,
        Definitions::Plausible => BOUNCED_PLAUSIBLE,
        Definitions::Ga4 => BOUNCED_GA4,
    }
}

/// What a definition set says of a visit.
#[inline]
pub(crate) fn judge(definitions: Definitions, index: &Index, visit: usize) -> Judged {
    let engaged_ms = at(&index.engaged, visit);
    let duration_ms = match definitions {
        Definitions::LiveInsight | Definitions::Ga4 => engaged_ms,
        Definitions::Plausible => {
            let (first, last) = (at(&index.first_action, visit), at(&index.last_action, visit));
            if first <= last { last.abs_diff(first) } else { 0 }
        }
    };
    let bounced = at(&index.marks, visit) & bounce_mark(definitions) != 0;
    Judged { bounced, duration_ms, engaged_ms }
}
