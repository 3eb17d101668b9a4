//! Funnels, retention and journeys: counts of visitors and visits, which add up as they are.

use protocol::query::{
    Anchor, Funnel, FunnelAnswer, JourneyAnswer, JourneyStep, Metric, PropertiesAnswer, Query, QueryError,
    RetentionAnswer,
};

use super::{Kind, Share};
use crate::columns::{Column, Columns};
use crate::dataset::Dataset;
use crate::query::{Index, columns};
use crate::row::EventDim;
use crate::sort::sort;
use crate::{funnel, journey, properties, retention};

/// The columns of the filters alone.
pub(super) fn of_filters(query: &Query) -> Columns {
    columns(&Query { metrics: Vec::new(), dimensions: Vec::new(), ..query.clone() })
}

fn add_all(sums: &mut [u64], more: &[u64]) {
    for (sum, more) in sums.iter_mut().zip(more) {
        *sum += more;
    }
}

/// A [`funnel`].
#[derive(Debug, Clone, Copy)]
pub struct FunnelOf<'a> {
    /// Range, filters and definitions.
    pub query: &'a Query,
    /// The steps.
    pub funnel: &'a Funnel,
}

impl Kind for FunnelOf<'_> {
    type Sums = FunnelAnswer;
    type Answer = FunnelAnswer;

    fn query(&self) -> &Query {
        self.query
    }

    fn columns(&self) -> Columns {
        let mut steps = Query::new(vec![Metric::Conversions], Vec::new(), 0..0);
        steps.goals = self.funnel.steps().to_vec();
        of_filters(self.query).or(columns(&steps))
    }

    fn look(&self, data: &Dataset, index: &Index, _: Share) -> Result<FunnelAnswer, QueryError> {
        funnel(data, index, self.query, self.funnel)
    }

    fn add(&self, sums: &mut FunnelAnswer, more: FunnelAnswer) -> Result<(), QueryError> {
        add_all(&mut sums.visitors, &more.visitors);
        sums.all_visitors += more.all_visitors;
        sums.covered.add(&more.covered);
        Ok(())
    }

    fn finish(&self, sums: FunnelAnswer) -> FunnelAnswer {
        sums
    }
}

/// [`retention`].
#[derive(Debug, Clone, Copy)]
pub struct RetentionOf<'a> {
    /// Range, steps, filters and definitions.
    pub query: &'a Query,
}

impl Kind for RetentionOf<'_> {
    type Sums = RetentionAnswer;
    type Answer = RetentionAnswer;

    fn query(&self) -> &Query {
        self.query
    }

    fn columns(&self) -> Columns {
        of_filters(self.query)
    }

    fn look(&self, data: &Dataset, index: &Index, _: Share) -> Result<RetentionAnswer, QueryError> {
        retention(data, index, self.query)
    }

    fn add(&self, sums: &mut RetentionAnswer, more: RetentionAnswer) -> Result<(), QueryError> {
        for (cohort, more) in sums.cohorts.iter_mut().zip(&more.cohorts) {
            add_all(&mut cohort.visitors, &more.visitors);
        }
        sums.covered.add(&more.covered);
        Ok(())
    }

    fn finish(&self, sums: RetentionAnswer) -> RetentionAnswer {
        sums
    }
}

/// Which properties the events of a range have.
#[derive(Debug, Clone, Copy)]
pub struct PropertiesOf<'a> {
    /// Range, filters and definitions.
    pub query: &'a Query,
}

impl Kind for PropertiesOf<'_> {
    type Sums = PropertiesAnswer;
    type Answer = PropertiesAnswer;

    fn query(&self) -> &Query {
        self.query
    }

    fn columns(&self) -> Columns {
        of_filters(self.query).with(Column::Properties)
    }

    fn look(&self, data: &Dataset, index: &Index, _: Share) -> Result<PropertiesAnswer, QueryError> {
        properties::properties(data, index, self.query)
    }

    fn add(&self, sums: &mut PropertiesAnswer, more: PropertiesAnswer) -> Result<(), QueryError> {
        properties::add(sums, more);
        Ok(())
    }

    fn finish(&self, sums: PropertiesAnswer) -> PropertiesAnswer {
        sums
    }
}

/// Most steps of a journey that is told in parts, over all its ways: each takes some hundred bytes until the most
/// frequent are known.
const MAX_WAYS: usize = 300_000;

/// A [`journey`].
#[derive(Debug, Clone, Copy)]
pub struct JourneyOf<'a> {
    /// Range, filters and definitions.
    pub query: &'a Query,
    /// From where it is told.
    pub anchor: &'a Anchor,
    /// How many pages, the anchor included.
    pub steps: usize,
    /// How many of the most frequent at each.
    pub limit: usize,
}

impl Kind for JourneyOf<'_> {
    type Sums = JourneyAnswer;
    type Answer = JourneyAnswer;

    fn query(&self) -> &Query {
        self.query
    }

    fn columns(&self) -> Columns {
        of_filters(self.query).with(Column::Event(EventDim::Path))
    }

    fn look(&self, data: &Dataset, index: &Index, share: Share) -> Result<JourneyAnswer, QueryError> {
        // Which are the most frequent is known at the end.
        let limit = if share == Share::Whole { self.limit } else { usize::MAX };
        journey(data, index, self.query, self.anchor, self.steps, limit)
    }

    fn add(&self, sums: &mut JourneyAnswer, more: JourneyAnswer) -> Result<(), QueryError> {
        sums.visits += more.visits;
        sums.covered.add(&more.covered);
        add_steps(&mut sums.steps, more.steps);
        if ways(&sums.steps) > MAX_WAYS {
            let message =
                "over so many events there are too many ways: ask for fewer steps or with more filters";
            return Err(QueryError::new("steps", message));
        }
        Ok(())
    }

    fn finish(&self, mut sums: JourneyAnswer) -> JourneyAnswer {
        sums.others += cut(&mut sums.steps, self.limit);
        sums
    }
}

/// How many steps there are, over all ways.
fn ways(steps: &[JourneyStep]) -> usize {
    steps.iter().map(|step| 1 + ways(&step.next)).sum()
}

fn add_steps(sums: &mut Vec<JourneyStep>, mut more: Vec<JourneyStep>) {
    sort(sums, |a, b| a.page.cmp(&b.page));
    sort(&mut more, |a, b| a.page.cmp(&b.page));
    let mut merged: Vec<JourneyStep> = Vec::with_capacity(sums.len().max(more.len()));
    let mut more = more.into_iter().peekable();
    for mut sum in std::mem::take(sums) {
        while let Some(before) = more.next_if(|step| step.page < sum.page) {
            merged.push(before);
        }
        if let Some(same) = more.next_if(|step| step.page == sum.page) {
            sum.visits += same.visits;
            sum.ended += same.ended;
            add_steps(&mut sum.next, same.next);
        }
        merged.push(sum);
    }
    merged.extend(more);
    *sums = merged;
}

/// Leaves the most frequent, equal ones by page; returns how many visits went to the others.
fn cut(steps: &mut Vec<JourneyStep>, limit: usize) -> u64 {
    sort(steps, |a, b| b.visits.cmp(&a.visits).then_with(|| a.page.cmp(&b.page)));
    let others = steps.iter().skip(limit).map(|step| step.visits).sum();
    steps.truncate(limit);
    for step in steps {
        step.others += cut(&mut step.next, limit);
    }
    others
}
