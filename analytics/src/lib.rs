//! Metric definitions and the query engine: from the distinct accepted events of a range to the numbers a
//! dashboard shows. Runs natively, in the worker and, later, in the dashboard itself.
//!
//! No I/O, no clock: a query is a pure function of the facts it is given. Facts may come in any order and
//! more than once; the answer is that of the set of distinct events.

mod fact;
mod overview;

pub use fact::{Fact, FactKind};
pub use overview::{BOUNCE_ENGAGED_MS, overview};
