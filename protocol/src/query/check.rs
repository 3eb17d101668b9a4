//! From what was sent to a query that can be run.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::filter::{Reader, shown};
use super::names::{Dimension, Metric};
use super::{
    DateRange, Definitions, Filter, Goal, Key, MAX_DIMENSIONS, MAX_LIMIT, MAX_METRICS, Order, Origin, Period,
    Query, QueryError, Zone, goal,
};

/// A query as it was sent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawQuery {
    /// The site.
    pub site_id: String,
    /// Names of metrics.
    pub metrics: Vec<String>,
    /// See [`DateRange`].
    pub date_range: Value,
    /// Lists that begin with an operator.
    #[serde(default)]
    pub filters: Vec<Value>,
    /// Names of dimensions; `time` alone stands for a step that suits the range.
    #[serde(default)]
    pub dimensions: Vec<String>,
    /// Pairs of a metric or dimension and `asc` or `desc`.
    #[serde(default)]
    pub order_by: Vec<(String, String)>,
    /// What to tell besides.
    #[serde(default)]
    pub include: Include,
    /// Which rows.
    #[serde(default)]
    pub pagination: Pagination,
    /// What words mean.
    #[serde(default)]
    pub definitions: Definitions,
    /// Goals besides the site's own; of one name they stand in place of them.
    #[serde(default)]
    pub goals: Vec<Goal>,
}

/// What an answer tells besides its rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Include {
    /// How many rows there are in all.
    pub total_rows: bool,
    /// The labels of all steps of the time dimension, those without a row as well.
    pub time_labels: bool,
    /// Taken and without effect: what was imported is always counted, and `meta.origin` says where it is.
    pub imports: bool,
    /// `previous_period`, `year_over_year`, or a date range to compare with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compare: Option<Value>,
}

/// Which rows of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pagination {
    /// How many; at most [`MAX_LIMIT`].
    pub limit: usize,
    /// After how many.
    pub offset: usize,
}

impl Default for Pagination {
    fn default() -> Self {
        Self { limit: MAX_LIMIT, offset: 0 }
    }
}

/// What the caller has worked out of `date_range`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times {
    /// The range, Unix milliseconds, the end not included.
    pub range: Range<u64>,
    /// The range to compare with.
    pub comparison: Option<Range<u64>>,
    /// The site's clock over both.
    pub zone: Zone,
}

/// What the caller knows of the site.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Context {
    /// The site's goals.
    pub goals: Vec<Goal>,
    /// Saved filters by id.
    pub segments: BTreeMap<String, Vec<Value>>,
    /// Where its numbers come from.
    pub origin: Origin,
}

impl Context {
    /// Reads filters.
    ///
    /// # Errors
    /// They are none, or too many; the text says why.
    pub fn filters(&self, filters: &[Value]) -> Result<Vec<Filter>, QueryError> {
        Reader { segments: &self.segments, tests: 0 }.list(filters, 0)
    }
}

impl RawQuery {
    /// Reads a body.
    ///
    /// # Errors
    /// It is no JSON, lacks a field, or has one that is not known.
    pub fn parse(body: &[u8]) -> Result<Self, QueryError> {
        // serde's text names fields and types; the value it may quote is the sender's own.
        serde_json::from_slice(body).map_err(|error| QueryError::new("query", error.to_string()))
    }

    /// The range asked for, to be worked out by someone with a clock.
    ///
    /// # Errors
    /// It is none of the known forms.
    pub fn date_range(&self) -> Result<DateRange, QueryError> {
        DateRange::parse(&self.date_range)
    }

    /// The range to compare with, given the range asked for.
    ///
    /// # Errors
    /// `include.compare` is none of the known forms.
    pub fn comparison(
        &self,
        range: &Range<u64>,
        now: u64,
        zone: &Zone,
        began: u64,
    ) -> Result<Option<Range<u64>>, QueryError> {
        match &self.include.compare {
            None => Ok(None),
            Some(Value::String(name)) if name == "previous_period" => Ok(Some(zone.period_before(range))),
            Some(Value::String(name)) if name == "year_over_year" => Ok(Some(zone.year_before(range))),
            Some(value @ Value::Array(_)) => DateRange::parse(value)?.resolve(now, zone, began).map(Some),
            Some(_) => Err(QueryError::new(
                "include.compare",
                "use `previous_period`, `year_over_year` or two dates",
            )),
        }
    }

    /// Checks everything but the range, which the caller has worked out.
    ///
    /// # Errors
    /// Something is not known, not supported together, or too much; the text says what.
    pub fn check(self, times: &Times, context: &Context) -> Result<Query, QueryError> {
        let metrics = metrics(&self.metrics)?;
        let dimensions = dimensions(&self.dimensions, &times.range)?;
        let filters = context.filters(&self.filters)?;
        let goals = goal::united(&context.goals, self.goals)?;
        supported_together(&metrics, &dimensions, &filters)?;
        if !(1..=MAX_LIMIT).contains(&self.pagination.limit) {
            return Err(QueryError::new("pagination", format!("`limit` is 1 to {MAX_LIMIT}")));
        }
        let step = dimensions.iter().find_map(|dimension| match dimension {
            Dimension::Time(step) => Some(*step),
            _ => None,
        });
        let period = |range: Range<u64>| {
            let edges = step.map_or(Some(Vec::new()), |step| times.zone.edges(step, range.clone()));
            let edges = edges.ok_or_else(|| {
                QueryError::new("dimensions", "the range has too many steps: ask for a longer step")
            })?;
            Ok(Period { range, edges })
        };
        Ok(Query {
            site_id: self.site_id,
            order: order(&self.order_by, &metrics, &dimensions)?,
            filters,
            pagination: self.pagination,
            include: self.include,
            definitions: self.definitions,
            goals,
            period: period(times.range.clone())?,
            comparison: times.comparison.clone().map(period).transpose()?,
            zone: times.zone.clone(),
            asked_filters: self.filters,
            origin: context.origin.clone(),
            metrics,
            dimensions,
        })
    }
}

fn metrics(names: &[String]) -> Result<Vec<Metric>, QueryError> {
    if !(1..=MAX_METRICS).contains(&names.len()) {
        return Err(QueryError::new("metrics", format!("name 1 to {MAX_METRICS} metrics")));
    }
    let mut seen = Vec::new();
    let metric = |name: &String| match Metric::from_name(name) {
        None => {
            let (name, known) = (shown(name), Metric::NAMES.join(", "));
            Err(QueryError::new("metrics", format!("there is no `{name}`; there are {known}")))
        }
        Some(metric) if seen.contains(&metric) => Err(QueryError::new("metrics", "name each metric once")),
        Some(metric) => {
            seen.push(metric);
            Ok(metric)
        }
    };
    names.iter().map(metric).collect()
}

fn dimensions(names: &[String], range: &Range<u64>) -> Result<Vec<Dimension>, QueryError> {
    let refused = |what: String| QueryError::new("dimensions", what);
    if names.len() > MAX_DIMENSIONS {
        return Err(refused(format!("name at most {MAX_DIMENSIONS} dimensions")));
    }
    let mut dimensions = Vec::with_capacity(names.len());
    for name in names {
        let dimension = match name.as_str() {
            "time" => Some(Dimension::Time(DateRange::step_of(range))),
            "visit:country_name" => {
                return Err(refused(
                    "use `visit:country`: codes are kept, names depend on the reader".into(),
                ));
            }
            name => Dimension::from_name(name),
        };
        let dimension = dimension.ok_or_else(|| refused(format!("there is no `{}`", shown(name))))?;
        let is_time = matches!(dimension, Dimension::Time(_));
        if dimensions.contains(&dimension)
            || is_time && dimensions.iter().any(|other| matches!(other, Dimension::Time(_)))
        {
            return Err(refused("name each dimension once, and one step of time".into()));
        }
        dimensions.push(dimension);
    }
    Ok(dimensions)
}

fn supported_together(
    metrics: &[Metric],
    dimensions: &[Dimension],
    filters: &[Filter],
) -> Result<(), QueryError> {
    let has = |metric| metrics.contains(&metric);
    let asks_goal = dimensions.contains(&Dimension::Goal)
        || filters.iter().any(|filter| filter.any(&|test| test.dimension.is_of_goal()));
    if has(Metric::GroupConversionRate) && dimensions.is_empty() {
        let what = "`group_conversion_rate` needs a dimension; without one use `conversion_rate`";
        return Err(QueryError::new("metrics", what));
    }
    // Plausible refuses conversion rates without a goal; ours count any goal then, which is well defined.
    if has(Metric::BounceRate) && asks_goal && dimensions.contains(&Dimension::Page) {
        let what =
            "`bounce_rate` by page has no meaning among actions that reach a goal: leave one of them out";
        return Err(QueryError::new("metrics", what));
    }
    Ok(())
}

/// Time first, then the first metric, largest first, then all dimensions.
pub(super) fn default_order(metrics: &[Metric], dimensions: &[Dimension]) -> Vec<Order> {
    let mut order = Vec::new();
    let times = dimensions.iter().enumerate().filter(|(_, dimension)| dimension.is_time());
    order.extend(times.map(|(place, _)| Order { key: Key::Dimension(place), descending: false }));
    if !metrics.is_empty() {
        order.push(Order { key: Key::Metric(0), descending: true });
    }
    ties(&mut order, dimensions);
    order
}

/// Completes an order with the dimensions it does not name, so that no two rows are equal.
fn ties(order: &mut Vec<Order>, dimensions: &[Dimension]) {
    for place in 0..dimensions.len() {
        let key = Key::Dimension(place);
        if !order.iter().any(|order| order.key == key) {
            order.push(Order { key, descending: false });
        }
    }
}

fn order(
    asked: &[(String, String)],
    metrics: &[Metric],
    dimensions: &[Dimension],
) -> Result<Vec<Order>, QueryError> {
    if asked.is_empty() {
        return Ok(default_order(metrics, dimensions));
    }
    let mut order = Vec::with_capacity(asked.len());
    for (name, direction) in asked {
        let dimension = |dimension: &Dimension| {
            dimension.name() == *name || name == "time" && matches!(dimension, Dimension::Time(_))
        };
        let metric = metrics.iter().position(|metric| metric.name() == name).map(Key::Metric);
        let key = metric.or_else(|| dimensions.iter().position(dimension).map(Key::Dimension));
        let key = key.ok_or_else(|| {
            QueryError::new("order_by", "order by metrics and dimensions that are in the query")
        })?;
        let descending = match direction.as_str() {
            "asc" => false,
            "desc" => true,
            _ => return Err(QueryError::new("order_by", "a direction is `asc` or `desc`")),
        };
        if order.iter().any(|order: &Order| order.key == key) {
            return Err(QueryError::new("order_by", "order by each metric or dimension once"));
        }
        order.push(Order { key, descending });
    }
    ties(&mut order, dimensions);
    Ok(order)
}
