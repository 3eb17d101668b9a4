//! Answers to small histories written by hand.

mod definitions;
mod dimensions;
mod explore;
mod filters;
mod history;
mod laws;
mod metrics;
