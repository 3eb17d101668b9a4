//! Selected actions visitor by visitor, in order of time.

use protocol::query::{Covered, Query, QueryError};

use super::index::{at, moment};
use super::scan::{Block, Scan};
use super::source::Input;
use crate::sort::sorted;

/// A selected action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Action {
    /// Unix milliseconds.
    pub(crate) at: u64,
    pub(crate) event: u32,
}

/// Calls `take` with the selected actions of each visitor who has any. Actions are in order of time over all
/// visits of the visitor; those of one millisecond in the order of the data set.
///
/// # Errors
/// A filter holds an expression that is none.
pub(crate) fn for_each_visitor(
    input: Input<'_>,
    query: &Query,
    mut take: impl FnMut(&[Action]),
) -> Result<(), QueryError> {
    let mut scan = Scan::new(input, query, &query.period.range, &query.filters, false)?;
    let mut block = Block::default();
    // A visitor's visits may lie in two blocks.
    let mut actions: Vec<Action> = Vec::new();
    let mut user = 0;
    let mut pass_on = |actions: &mut Vec<Action>| {
        if !actions.is_empty() {
            // Visits seldom overlap.
            if !actions.is_sorted() {
                *actions = sorted(actions, Ord::cmp);
            }
            take(actions);
            actions.clear();
        }
    };
    while scan.next(&mut block) {
        for slot in block.slots() {
            if slot.user != user {
                pass_on(&mut actions);
                user = slot.user;
            }
            let start = input.index.start(slot.visit as usize);
            let events = block.events(input, &slot);
            actions.extend(
                events.map(|event| Action {
                    at: moment(start, at(input.data.at(), event)),
                    event: event as u32,
                }),
            );
        }
    }
    pass_on(&mut actions);
    Ok(())
}

/// What an answer covers.
pub(crate) fn covered(input: Input<'_>, query: &Query) -> Covered {
    Covered {
        from: query.period.range.start,
        to: query.period.range.end,
        visits_scanned: input.data.visit_count() as u64,
        events_scanned: input.index.events as u64,
        data_span: input.index.actions_span,
        origin: query.origin(),
    }
}
