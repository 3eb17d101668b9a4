//! Dropping what no question reads any more once the index is made.

use crate::codes::{Code, Codes};
use crate::dataset::Dataset;
use crate::derive::page_texts;
use crate::row::{EventDim, Kind};
use crate::with_codes;

impl Dataset {
    /// Lets each action that names no page of its own name that of its page.
    pub(crate) fn resolve(&mut self, dim: EventDim) {
        let texts = &self.events[dim.index()];
        if texts.dict.is_empty() {
            return;
        }
        let is_silent_as =
            |code: u32, kind: Kind| code == 0 && kind != Kind::Heartbeat && kind != Kind::PageView;
        let codes = texts.codes.widened();
        let any_silent = codes.iter().zip(&self.kinds).any(|(code, kind)| is_silent_as(*code, *kind));
        if !any_silent {
            return;
        }
        let is_silent = |event: usize| {
            let kind = self.kinds.get(event).copied().unwrap_or(Kind::Heartbeat);
            is_silent_as(texts.codes.get(event), kind)
        };
        let pages = page_texts(self, dim);
        let mut codes = codes;
        for visit in 0..self.visit_count() {
            let first_page = self.pages_of(visit).start;
            for event in self.events_of(visit).filter(|event| is_silent(*event)) {
                if let Some(code) = codes.get_mut(event) {
                    *code = pages.get(first_page + self.pages.get(event) as usize);
                }
            }
        }
        let bound = texts.dict.len();
        self.events[dim.index()].codes = Codes::narrow(codes, bound);
    }

    /// Drops heartbeats and what only those need who merge: hashes of visitors, starts of visits and pages.
    pub(crate) fn drop_heartbeats(&mut self) {
        let is_action: Vec<bool> = self.kinds.iter().map(|kind| *kind != Kind::Heartbeat).collect();
        let move_rows = |events: &[u32]| -> (Vec<bool>, Vec<u32>) {
            let (mut kept, mut moved) = (Vec::with_capacity(events.len()), Vec::with_capacity(events.len()));
            let (mut place, mut before) = (0, 0);
            for event in events {
                place += actions(&is_action, before..*event as usize);
                before = *event as usize;
                let is_kept = is_action.get(before).copied().unwrap_or(false);
                kept.push(is_kept);
                if is_kept {
                    moved.push(place);
                }
            }
            (kept, moved)
        };
        let (kept, events) = move_rows(&self.revenue.events);
        self.revenue.events = events;
        retain(&mut self.revenue.amounts, &kept);
        retain_codes(&mut self.revenue.currencies.codes, &kept);
        for property in &mut self.properties {
            let (kept, events) = move_rows(&property.events);
            property.events = events;
            retain_codes(&mut property.values.codes, &kept);
        }
        let (mut place, mut before) = (0, 0);
        for first in &mut self.first_event {
            place += actions(&is_action, before..*first as usize);
            before = *first as usize;
            *first = place;
        }
        retain(&mut self.kinds, &is_action);
        retain(&mut self.at, &is_action);
        retain_codes(&mut self.pages, &is_action);
        for texts in &mut self.events {
            retain_codes(&mut texts.codes, &is_action);
        }
        (self.engaged, self.scroll) = (Vec::new(), Vec::new());
        (self.users, self.starts, self.page_starts) = (Vec::new(), Vec::new(), Vec::new());
    }

    /// Counts the times of a visit's events from another moment.
    pub(crate) fn count_from(&mut self, visit: usize, count: impl Fn(i32) -> i32) {
        let events = self.events_of(visit);
        for at in self.at.get_mut(events).unwrap_or_default() {
            *at = count(*at);
        }
    }

    /// Drops which page is whose.
    pub(crate) fn drop_pages(&mut self) {
        self.first_page = vec![0];
        self.pages = Codes::Zero(self.kinds.len());
    }
}

/// How many events of a range are actions.
fn actions(is_action: &[bool], events: std::ops::Range<usize>) -> u32 {
    is_action.get(events).unwrap_or_default().iter().map(|is_action| u32::from(*is_action)).sum()
}

/// Leaves the values that are marked, in no more memory than they need.
fn retain<T: Copy>(values: &mut Vec<T>, kept: &[bool]) {
    if !kept.iter().all(|kept| *kept) {
        *values = chosen(values, kept);
    }
}

/// The values that are marked. Each is written and stays if the place moves on: marks are too irregular for a branch.
fn chosen<T: Copy>(values: &[T], kept: &[bool]) -> Vec<T> {
    let count = kept.iter().filter(|kept| **kept).count();
    let Some(first) = values.first() else { return Vec::new() };
    let mut chosen = vec![*first; count + 1];
    let mut place = 0;
    for (value, kept) in values.iter().zip(kept) {
        if let Some(slot) = chosen.get_mut(place) {
            *slot = *value;
        }
        place += usize::from(*kept);
    }
    chosen.truncate(count);
    chosen.shrink_to_fit();
    chosen
}

fn retain_codes(codes: &mut Codes, kept: &[bool]) {
    fn cut<C: Code>(values: &mut Vec<C>, kept: &[bool]) {
        retain(values, kept);
    }
    with_codes!(codes, zero(len) => *len = kept.iter().filter(|kept| **kept).count(), values => cut(values, kept));
}
