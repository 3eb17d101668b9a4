//! The platform, wrapped in values that undo themselves.

pub mod api;
pub mod clock;
pub mod countries;
pub mod engine;
pub mod intl;
pub mod keys;
pub mod listener;
pub mod page;
pub mod poll;
pub mod resize;
pub mod socket;
pub mod world;
pub mod zone;
