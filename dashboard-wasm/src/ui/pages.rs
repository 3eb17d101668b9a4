//! The pages, one module each.

pub mod behaviour;
pub mod live;
pub mod operator;
pub mod overview;
pub mod sessions;
pub mod settings;
