//! What can be decided without a browser.

pub mod answer;
pub mod breakdown;
pub mod chart;
pub mod clock;
pub mod curve;
pub mod definitions;
pub mod donut;
pub mod failure;
pub mod format;
pub mod pace;
pub mod period;
pub mod presence;
pub mod query;
pub mod theme;
pub mod ticks;
pub mod time;
