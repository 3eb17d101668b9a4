//! What a dashboard shows first, answered in one pass.

use std::ops::Range;

use serde::Serialize;

use super::answer::Value;

/// Sums over a range; rates are made of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Distinct visitors.
    pub visitors: u64,
    /// Visits.
    pub visits: u64,
    /// Page views.
    pub page_views: u64,
    /// Visits that bounced.
    pub bounces: u64,
    /// Durations of the visits together, milliseconds.
    pub duration_ms: u64,
    /// Engaged times of the visits together, milliseconds.
    pub engaged_ms: u64,
}

impl Totals {
    /// Share of visits that bounced.
    pub fn bounce_rate(&self) -> Value {
        if self.visits == 0 { Value::Absent } else { Value::Share(self.bounces, self.visits) }
    }

    /// Mean duration of a visit.
    pub fn visit_duration(&self) -> Value {
        if self.visits == 0 { Value::Absent } else { Value::Duration(self.duration_ms, self.visits) }
    }

    /// Mean page views of a visit.
    pub fn views_per_visit(&self) -> Value {
        if self.visits == 0 { Value::Absent } else { Value::Mean(self.page_views, self.visits) }
    }
}

/// A step of the time series.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SeriesPoint {
    /// When it begins, Unix milliseconds.
    pub at: u64,
    /// Distinct visitors with an action in it.
    pub visitors: u64,
    /// Visits.
    pub visits: u64,
    /// Page views.
    pub page_views: u64,
}

/// A row of a breakdown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CardRow {
    /// The value; empty when unknown.
    pub name: String,
    /// Distinct visitors.
    pub visitors: u64,
    /// Visits.
    pub visits: u64,
    /// Page views.
    pub page_views: u64,
}

/// A breakdown: the largest groups by visitors, equal ones by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Card {
    /// Name of the dimension.
    pub dimension: String,
    /// How many groups there are in all.
    pub total_rows: u64,
    /// The first of them.
    pub rows: Vec<CardRow>,
}

/// Everything a dashboard shows first.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct OverviewAnswer {
    /// The range, Unix milliseconds.
    pub range: Range<u64>,
    /// Sums over the range.
    pub totals: Totals,
    /// Sums over the range compared with.
    pub comparison: Option<Totals>,
    /// One point for every step, those without visitors included.
    pub series: Vec<SeriesPoint>,
    /// The breakdowns, as asked.
    pub cards: Vec<Card>,
    /// Visits that were looked at.
    pub visits_scanned: u64,
    /// Events that were looked at or skipped as part of a visit, heartbeats included.
    pub events_scanned: u64,
    /// The first and the last action there was to look at, Unix milliseconds.
    pub data_span: Option<(u64, u64)>,
}
