//! From a query to its answer: passes, rates, order, rows.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;

use protocol::query::{
    Answer, AnswerMeta, AnswerRow, Dimension, Estimate, Filter, Key as OrderKey, MAX_DIMENSIONS, Metric,
    Period, Query, QueryError, Value,
};

use super::groups::{Cell, Groups, Key, More};
use super::index::{Index, at};
use super::money::decimal;
use super::sketch::{RELATIVE_ERROR, Sketch};
use super::source::Input;
use super::task::{Measured, Needs, Task, measure};
use crate::dataset::Dataset;
use crate::sort::{first, sort};

/// Answers a query. `index` is [`Index::of`] the data set.
///
/// # Errors
/// A filter holds a regular expression that is none or too large, or there are more than a million groups.
pub fn run(data: &Dataset, index: &Index, query: &Query) -> Result<Answer, QueryError> {
    let mut answers = run_all(data, index, &[query]);
    answers.pop().unwrap_or_else(|| Err(QueryError::new("query", "nothing was asked")))
}

/// Answers queries as [`run`] does, in their order. What queries with the same range, filters and definitions ask is
/// found in one pass.
pub fn run_all(data: &Dataset, index: &Index, queries: &[&Query]) -> Vec<Result<Answer, QueryError>> {
    let input = Input { data, index };
    let all = sums(input, queries).into_iter().zip(queries);
    let answer_of = |(sums, query): (Result<Sums<'_>, QueryError>, &&Query)| {
        let Sums { main, comparison } = sums?;
        let names = OfData { measured: &main.0, query };
        let comparison_names = comparison.as_ref().map(|(measured, _)| OfData { measured, query });
        let main = Table { groups: &main.0.groups, rates: &main.1, names: &names };
        let comparison = comparison.as_ref().zip(comparison_names.as_ref());
        let comparison =
            comparison.map(|((sums, rates), names)| Table { groups: &sums.groups, rates, names });
        Ok(answer(query, &main, comparison.as_ref(), Scanned::of(input)))
    };
    all.map(answer_of).collect()
}

/// What was looked at.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Scanned {
    pub(super) visits: u64,
    pub(super) events: u64,
    pub(super) span: Option<(u64, u64)>,
}

impl Scanned {
    pub(super) fn of(input: Input<'_>) -> Self {
        Self {
            visits: input.data.visit_count() as u64,
            events: input.index.events as u64,
            span: input.index.actions_span,
        }
    }
}

/// The rows that are asked for.
pub(super) fn answer(
    query: &Query,
    main: &Table<'_>,
    comparison: Option<&Table<'_>>,
    scanned: Scanned,
) -> Answer {
    let rows = main.ordered(query);
    let page = rows.iter().skip(query.pagination.offset).take(query.pagination.limit);
    let results = page.map(|number| {
        let key = main.groups.keys.get(*number).copied().unwrap_or_default();
        let labels = (0..query.dimensions.len().min(MAX_DIMENSIONS)).zip(key);
        AnswerRow {
            metrics: query.metrics.iter().map(|metric| main.value(*metric, &key, Some(*number))).collect(),
            dimensions: labels.map(|(place, code)| main.names.label(place, code)).collect(),
            comparison: comparison.map(|table| {
                let number = table.groups.find(&key);
                query.metrics.iter().map(|metric| table.value(*metric, &key, number)).collect()
            }),
        }
    });
    let results = results.collect();
    let meta = AnswerMeta {
        range: query.period.range.clone(),
        visits_scanned: scanned.visits,
        events_scanned: scanned.events,
        data_span: scanned.span,
        estimates: main.estimates(query, comparison),
        origin: query.origin(),
        total_rows: query.include.total_rows.then_some(main.groups.len() as u64),
        time_labels: query.include.time_labels.then(|| time_labels(query)),
    };
    Answer { results, meta, query: query.echo() }
}

fn time_labels(query: &Query) -> Vec<String> {
    let step = query.dimensions.iter().find_map(|dimension| match dimension {
        Dimension::Time(step) => Some(*step),
        _ => None,
    });
    let Some(step) = step else { return Vec::new() };
    let edges = &query.period.edges;
    let edges = edges.get(..edges.len().saturating_sub(1)).unwrap_or_default();
    edges.iter().map(|edge| query.zone.label(step, *edge)).collect()
}

/// What the codes of groups stand for.
pub(super) trait Names {
    /// The value of the dimension in that place.
    fn label(&self, place: usize, code: u32) -> String;

    /// The order of two values: that of their texts, or of time.
    fn compare(&self, place: usize, a: u32, b: u32) -> Ordering;

    /// A currency.
    fn currency(&self, code: u32) -> &str;
}

/// Codes are those of a data set.
struct OfData<'a> {
    measured: &'a Measured<'a>,
    query: &'a Query,
}

impl Names for OfData<'_> {
    fn label(&self, place: usize, code: u32) -> String {
        let source = self.measured.sources.get(place);
        source.map(|source| source.label(self.measured.data(), self.query, code)).unwrap_or_default()
    }

    fn compare(&self, place: usize, a: u32, b: u32) -> Ordering {
        let source = self.measured.sources.get(place);
        source.map_or(Ordering::Equal, |source| source.compare(self.measured.data(), a, b))
    }

    fn currency(&self, code: u32) -> &str {
        self.measured.currency(code)
    }
}

/// What rates of a period are of.
#[derive(Debug, Default)]
pub(super) struct Rates {
    /// Visitors of the query without dimensions.
    pub(super) all: u64,
    /// Visitors whatever goal, property or event name is asked for.
    pub(super) reachable: u64,
    /// The same by the other dimensions.
    pub(super) reachable_by_group: HashMap<Key, u64>,
    /// Which dimensions are those of `reachable_by_group`.
    pub(super) kept: Vec<usize>,
}

/// The sums of a query.
pub(super) struct Sums<'a> {
    pub(super) main: (Measured<'a>, Rates),
    pub(super) comparison: Option<(Measured<'a>, Rates)>,
}

/// Which tasks are those of a period of a query.
struct Asked {
    main: usize,
    all: Option<usize>,
    reachable: Option<usize>,
    by_group: Option<usize>,
    kept: Vec<usize>,
}

impl Asked {
    fn new<'a>(query: &'a Query, period: &'a Period, tasks: &mut Vec<Task<'a>>) -> Self {
        let has = |metric| query.metrics.contains(&metric);
        let all: Vec<&Filter> = query.filters.iter().collect();
        let kept_filters = || {
            let kept = |filter: &&Filter| !filter.any(&|test| test.dimension.is_of_goal());
            all.iter().copied().filter(kept).collect()
        };
        let dimensions = query.dimensions.iter().enumerate();
        let kept: Vec<usize> =
            dimensions.filter(|(_, dimension)| !dimension.is_of_goal()).map(|(place, _)| place).collect();
        let mut add = |dimensions, filters, needs| {
            tasks.push(Task { query, period, dimensions, filters, needs });
            tasks.len() - 1
        };
        let none = || Cow::Borrowed(&[] as &[Dimension]);
        Self {
            main: add(Cow::Borrowed(&*query.dimensions), all.clone(), Needs::of(&query.metrics)),
            all: has(Metric::Percentage).then(|| add(none(), all.clone(), Needs::default())),
            reachable: has(Metric::ConversionRate).then(|| add(none(), kept_filters(), Needs::default())),
            by_group: has(Metric::GroupConversionRate).then(|| {
                let dimensions = kept.iter().filter_map(|place| query.dimensions.get(*place).cloned());
                add(Cow::Owned(dimensions.collect()), kept_filters(), Needs::default())
            }),
            kept,
        }
    }

    /// Takes what was found.
    fn take<'a>(
        self,
        found: &mut [Option<Result<Measured<'a>, QueryError>>],
    ) -> Result<(Measured<'a>, Rates), QueryError> {
        let mut take = |place: usize| {
            let one = found.get_mut(place).and_then(Option::take);
            one.unwrap_or_else(|| Err(QueryError::new("query", "nothing was looked at")))
        };
        let main = take(self.main)?;
        let mut visitors = |place: Option<usize>| -> Result<u64, QueryError> {
            let totals = place.map(&mut take).transpose()?;
            let cell = totals.and_then(|totals| totals.groups.cells.first().copied());
            Ok(cell.map_or(0, |cell| cell.visitors.into()))
        };
        let (all, reachable) = (visitors(self.all)?, visitors(self.reachable)?);
        let reachable_by_group = match self.by_group.map(take).transpose()? {
            None => HashMap::new(),
            Some(Measured { groups, .. }) => {
                let visitors = groups.cells.iter().map(|cell| u64::from(cell.visitors));
                groups.keys.iter().copied().zip(visitors).collect()
            }
        };
        Ok((main, Rates { all, reachable, reachable_by_group, kept: self.kept }))
    }
}

/// Sums up queries, in their order.
pub(super) fn sums<'a>(input: Input<'a>, queries: &[&'a Query]) -> Vec<Result<Sums<'a>, QueryError>> {
    let mut tasks = Vec::new();
    let asked: Vec<_> = queries
        .iter()
        .map(|query| {
            let main = Asked::new(query, &query.period, &mut tasks);
            (main, query.comparison.as_ref().map(|period| Asked::new(query, period, &mut tasks)))
        })
        .collect();
    let mut found: Vec<_> = measure(input, tasks).into_iter().map(Some).collect();
    let mut take = |(main, comparison): (Asked, Option<Asked>)| {
        let main = main.take(&mut found)?;
        Ok(Sums { main, comparison: comparison.map(|asked| asked.take(&mut found)).transpose()? })
    };
    asked.into_iter().map(&mut take).collect()
}

impl Rates {
    fn reachable_of(&self, key: &Key) -> u64 {
        let mut kept = [0; MAX_DIMENSIONS];
        for (code, place) in kept.iter_mut().zip(&self.kept) {
            *code = key.get(*place).copied().unwrap_or(0);
        }
        self.reachable_by_group.get(&kept).copied().unwrap_or(0)
    }
}

/// Groups of a period.
pub(super) struct Table<'a> {
    pub(super) groups: &'a Groups,
    pub(super) rates: &'a Rates,
    pub(super) names: &'a dyn Names,
}

impl Table<'_> {
    /// The value of a metric of the group of a key; of one that is not there (no number), that of nothing.
    fn value(&self, metric: Metric, key: &Key, number: Option<usize>) -> Value {
        let groups = self.groups;
        let cell = number.and_then(|number| groups.cells.get(number)).copied().unwrap_or_default();
        let more = number.and_then(|number| groups.more.get(number)).copied().unwrap_or_default();
        let Cell { visitors, visits, views, events, entered, bounced, duration_ms, engaged_ms, .. } = cell;
        let More { converters, conversions, entries, exits, .. } = more;
        let share = |part: u32, whole: u64| {
            if whole == 0 { Value::Absent } else { Value::Share(part.into(), whole) }
        };
        let mean =
            |sum: u64, count: u32| if count == 0 { Value::Absent } else { Value::Mean(sum, count.into()) };
        let time = |sum: u64, count: u32| {
            if count == 0 { Value::Absent } else { Value::Duration(sum, count.into()) }
        };
        let percentile = |percent| {
            let sketch = number.and_then(|number| groups.sketches.get(number));
            sketch
                .and_then(|sketch| sketch.percentile(percent))
                .map_or(Value::Absent, |ms| Value::Percentile(ms.into()))
        };
        match metric {
            Metric::Visitors => Value::Count(visitors.into()),
            Metric::Visits => Value::Count(visits.into()),
            Metric::PageViews => Value::Count(views.into()),
            Metric::Events => Value::Count(events.into()),
            Metric::ViewsPerVisit => mean(views.into(), visits),
            Metric::BounceRate => share(bounced, entered.into()),
            Metric::VisitDuration => time(duration_ms, visits),
            Metric::EngagedTime => time(engaged_ms, visits),
            Metric::EngagedTimeP50 => percentile(50),
            Metric::EngagedTimeP75 => percentile(75),
            Metric::EngagedTimeP95 => percentile(95),
            Metric::TimeOnPage => time(more.page_ms, more.timed_pages),
            Metric::ScrollDepth => mean(more.scroll, more.scrolled_pages),
            Metric::Conversions => Value::Count(conversions.into()),
            Metric::ConversionRate => share(converters, self.rates.reachable),
            // The wider group may be there where the group is not.
            Metric::GroupConversionRate => share(converters, self.rates.reachable_of(key)),
            Metric::TotalRevenue | Metric::AverageRevenue => self.money(metric, number),
            Metric::EntryRate => share(entries, views.into()),
            Metric::ExitRate => share(exits, views.into()),
            Metric::Percentage => share(visitors, self.rates.all),
        }
    }

    fn money(&self, metric: Metric, number: Option<usize>) -> Value {
        let Some(number) = number else { return Value::Money(Vec::new()) };
        let number = number as u32;
        let sums = self.groups.revenue.range((number, 0)..=(number, u32::MAX));
        let mut money: Vec<_> = sums
            .map(|((_, currency), sum)| {
                let currency = self.names.currency(*currency);
                if metric == Metric::TotalRevenue { sum.total(currency) } else { sum.mean(currency) }
            })
            .collect();
        sort(&mut money, |a, b| a.currency.cmp(&b.currency));
        Value::Money(money)
    }

    /// The groups in order, at least as far as the rows that are asked for.
    fn ordered(&self, query: &Query) -> Vec<usize> {
        let groups = self.groups;
        // What metrics are ordered by is worked out once, not at each comparison.
        let columns: Vec<Vec<Option<Rank>>> = query
            .order
            .iter()
            .map(|order| match order.key {
                OrderKey::Dimension(_) => Vec::new(),
                OrderKey::Metric(place) => {
                    let metric = query.metrics.get(place).copied();
                    let rank_of = |(row, key): (usize, &Key)| {
                        metric.and_then(|metric| rank(&self.value(metric, key, Some(row))))
                    };
                    groups.keys.iter().enumerate().map(rank_of).collect()
                }
            })
            .collect();
        let mut compare = |a: usize, b: usize| {
            let by = query.order.iter().zip(&columns).map(|(order, column)| {
                let ordering = match order.key {
                    OrderKey::Dimension(place) => self.compare_dimension(place, a, b),
                    OrderKey::Metric(_) => compare_ranks(at(column, a), at(column, b)),
                };
                if order.descending { ordering.reverse() } else { ordering }
            });
            by.into_iter().find(|ordering| *ordering != Ordering::Equal).unwrap_or(Ordering::Equal)
        };
        let wanted = query.pagination.offset.saturating_add(query.pagination.limit);
        first(groups.len(), wanted, &mut compare).into_iter().map(|row| row as usize).collect()
    }

    fn compare_dimension(&self, place: usize, a: usize, b: usize) -> Ordering {
        let groups = self.groups;
        let code = |row: usize| groups.keys.get(row).and_then(|key| key.get(place)).copied().unwrap_or(0);
        self.names.compare(place, code(a), code(b))
    }

    fn estimates(&self, query: &Query, comparison: Option<&Self>) -> Vec<Estimate> {
        let sketches = |table: &Self| table.groups.sketches.iter().any(Sketch::is_estimate);
        if !sketches(self) && !comparison.is_some_and(sketches) {
            return Vec::new();
        }
        let estimated = [Metric::EngagedTimeP50, Metric::EngagedTimeP75, Metric::EngagedTimeP95].into_iter();
        let asked = estimated.filter(|metric| query.metrics.contains(metric));
        asked
            .map(|metric| Estimate { metric: metric.name().into(), relative_error: RELATIVE_ERROR })
            .collect()
    }
}

/// What rows are ordered by.
#[derive(Debug, Clone, Copy)]
enum Rank {
    Ratio(u64, u64),
    /// Of money the amount of its first currency.
    Amount(i128),
}

fn rank(value: &Value) -> Option<Rank> {
    match value {
        Value::Count(count) | Value::Percentile(count) => Some(Rank::Ratio(*count, 1)),
        Value::Share(part, whole) | Value::Mean(part, whole) | Value::Duration(part, whole) => {
            Some(Rank::Ratio(*part, *whole))
        }
        Value::Money(money) => money.first().and_then(|money| decimal(&money.value)).map(Rank::Amount),
        // No metric is worked out as such.
        Value::Number(_) | Value::Absent => None,
    }
}

/// By value, exactly; what is absent is the smallest.
fn compare_ranks(a: Option<Rank>, b: Option<Rank>) -> Ordering {
    match (a, b) {
        (Some(Rank::Ratio(a, of_a)), Some(Rank::Ratio(b, of_b))) => {
            (u128::from(a) * u128::from(of_b)).cmp(&(u128::from(b) * u128::from(of_a)))
        }
        (Some(Rank::Amount(a)), Some(Rank::Amount(b))) => a.cmp(&b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}
