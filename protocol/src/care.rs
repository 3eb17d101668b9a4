//! Data care: erasing a person or a visit, deleting a site, and what is known of such work while it goes on.
//!
//! Times are Unix milliseconds.

use serde::{Deserialize, Serialize};

/// `POST /api/sites/{site_id}/erasures`: what is to be erased. Exactly one of these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewErasure {
    /// The site's own id of a person: everything of every visitor that was seen with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_id: Option<String>,
    /// A visitor: the id that the browser keeps, or the derived one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visitor_id: Option<String>,
    /// One visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
}

/// What a task does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// Erases a person, a visitor or a visit.
    Erasure,
    /// Deletes a site.
    Deletion,
    /// Deletes what a shorter retention no longer keeps.
    Retention,
}

/// How far a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// It goes through everything that is stored.
    Running,
    /// Nothing is left; within two hours it looks once more, for what was on its way when it began.
    Settling,
    /// Nothing is left.
    Done,
    /// It cannot be done; see `problem`.
    Failed,
}

/// Work that goes on in the background.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Task {
    /// Names it.
    pub id: String,
    /// The site.
    pub site_id: String,
    /// What it does.
    pub kind: TaskKind,
    /// How far it is.
    pub state: TaskState,
    /// Steps of this pass that are done: days of rows and segments.
    pub steps_done: u64,
    /// Steps of this pass, as far as is known yet.
    pub steps: u64,
    /// Rows that were deleted so far, in all tables.
    pub rows_deleted: u64,
    /// Segments that were written anew or deleted so far.
    pub segments_changed: u64,
    /// Visitors that were found so far; of an erasure alone.
    pub visitors: u64,
    /// When it was asked for.
    pub created_at: u64,
    /// When it last went on.
    pub updated_at: u64,
    /// When it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<u64>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// Tasks, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tasks {
    /// All that are remembered: for 400 days after they are done.
    pub tasks: Vec<Task>,
}
