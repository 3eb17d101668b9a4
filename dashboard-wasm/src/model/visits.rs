//! A list of single visits, and what happened in one.

use protocol::query::{TimelineEvent, VisitRow};

/// Visits that are asked for at once.
pub const PAGE: usize = 50;

/// What names a visit in the list.
pub fn key(visitor: &str, started_at: u64) -> String {
    format!("{started_at}-{visitor}")
}

/// The list once its first page was asked for anew: what is new comes first, and what was loaded beyond that page stays.
/// `is_whole` says that there is nothing beyond it.
pub fn renewed(old: Vec<VisitRow>, first: Vec<VisitRow>, is_whole: bool) -> Vec<VisitRow> {
    let order = |row: &VisitRow| (row.started_at, row.visitor.clone());
    let Some(last) = first.last().map(order) else { return first };
    let rest = old.into_iter().filter(|row| !is_whole && order(row) < last);
    first.into_iter().chain(rest).collect()
}

/// Whether anything happened in a visit that is worth a glance.
pub fn is_news(before: &VisitRow, after: &VisitRow) -> bool {
    before.actions != after.actions
}

/// Something that is said of a visit; empty if it is not known.
pub fn said<'a>(row: &'a VisitRow, name: &str) -> &'a str {
    row.said.get(name).map(String::as_str).unwrap_or_default()
}

/// A stop on a timeline: a page with what was done on it, or something done on no page that is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    /// The page view; nothing for what came before any.
    pub page: Option<TimelineEvent>,
    /// What was done on it.
    pub acts: Vec<TimelineEvent>,
}

/// The stops of a visit, in order.
pub fn stops(events: Vec<TimelineEvent>) -> Vec<Stop> {
    let mut stops: Vec<Stop> = Vec::new();
    for event in events {
        if event.kind == "page_view" {
            stops.push(Stop { page: Some(event), acts: Vec::new() });
        } else if let Some(stop) = stops.last_mut() {
            stop.acts.push(event);
        } else {
            stops.push(Stop { page: None, acts: vec![event] });
        }
    }
    stops
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(started_at: u64, visitor: &str) -> VisitRow {
        VisitRow { started_at, visitor: visitor.into(), ..VisitRow::default() }
    }

    fn starts(rows: &[VisitRow]) -> Vec<u64> {
        rows.iter().map(|row| row.started_at).collect()
    }

    #[test]
    fn new_visits_come_first_and_loaded_pages_stay() {
        let old = vec![row(9, "a"), row(8, "a"), row(7, "a"), row(6, "a")];
        let first = vec![row(11, "a"), row(9, "b"), row(9, "a")];
        assert_eq!(starts(&renewed(old.clone(), first.clone(), false)), [11, 9, 9, 8, 7, 6]);
        assert_eq!(starts(&renewed(old.clone(), first, true)), [11, 9, 9]);
        assert_eq!(renewed(old, Vec::new(), true), []);
    }

    #[test]
    fn what_was_done_stands_under_its_page() {
        let event = |kind: &'static str| TimelineEvent { kind: kind.into(), ..TimelineEvent::default() };
        let events = ["click", "page_view", "click", "conversion", "page_view"].map(event).to_vec();
        let stops = stops(events);
        let shape: Vec<_> = stops.iter().map(|stop| (stop.page.is_some(), stop.acts.len())).collect();
        assert_eq!(shape, [(false, 1), (true, 2), (true, 0)]);
    }
}
