//! What the worker says of its own doings: the ledger of outcomes and the quarantine.
//!
//! Times are Unix milliseconds, days `YYYY-MM-DD` in UTC.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::outcome::Outcome;

/// `GET /api/sites/{site_id}/ledger`: what became of the events that arrived. What is sent twice counts twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LedgerAnswer {
    /// The worker's clock when it answered. What arrived in the last half minute may still be missing.
    pub generated_at: u64,
    /// Events by outcome, over all hours asked for.
    pub totals: BTreeMap<Outcome, u64>,
    /// The hours in which something arrived, in order.
    pub hours: Vec<LedgerHour>,
    /// What each outcome that occurs means, in a sentence.
    pub explanations: BTreeMap<Outcome, String>,
}

/// One hour of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LedgerHour {
    /// Its start.
    pub at: u64,
    /// Events by outcome.
    pub counts: BTreeMap<Outcome, u64>,
}

/// Longest range of the ledger, in days: as long as it is kept.
pub const MAX_LEDGER_DAYS: u64 = 90;

/// `GET /api/sites/{site_id}/quarantine?day=…`: batches that were kept apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuarantineAnswer {
    /// The day.
    pub day: String,
    /// The batches, at most 100.
    pub batches: Vec<QuarantinedBatch>,
    /// What to ask for as `after` to get the next ones; absent when there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A batch in the quarantine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuarantinedBatch {
    /// Names the batch among those of its day.
    pub id: String,
    /// Why it is here.
    pub reason: Outcome,
    /// Name of the bot, if it is a known one; empty otherwise.
    pub bot: String,
    /// What it calls itself.
    pub user_agent: String,
    /// Path of its first page view; empty without one.
    pub path: String,
    /// Host of its referrer; empty without one.
    pub referrer: String,
    /// ISO 3166-1 alpha-2 code; empty when unknown.
    pub country: String,
    /// Its number of events.
    pub events: u64,
    /// When it arrived.
    pub received_at: u64,
}

/// `POST /api/sites/{site_id}/quarantine/release` and `…/purge`: which batches are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuarantineSelection {
    /// The day.
    pub day: String,
    /// The batches by id, at most 100; all of the day when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<String>>,
    /// Of all of the day, only those with this reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Outcome>,
}

/// What was done to the quarantine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuarantineDone {
    /// Batches that were released or purged.
    pub batches: u64,
    /// Whether there may be more of the day: ask again. One request does a limited number.
    pub more: bool,
}

/// `POST /api/sites/{site_id}/verify`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct VerifyDay {
    /// The day, UTC, as `2026-11-23`.
    pub day: String,
}

/// Whether what questions are answered is what the rows of a day say, counted one by one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VerifyAnswer {
    /// The day.
    pub day: String,
    /// How many numbers were compared: visitors, visits, page views and events of the day, of its hours and its pages.
    pub compared: u64,
    /// Those that differ; none when all is well.
    pub differences: Vec<Difference>,
}

/// A number that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Difference {
    /// Of what.
    pub what: String,
    /// What the rows say.
    pub rows: u64,
    /// What the question was answered.
    pub answered: u64,
}
