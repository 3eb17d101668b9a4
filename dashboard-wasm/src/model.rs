//! Everything that can be decided without a browser.

pub mod answer;
pub mod axis;
pub mod clock;
pub mod csv;
pub mod curve;
pub mod failure;
pub mod filter;
pub mod format;
pub mod graph;
pub mod i18n;
pub mod pace;
pub mod params;
pub mod period;
pub mod presence;
pub mod push;
pub mod query;
pub mod question;
pub mod route;
pub mod settings;
pub mod source;
pub mod stat;
pub mod tab;
pub mod theme;
pub mod time;
pub mod view;
pub mod world;
