//! Filters over one data set: tests of texts become tests of codes, then run over blocks.

use std::ops::Range;

use protocol::query::{Filter, Query, QueryError, Test};

use super::goals::{GoalSet, Goals};
use super::index::{at, moment};
use super::pattern::Matcher;
use super::source::{Input, Run, Source, kinds};
use crate::codes::Code;
use crate::row::{EventDim, Kind};
use crate::with_codes;

/// A filter made ready for one data set.
#[derive(Debug)]
pub(crate) enum Node<'a> {
    /// By code: which pass.
    Codes(Source<'a>, Vec<bool>),
    /// Goals, one of which is to be reached.
    Goals(Goals, GoalSet),
    /// Whether an action of the visit in range passes.
    Did(Box<Node<'a>>, Range<u64>),
    And(Vec<Node<'a>>),
    Or(Vec<Node<'a>>),
    Not(Box<Node<'a>>),
}

/// Buffers that are used again and again, so that inner loops allocate nothing.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    codes: Vec<Vec<u32>>,
    masks: Vec<Vec<bool>>,
}

impl Pool {
    fn codes(&mut self, len: usize) -> Vec<u32> {
        let mut codes = self.codes.pop().unwrap_or_default();
        codes.resize(len, 0);
        codes
    }

    fn mask(&mut self, len: usize) -> Vec<bool> {
        let mut mask = self.masks.pop().unwrap_or_default();
        mask.resize(len, false);
        mask
    }
}

/// Makes a filter ready.
///
/// # Errors
/// An expression that is none.
pub(crate) fn compile<'a>(
    input: Input<'a>,
    filter: &Filter,
    query: &Query,
    range: &Range<u64>,
) -> Result<Node<'a>, QueryError> {
    let all = |filters: &[Filter]| -> Result<Vec<_>, _> {
        filters.iter().map(|filter| compile(input, filter, query, range)).collect()
    };
    Ok(match filter {
        Filter::And(filters) => Node::And(all(filters)?),
        Filter::Or(filters) => Node::Or(all(filters)?),
        Filter::Not(inner) => Node::Not(Box::new(compile(input, inner, query, range)?)),
        Filter::HasDone(inner) => Node::Did(Box::new(compile(input, inner, query, range)?), range.clone()),
        Filter::Test(test) => compile_test(input, test, query)?,
    })
}

fn compile_test<'a>(input: Input<'a>, test: &Test, query: &Query) -> Result<Node<'a>, QueryError> {
    let data = input.data;
    let matcher = Matcher::new(test)?;
    let source = Source::new(input, &test.dimension, query, &[]);
    if let Source::Goal(goals @ Goals::Given { names, .. }) = &source {
        let passing = (0..).zip(names).filter(|(_, name)| matcher.holds(name));
        let wanted = passing.fold(0, |set, (number, _)| set | 1_u128.checked_shl(number).unwrap_or(0));
        debug_assert!(goals.len(data) <= GoalSet::BITS as usize, "more goals than bits");
        let Source::Goal(goals) = source else { return Ok(Node::Or(Vec::new())) };
        return Ok(Node::Goals(goals, wanted));
    }
    let domain = source.domain(data);
    let mut pass = vec![false; domain];
    match (matcher.exact(), source.dict(data)) {
        (Some(texts), Some(dict)) => {
            for code in texts.iter().filter_map(|text| dict.find(text)) {
                if let Some(place) = pass.get_mut(code as usize) {
                    *place = true;
                }
            }
            for code in dict.len()..domain {
                let text = source.text(data, code as u32);
                if let Some(place) = pass.get_mut(code) {
                    *place = texts.iter().any(|one| one == text);
                }
            }
        }
        _ => {
            for (code, place) in (0..).zip(&mut pass) {
                *place = matcher.holds(source.text(data, code));
            }
        }
    }
    Ok(Node::Codes(source, pass))
}

/// Leaves only actions in range.
pub(crate) fn only_actions(input: Input<'_>, run: &Run, range: &Range<u64>, mask: &mut [bool]) {
    let data = input.data;
    if !input.index.is_condensed() {
        for (place, kind) in mask.iter_mut().zip(kinds(data, run)) {
            *place &= *kind != Kind::Heartbeat;
        }
    }
    let span = input.index.actions_span;
    if span.is_none_or(|(first, last)| range.contains(&first) && range.contains(&last)) {
        return;
    }
    for visit in run.visits.clone() {
        let start = input.index.start(visit);
        let inside = |offset: i32| range.contains(&moment(start, offset));
        let whole =
            inside(at(&input.index.first_action, visit)) && inside(at(&input.index.last_action, visit));
        if whole {
            continue;
        }
        for event in data.events_of(visit) {
            if let Some(place) = mask.get_mut(event - run.events.start) {
                *place &= inside(at(data.at(), event));
            }
        }
    }
}

impl Node<'_> {
    /// Whether it can be told of a visit as a whole.
    pub(crate) fn is_of_visit(&self) -> bool {
        match self {
            Self::Codes(source, _) => source.is_of_visit(),
            Self::Goals(..) => false,
            Self::Did(..) => true,
            Self::And(all) | Self::Or(all) => all.iter().all(Self::is_of_visit),
            Self::Not(inner) => inner.is_of_visit(),
        }
    }

    /// Whether the value of a code passes a filter that is about its dimension alone.
    pub(crate) fn holds(&self, code: u32) -> bool {
        match self {
            Self::Codes(_, pass) => at(pass, code as usize),
            Self::And(all) => all.iter().all(|node| node.holds(code)),
            Self::Or(all) => all.iter().any(|node| node.holds(code)),
            Self::Not(inner) => !inner.holds(code),
            Self::Goals(..) | Self::Did(..) => false,
        }
    }

    /// Whether events have to be looked at, which is best done after all that is cheap.
    pub(crate) fn is_costly(&self) -> bool {
        match self {
            Self::Codes(..) => false,
            Self::Goals(..) | Self::Did(..) => true,
            Self::And(all) | Self::Or(all) => all.iter().any(Self::is_costly),
            Self::Not(inner) => inner.is_costly(),
        }
    }

    /// Which of the visits pass. Only for what [`Self::is_of_visit`].
    pub(crate) fn visits(
        &self,
        input: Input<'_>,
        query: &Query,
        visits: &Range<usize>,
        pool: &mut Pool,
        out: &mut [bool],
    ) {
        match self {
            Self::Codes(source, pass) => {
                let mut codes = pool.codes(out.len());
                source.visits(input, visits.clone(), &mut codes);
                look_up(pass, &codes, out);
                pool.codes.push(codes);
            }
            Self::Goals(..) => out.fill(false),
            Self::Did(inner, range) => {
                let data = input.data;
                if let Self::Codes(Source::Page, pass) = &**inner
                    && input.index.is_condensed()
                {
                    let paths = &data.event(EventDim::Path).codes;
                    with_codes!(paths, zero(_) => out.fill(false), paths => {
                        did_see(input, (paths, pass), range, visits, out);
                    });
                    return;
                }
                let events = data.events_of(visits.start).start..data.events_of(visits.end - 1).end;
                let run = Run { visits: visits.clone(), events };
                let mut mask = pool.mask(run.events.len());
                inner.events(input, &run, query, pool, &mut mask);
                only_actions(input, &run, range, &mut mask);
                for (visit, did) in visits.clone().zip(out) {
                    let events = data.events_of(visit);
                    let places = events.start - run.events.start..events.end - run.events.start;
                    // Visits are short: a loop of one's own is faster than a search.
                    *did = mask.get(places).unwrap_or_default().iter().any(|passes| *passes);
                }
                pool.masks.push(mask);
            }
            Self::And(all) => combine(all, true, pool, out, |node, pool, out| {
                node.visits(input, query, visits, pool, out);
            }),
            Self::Or(all) => combine(all, false, pool, out, |node, pool, out| {
                node.visits(input, query, visits, pool, out);
            }),
            Self::Not(inner) => {
                inner.visits(input, query, visits, pool, out);
                negate(out);
            }
        }
    }

    /// Which of the events of a run pass; heartbeats may.
    pub(crate) fn events(
        &self,
        input: Input<'_>,
        run: &Run,
        query: &Query,
        pool: &mut Pool,
        out: &mut [bool],
    ) {
        match self {
            Self::Codes(source, pass) => {
                let mut codes = pool.codes(out.len());
                source.events(input, run, query, &mut codes);
                look_up(pass, &codes, out);
                pool.codes.push(codes);
            }
            Self::Goals(goals, wanted) => {
                for (place, event) in out.iter_mut().zip(run.events.clone()) {
                    *place = goals.reached(input.data, event) & wanted != 0;
                }
            }
            Self::Did(..) => {
                let mut did = pool.mask(run.visits.len());
                self.visits(input, query, &run.visits, pool, &mut did);
                for (visit, did) in run.visits.clone().zip(&did) {
                    let events = input.data.events_of(visit);
                    let places = events.start - run.events.start..events.end - run.events.start;
                    out.get_mut(places).unwrap_or_default().fill(*did);
                }
                pool.masks.push(did);
            }
            Self::And(all) => combine(all, true, pool, out, |node, pool, out| {
                node.events(input, run, query, pool, out);
            }),
            Self::Or(all) => combine(all, false, pool, out, |node, pool, out| {
                node.events(input, run, query, pool, out);
            }),
            Self::Not(inner) => {
                inner.events(input, run, query, pool, out);
                negate(out);
            }
        }
    }
}

/// Whether visits have seen a page in range, what is asked most of what visits did: visit by visit, because those that are
/// left to be asked seldom stand together. Events of a condensed data set are actions and name their pages themselves.
fn did_see(
    input: Input<'_>,
    (paths, pass): (&[impl Code], &[bool]),
    range: &Range<u64>,
    visits: &Range<usize>,
    out: &mut [bool],
) {
    let Input { data, index } = input;
    for (visit, did) in visits.clone().zip(out) {
        let events = data.events_of(visit);
        let times = data.at().get(events.clone()).unwrap_or_default();
        let inside = |at: Option<&i32>| at.is_some_and(|at| range.contains(&moment(index.start(visit), *at)));
        let passes = |path: &_| at(pass, Into::<u32>::into(*path) as usize);
        let mut paths = paths.get(events).unwrap_or_default().iter();
        // Events of a visit are in order of time.
        *did = if inside(times.first()) && inside(times.last()) {
            paths.any(passes)
        } else {
            paths.zip(times).any(|(path, at)| passes(path) && inside(Some(at)))
        };
    }
}

fn look_up(pass: &[bool], codes: &[u32], out: &mut [bool]) {
    for (place, code) in out.iter_mut().zip(codes) {
        // What has no value has no code, and passes nothing.
        *place = at(pass, *code as usize);
    }
}

fn negate(out: &mut [bool]) {
    for place in out {
        *place = !*place;
    }
}

fn combine<'n, 'a>(
    nodes: &'n [Node<'a>],
    and: bool,
    pool: &mut Pool,
    out: &mut [bool],
    mut run: impl FnMut(&'n Node<'a>, &mut Pool, &mut [bool]),
) {
    out.fill(and);
    let mut one = pool.mask(out.len());
    for node in nodes {
        run(node, pool, &mut one);
        for (place, passes) in out.iter_mut().zip(&one) {
            *place = if and { *place & passes } else { *place | passes };
        }
    }
    pool.masks.push(one);
}
