//! Receipts: what became of each event of a batch.

use serde::{Deserialize, Serialize};

/// Why one event was refused. Also the metric's label, so it never holds data of the visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Not an object, or without an id of version 7.
    InvalidEvent,
    /// The id of the page view is missing or malformed.
    InvalidPageId,
    /// `at` differs from the time in the id by more than [`crate::limits::MAX_ID_SKEW_MS`].
    TimeMismatch,
    /// Older than [`crate::limits::MAX_EVENT_AGE_MS`].
    TooOld,
    /// Further ahead than [`crate::limits::MAX_FUTURE_MS`].
    InTheFuture,
    /// A page view without an absolute URL within the limit.
    InvalidUrl,
    /// A click without a known kind of target.
    InvalidTarget,
    /// A conversion or a custom event without a name within the limit.
    InvalidName,
    /// A conversion whose revenue is not a decimal string and a currency.
    InvalidRevenue,
    /// A heartbeat with a value missing or out of range.
    InvalidHeartbeat,
    /// An event of a type this worker does not know: a newer tracker's.
    UnknownType,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Stored. Sending it again changes nothing.
    Accepted,
    /// Not stored; sending it again will not help.
    Rejected,
    /// Not understood and passed over.
    Skipped,
}

/// The receipt of one event, in the order of the batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The event's id; `null` when it had none.
    pub id: Option<String>,
    /// What became of it.
    pub status: Status,
    /// Why, unless it was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// The answer to a batch: `200`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchAnswer {
    /// The worker's clock, Unix milliseconds: a tracker can tell how far its own is off.
    pub server_time: u64,
    /// One receipt for each event of the batch.
    pub receipts: Vec<Receipt>,
}
