//! The breakdown by page: the one that goes over actions and not over visits. Actions other than page views count for
//! the page they happened on, whether or not it was viewed.

use protocol::query::{Definitions, Query};

use super::tally::{Returns, Tally, VISIT, marked};
use super::totals::counts;
use crate::codes::Code;
use crate::query::index::{ARRIVAL, VIEW, at};
use crate::query::scan::{Block, Slot};
use crate::query::source::Input;
use crate::row::{EventDim, Kind};
use crate::with_codes;

pub(super) fn add_pages(
    input: Input<'_>,
    query: &Query,
    block: &Block,
    returns: &Returns,
    tally: &mut Tally,
) {
    if !input.index.is_condensed() {
        block.slots.iter().for_each(|slot| add_events(input, query, block, slot, tally));
        return;
    }
    with_codes!(&input.data.event(EventDim::Path).codes, zero(len) => {
        // Every action is on the page without a name.
        add_codes(input, query, block, returns, &vec![0_u8; *len], tally);
    }, codes => add_codes(input, query, block, returns, codes, tally));
}

fn add_codes(
    input: Input<'_>,
    query: &Query,
    block: &Block,
    returns: &Returns,
    codes: &[impl Code],
    tally: &mut Tally,
) {
    let Input { data, index } = input;
    let by_start = query.definitions == Definitions::Ga4;
    let is_plain = |slot: &Slot| !slot.masked;
    // Visits that stand together are one run of actions.
    let neighbours = |a: &Slot, b: &Slot| a.masked == b.masked && a.visit + 1 == b.visit;
    for slots in block.slots.chunk_by(neighbours) {
        let (Some(first), Some(last)) = (slots.first(), slots.last()) else { continue };
        if !is_plain(first) {
            continue;
        }
        let events = data.events_of(first.visit as usize).start..data.events_of(last.visit as usize).end;
        let roles = index.roles.get(events.clone()).unwrap_or_default();
        let codes = codes.get(events).unwrap_or_default();
        tally.add(codes.iter().zip(roles).map(|(code, role)| {
            let is_arrival = u64::from(role & ARRIVAL != 0);
            ((*code).into(), is_arrival * VISIT + u64::from(role & VIEW))
        }));
    }
    let mut places = returns.places.as_slice();
    let mut special = Vec::new();
    if by_start || block.slots.iter().any(|slot| slot.masked) {
        let marks = block.slots.iter().zip(&returns.is_return);
        marked(marks.map(|(slot, is_return)| slot.masked || *is_return || by_start), &mut special);
        places = &special;
    }
    let slot_at = |place: &u32| at(&block.slots, *place as usize);
    // Visits of a visitor are one run, too.
    let neighbours = |a: &u32, b: &u32| {
        let (a, b) = (slot_at(a), slot_at(b));
        a.user == b.user && a.visit + 1 == b.visit && !a.masked && !b.masked
    };
    for run in places.chunk_by(neighbours) {
        let (Some(first), Some(last)) = (run.first().map(slot_at), run.last().map(slot_at)) else { continue };
        if first.masked {
            add_events(input, query, block, &first, tally);
            continue;
        }
        let events = data.events_of(first.visit as usize).start..data.events_of(last.visit as usize).end;
        let roles = index.roles.get(events.clone()).unwrap_or_default();
        let codes = codes.get(events).unwrap_or_default();
        let arrivals =
            codes.iter().zip(roles).map(|(code, role)| ((*code).into(), first.user, role & ARRIVAL != 0));
        tally.see(arrivals);
        for slot in run.iter().map(slot_at).filter(|_| by_start) {
            if counts(input, query, &query.period, &slot) {
                continue;
            }
            for event in data.events_of(slot.visit as usize) {
                if at(&index.roles, event) & ARRIVAL != 0 {
                    let place = event - data.events_of(first.visit as usize).start;
                    tally.discount(codes.get(place).copied().map_or(0, Into::into));
                }
            }
        }
    }
}

/// Of a visit of which not all actions are selected, or of which nothing was worked out.
fn add_events(input: Input<'_>, query: &Query, block: &Block, slot: &Slot, tally: &mut Tally) {
    let Input { data, index } = input;
    let counts = counts(input, query, &query.period, slot);
    for event in block.events(input, slot) {
        let is_view = data.kinds().get(event) == Some(&Kind::PageView);
        let path = index.path_of(data, slot.visit as usize, event);
        if tally.touch(path, slot, is_view) && !counts {
            tally.discount(path);
        }
    }
}
