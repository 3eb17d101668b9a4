//! `POST /api/v2/query`: one typed question, in the shape of Plausible's Stats API v2, and its answer.
//!
//! A request is read as a [`RawQuery`] and checked once into a [`Query`]; a query that exists can be run. What
//! is not supported is refused by name: a wrong answer is worse than none.
//!
//! Beyond Plausible's shape: `definitions` (a set of metric definitions), `goals`, `include.compare`, the
//! metrics `engaged_time`, `engaged_time_p50`, `_p75`, `_p95`, `conversions`, `entry_rate`, `exit_rate`, and the
//! dimensions `event:title`, `event:name`, `visit:screen`, `visit:language`, `visit:person`, `time:minute`,
//! `time:hour_of_day`, `time:weekday`.

mod answer;
mod ask;
mod check;
mod explore;
mod filter;
mod goal;
mod names;
mod origin;
mod range;
mod zone;

use std::ops::Range;

use serde::{Deserialize, Serialize};

pub use answer::{Answer, AnswerMeta, AnswerRow, Answers, Estimate, Money, OneAnswer, Value};
pub(crate) use ask::a_week;
pub use ask::{
    Anchor, Asked, CohortStep, FUNNEL_STEPS, Funnel, MAX_COHORTS, MAX_JOURNEY_PAGES, MAX_JOURNEY_STEPS,
    MAX_VISITS, RawFunnel, RawJourney, RawProperties, RawQueries, RawRetention, RawStep, RawTimeline,
    RawVisits, Scope, VisitCursor,
};
pub use check::{Context, Include, Pagination, RawQuery, Times};
pub use explore::{
    Cohort, Covered, FunnelAnswer, JourneyAnswer, JourneyStep, PropertiesAnswer, PropertyKey,
    RetentionAnswer, TimelineAnswer, TimelineEvent, TimelineVisit, VisitRow, VisitsAnswer,
};
pub use filter::{Filter, Op, Test};
pub use goal::{Goal, GoalOn, MAX_GOAL_TESTS, PropertyOp, PropertyTest};
pub use names::{Dimension, Metric, VisitField};
pub use origin::{Origin, united};
pub use range::{DateRange, Moment};
pub use zone::{Civil, Step, Zone};

/// Most metrics of a query.
pub const MAX_METRICS: usize = 24;
/// Most dimensions of a query: each one multiplies the groups.
pub const MAX_DIMENSIONS: usize = 4;
/// Most tests in the filters of a query, segments included.
pub const MAX_TESTS: usize = 100;
/// Most values of a test.
pub const MAX_VALUES: usize = 1_000;
/// Deepest nesting of filters: they are walked by recursion.
pub const MAX_DEPTH: usize = 8;
/// Longest text in a filter, bytes.
pub const MAX_VALUE_BYTES: usize = 2_048;
/// Most rows of an answer, Plausible's own limit.
pub const MAX_LIMIT: usize = 10_000;
/// Most goals of a query.
pub const MAX_GOALS: usize = 100;
/// Most steps of a time dimension.
pub const MAX_STEPS: usize = 100_000;

/// Why a query is refused. The text says what to do; of the query it repeats only names of its own language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct QueryError {
    /// Where in the query, such as `filters`.
    pub place: &'static str,
    /// What is wrong and what would be right.
    pub what: String,
}

impl QueryError {
    /// An error at a place of the query.
    pub fn new(place: &'static str, what: impl Into<String>) -> Self {
        Self { place, what: what.into() }
    }
}

/// A set of metric definitions: what a bounce, a duration, a visitor and a visit are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Definitions {
    /// Engaged time decides.
    #[default]
    LiveInsight,
    /// As Plausible counts.
    Plausible,
    /// As Google Analytics 4 counts.
    Ga4,
}

/// By what rows are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A metric, by its place in the query.
    Metric(usize),
    /// A dimension, by its place in the query.
    Dimension(usize),
}

/// One key of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// By what.
    pub key: Key,
    /// The largest first.
    pub descending: bool,
}

/// A range of time with its steps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Period {
    /// Unix milliseconds, the end not included.
    pub range: Range<u64>,
    /// Where the steps of a time dimension begin, ascending, and where the last ends. The first may begin before
    /// the range and the last end after it. Empty without such a dimension.
    pub edges: Vec<u64>,
}

/// A checked query: it can be run without a second look.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The site.
    pub site_id: String,
    /// What to measure; at least one.
    pub metrics: Vec<Metric>,
    /// By what to group; at most [`MAX_DIMENSIONS`], at most one of them [`Dimension::Time`].
    pub dimensions: Vec<Dimension>,
    /// Which actions count. All of them have to hold.
    pub filters: Vec<Filter>,
    /// The order of rows, complete: ties are broken by dimensions.
    pub order: Vec<Order>,
    /// Which rows.
    pub pagination: Pagination,
    /// What to tell besides.
    pub include: Include,
    /// What words mean.
    pub definitions: Definitions,
    /// Goals; empty: every name of a conversion is one.
    pub goals: Vec<Goal>,
    /// The range and its steps.
    pub period: Period,
    /// What to compare with.
    pub comparison: Option<Period>,
    /// The site's clock over both ranges.
    pub zone: Zone,
    /// The filters as they were asked, for the answer's `query`.
    pub asked_filters: Vec<serde_json::Value>,
    /// Where the site's numbers come from, of any range.
    pub origin: Origin,
}

impl Query {
    /// A query of everything in a range; the fields can be set one by one.
    pub fn new(metrics: Vec<Metric>, dimensions: Vec<Dimension>, range: Range<u64>) -> Self {
        let order = check::default_order(&metrics, &dimensions);
        Self {
            site_id: String::new(),
            metrics,
            dimensions,
            filters: Vec::new(),
            order,
            pagination: Pagination::default(),
            include: Include::default(),
            definitions: Definitions::default(),
            goals: Vec::new(),
            period: Period { range, edges: Vec::new() },
            comparison: None,
            zone: Zone::UTC,
            asked_filters: Vec::new(),
            origin: Origin::default(),
        }
    }

    /// What has to be told of where the numbers of its answer come from.
    pub fn origin(&self) -> Origin {
        let periods = std::iter::once(&self.period).chain(&self.comparison);
        self.origin.within(periods.map(|period| &period.range))
    }

    /// The query as it was understood, for the answer: names, absolute times, defaults filled in.
    pub fn echo(&self) -> serde_json::Value {
        let moment = |at: u64| self.zone.print(at);
        let range = |period: &Period| [moment(period.range.start), moment(period.range.end)];
        let order = self.order.iter().map(|order| {
            let name = match order.key {
                Key::Metric(place) => self.metrics.get(place).map(|metric| metric.name().to_owned()),
                Key::Dimension(place) => self.dimensions.get(place).map(Dimension::name),
            };
            (name.unwrap_or_default(), if order.descending { "desc" } else { "asc" })
        });
        let mut echo = serde_json::json!({
            "site_id": self.site_id,
            "metrics": self.metrics.iter().map(|metric| metric.name()).collect::<Vec<_>>(),
            "dimensions": self.dimensions.iter().map(Dimension::name).collect::<Vec<_>>(),
            "date_range": range(&self.period),
            "filters": self.asked_filters,
            "order_by": order.collect::<Vec<_>>(),
            "pagination": self.pagination,
            "definitions": self.definitions,
        });
        if let (Some(period), Some(fields)) = (&self.comparison, echo.as_object_mut()) {
            fields.insert("compare".into(), serde_json::json!(range(period)));
        }
        echo
    }
}

#[cfg(test)]
mod tests;
