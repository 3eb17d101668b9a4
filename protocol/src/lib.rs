//! The wire of LiveInsight: what a tracker sends to `POST /events`, what it is answered, and what the
//! read API returns.
//!
//! Types here are *checked*: a value that exists is valid, because the only ways to make one go through a
//! constructor. What arrives is parsed by `decode`, which needs no second validation; what Rust sends is
//! printed by `encode`. Both need the feature `serde`, which the tracker's module is built without.
//!
//! No I/O, no clock, no randomness: time and random bytes are parameters.

#[cfg(feature = "serde")]
pub mod account;
#[cfg(feature = "serde")]
pub mod alert;
#[cfg(feature = "serde")]
pub mod api;
#[cfg(feature = "serde")]
pub mod care;
#[cfg(feature = "serde")]
pub mod clock;
#[cfg(feature = "serde")]
pub mod decode;
#[cfg(feature = "serde")]
pub mod encode;
pub mod event;
pub mod ids;
pub mod limits;
pub mod live;
#[cfg(feature = "serde")]
pub mod metric;
#[cfg(feature = "serde")]
pub mod outcome;
#[cfg(feature = "serde")]
pub mod problem;
#[cfg(feature = "serde")]
pub mod query;
#[cfg(feature = "serde")]
pub mod receipt;
#[cfg(feature = "serde")]
pub mod report;
#[cfg(feature = "serde")]
pub mod saved;
#[cfg(feature = "serde")]
pub mod site;
mod value;

pub use event::{
    Batch, Click, ClickKind, Context, Conversion, Custom, Event, EventKind, Heartbeat, PageView, PersonId,
    Props, Revenue, Size,
};
pub use ids::{EventId, IdError, PageId, SessionId, SiteId, UserId};

/// Version of the batch format, the `v` field of a batch.
pub const WIRE_VERSION: u64 = 1;
