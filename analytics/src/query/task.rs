//! What is to be summed up. Tasks that select the same actions are done in one pass over the visits.

use std::borrow::Cow;
use std::rc::Rc;

use protocol::query::{Dimension, Filter, Goal, Metric, Period, Query, QueryError};

use super::bundle::Bundle;
use super::dense::{Bundled, Dense};
use super::filter::{Node, compile};
use super::goals::{Goals, reaching};
use super::groups::Groups;
use super::measure::Grouping;
use super::money::Amounts;
use super::scan::{Block, Scan};
use super::source::{Input, Source, visit_dim};
use crate::dataset::Dataset;

/// What metrics ask for beyond visitors and page views.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    pub(crate) visits: bool,
    /// What definitions say of visits.
    pub(crate) judged: bool,
    pub(crate) events: bool,
    pub(crate) goals: bool,
    pub(crate) pages: bool,
    pub(crate) edges: bool,
    pub(crate) revenue: bool,
    pub(crate) percentiles: bool,
}

impl Needs {
    pub(crate) fn of(metrics: &[Metric]) -> Self {
        let any = |of: &[Metric]| metrics.iter().any(|metric| of.contains(metric));
        let judged = any(&[Metric::BounceRate, Metric::VisitDuration, Metric::EngagedTime]);
        Self {
            visits: judged || any(&[Metric::Visits, Metric::ViewsPerVisit]),
            judged,
            events: any(&[Metric::Events]),
            goals: any(&[Metric::Conversions, Metric::ConversionRate, Metric::GroupConversionRate]),
            pages: any(&[Metric::TimeOnPage, Metric::ScrollDepth]),
            edges: any(&[Metric::EntryRate, Metric::ExitRate]),
            revenue: any(&[Metric::TotalRevenue, Metric::AverageRevenue]),
            percentiles: any(&[Metric::EngagedTimeP50, Metric::EngagedTimeP75, Metric::EngagedTimeP95]),
        }
    }

    /// Whether each selected action has to be looked at.
    pub(crate) fn of_events(self) -> bool {
        self.goals || self.pages || self.edges || self.revenue
    }

    /// What is asked seldom.
    pub(crate) fn is_rare(self) -> bool {
        self.pages || self.edges || self.revenue || self.percentiles
    }
}

/// Something to be summed up.
pub(crate) struct Task<'a> {
    pub(crate) query: &'a Query,
    pub(crate) period: &'a Period,
    pub(crate) dimensions: Cow<'a, [Dimension]>,
    pub(crate) filters: Vec<&'a Filter>,
    pub(crate) needs: Needs,
}

impl Task<'_> {
    /// Whether both select the same actions, as far as one pass can tell.
    fn selects_as(&self, other: &Self) -> bool {
        let (one, two) = (self.query, other.query);
        self.period.range == other.period.range
            && self.filters == other.filters
            && one.definitions == two.definitions
            && one.zone == two.zone
            && one.goals == two.goals
    }
}

/// The sums of a task.
pub(crate) struct Measured<'a> {
    pub(crate) sources: Vec<Source<'a>>,
    pub(crate) groups: Groups,
    amounts: Amounts<'a>,
    data: &'a Dataset,
}

impl<'a> Measured<'a> {
    pub(crate) fn new(input: Input<'a>, sources: Vec<Source<'a>>, groups: Groups) -> Self {
        Self { sources, groups, amounts: Amounts::new(input.data), data: input.data }
    }

    pub(crate) fn data(&self) -> &Dataset {
        self.data
    }

    /// What an event was worth, and in which currency.
    pub(super) fn amount(&mut self, event: usize) -> Option<(i128, u32)> {
        self.amounts.of(event)
    }

    pub(crate) fn currency(&self, code: u32) -> &str {
        self.amounts.currency(code)
    }
}

type Member<'a> = (&'a Bundle, Task<'a>, Source<'a>, Vec<Node<'a>>);

/// A task in the making.
enum Making<'a> {
    /// By a column of a bundle: to be done with others.
    Member(Box<Member<'a>>),
    Dense(Box<Dense<'a>>),
    Grouping(Box<Grouping<'a>>),
}

impl<'a> Making<'a> {
    fn block(&mut self, block: &Block) -> Result<(), QueryError> {
        match self {
            Self::Dense(dense) => {
                dense.block(block);
                Ok(())
            }
            Self::Grouping(grouping) => grouping.block(block),
            Self::Member(_) => Ok(()),
        }
    }

    fn finish(self) -> Result<Measured<'a>, QueryError> {
        match self {
            Self::Dense(dense) => dense.finish(),
            Self::Grouping(grouping) => Ok(grouping.finish()),
            Self::Member(_) => Err(QueryError::new("query", "nothing was looked at")),
        }
    }
}

/// A task, and how it will be done.
struct Planned<'a> {
    /// Its place among all.
    number: usize,
    is_dense: bool,
    /// Whether all selected actions have to be looked at one by one.
    by_event: bool,
    /// Filters that are about nothing but the group, so that they may take out groups at the end.
    own: Vec<&'a Filter>,
    task: Task<'a>,
}

impl<'a> Planned<'a> {
    fn new(input: Input<'a>, number: usize, mut task: Task<'a>) -> Self {
        let is_dense = Dense::can(input, &task);
        let by_event = !is_dense && !task.dimensions.iter().all(Dimension::is_of_visit);
        let mut own = Vec::new();
        if let (true, [dimension]) = (is_dense, &*task.dimensions) {
            let is_own = |filter: &&Filter| {
                !filter.any(&|test| test.dimension != *dimension) && !filter.asks_of_visits()
            };
            (own, task.filters) = task.filters.into_iter().partition(is_own);
        }
        Self { number, is_dense, by_event, own, task }
    }

    /// Whether one pass can do both.
    fn goes_with(&self, other: &Self) -> bool {
        self.by_event == other.by_event && self.task.selects_as(&other.task)
    }

    fn begin(self, input: Input<'a>, found: &mut Vec<Found<'a>>) -> Result<Making<'a>, QueryError> {
        let task = self.task;
        if !self.is_dense {
            return Ok(Making::Grouping(Box::new(Grouping::new(input, task)?)));
        }
        let own = self.own.iter().map(|filter| compile(input, filter, task.query, &task.period.range));
        let own = own.collect::<Result<_, _>>()?;
        let needs = task.needs;
        if let ([Dimension::Visit(field)], false) =
            (&*task.dimensions, needs.judged || needs.events || needs.goals)
            && let Some((bundle, _)) = input.index.bundled(visit_dim(*field))
        {
            let source = Source::Visit(visit_dim(*field));
            return Ok(Making::Member(Box::new((bundle, task, source, own))));
        }
        let reaching = if needs.goals { reaching_of(input, task.query, found) } else { Rc::default() };
        Ok(Making::Dense(Box::new(Dense::new(input, task, own, reaching))))
    }
}

/// Goals, and the events that reach any of them, ascending.
type Found<'a> = (&'a [Goal], Rc<[u32]>);

/// The events that reach the goals of a query, looked for once for all tasks.
fn reaching_of<'a>(input: Input<'a>, query: &'a Query, found: &mut Vec<Found<'a>>) -> Rc<[u32]> {
    if let Some((_, events)) = found.iter().find(|(goals, _)| *goals == query.goals) {
        return Rc::clone(events);
    }
    let events: Rc<[u32]> = reaching(input.data, &Goals::new(input.data, &query.goals)).into();
    found.push((&query.goals, Rc::clone(&events)));
    events
}

/// Sums up what tasks ask for, in their order.
///
/// # Errors
/// Of a task: a filter holds an expression that is none, or there are too many groups.
pub(crate) fn measure<'a>(input: Input<'a>, tasks: Vec<Task<'a>>) -> Vec<Result<Measured<'a>, QueryError>> {
    let mut found: Vec<_> =
        tasks.iter().map(|_| Err(QueryError::new("query", "nothing was looked at"))).collect();
    let planned = tasks.into_iter().enumerate();
    let mut left: Vec<Planned<'a>> =
        planned.map(|(number, task)| Planned::new(input, number, task)).collect();
    let mut reaching = Vec::new();
    while let Some(first) = left.pop() {
        let (mut together, others): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|one| one.goes_with(&first));
        left = others;
        together.push(first);
        for (number, result) in pass(input, together, &mut reaching) {
            if let Some(place) = found.get_mut(number) {
                *place = result;
            }
        }
    }
    found
}

/// One pass for tasks that go together.
fn pass<'a>(
    input: Input<'a>,
    together: Vec<Planned<'a>>,
    reaching: &mut Vec<Found<'a>>,
) -> Vec<(usize, Result<Measured<'a>, QueryError>)> {
    let Some(first) = together.first() else { return Vec::new() };
    let (query, by_event) = (first.task.query, first.by_event);
    let filters = first.task.filters.iter().copied();
    let scan = Scan::new(input, query, &first.task.period.range, filters, by_event);
    let mut scan = match scan {
        Ok(scan) => scan,
        Err(error) => return together.into_iter().map(|one| (one.number, Err(error.clone()))).collect(),
    };
    let (mut making, mut bundles): (Vec<_>, Vec<(Vec<usize>, Bundled<'a>)>) = (Vec::new(), Vec::new());
    for one in together {
        let number = one.number;
        match one.begin(input, reaching) {
            Ok(Making::Member(member)) => {
                let (bundle, task, source, own) = *member;
                let place = bundles.iter().position(|(_, other)| other.is_of(bundle));
                let place = place.unwrap_or_else(|| {
                    bundles.push((Vec::new(), Bundled::new(input, bundle)));
                    bundles.len() - 1
                });
                if let Some((numbers, bundled)) = bundles.get_mut(place) {
                    numbers.push(number);
                    bundled.add(task, source, own);
                }
            }
            other => making.push((number, other)),
        }
    }
    let mut block = Block::default();
    while scan.next(&mut block) {
        for (_, bundled) in &mut bundles {
            bundled.block(&block);
        }
        for (_, making) in &mut making {
            if let Ok(one) = making
                && let Err(error) = one.block(&block)
            {
                *making = Err(error);
            }
        }
    }
    let of_bundles =
        bundles.into_iter().flat_map(|(numbers, bundled)| numbers.into_iter().zip(bundled.finish()));
    let others = making.into_iter().map(|(number, making)| (number, making.and_then(Making::finish)));
    of_bundles.chain(others).collect()
}
