//! Everything that can be decided without a browser.

pub mod answer;
pub mod breakdown;
pub mod chart;
pub mod clock;
pub mod curve;
pub mod definitions;
pub mod donut;
pub mod failure;
pub mod filter;
pub mod format;
pub mod i18n;
pub mod pace;
pub mod params;
pub mod period;
pub mod presence;
pub mod query;
pub mod question;
pub mod route;
pub mod stat;
pub mod tab;
pub mod theme;
pub mod ticks;
pub mod time;
pub mod view;
pub mod window;
