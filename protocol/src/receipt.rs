//! Receipts: what became of each event of a batch.

use serde::{Deserialize, Serialize};

use crate::outcome::{Outcome, Status};

/// The receipt of one event, in the order of the batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Receipt {
    /// The event's id; `null` when it had none.
    pub id: Option<String>,
    /// What became of it.
    pub status: Status,
    /// Why, unless it was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Outcome>,
    /// Why, in a sentence, and what the worker made of the event; only when asked for with the header
    /// `X-LiveInsight-Debug: 1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Detail>,
}

impl Receipt {
    /// The receipt of an event that came to this end.
    pub fn new(id: Option<String>, outcome: Outcome) -> Self {
        let reason = (outcome != Outcome::Accepted).then_some(outcome);
        Self { id, status: outcome.status(), reason, detail: None }
    }

    /// What became of the event.
    pub fn outcome(&self) -> Outcome {
        self.reason.unwrap_or(Outcome::Accepted)
    }
}

/// What a sender who debugs wants to know of one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Detail {
    /// The outcome in a sentence.
    pub explanation: String,
    /// Attributes the worker made of the request and stores with the event, such as `browser`, `country`,
    /// `source` and `channel`; empty for an event that is not stored.
    pub enriched: std::collections::BTreeMap<String, String>,
}

/// The answer to a batch: `200` when it is stored, `202` when the queue has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchAnswer {
    /// The worker's clock, Unix milliseconds: a tracker can tell how far its own is off.
    pub server_time: u64,
    /// Names the request: the worker's log names it so, too.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub request_id: String,
    /// One receipt for each event of the batch.
    pub receipts: Vec<Receipt>,
    /// Fields that were passed over because the worker does not know them; absent when there are none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unknown_fields: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}
