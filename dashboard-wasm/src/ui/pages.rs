//! The pages, one module each.

pub mod live;
pub mod overview;
pub mod settings;
