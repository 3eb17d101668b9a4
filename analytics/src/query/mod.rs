//! Questions and answers: what every number of LiveInsight means, to the letter.
//!
//! # What a question runs over
//!
//! - **Actions** are page views, clicks, conversions and custom events. Heartbeats are none: they measure.
//! - **The range** is `[from, to)`, Unix milliseconds. An action is *in range* when its time is. The caller
//!   loads events from 24 hours before `from` on, so that visits that began before the range are whole.
//! - **What is said of a visit** (source, device, entry page, whether it bounced, how long it lasted) comes from
//!   *all of its events that are loaded*, in range or not. **Counts of events** are of events in range.
//! - **Filters** are tests of one action and its visit. An action is *selected* when it is in range and the
//!   filters hold for it. A visit is selected when an action of it is; a visitor, when a visit is.
//!   `has_done` and `has_not_done` ask of the visit whether any action in range passes the inner filter.
//!   Negated tests (`is_not`, ...) hold for an action exactly when the test itself does not.
//! - **Groups**: each selected action falls into one group for each combination of values of the dimensions:
//!   none at all if it has no value (see below), several if it reaches several goals.
//!
//! # Values of dimensions
//!
//! - *Page* and *host* of a page view are its own. Those of another action are its own if it names any (each
//!   by itself), else those of its page: of the page's first page view, whatever it says, else of the
//!   first event that names one. Path and host of a page without a view may come from two events. The page's name
//!   is not bound to the range.
//! - *Title*: of page views, their own, empty or not; other actions have one only if they name it.
//! - *Event name*: `pageview` for page views; for others their name, or if they have none the name of their
//!   kind: `click`, `conversion`, `custom`.
//! - *Goals*: those of the query. A goal by event is reached by a click, conversion or custom event of that
//!   name; a goal by page by a page view whose path matches its pattern; the tests of properties a goal may have
//!   besides have to hold of the event, in the way filters test (an event without the property is `(none)`). A query without goals takes each
//!   name of a conversion for one, reached by conversions of that name. A conversion without a name reaches the
//!   goal named by the empty text, not one named `conversion`: only its *event name* is that of its kind.
//! - *Property*: its value, or `(none)` for an action without it.
//! - *Entry and exit page and host*: those of the first and the last page view of the visit; empty without one.
//! - *Time*: the time step of the action, by the edges given. *Hour of day* (`00` to `23`) and *weekday*
//!   (`1`, Monday, to `7`) are those of the zone given. A visit counts in each step in which it has a selected
//!   action.
//! - All others are said of the visit. Unknown is the empty text.
//!
//! # Metrics, of the selected actions of a group
//!
//! | metric | is |
//! |---|---|
//! | visitors | distinct visitors |
//! | visits | distinct visits |
//! | page views, events | page views; actions of all kinds |
//! | views per visit | page views / visits |
//! | bounce rate | visits that bounced / visits. With the dimension *page*, of visits that entered on that page alone (by the path of their first page view) |
//! | visit duration | mean of the visits' durations |
//! | engaged time | mean, or percentile, of the visits' engaged times |
//! | time on page | mean engaged time of the pages opened in the group, of those that reported any |
//! | scroll depth | mean of the largest depth of the pages opened in the group, of those that reported any |
//! | conversions | actions that reach a goal, each once |
//! | conversion rate | visitors with an action that reaches a goal / all visitors of the query, whatever goal, property and event name its filters ask for |
//! | group conversion rate | the same over the visitors of the group, whatever goal, property and event name |
//! | total and average revenue | sum, and sum / count, of amounts by currency |
//! | entry rate, exit rate | page views that are the first, or last, of their visit / page views |
//! | percentage | visitors / visitors of the query without dimensions |
//!
//! - A *page opened in the group* is a page (one page id) whose first page view of all that are loaded is a
//!   selected action of the group.
//! - *Engaged time of a page* is the largest value any loaded heartbeat of the page reported; of a visit, the
//!   sum over its pages. *Scroll depth* likewise.
//! - "Whatever goal, property and event name": the denominators leave out every top-level filter that names
//!   one of the three anywhere inside, and groups leave out these dimensions.
//! - A share of nothing and a mean of nothing are absent, not 0.
//! - *Percentile* p of n values: the one of rank ⌈p·n⌉ in ascending order. Exact up to 4,096 values in a
//!   group; above, the middle of a class of a histogram of 64 classes an octave: off by at most 0.8 % of the
//!   value, and reported so.
//!
//! # Definition sets
//!
//! A visit is what has one session id, under every set.
//!
//! | | LiveInsight | Plausible-like | GA4-like |
//! |---|---|---|---|
//! | a visit bounces with | exactly one page view, no click, no conversion, under 10 s engaged | fewer than two page views and no other action | under 10 s engaged, no conversion, fewer than two page views |
//! | duration of a visit | its engaged time | from its first to its last action | its engaged time |
//! | a visitor is | a user id | a user id on one UTC day; a visit belongs to the day it began (the time of its id) | a user id |
//! | visits count | in each group with a selected action | the same | where they began: only if the first loaded action of the visit is in range, and only in the group of the time steps (hour, weekday) in which that action lies |
//!
//! Under GA4-like bounce rate, durations, and engaged times are over the visits that count.
//!
//! # Order
//!
//! Rows are ordered as asked; by default by time first, then by the first metric, largest first. Equal rows are
//! ordered by the texts of their dimensions, bytewise (time by time), so that no order depends on chance. An
//! absent value is smaller than any other; money is ordered by the amount of its first currency, by code.

mod bundle;
mod columns;
mod definition;
mod dense;
mod expression;
mod filter;
mod goals;
mod groups;
mod index;
mod measure;
mod money;
mod partial;
mod pattern;
mod run;
mod scan;
mod sketch;
mod source;
mod task;
mod time;
mod times;
mod visitors;

pub(crate) use goals::Goals;
pub(crate) use index::{at, moment};
pub(crate) use money::{Amounts, one};
pub(crate) use partial::Partial;
pub(crate) use scan::{Block, Scan};
pub(crate) use source::{Input, Run, Source};
pub(crate) use time::Steps;
pub(crate) use visitors::{covered, for_each_visitor};

pub use columns::columns;
pub use index::Index;
pub use pattern::wildcard;
pub use run::{run, run_all};

#[cfg(test)]
mod tests;
