//! Sums of a query over some visitors, by the texts of the groups, and how they add up over all.

use std::cmp::Ordering;
use std::collections::HashMap;

use protocol::query::{Answer, Dimension, MAX_DIMENSIONS, Query, QueryError};

use super::groups::{Groups, Key};
use super::index::Index;
use super::run::{Names, Rates, Scanned, Sums as Found, Table, answer, sums};
use super::source::{Input, hour_label, weekday_label};
use super::task::{Measured, Needs};
use super::time::Steps;
use crate::builder::TooLarge;
use crate::dataset::Dataset;
use crate::intern::{Interner, Ranked};

/// Most groups of an answer that is put together: some 40 MB of sums, beside the events of a part.
const MAX_GROUPS: usize = 300_000;

/// What is found of some visitors.
#[derive(Debug)]
pub(crate) struct Partial {
    main: Sums,
    comparison: Option<Sums>,
    /// Values of the dimensions, the same for both. Of time they are not kept: their codes are the same everywhere.
    values: [Interner; MAX_DIMENSIONS],
    currencies: Interner,
    scanned: Scanned,
}

#[derive(Debug)]
struct Sums {
    groups: Groups,
    rates: Rates,
}

/// Whether codes of a dimension mean the same in every part.
fn is_of_time(dimension: Option<&Dimension>) -> bool {
    matches!(dimension, Some(Dimension::Time(_) | Dimension::HourOfDay | Dimension::Weekday))
}

fn too_many() -> QueryError {
    QueryError::new(
        "dimensions",
        "over so many events there are more than 300,000 groups: use fewer dimensions or more filters",
    )
}

impl From<TooLarge> for QueryError {
    fn from(_: TooLarge) -> Self {
        too_many()
    }
}

impl Partial {
    /// Looks at some visitors, for each of the queries.
    ///
    /// # Errors
    /// As [`run`](super::run).
    pub(crate) fn of_all(data: &Dataset, index: &Index, queries: &[&Query]) -> Vec<Result<Self, QueryError>> {
        let input = Input { data, index };
        let all = sums(input, queries).into_iter().zip(queries);
        all.map(|(found, query)| Self::of(input, query, &found?)).collect()
    }

    fn of(input: Input<'_>, query: &Query, found: &Found<'_>) -> Result<Self, QueryError> {
        let (mut values, mut currencies) = <([Interner; MAX_DIMENSIONS], Interner)>::default();
        let mut tell = |(measured, rates): &(Measured<'_>, Rates)| {
            told(input, query, measured, rates, &mut values, &mut currencies)
        };
        let main = tell(&found.main)?;
        let comparison = found.comparison.as_ref().map(&mut tell).transpose()?;
        Ok(Self { main, comparison, values, currencies, scanned: Scanned::of(input) })
    }

    /// Adds what was found of other visitors.
    ///
    /// # Errors
    /// There are too many groups.
    pub(crate) fn add(&mut self, more: &Self, query: &Query) -> Result<(), QueryError> {
        let mut codes: [Vec<u32>; MAX_DIMENSIONS] = Default::default();
        for ((codes, own), others) in codes.iter_mut().zip(&mut self.values).zip(&more.values) {
            *codes = own.absorb(others)?;
        }
        let currencies = self.currencies.absorb(&more.currencies)?;
        let code = |place: usize, code: u32| match is_of_time(query.dimensions.get(place)) {
            true => code,
            false => codes.get(place).and_then(|codes| codes.get(code as usize)).copied().unwrap_or(0),
        };
        let currency = |code: u32| currencies.get(code as usize).copied().unwrap_or(0);
        self.main.add(&more.main.groups, &more.main.rates, code, currency)?;
        if let (Some(own), Some(more)) = (&mut self.comparison, &more.comparison) {
            own.add(&more.groups, &more.rates, code, currency)?;
        }
        self.scanned.visits += more.scanned.visits;
        self.scanned.events += more.scanned.events;
        self.scanned.span = match (self.scanned.span, more.scanned.span) {
            (Some(one), Some(other)) => Some((one.0.min(other.0), one.1.max(other.1))),
            (one, other) => one.or(other),
        };
        Ok(())
    }

    /// The answer over all that was added.
    pub(crate) fn finish(self, query: &Query) -> Answer {
        let names = Merged {
            values: self.values.map(Interner::rank),
            currencies: self.currencies.rank(),
            query,
            steps: Steps::new(&query.period.edges),
        };
        let comparison = self.comparison.as_ref().map(|sums| sums.table(&names));
        answer(query, &self.main.table(&names), comparison.as_ref(), self.scanned)
    }
}

impl Sums {
    fn new(query: &Query, kept: Vec<usize>) -> Self {
        let needs = Needs::of(&query.metrics);
        // Of domains that are not known groups are found by their hash.
        let groups = Groups::new(&[usize::MAX; 2], needs.of_events(), needs.percentiles);
        Self { groups, rates: Rates { kept, ..Rates::default() } }
    }

    fn table<'a>(&'a self, names: &'a dyn Names) -> Table<'a> {
        Table { groups: &self.groups, rates: &self.rates, names }
    }

    /// Adds groups and rates, whose codes become others.
    fn add(
        &mut self,
        groups: &Groups,
        rates: &Rates,
        code: impl Fn(usize, u32) -> u32,
        currency: impl Fn(u32) -> u32,
    ) -> Result<(), QueryError> {
        self.add_groups(groups, &code, currency)?;
        self.rates.all += rates.all;
        self.rates.reachable += rates.reachable;
        for (key, visitors) in &rates.reachable_by_group {
            let mut own = Key::default();
            for ((own, other), place) in own.iter_mut().zip(key).zip(&rates.kept) {
                *own = code(*place, *other);
            }
            *self.rates.reachable_by_group.entry(own).or_insert(0) += visitors;
        }
        let most = self.groups.len().max(self.rates.reachable_by_group.len());
        if most > MAX_GROUPS { Err(too_many()) } else { Ok(()) }
    }

    fn add_groups(
        &mut self,
        more: &Groups,
        code: impl Fn(usize, u32) -> u32,
        currency: impl Fn(u32) -> u32,
    ) -> Result<(), QueryError> {
        let mut numbers = Vec::with_capacity(more.len());
        for (number, key) in more.keys.iter().enumerate() {
            let mut own = Key::default();
            for (place, (own, other)) in own.iter_mut().zip(key).enumerate() {
                *own = code(place, *other);
            }
            let into = self.groups.number(&own)?;
            numbers.push(into as u32);
            self.groups.add(into, more, number);
        }
        for ((number, other), sum) in &more.revenue {
            let number = numbers.get(*number as usize).copied().unwrap_or(0);
            self.groups.revenue.entry((number, currency(*other))).or_default().merge(*sum);
        }
        Ok(())
    }
}

/// Groups by numbers of texts instead of codes of a data set.
fn told(
    input: Input<'_>,
    query: &Query,
    measured: &Measured<'_>,
    rates: &Rates,
    values: &mut [Interner; MAX_DIMENSIONS],
    currencies: &mut Interner,
) -> Result<Sums, QueryError> {
    const UNKNOWN: u32 = u32::MAX;
    let mut codes: Vec<Vec<u32>> = Vec::new();
    for (place, source) in measured.sources.iter().enumerate() {
        let mut known = vec![UNKNOWN; source.domain(input.data)];
        if let Some(values) = values.get_mut(place).filter(|_| !is_of_time(query.dimensions.get(place))) {
            let groups = measured.groups.keys.iter().map(|key| key.get(place));
            // Where rates are of, there may be groups that hold nothing else.
            let at = rates.kept.iter().position(|kept| *kept == place);
            let wider = rates.reachable_by_group.keys().map(|key| at.and_then(|at| key.get(at)));
            for code in groups.chain(wider).flatten() {
                if let Some(known) = known.get_mut(*code as usize).filter(|known| **known == UNKNOWN) {
                    *known = values.intern(source.text(input.data, *code))?;
                }
            }
        }
        codes.push(known);
    }
    let mut money: HashMap<u32, u32> = HashMap::new();
    for (_, code) in measured.groups.revenue.keys() {
        money.insert(*code, currencies.intern(measured.currency(*code))?);
    }
    let code = |place: usize, code: u32| match is_of_time(query.dimensions.get(place)) {
        true => code,
        false => codes.get(place).and_then(|known| known.get(code as usize)).copied().unwrap_or(0),
    };
    let currency = |code: u32| money.get(&code).copied().unwrap_or(0);
    let mut sums = Sums::new(query, rates.kept.clone());
    sums.add(&measured.groups, rates, code, currency)?;
    Ok(sums)
}

/// Codes are numbers of texts; of time they are as everywhere.
struct Merged<'a> {
    values: [Ranked; MAX_DIMENSIONS],
    currencies: Ranked,
    query: &'a Query,
    steps: Steps,
}

impl Names for Merged<'_> {
    fn label(&self, place: usize, code: u32) -> String {
        match self.query.dimensions.get(place) {
            Some(Dimension::Time(step)) => self.query.zone.label(*step, self.steps.edge(code)),
            Some(Dimension::HourOfDay) => hour_label(code),
            Some(Dimension::Weekday) => weekday_label(code),
            _ => self.values.get(place).map_or("", |values| values.text(values.of(code))).to_owned(),
        }
    }

    fn compare(&self, place: usize, a: u32, b: u32) -> Ordering {
        match self.values.get(place).filter(|_| !is_of_time(self.query.dimensions.get(place))) {
            Some(values) => values.of(a).cmp(&values.of(b)),
            None => a.cmp(&b),
        }
    }

    fn currency(&self, code: u32) -> &str {
        self.currencies.text(self.currencies.of(code))
    }
}
