//! The breakdown by page: the one that goes over page views and not over visits.

use protocol::query::{Definitions, Query};

use super::{Again, at_code, counts};
use crate::query::index::{Index, STRAYED, at};
use crate::query::scan::{Block, Slot};
use crate::query::source::Input;
use crate::row::Kind;
use crate::with_codes;

pub(super) fn add_pages(
    input: Input<'_>,
    query: &Query,
    block: &Block,
    turns: &mut Vec<u32>,
    cells: &mut [Again],
) {
    with_codes!(&input.index.view_path, zero(_) => {
        add(input, query, block, |_| 0, turns, cells);
    }, slice => add(input, query, block, |view| at_code(slice, view), turns, cells));
}

/// Visits are taken strictly in order, or visitors would be counted twice.
#[inline]
fn add(
    input: Input<'_>,
    query: &Query,
    block: &Block,
    code: impl Fn(usize) -> u32,
    turns: &mut Vec<u32>,
    cells: &mut [Again],
) {
    let Input { data, index } = input;
    let by_start = query.definitions == Definitions::Ga4;
    let counts = |slot: &Slot| !by_start || counts(input, query, &query.period, slot);
    let is_special = |slot: &Slot| slot.masked || at(&index.marks, slot.visit as usize) & STRAYED != 0;
    for part in block.slots.split_inclusive(is_special) {
        let plain = match part.split_last() {
            Some((last, plain)) if is_special(last) => plain,
            _ => part,
        };
        let mut touch = |slot: &Slot, view: usize| {
            if let Some(again) = cells.get_mut(code(view) as usize) {
                again.touch(slot, counts(slot), 1);
            }
        };
        if !add_all_views(index, plain, turns, &mut touch) {
            for slot in plain {
                index.views_of(slot.visit as usize).for_each(|view| touch(slot, view));
            }
        }
        let Some(slot) = part.get(plain.len()) else { continue };
        // Actions other than page views count for the page they happened on, whether or not it was viewed.
        for event in block.events(input, slot) {
            let is_view = data.kinds().get(event) == Some(&Kind::PageView);
            let path = index.path_of(data, slot.visit as usize, event);
            if let Some(again) = cells.get_mut(path as usize) {
                again.touch(slot, counts(slot), u32::from(is_view));
            }
        }
    }
}

/// Goes over all page views from the first visit to the last, if all of them are selected. How many a visit has
/// is hard to foresee for a processor, so the visits are numbered along the views: where one begins the number
/// goes up. Answers whether it did so.
#[inline]
fn add_all_views(
    index: &Index,
    slots: &[Slot],
    turns: &mut Vec<u32>,
    touch: &mut impl FnMut(&Slot, usize),
) -> bool {
    let (Some(first), Some(last)) = (slots.first(), slots.last()) else { return true };
    let views = index.views_of(first.visit as usize).start..index.views_of(last.visit as usize).end;
    if slots.iter().map(|slot| slot.views as usize).sum::<usize>() != views.len() {
        return false;
    }
    turns.clear();
    turns.resize(views.len() + 1, 0);
    for slot in slots {
        if let Some(turn) = turns.get_mut(index.views_of(slot.visit as usize).start - views.start) {
            *turn += 1;
        }
    }
    let mut number = 0;
    for (view, turn) in views.zip(&*turns) {
        number += *turn as usize;
        if let Some(slot) = slots.get(number.wrapping_sub(1)) {
            touch(slot, view);
        }
    }
    true
}
