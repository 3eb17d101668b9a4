//! Questions that are no table: funnels, retention, journeys and timelines, and their answers.

use serde::{Deserialize, Serialize};

use super::{Goal, GoalOn, MAX_VALUE_BYTES, QueryError};

/// Fewest and most steps of a funnel.
pub const FUNNEL_STEPS: std::ops::RangeInclusive<usize> = 2..=8;
/// Most steps of a journey.
pub const MAX_JOURNEY_STEPS: usize = 10;
/// Most cohorts of a retention table: it grows with their square.
pub const MAX_COHORTS: usize = 400;

/// A row of steps that visitors are hoped to take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawFunnel {
    /// What has to happen, in this order.
    pub steps: Vec<GoalOn>,
    /// Whether nothing may happen in between: each step is the visitor's very next action.
    #[serde(default)]
    pub strict: bool,
    /// Milliseconds from the first step within which the others have to follow.
    pub window_ms: u64,
}

/// A checked funnel: see [`RawFunnel`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Funnel {
    steps: Vec<Goal>,
    strict: bool,
    window_ms: u64,
}

impl RawFunnel {
    /// Checks the number and the length of the steps.
    ///
    /// # Errors
    /// There are too few or too many steps, or one is empty or too long.
    pub fn check(self) -> Result<Funnel, QueryError> {
        let sound = |on: &GoalOn| {
            let (GoalOn::Page(text) | GoalOn::Event(text)) = on;
            (1..=MAX_VALUE_BYTES).contains(&text.len())
        };
        if !FUNNEL_STEPS.contains(&self.steps.len()) || !self.steps.iter().all(sound) {
            return Err(QueryError::new("steps", "a funnel has 2 to 8 steps, each a `page` or an `event`"));
        }
        let steps = (1..).zip(self.steps).map(|(number, on): (u32, _)| Goal { name: number.to_string(), on });
        Ok(Funnel { steps: steps.collect(), strict: self.strict, window_ms: self.window_ms })
    }
}

impl Funnel {
    /// The steps, named by their numbers.
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

/// What an answer of the kinds here covers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Covered {
    /// Start of the range, Unix milliseconds.
    pub from: u64,
    /// End of the range, not included.
    pub to: u64,
    /// Visits that were looked at.
    pub visits_scanned: u64,
    /// Events that were looked at or skipped as part of a visit.
    pub events_scanned: u64,
    /// The first and the last action there was to look at. Nothing here is estimated.
    pub data_span: Option<(u64, u64)>,
}

/// How many visitors got how far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FunnelAnswer {
    /// Visitors who reached each step; never more than the step before.
    pub visitors: Vec<u64>,
    /// Visitors with any selected action.
    pub all_visitors: u64,
    /// What it covers.
    pub covered: Covered,
}

/// Visitors who came first in the same step of time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Cohort {
    /// When the step begins.
    pub at: u64,
    /// Visitors with an action in this step, the one after it, and so on: the first is the cohort's size.
    pub visitors: Vec<u64>,
}

/// Who came back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RetentionAnswer {
    /// One for each step of time.
    pub cohorts: Vec<Cohort>,
    /// What it covers.
    pub covered: Covered,
}

/// From where a journey is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// A page on a journey.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct JourneyStep {
    /// Path of the page.
    pub page: String,
    /// Visits that came this way.
    pub visits: u64,
    /// Those of them that had no further page.
    pub ended: u64,
    /// Those of them that went on to a page that is not listed.
    pub others: u64,
    /// Where they went on to, the most frequent first.
    pub next: Vec<JourneyStep>,
}

/// Which ways visits take.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct JourneyAnswer {
    /// Visits that have the page the journey is told from.
    pub visits: u64,
    /// Those that begin at a page that is not listed.
    pub others: u64,
    /// The pages the journey is told from, the most frequent first.
    pub steps: Vec<JourneyStep>,
    /// What it covers.
    pub covered: Covered,
}

/// An action on a timeline.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TimelineEvent {
    /// When, Unix milliseconds.
    pub at: u64,
    /// Kind of the event, such as `page_view`.
    pub kind: &'static str,
    /// Host of the page.
    pub host: String,
    /// Path of the page.
    pub path: String,
    /// Title of the page, if the event names it.
    pub title: String,
    /// Name of the event.
    pub name: String,
    /// Page views only: engaged time of the page, milliseconds.
    pub engaged_ms: Option<u32>,
    /// Page views only: scroll depth of the page, per cent.
    pub scroll_percent: Option<u8>,
    /// What it was worth.
    pub revenue: Option<super::Money>,
    /// Properties.
    pub props: Vec<(String, String)>,
}

/// A visit on a timeline.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TimelineVisit {
    /// When it began: the time of its id.
    pub started_at: u64,
    /// Engaged time, milliseconds.
    pub engaged_ms: u32,
    /// Whether it bounced.
    pub bounced: bool,
    /// What is said of it, by name; only what is known.
    pub said: Vec<(&'static str, String)>,
    /// Its actions, in order.
    pub events: Vec<TimelineEvent>,
}
