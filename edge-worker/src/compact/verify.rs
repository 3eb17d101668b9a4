//! Checking a day: counts the rows plainly, one by one, and compares with what a question over segments is answered.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use analytics::ask::{Asking, RowsOf};
use analytics::{EventDim, Kind};
use protocol::query::{Dimension, Filter, Metric, Op, Query, Value};
pub use protocol::report::Difference;

use crate::site::Site;
use crate::store::segments::AskError;
use crate::store::{Store, StoreError};

const HOUR_MS: u64 = 3_600_000;

/// How many numbers were compared, and those that differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// All.
    pub compared: usize,
    /// Those that differ.
    pub differences: Vec<Difference>,
}

/// Distinct visitors and visits, and how many of whatever is counted.
#[derive(Default)]
struct Counts {
    visitors: HashSet<[u8; 16]>,
    visits: HashSet<([u8; 16], [u8; 16])>,
    views: u64,
    events: u64,
}

/// Numbers by what they are of.
type Numbers = BTreeMap<String, u64>;

/// Compares a range, such as a day.
///
/// # Errors
/// [`AskError`] when the store does not answer, a segment is damaged, there are too many pages, or more than
/// `max_events` events ([`StoreError::TooManyEvents`]).
pub async fn verify(
    store: &Store,
    site: &Site,
    range: &Range<u64>,
    now: u64,
    max_events: u64,
) -> Result<Verified, AskError> {
    let rows = from_rows(store, site, range, max_events).await?;
    let answered = from_questions(store, site, range, now).await?;
    let names: HashSet<&String> = rows.keys().chain(answered.keys()).collect();
    let number = |numbers: &Numbers, name| numbers.get(name).copied().unwrap_or(0);
    let mut differences: Vec<Difference> = names
        .iter()
        .map(|name| Difference {
            what: (*name).clone(),
            rows: number(&rows, *name),
            answered: number(&answered, *name),
        })
        .filter(|it| it.rows != it.answered)
        .collect();
    differences.sort_unstable_by(|a, b| a.what.cmp(&b.what));
    Ok(Verified { compared: names.len(), differences })
}

async fn from_rows(
    store: &Store,
    site: &Site,
    range: &Range<u64>,
    max_events: u64,
) -> Result<Numbers, StoreError> {
    let mut groups: BTreeMap<String, Counts> = BTreeMap::new();
    let mut seen = HashSet::new();
    store
        .each_row(site, range, &mut |row| {
            // Heartbeats measure; they are nothing that happened.
            if row.kind == Kind::Heartbeat || !seen.insert(row.id) {
                return Ok(());
            }
            if seen.len() as u64 > max_events {
                return Err(StoreError::TooManyEvents);
            }
            let is_view = row.kind == Kind::PageView;
            let mut names = vec![String::new(), format!("hour {}", row.at - row.at % HOUR_MS)];
            if is_view {
                names.push(format!("page {}", row.texts[EventDim::Path.index()]));
            }
            for name in names {
                let group = groups.entry(name).or_default();
                group.visitors.insert(*row.user.as_bytes());
                group.visits.insert((*row.user.as_bytes(), *row.session.as_bytes()));
                group.views += u64::from(is_view);
                group.events += 1;
            }
            Ok(())
        })
        .await?;
    let mut numbers = Numbers::new();
    for (name, counts) in groups {
        let all = [counts.visitors.len() as u64, counts.visits.len() as u64, counts.views, counts.events];
        numbers.extend(METRICS.iter().zip(all).map(|(metric, number)| (named(*metric, &name), number)));
    }
    Ok(numbers)
}

const METRICS: [Metric; 4] = [Metric::Visitors, Metric::Visits, Metric::PageViews, Metric::Events];

fn named(metric: Metric, of: &str) -> String {
    format!("{} {of}", metric.name()).trim_end().to_owned()
}

async fn from_questions(
    store: &Store,
    site: &Site,
    range: &Range<u64>,
    now: u64,
) -> Result<Numbers, AskError> {
    let mut numbers = Numbers::new();
    let views = Filter::test(Dimension::EventName, Op::Is, &["pageview"]);
    let edges: Vec<u64> = (range.start..=range.end).step_by(HOUR_MS as usize).collect();
    for (dimensions, filters, prefix) in [
        (Vec::new(), Vec::new(), ""),
        (vec![Dimension::Time(protocol::query::Step::Hour)], Vec::new(), "hour "),
        (vec![Dimension::Page], vec![views], "page "),
    ] {
        let mut query = Query::new(METRICS.to_vec(), dimensions, range.clone());
        query.filters = filters;
        query.pagination.limit = usize::MAX;
        query.period.edges.clone_from(&edges);
        let mut asking = Asking::new(RowsOf { query: &query });
        store.ask(site, &mut asking, now).await?;
        let answer = asking.finish()?;
        for row in answer.results {
            let label = row.dimensions.first().map_or("", String::as_str);
            let of = match prefix {
                "hour " => {
                    edges.iter().find(|edge| query.zone.label(protocol::query::Step::Hour, **edge) == label)
                }
                _ => None,
            };
            let of = of.map_or_else(|| format!("{prefix}{label}"), |edge| format!("{prefix}{edge}"));
            for (metric, value) in METRICS.iter().zip(row.metrics) {
                if let Value::Count(number) = value
                    && number > 0
                {
                    numbers.insert(named(*metric, &of), number);
                }
            }
        }
    }
    Ok(numbers)
}
