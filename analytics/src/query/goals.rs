//! Which goals an action reaches.

use protocol::query::{Goal, GoalOn, PropertyTest};

use super::pattern::{Matcher, wildcard};
use super::source::{NO_PROPERTY, NONE, Run, copy, kinds};
use crate::dataset::Dataset;
use crate::row::{EventDim, Kind};

/// A set of goals: one bit each. [`protocol::query::MAX_GOALS`] is below 128.
pub(crate) type GoalSet = u128;

/// The goals of a query over one data set.
#[derive(Debug)]
pub(crate) enum Goals {
    /// Every name of a conversion is a goal; its code is that of the name.
    Names,
    /// Goals by the code of a name and by the code of a path.
    Given {
        /// Names of the goals.
        names: Vec<String>,
        /// Goals reached by an event of each name; empty if there is no such goal.
        by_name: Vec<GoalSet>,
        /// Goals reached by a view of each path; empty if there is no such goal.
        by_path: Vec<GoalSet>,
        /// Tests of properties that goals have besides.
        conditions: Vec<Condition>,
    },
}

/// A test of a property that goals have besides.
#[derive(Debug)]
pub(crate) struct Condition {
    /// Of which goal.
    goal: GoalSet,
    /// Which property of the data set; `None` if no event has it.
    property: Option<usize>,
    /// Which of its values pass, by code.
    pass: Vec<bool>,
    /// Whether an event without it passes.
    missing: bool,
}

/// All events that reach a goal, ascending.
pub(crate) fn reaching(data: &Dataset, goals: &Goals) -> Vec<u32> {
    let is_reaching = |event: &u32| goals.any(data, *event as usize);
    match goals {
        Goals::Names => {
            let kinds = (0..).zip(data.kinds());
            kinds.filter(|(_, kind)| **kind == Kind::Conversion).map(|(event, _)| event).collect()
        }
        Goals::Given { .. } => (0..data.event_count() as u32).filter(is_reaching).collect(),
    }
}

impl Condition {
    fn new(data: &Dataset, goal: GoalSet, asked: &PropertyTest) -> Self {
        let (test, negated) = asked.test();
        // Only an expression can be none, and these tests have none.
        let matcher = Matcher::new(&test).ok();
        let passes = |text: &str| matcher.as_ref().is_some_and(|matcher| matcher.holds(text) != negated);
        let found = data.properties().binary_search_by(|property| (*property.key).cmp(&asked.key)).ok();
        let property = found.and_then(|place| data.properties().get(place));
        let pass = property.map(|property| property.values.dict.iter().map(passes).collect());
        Self { goal, property: found, pass: pass.unwrap_or_default(), missing: passes(NO_PROPERTY) }
    }

    fn holds(&self, data: &Dataset, event: usize) -> bool {
        let property = self.property.and_then(|place| data.properties().get(place));
        let entry = property.and_then(|property| {
            let entry = property.events.binary_search(&(event as u32)).ok()?;
            Some(property.values.codes.get(entry))
        });
        entry.map_or(self.missing, |code| self.pass.get(code as usize) == Some(&true))
    }
}

impl Goals {
    pub(crate) fn new(data: &Dataset, goals: &[Goal]) -> Self {
        if goals.is_empty() {
            return Self::Names;
        }
        let (mut by_name, mut by_path, mut conditions) = (Vec::new(), Vec::new(), Vec::new());
        for (number, goal) in goals.iter().enumerate() {
            let bit = 1_u128.checked_shl(number as u32).unwrap_or(0);
            conditions.extend(goal.props.iter().map(|test| Condition::new(data, bit, test)));
            match &goal.on {
                GoalOn::Event(name) => {
                    let dict = &data.event(EventDim::Name).dict;
                    by_name.resize(dict.len(), 0);
                    if let Some(set) = dict.find(name).and_then(|code| by_name.get_mut(code as usize)) {
                        *set |= bit;
                    }
                }
                GoalOn::Page(pattern) => {
                    let dict = &data.event(EventDim::Path).dict;
                    by_path.resize(dict.len(), 0);
                    for (set, path) in by_path.iter_mut().zip(dict.iter()) {
                        *set |= if wildcard(pattern, path) { bit } else { 0 };
                    }
                }
            }
        }
        let names = goals.iter().map(|goal| goal.name.clone()).collect();
        Self::Given { names, by_name, by_path, conditions }
    }

    /// Codes are below this.
    pub(crate) fn len(&self, data: &Dataset) -> usize {
        match self {
            Self::Names => data.event(EventDim::Name).dict.len(),
            Self::Given { names, .. } => names.len(),
        }
    }

    pub(crate) fn name<'t>(&'t self, data: &'t Dataset, code: u32) -> &'t str {
        match self {
            Self::Names => data.event(EventDim::Name).dict.get(code),
            Self::Given { names, .. } => names.get(code as usize).map_or("", |name| name),
        }
    }

    /// The goals an event reaches, if goals are given.
    #[inline]
    pub(crate) fn reached(&self, data: &Dataset, event: usize) -> GoalSet {
        let Self::Given { by_name, by_path, conditions, .. } = self else { return 0 };
        let (sets, dim) = match data.kinds().get(event) {
            None | Some(Kind::Heartbeat) => return 0,
            Some(Kind::PageView) => (by_path, EventDim::Path),
            Some(Kind::Click | Kind::Conversion | Kind::Custom) => (by_name, EventDim::Name),
        };
        if sets.is_empty() {
            return 0;
        }
        let mut set = sets.get(data.event(dim).codes.get(event) as usize).copied().unwrap_or(0);
        if set != 0 && !conditions.is_empty() {
            for condition in conditions {
                if set & condition.goal != 0 && !condition.holds(data, event) {
                    set &= !condition.goal;
                }
            }
        }
        set
    }

    /// Whether an event reaches any goal.
    #[inline]
    pub(crate) fn any(&self, data: &Dataset, event: usize) -> bool {
        match self {
            Self::Names => data.kinds().get(event) == Some(&Kind::Conversion),
            Self::Given { .. } => self.reached(data, event) != 0,
        }
    }

    /// The one goal each event of a run reaches where names are goals; of given ones the first.
    pub(crate) fn codes(&self, data: &Dataset, run: &Run, out: &mut [u32]) {
        match self {
            Self::Names => {
                copy(&data.event(EventDim::Name).codes, run.events.clone(), out);
                for (place, kind) in out.iter_mut().zip(kinds(data, run)) {
                    if *kind != Kind::Conversion {
                        *place = NONE;
                    }
                }
            }
            Self::Given { .. } => {
                for (place, event) in out.iter_mut().zip(run.events.clone()) {
                    let set = self.reached(data, event);
                    *place = if set == 0 { NONE } else { set.trailing_zeros() };
                }
            }
        }
    }
}
