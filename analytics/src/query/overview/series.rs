//! The time series.

use protocol::query::{Definitions, Query, SeriesPoint};

use super::tally::{Returns, Tally, marked};
use super::totals::counts;
use crate::query::index::{at, moment};
use crate::query::scan::{Block, Slot};
use crate::query::source::Input;
use crate::query::time::Steps;
use crate::row::Kind;

/// Stands for a visit that is in more than one step, or in some and outside.
const SEVERAL: u32 = u32::MAX;

pub(super) struct Series<'a> {
    input: Input<'a>,
    query: &'a Query,
    steps: Steps,
    tally: Tally,
    /// Of each slot: its step, or [`SEVERAL`].
    codes: Vec<u32>,
    /// Slots that have to be looked at again.
    places: Vec<u32>,
}

impl<'a> Series<'a> {
    pub(super) fn new(input: Input<'a>, query: &'a Query) -> Self {
        let steps = Steps::new(&query.period.edges);
        let tally = Tally::new(steps.len());
        Self { input, query, steps, tally, codes: Vec::new(), places: Vec::new() }
    }

    pub(super) fn add(&mut self, block: &Block, returns: &Returns) {
        if self.steps.len() == 0 {
            return;
        }
        self.find_steps(block);
        let codes = std::mem::take(&mut self.codes);
        let by_start = self.query.definitions == Definitions::Ga4;
        // No step has the code of several, and nothing is added to it.
        self.tally.add(codes.iter().zip(&block.slots).map(|(code, slot)| (*code, slot.sum())));
        let is_special = |(code, is_return): (&u32, &bool)| *code == SEVERAL || *is_return || by_start;
        let mut places = std::mem::take(&mut self.places);
        marked(codes.iter().zip(&returns.is_return).map(is_special), &mut places);
        for place in &places {
            let (code, slot) = (at(&codes, *place as usize), at(&block.slots, *place as usize));
            if code == SEVERAL {
                self.add_events(block, &slot);
                continue;
            }
            self.tally.see(std::iter::once((code, slot.user, true)));
            if by_start && !counts(self.input, self.query, &self.query.period, &slot) {
                self.tally.discount(code);
            }
        }
        (self.codes, self.places) = (codes, places);
    }

    fn find_steps(&mut self, block: &Block) {
        self.codes.clear();
        for slot in &block.slots {
            let (begun, ended) = at(&block.times, slot.visit as usize - block.first);
            let code = self.steps.find_whole(begun, ended).filter(|_| !slot.masked);
            self.codes.push(code.unwrap_or(SEVERAL));
        }
    }

    /// Of a visit that is in more than one step.
    fn add_events(&mut self, block: &Block, slot: &Slot) {
        let Input { data, index } = self.input;
        let visit = slot.visit as usize;
        let start = index.start(visit);
        let by_start = self.query.definitions == Definitions::Ga4;
        let first_step = self.steps.find(index.begun(visit));
        let counts = counts(self.input, self.query, &self.query.period, slot);
        for event in block.events(self.input, slot) {
            let Some(step) = self.steps.find(moment(start, at(data.at(), event))) else { continue };
            let is_view = data.kinds().get(event) == Some(&Kind::PageView);
            let is_first = self.tally.touch(step, slot, is_view);
            if is_first && by_start && !(counts && Some(step) == first_step) {
                self.tally.discount(step);
            }
        }
    }

    pub(super) fn points(&self) -> Vec<SeriesPoint> {
        let steps = 0..self.steps.len() as u32;
        let point = |step| {
            let counts = self.tally.counts(step);
            SeriesPoint {
                at: self.steps.edge(step),
                visitors: counts.visitors.into(),
                visits: counts.visits.into(),
                page_views: counts.views.into(),
            }
        };
        steps.map(point).collect()
    }
}
