//! Definition sets: see the tables of the parent module.

use protocol::query::Definitions;

use super::index::{CLICKED, CONVERTED, CUSTOM, Index, at};

/// A visit of one page view and no click or conversion is a bounce below this engaged time. GA4 calls a
/// session engaged from 10 s on (its help, "engaged sessions"); so do we.
pub(crate) const BOUNCE_ENGAGED_MS: u64 = 10_000;

/// What a definition set says of one visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) bounced: bool,
    pub(crate) duration_ms: u32,
    pub(crate) engaged_ms: u32,
}

/// `views` are all page views of the visit, selected or not.
#[inline]
pub(crate) fn judge(definitions: Definitions, index: &Index, visit: usize, views: u32) -> Judged {
    let engaged_ms = at(&index.engaged, visit);
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
