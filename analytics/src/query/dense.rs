//! Sums by the code of one column: what a dashboard asks most. No groups have to be found, and visits are added block by
//! block, most of them in one addition.

mod bundled;
mod tally;

use std::rc::Rc;

use protocol::query::{Definitions, QueryError};

use self::tally::{Counts, Tally};
use super::definition::bounce_mark;
use super::filter::Node;
use super::groups::{Cell, Groups, Key, More};
use super::index::{ARRIVAL, VIEW, at, moment};
use super::scan::{Block, VISIT};
use super::source::{Input, Source, copy_all};
use super::task::{Measured, Task};
use crate::row::{EventDim, Kind};

pub(super) use self::bundled::Bundled;

/// Stands for a visit that is not in one group alone.
const SEVERAL: u32 = u32::MAX;

/// By what visits or actions are told apart.
enum By<'a> {
    /// By nothing.
    Nothing,
    /// By what is said of visits.
    Visits(Source<'a>),
    /// By page.
    Pages(Source<'a>),
    /// By the step of time.
    Steps(Source<'a>),
}

/// What is summed up of visits besides.
#[derive(Clone, Copy, Default)]
struct Judgement {
    events: u32,
    bounced: u32,
    duration_ms: u64,
    engaged_ms: u64,
}

/// Goals that were reached.
#[derive(Clone, Copy, Default)]
struct Reached {
    last: u32,
    visitors: u32,
    actions: u32,
}

/// A task in the making.
pub(super) struct Dense<'a> {
    input: Input<'a>,
    task: Task<'a>,
    by: By<'a>,
    /// Groups that pass the filters that are about nothing but the group.
    passes: Vec<Node<'a>>,
    tally: Tally,
    /// Of each group; empty if nobody asks.
    judged: Vec<Judgement>,
    /// Of each group; empty if nobody asks.
    reached: Vec<Reached>,
    /// Events that reach a goal, ascending; none if nobody asks.
    reaching: Rc<[u32]>,
    /// Of each row of the block its group, or [`SEVERAL`]; of pages, of each event.
    codes: Vec<u32>,
    engaged: Vec<u32>,
    /// Rows to be looked at again.
    rows: Vec<u32>,
}

impl<'a> Dense<'a> {
    /// Whether a task can be made this way.
    pub(super) fn can(input: Input<'a>, task: &Task<'_>) -> bool {
        use protocol::query::Dimension;
        let needs = task.needs;
        // Under GA4-like definitions visits count in other groups than their actions.
        let by_start = task.query.definitions == Definitions::Ga4 && needs.visits;
        if needs.is_rare() || by_start {
            return false;
        }
        match &*task.dimensions {
            [] | [Dimension::Time(_)] => true,
            // Of pages only visits that entered there count as bounces.
            [Dimension::Page] => input.index.is_condensed() && !needs.judged && !needs.events,
            [dimension] => dimension.is_of_visit(),
            _ => false,
        }
    }

    pub(super) fn new(input: Input<'a>, task: Task<'a>, passes: Vec<Node<'a>>, reaching: Rc<[u32]>) -> Self {
        use protocol::query::Dimension;
        let source = |dimension| Source::new(input, dimension, task.query, &task.period.edges);
        let by = match task.dimensions.first() {
            None => By::Nothing,
            Some(dimension @ Dimension::Time(_)) => By::Steps(source(dimension)),
            Some(dimension @ Dimension::Page) => By::Pages(source(dimension)),
            Some(dimension) => By::Visits(source(dimension)),
        };
        let groups = match &by {
            By::Nothing => 1,
            By::Visits(source) | By::Pages(source) | By::Steps(source) => source.domain(input.data),
        };
        let needs = task.needs;
        Self {
            tally: Tally::new(groups),
            judged: vec![Judgement::default(); if needs.judged || needs.events { groups } else { 0 }],
            reached: vec![Reached::default(); if needs.goals { groups } else { 0 }],
            reaching,
            input,
            task,
            by,
            passes,
            codes: Vec::new(),
            engaged: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Adds what is selected of a block.
    pub(super) fn block(&mut self, block: &Block) {
        match &self.by {
            By::Nothing => {
                self.codes.clear();
                self.codes.resize(block.sums.len(), 0);
            }
            By::Visits(source) => source.rows(self.input, block, &mut self.codes),
            By::Steps(Source::Time(steps, _)) => {
                let rows = block.times.iter().zip(&block.sums).enumerate();
                self.codes.clear();
                self.codes.extend(rows.map(|(row, ((begun, ended), sum))| {
                    let code = steps.find_whole(*begun, *ended).filter(|_| !block.is_masked(row));
                    if *sum == 0 { SEVERAL } else { code.unwrap_or(SEVERAL) }
                }));
            }
            By::Steps(_) | By::Pages(_) => {}
        }
        match &self.by {
            By::Pages(_) => self.add_pages(block),
            By::Nothing | By::Visits(_) => {
                self.add_rows(block);
                let codes = self.codes.as_slice();
                self.tally.see(block.again.iter().map(|row| {
                    let row = *row as usize;
                    (codes.get(row).copied().unwrap_or(SEVERAL), at(&block.users, row), true)
                }));
            }
            By::Steps(_) => {
                self.add_rows(block);
                self.add_steps(block);
            }
        }
        self.add_reached(block);
    }

    #[inline(never)]
    fn add_rows(&mut self, block: &Block) {
        match &self.by {
            By::Nothing => self.tally.add(std::iter::once((0, block.sums.iter().sum()))),
            _ => self.tally.add_all(&self.codes, &block.sums),
        }
        if !self.judged.is_empty() {
            self.judge_rows(block);
        }
    }

    /// Adds what is said of the visits that are in one group.
    #[inline(never)]
    fn judge_rows(&mut self, block: &Block) {
        let Input { data, index } = self.input;
        let (definitions, judged) = (self.task.query.definitions, self.judged.as_mut_slice());
        block.pick(&index.engaged, &mut self.engaged);
        let mark = bounce_mark(definitions);
        let rows = block.sums.iter().zip(&block.marks).zip(&self.engaged).map(|((sum, marks), engaged)| {
            let counts = u32::from(*sum != 0);
            (counts & u32::from(marks & mark != 0), u64::from(counts.wrapping_neg() & *engaged))
        });
        if let (By::Nothing, [cell]) = (&self.by, &mut *judged) {
            let all = rows.fold((0, 0), |all: (u32, u64), row| (all.0 + row.0, all.1 + row.1));
            cell.bounced += all.0;
            cell.engaged_ms += all.1;
        } else {
            for (code, (bounced, engaged_ms)) in self.codes.iter().zip(rows) {
                if let Some(cell) = judged.get_mut(*code as usize) {
                    cell.bounced += bounced;
                    cell.engaged_ms += engaged_ms;
                }
            }
        }
        if definitions != Definitions::Plausible && !self.task.needs.events {
            return;
        }
        for (row, (code, sum)) in self.codes.iter().zip(&block.sums).enumerate() {
            if *sum == 0 {
                continue;
            }
            let visit = block.visit(row);
            if let Some(cell) = judged.get_mut(*code as usize) {
                cell.duration_ms += u64::from(self.input.judge(definitions, visit).duration_ms);
                cell.events += if block.is_masked(row) {
                    block.masked_count(self.input, visit)
                } else {
                    index.action_count(data, visit)
                };
            }
        }
    }

    /// Looks again at visits of visitors who came again, and adds those that lie in more than one step of time.
    #[inline(never)]
    fn add_steps(&mut self, block: &Block) {
        let By::Steps(Source::Time(steps, _)) = &self.by else { return };
        let Input { data, index } = self.input;
        let is_by_length = self.task.query.definitions == Definitions::Plausible || self.task.needs.events;
        let codes = self.codes.as_slice();
        block.special_rows(|row| codes.get(row) == Some(&SEVERAL), &mut self.rows);
        for row in &self.rows {
            let slot = block.slot(*row as usize);
            let code = codes.get(*row as usize).copied().unwrap_or(SEVERAL);
            if code != SEVERAL {
                self.tally.see(std::iter::once((code, slot.user, true)));
                continue;
            }
            let visit = slot.visit as usize;
            let judged = self.input.judge(self.task.query.definitions, visit);
            for event in block.events(self.input, &slot) {
                let Some(step) = steps.find(moment(index.start(visit), at(data.at(), event))) else {
                    continue;
                };
                let is_view = data.kinds().get(event) == Some(&Kind::PageView);
                let is_first = self.tally.touch(step, slot.user, slot.visit + 1, u64::from(is_view));
                if let Some(cell) = self.judged.get_mut(step as usize) {
                    cell.events += 1;
                    if is_first {
                        cell.bounced += u32::from(judged.bounced);
                        if is_by_length {
                            cell.duration_ms += u64::from(judged.duration_ms);
                        }
                        cell.engaged_ms += u64::from(judged.engaged_ms);
                    }
                }
            }
        }
    }

    /// Adds the actions of a block by their pages. Those that are no page views count for the page they happened on.
    #[inline(never)]
    fn add_pages(&mut self, block: &Block) {
        let Input { data, index } = self.input;
        let all = block.all_events(data);
        copy_all(&data.event(EventDim::Path).codes, all.clone(), &mut self.codes);
        let roles = index.roles.get(all.clone()).unwrap_or_default();
        let (tally, codes) = (&mut self.tally, self.codes.as_slice());
        let actions = |events: std::ops::Range<usize>| {
            let places = events.start - all.start..events.end - all.start;
            let codes = codes.get(places.clone()).unwrap_or_default();
            codes.iter().copied().zip(roles.get(places).unwrap_or_default())
        };
        block.for_each_run(data, |events| {
            tally.add(actions(events).map(|(code, role)| {
                let is_arrival = u64::from(role & ARRIVAL != 0);
                (code, is_arrival * VISIT + u64::from(role & VIEW))
            }));
        });
        block.special_rows(|row| block.is_masked(row), &mut self.rows);
        for row in &self.rows {
            let slot = block.slot(*row as usize);
            if slot.masked {
                for event in block.events(self.input, &slot) {
                    let is_view = data.kinds().get(event) == Some(&Kind::PageView);
                    let path = index.path_of(data, slot.visit as usize, event);
                    tally.touch(path, slot.user, slot.visit + 1, u64::from(is_view));
                }
                continue;
            }
            let actions = actions(data.events_of(slot.visit as usize));
            tally.see(actions.map(|(code, role)| (code, slot.user, role & ARRIVAL != 0)));
        }
    }

    /// Adds the actions that reach a goal: few, so they are found among all, not looked for in each visit.
    #[inline(never)]
    fn add_reached(&mut self, block: &Block) {
        let Input { data, index } = self.input;
        let events = block.all_events(data);
        let from = self.reaching.partition_point(|event| (*event as usize) < events.start);
        for event in self.reaching.get(from..).unwrap_or_default() {
            let event = *event as usize;
            if event >= events.end {
                break;
            }
            let Some(visit) = block.visit_of(data, event) else { continue };
            let Some(row) = block.row(visit).filter(|row| at(&block.sums, *row) != 0) else { continue };
            if block.is_masked(row) && !at(&block.mask, event - block.base) {
                continue;
            }
            let code = match &self.by {
                By::Nothing | By::Visits(_) => self.codes.get(row).copied(),
                By::Steps(source) => {
                    let moment = moment(index.start(visit), at(data.at(), event));
                    Some(source.at_moment(self.task.query, moment))
                }
                By::Pages(_) => Some(index.path_of(data, visit, event)),
            };
            let code = code.unwrap_or(SEVERAL) as usize;
            if let Some(reached) = self.reached.get_mut(code) {
                let user = at(&block.users, row);
                reached.visitors += u32::from(reached.last != user);
                reached.last = user;
                reached.actions += 1;
            }
        }
    }

    /// What was summed up.
    pub(super) fn finish(self) -> Result<Measured<'a>, QueryError> {
        let source = match self.by {
            By::Nothing => None,
            By::Visits(source) | By::Pages(source) | By::Steps(source) => Some(source),
        };
        let counts = (0..self.tally.len() as u32).map(|code| self.tally.counts(code)).collect();
        let mut judged = self.judged;
        if self.task.query.definitions != Definitions::Plausible && !self.task.needs.events {
            // They are the same.
            judged.iter_mut().for_each(|judged| judged.duration_ms = judged.engaged_ms);
        }
        let outcome = Outcome { counts, judged, reached: self.reached };
        finish(self.input, &self.task, source, &self.passes, &outcome)
    }
}

/// What was summed up of each code.
struct Outcome {
    counts: Vec<Counts>,
    judged: Vec<Judgement>,
    reached: Vec<Reached>,
}

/// Sums of codes as groups, without those that do not pass.
fn finish<'a>(
    input: Input<'a>,
    task: &Task<'a>,
    source: Option<Source<'a>>,
    passes: &[Node<'a>],
    outcome: &Outcome,
) -> Result<Measured<'a>, QueryError> {
    let sources: Vec<_> = source.into_iter().collect();
    let domains: Vec<_> = sources.iter().map(|source| source.domain(input.data)).collect();
    let mut groups = Groups::new(&domains, task.needs.goals, false);
    for (code, counts) in (0..).zip(&outcome.counts) {
        // Totals have a row even if nothing is selected.
        let is_there = counts.visits > 0 || sources.is_empty();
        if !is_there || !passes.iter().all(|node| node.holds(code)) {
            continue;
        }
        let mut key = Key::default();
        key[0] = code;
        let number = groups.number(&key)?;
        let judged = at(&outcome.judged, code as usize);
        if let Some(cell) = groups.cells.get_mut(number) {
            *cell = Cell {
                visitors: counts.visitors,
                visits: counts.visits,
                views: counts.views,
                events: judged.events,
                entered: counts.visits,
                bounced: judged.bounced,
                duration_ms: judged.duration_ms,
                engaged_ms: judged.engaged_ms,
                ..Cell::default()
            };
        }
        let reached = at(&outcome.reached, code as usize);
        if let Some(more) = groups.more.get_mut(number) {
            *more = More { converters: reached.visitors, conversions: reached.actions, ..More::default() };
        }
    }
    Ok(Measured::new(input, sources, groups))
}
