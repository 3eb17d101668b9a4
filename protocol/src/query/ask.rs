//! Questions that are no table: funnels, retention, journeys, lists of visits and timelines. Each names its site, its
//! range, its filters and its definitions as a [`RawQuery`] does, and beside them what is here.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::limits::MAX_QUERIES;

use super::{Definitions, Goal, PropertyTest, QueryError, RawQuery, Step, goal};

/// Most rows of a list of visits, and most visits of a timeline.
pub const MAX_VISITS: usize = 500;
/// Most pages that are listed at each step of a journey.
pub const MAX_JOURNEY_PAGES: usize = 20;

/// Fewest and most steps of a funnel.
pub const FUNNEL_STEPS: std::ops::RangeInclusive<usize> = 2..=8;
/// Most steps of a journey.
pub const MAX_JOURNEY_STEPS: usize = 10;
/// Most cohorts of a retention table: it grows with their square.
pub const MAX_COHORTS: usize = 400;

/// A step of a funnel: a `page`, an `event`, or a `goal` of the site by its name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct RawStep {
    /// A page view whose path matches the pattern, as with [`GoalOn::Page`](super::GoalOn::Page).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// A click, a conversion or a custom event of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// A goal of the site, by its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<String>,
    /// What the properties of a page view or an event have to be besides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub props: Vec<PropertyTest>,
}

/// A row of steps that visitors are hoped to take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RawFunnel {
    /// What has to happen, in this order; two to eight.
    #[cfg_attr(feature = "openapi", schema(min_items = 2, max_items = 8))]
    pub steps: Vec<RawStep>,
    /// Whether nothing may happen in between: each step is the visitor's very next action.
    #[serde(default)]
    pub strict: bool,
    /// Milliseconds from the first step within which the others have to follow; a week when absent.
    #[serde(default = "a_week")]
    pub window_ms: u64,
}

pub(crate) fn a_week() -> u64 {
    7 * 24 * 3_600_000
}

/// A checked funnel: see [`RawFunnel`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Funnel {
    steps: Vec<Goal>,
    strict: bool,
    window_ms: u64,
}

impl RawFunnel {
    /// Checks the number and the length of the steps, and looks up those that are goals of the site.
    ///
    /// # Errors
    /// There are too few or too many steps, one is none, empty or too long, or names a goal that is not there.
    pub fn check(self, goals: &[Goal]) -> Result<Funnel, QueryError> {
        let wrong = |what: &str| QueryError::new("steps", what);
        if !FUNNEL_STEPS.contains(&self.steps.len()) {
            return Err(wrong("a funnel has 2 to 8 steps"));
        }
        let step = |(number, step): (usize, RawStep)| {
            let RawStep { page, event, goal, props } = step;
            match (goal, goal::on(page, event)) {
                (Some(name), None) if props.is_empty() => {
                    let found = goals.iter().find(|goal| goal.name == name).cloned();
                    found.ok_or_else(|| wrong("there is no goal of this name on this site"))
                }
                (None, Some(on)) => Ok(Goal { props, ..Goal::new(number.to_string(), on) }),
                _ => Err(wrong(
                    "a step has either a `page`, an `event` or a `goal`; a `goal` has its own `props`",
                )),
            }
        };
        let steps: Vec<Goal> = (1..).zip(self.steps).map(step).collect::<Result<_, _>>()?;
        if !steps.iter().all(Goal::is_sound) {
            return Err(wrong("a step is empty or too long, or has too many tests of properties"));
        }
        Ok(Funnel { steps, strict: self.strict, window_ms: self.window_ms })
    }
}

impl Funnel {
    /// The steps; those that are no goal of the site are named by their numbers.
    pub fn steps(&self) -> &[Goal] {
        &self.steps
    }

    /// Whether nothing may happen in between.
    pub fn is_strict(&self) -> bool {
        self.strict
    }

    /// Milliseconds from the first step within which the others have to follow.
    pub fn window_ms(&self) -> u64 {
        self.window_ms
    }
}

/// From where a journey is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    /// From the first page view of each visit on.
    Start,
    /// From the last page view of each visit back.
    End,
    /// From the first view of a page that matches a pattern on.
    After(String),
    /// From the first view of a page that matches a pattern back.
    Before(String),
}

/// Where a visit stands in a list of visits: printed `<start>-<visitor>`, the visitor as in [`VisitRow::visitor`](super::VisitRow::visitor).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct VisitCursor {
    /// When it began, Unix milliseconds.
    pub started_at: u64,
    /// The number of its visitor.
    pub visitor: u64,
}

impl VisitCursor {
    /// Reads what [`VisitsAnswer::next`](super::VisitsAnswer::next) says.
    pub fn parse(text: &str) -> Option<Self> {
        let (start, visitor) = text.split_once('-').filter(|(_, visitor)| visitor.len() == 16)?;
        Some(Self { started_at: start.parse().ok()?, visitor: u64::from_str_radix(visitor, 16).ok()? })
    }
}

impl std::fmt::Display for VisitCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{:016x}", self.started_at, self.visitor)
    }
}

/// What all questions here have in common.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Scope {
    /// The site.
    pub site_id: String,
    /// See [`DateRange`](super::DateRange). Only the timeline of one visit needs none.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    #[cfg_attr(feature = "openapi", schema(value_type = Value))]
    pub date_range: Value,
    /// Lists that begin with an operator.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Vec<Value>>))]
    pub filters: Vec<Value>,
    /// What words mean.
    #[serde(default)]
    pub definitions: Definitions,
}

/// Names of the fields of [`Scope`].
const SCOPE: [&str; 4] = ["site_id", "date_range", "filters", "definitions"];

/// A question: what it is asked of, and what is asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Asked<T> {
    /// Of what.
    #[serde(flatten)]
    pub scope: Scope,
    /// What.
    #[serde(flatten)]
    pub what: T,
}

impl<T: DeserializeOwned> Asked<T> {
    /// Reads a body.
    ///
    /// # Errors
    /// It is no JSON object, lacks a field, or has one that is not known.
    pub fn parse(body: &[u8]) -> Result<Self, QueryError> {
        let fields = serde_json::from_slice(body);
        Self::of(fields.map_err(|error| QueryError::new("query", error.to_string()))?)
    }

    /// Reads the fields of a body.
    ///
    /// # Errors
    /// One is missing, or is not known.
    pub fn of(mut fields: serde_json::Map<String, Value>) -> Result<Self, QueryError> {
        let wrong = |error: serde_json::Error| QueryError::new("query", error.to_string());
        // Not collected: that would bring a sort along into what pages load.
        let mut scope = serde_json::Map::new();
        for (name, value) in SCOPE.into_iter().filter_map(|name| fields.remove_entry(name)) {
            scope.insert(name, value);
        }
        Ok(Self {
            scope: serde_json::from_value(Value::Object(scope)).map_err(wrong)?,
            what: serde_json::from_value(Value::Object(fields)).map_err(wrong)?,
        })
    }
}

impl Scope {
    /// As a question of visitors, so that it is checked like any other; with steps of time if they are given.
    pub fn query(self, step: Option<Step>) -> RawQuery {
        RawQuery {
            site_id: self.site_id,
            metrics: vec!["visitors".to_owned()],
            date_range: self.date_range,
            filters: self.filters,
            dimensions: step.map(|step| format!("time:{}", step.name())).into_iter().collect(),
            definitions: self.definitions,
            ..RawQuery::default()
        }
    }
}

/// Several queries about one site: each as a [`RawQuery`], but without `site_id`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawQueries {
    /// The site.
    pub site_id: String,
    /// The queries; at most [`MAX_QUERIES`].
    pub queries: Vec<serde_json::Map<String, Value>>,
}

impl RawQueries {
    /// Reads a body. Of each query it is said whether it is one; the site is filled in.
    ///
    /// # Errors
    /// The whole is none, or there are too many queries.
    #[allow(clippy::type_complexity, reason = "the outer error is the whole's, the inner one a query's")]
    pub fn parse(body: &[u8]) -> Result<Vec<Result<RawQuery, QueryError>>, QueryError> {
        let wrong = |error: serde_json::Error| QueryError::new("query", error.to_string());
        let Self { site_id, queries } = serde_json::from_slice(body).map_err(wrong)?;
        if !(1..=MAX_QUERIES).contains(&queries.len()) {
            return Err(QueryError::new("queries", format!("ask 1 to {MAX_QUERIES} queries at once")));
        }
        let one = |mut query: serde_json::Map<String, Value>| {
            if query.contains_key("site_id") {
                return Err(QueryError::new("query", "the site is named once, for all queries"));
            }
            query.insert("site_id".into(), site_id.clone().into());
            serde_json::from_value(Value::Object(query)).map_err(wrong)
        };
        Ok(queries.into_iter().map(one).collect())
    }
}

/// Which cohorts there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CohortStep {
    /// Those who came first on the same day.
    Day,
    /// Those who came first in the same week.
    #[default]
    Week,
    /// Those who came first in the same month.
    Month,
}

impl CohortStep {
    /// As a step of time.
    pub fn step(self) -> Step {
        match self {
            Self::Day => Step::Day,
            Self::Week => Step::Week,
            Self::Month => Step::Month,
        }
    }
}

/// Who comes back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct RawRetention {
    /// Which cohorts there are; weeks when absent.
    pub step: CohortStep,
}

/// Which properties events have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RawProperties {}

/// Which ways visits take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct RawJourney {
    /// From where they are told: from the first page view on when absent.
    pub anchor: Anchor,
    /// How many pages, the one they are told from included; at most [`MAX_JOURNEY_STEPS`].
    pub steps: usize,
    /// How many of the most frequent pages are listed at each; at most [`MAX_JOURNEY_PAGES`].
    pub limit: usize,
}

impl Default for RawJourney {
    fn default() -> Self {
        Self { anchor: Anchor::Start, steps: 4, limit: 5 }
    }
}

impl RawJourney {
    /// Checks it.
    ///
    /// # Errors
    /// It asks for too much.
    pub fn check(self) -> Result<Self, QueryError> {
        if !(1..=MAX_JOURNEY_STEPS).contains(&self.steps) {
            return Err(QueryError::new("steps", format!("a journey has 1 to {MAX_JOURNEY_STEPS} steps")));
        }
        limit(self.limit, MAX_JOURNEY_PAGES)?;
        match &self.anchor {
            Anchor::After(text) | Anchor::Before(text) if !goal::fits(text) => {
                Err(QueryError::new("anchor", "the pattern of a page is empty or too long"))
            }
            _ => Ok(self),
        }
    }
}

/// Which visits there were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct RawVisits {
    /// How many; at most [`MAX_VISITS`].
    pub limit: usize,
    /// The `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

impl Default for RawVisits {
    fn default() -> Self {
        Self { limit: 50, before: None }
    }
}

impl RawVisits {
    /// Where to begin, and how many there shall be.
    ///
    /// # Errors
    /// It asks for too much, or `before` is none.
    pub fn check(&self) -> Result<(Option<VisitCursor>, usize), QueryError> {
        let before = match &self.before {
            Some(text) => {
                let cursor = VisitCursor::parse(text);
                Some(cursor.ok_or_else(|| QueryError::new("before", "give the `next` of the page before"))?)
            }
            None => None,
        };
        Ok((before, limit(self.limit, MAX_VISITS)?))
    }
}

/// What a visitor did: in one visit, or in all of the range.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RawTimeline {
    /// The visitor: as in a list of visits, or the id that the browser keeps.
    pub visitor: String,
    /// When the visit began, to the millisecond; all visits when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<u64>,
    /// How many visits, the latest ones; at most [`MAX_VISITS`].
    #[serde(default = "many")]
    pub limit: usize,
}

fn many() -> usize {
    50
}

impl RawTimeline {
    /// Checks it.
    ///
    /// # Errors
    /// It asks for too much.
    pub fn check(&self) -> Result<usize, QueryError> {
        limit(self.limit, MAX_VISITS)
    }
}

fn limit(asked: usize, most: usize) -> Result<usize, QueryError> {
    if (1..=most).contains(&asked) {
        return Ok(asked);
    }
    Err(QueryError::new("limit", format!("`limit` is 1 to {most}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parsed<T: DeserializeOwned>(value: &Value) -> Result<Asked<T>, String> {
        Asked::parse(value.to_string().as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn question_is_read_as_it_is_printed() {
        let asked = Asked {
            scope: Scope { site_id: "shop".into(), date_range: json!("7d"), ..Scope::default() },
            what: RawFunnel {
                steps: vec![RawStep { page: Some("/".into()), ..RawStep::default() }; 2],
                strict: true,
                window_ms: 1,
            },
        };
        assert_eq!(parsed(&serde_json::to_value(&asked).unwrap()), Ok(asked));
        let retention: Asked<RawRetention> =
            parsed(&json!({ "site_id": "shop", "date_range": "7d", "step": "day" })).unwrap();
        let query = retention.scope.query(Some(retention.what.step.step()));
        assert_eq!(query.dimensions, ["time:day"]);
    }

    #[test]
    fn field_that_is_not_known_is_refused() {
        let odd = json!({ "site_id": "shop", "date_range": "7d", "metrics": ["visitors"] });
        assert!(parsed::<RawVisits>(&odd).unwrap_err().contains("unknown field `metrics`"));
        assert!(parsed::<RawVisits>(&json!({ "date_range": "7d" })).is_err());
        assert!(parsed::<RawVisits>(&json!([])).is_err());
    }

    #[test]
    fn queries_are_read_one_by_one() {
        let read = |value: &Value| RawQueries::parse(value.to_string().as_bytes());
        let query = json!({ "metrics": ["visitors"], "date_range": "7d" });
        let all = read(&json!({ "site_id": "shop", "queries": [query, { "date_range": "7d" }] })).unwrap();
        assert_eq!(all[0].as_ref().unwrap().site_id, "shop");
        assert!(all[1].as_ref().unwrap_err().what.contains("metrics"));
        assert!(read(&json!({ "site_id": "shop", "queries": [] })).is_err());
        assert!(read(&json!({ "site_id": "shop", "queries": vec![query; MAX_QUERIES + 1] })).is_err());
    }

    #[test]
    fn steps_name_goals_of_the_site() {
        let goals = [Goal::new("Signup", goal::GoalOn::Event("signup".into()))];
        let step = |value: Value| -> RawStep { serde_json::from_value(value).unwrap() };
        let funnel = |second| {
            let steps = vec![step(json!({ "page": "/" })), step(second)];
            RawFunnel { steps, strict: false, window_ms: 1 }.check(&goals).map_err(|error| error.what)
        };
        assert_eq!(funnel(json!({ "goal": "Signup" })).unwrap().steps()[1], goals[0]);
        assert!(funnel(json!({ "goal": "Other" })).unwrap_err().contains("no goal"));
        for odd in [json!({}), json!({ "page": "/", "event": "e" }), json!({ "goal": "Signup", "page": "/" })]
        {
            assert!(funnel(odd).is_err());
        }
    }

    #[test]
    fn what_asks_for_too_much_is_refused() {
        assert!(RawVisits { limit: MAX_VISITS + 1, before: None }.check().is_err());
        assert!(RawVisits { limit: 1, before: Some("7".into()) }.check().is_err());
        let cursor = VisitCursor { started_at: 7, visitor: 9 };
        let visits = RawVisits { limit: 1, before: Some(cursor.to_string()) };
        assert_eq!(visits.check().unwrap(), (Some(cursor), 1));
        assert!(RawJourney { steps: 0, ..RawJourney::default() }.check().is_err());
        assert!(RawJourney { limit: 99, ..RawJourney::default() }.check().is_err());
        assert!(
            RawJourney { anchor: Anchor::After(String::new()), ..RawJourney::default() }.check().is_err()
        );
    }
}
