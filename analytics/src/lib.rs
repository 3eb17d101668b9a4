//! Metric definitions and the query engine: from the distinct accepted events of a range to the numbers a
//! dashboard shows. Runs natively, in the worker and in the dashboard's Web Worker.
//!
//! No I/O, no clock: a query is a pure function of the events it is given. Events may come in any order and
//! more than once; the answer is that of the set of distinct events.

mod amount;
pub mod ask;
mod bucket;
mod builder;
mod codes;
mod columns;
mod condense;
mod dataset;
mod derive;
mod dict;
mod funnel;
mod intern;
mod journey;
mod merge;
mod properties;
pub mod query;
mod retention;
mod row;
#[cfg(test)]
mod sample;
pub mod segment;
mod shard;
mod sort;
mod timeline;
mod visit_list;
mod without;

pub use amount::Amount;
pub use bucket::{Bucket, Span};
pub use builder::{Builder, TooLarge};
pub use codes::{Code, Codes};
pub use columns::{Column, Columns};
pub use dataset::{Dataset, FLAG_COOKIELESS, FLAG_CORRECTED, Property, Revenue};
pub use dict::{Dict, Texts};
pub use funnel::funnel;
pub use journey::journey;
pub use merge::merge;
pub use retention::retention;
pub use row::{DAY_MS, EventDim, Kind, MAX_OFFSET_MS, MAX_TIME_MS, Row, VisitDim, user_hash};
pub use shard::Shard;
pub use timeline::{visit_timeline, visitor_timeline};
pub use visit_list::{united_visits, visitor_name, visitor_number, visits};
