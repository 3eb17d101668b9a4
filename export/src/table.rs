//! A data set as a table: one row an event, one column a field.

use std::ops::Range;

use analytics::{Dataset, EventDim, Kind, VisitDim};
use serde_json::{Map, Value};

/// A field of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing is known.
    Absent,
    /// A text.
    Text(String),
    /// A number, or a time in Unix milliseconds.
    Number(i64),
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Texts.
    Text,
    /// Numbers.
    Number,
    /// Times, Unix milliseconds.
    Time,
}

/// The columns, in the order of the cells of a row.
///
/// `visitor` is the number of the visitor in hexadecimal, as in lists of visits; `visit_started_at` and
/// `page_opened_at` with it name the visit and the page view. `amount` is a decimal; `props` are JSON.
pub fn columns() -> Vec<(&'static str, Holds)> {
    let first = [
        ("at", Holds::Time),
        ("type", Holds::Text),
        ("visitor", Holds::Text),
        ("visit_started_at", Holds::Time),
        ("page_opened_at", Holds::Time),
    ];
    let events = EventDim::ALL.into_iter().filter(|dim| *dim != EventDim::OddAmount);
    let texts = events.map(EventDim::name).chain(VisitDim::ALL.into_iter().map(VisitDim::name));
    let last = [
        ("amount", Holds::Text),
        ("currency", Holds::Text),
        ("engaged_ms", Holds::Number),
        ("scroll_percent", Holds::Number),
        ("props", Holds::Text),
    ];
    first.into_iter().chain(texts.map(|name| (name, Holds::Text))).chain(last).collect()
}

fn text(text: &str) -> Cell {
    if text.is_empty() { Cell::Absent } else { Cell::Text(text.to_owned()) }
}

fn time(start: u64, offset: i32) -> Cell {
    i64::try_from(start.saturating_add_signed(offset.into())).map_or(Cell::Absent, Cell::Number)
}

/// The rows of the events in a range.
pub fn rows(data: &Dataset, range: &Range<u64>) -> Vec<Vec<Cell>> {
    let mut rows = Vec::with_capacity(data.event_count());
    let mut beats = 0;
    for visit in 0..data.visit_count() {
        let start = data.starts().get(visit).copied().unwrap_or_default();
        let visitor = analytics::visitor_name(data.users().get(visit).copied().unwrap_or_default());
        let of_visit: Vec<Cell> = VisitDim::ALL.map(|dim| text(data.visit(dim).get(visit))).into();
        for event in data.events_of(visit) {
            let kind = data.kinds().get(event).copied().unwrap_or(Kind::Heartbeat);
            let (mut engaged, mut scroll) = (Cell::Absent, Cell::Absent);
            if kind == Kind::Heartbeat {
                let number = |value: Option<i64>| value.map_or(Cell::Absent, Cell::Number);
                engaged = number(data.engaged_ms().get(beats).map(|ms| (*ms).into()));
                scroll = number(data.scroll_percent().get(beats).map(|percent| (*percent).into()));
                beats += 1;
            }
            let at = time(start, data.at().get(event).copied().unwrap_or_default());
            let is_inside = |at: i64| u64::try_from(at).is_ok_and(|at| range.contains(&at));
            if !matches!(at, Cell::Number(at) if is_inside(at)) {
                continue;
            }
            let page = data.pages_of(visit).start + data.page_ordinals().get(event) as usize;
            let page = time(start, data.page_starts().get(page).copied().unwrap_or_default());
            let mut row = vec![at, text(kind.name()), text(&visitor), time(start, 0), page];
            let events = EventDim::ALL.into_iter().filter(|dim| *dim != EventDim::OddAmount);
            row.extend(events.map(|dim| text(data.event(dim).get(event))));
            row.extend(of_visit.iter().cloned());
            row.extend(revenue(data, event));
            row.extend([engaged, scroll, props(data, event)]);
            rows.push(row);
        }
    }
    rows
}

/// Amount and currency.
fn revenue(data: &Dataset, event: usize) -> [Cell; 2] {
    let revenue = data.revenue();
    if let Ok(entry) = revenue.events.binary_search(&(event as u32)) {
        let amount = revenue.amounts.get(entry).map(ToString::to_string).unwrap_or_default();
        return [text(&amount), text(revenue.currencies.get(entry))];
    }
    // What a column of amounts does not hold exactly is kept as it was sent.
    let odd = data.event(EventDim::OddAmount).get(event);
    let (amount, currency) = odd.split_once(' ').unwrap_or((odd, ""));
    [text(amount), text(currency)]
}

fn props(data: &Dataset, event: usize) -> Cell {
    let mut props = Map::new();
    for property in data.properties() {
        if let Ok(entry) = property.events.binary_search(&(event as u32)) {
            props.insert(property.key.to_string(), Value::from(property.values.get(entry)));
        }
    }
    if props.is_empty() { Cell::Absent } else { Cell::Text(Value::Object(props).to_string()) }
}
