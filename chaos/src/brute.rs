//! Questions and their answers by brute force: over a list of all distinct events, with maps and sets, and nothing of
//! the engine's.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::ledger::What;
use crate::stored::Row;

/// Rows of an answer: values of the dimensions, and the metrics.
pub(crate) type Rows = BTreeMap<Vec<String>, Vec<Value>>;

type Expect = Box<dyn Fn(&[Row]) -> Rows>;

/// A question to `POST /api/v2/query`, and how to work out its answer.
pub(crate) struct Question {
    pub(crate) name: &'static str,
    pub(crate) body: Value,
    pub(crate) expect: Expect,
}

/// An action: an event that is no heartbeat.
fn actions(rows: &[Row]) -> impl Iterator<Item = &Row> {
    rows.iter().filter(|row| !matches!(row.made.what, What::Left { .. }))
}

fn views(rows: &[Row]) -> impl Iterator<Item = (&Row, &str)> {
    rows.iter().filter_map(|row| match &row.made.what {
        What::View { path } => Some((row, path.as_str())),
        _ => None,
    })
}

fn is_view(row: &Row) -> bool {
    matches!(row.made.what, What::View { .. })
}

/// Visitors, visits, page views and events of some actions.
fn counts<'a>(rows: impl Iterator<Item = &'a Row>) -> Vec<Value> {
    let (mut users, mut visits, mut views, mut events) = (BTreeSet::new(), BTreeSet::new(), 0, 0);
    for row in rows {
        users.insert(row.user);
        visits.insert((row.user, row.session));
        views += u64::from(is_view(row));
        events += 1_u64;
    }
    vec![json!(users.len()), json!(visits.len()), json!(views), json!(events)]
}

/// The same by group.
fn grouped<'a>(rows: impl Iterator<Item = (String, &'a Row)>) -> Rows {
    let mut groups: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
    for (group, row) in rows {
        groups.entry(group).or_default().push(row);
    }
    groups.into_iter().map(|(group, rows)| (vec![group], counts(rows.into_iter()))).collect()
}

const COUNTS: [&str; 4] = ["visitors", "visits", "pageviews", "events"];

/// An hour as the API prints it, for a site in UTC.
pub(crate) fn hour(at: u64) -> String {
    let (days, hour) = (at / 86_400_000, at / 3_600_000 % 24);
    // Days of the civil calendar (Howard Hinnant, "chrono-compatible low-level date algorithms").
    let z = days + 719_468;
    let (era, of_era) = (z / 146_097, z % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:00:00")
}

/// All questions.
pub(crate) fn questions() -> Vec<Question> {
    let question = |name, fields: Value, expect: Expect| {
        let mut body = json!({ "metrics": COUNTS });
        if let (Some(body), Value::Object(fields)) = (body.as_object_mut(), fields) {
            body.extend(fields);
        }
        Question { name, body, expect }
    };
    let whole = |counts: Vec<Value>| Rows::from([(Vec::new(), counts)]);
    vec![
        question("totals", json!({}), Box::new(move |rows| whole(counts(actions(rows))))),
        question(
            "by hour",
            json!({ "dimensions": ["time:hour"] }),
            Box::new(|rows| grouped(actions(rows).map(|row| (hour(row.at), row)))),
        ),
        question(
            "by page",
            json!({ "dimensions": ["event:page"], "filters": [["is", "event:name", ["pageview"]]] }),
            Box::new(|rows| grouped(views(rows).map(|(row, path)| (path.to_owned(), row)))),
        ),
        question(
            "by country",
            json!({ "dimensions": ["visit:country"] }),
            Box::new(|rows| grouped(actions(rows).map(|row| (row.made.country.to_owned(), row)))),
        ),
        question(
            "of pages that contain",
            json!({ "filters": [["is", "event:name", ["pageview"]], ["contains", "event:page", ["/products/"]]] }),
            Box::new(move |rows| {
                whole(counts(views(rows).filter(|(_, path)| path.contains("/products/")).map(|(row, _)| row)))
            }),
        ),
        question(
            "of countries that are not, by page",
            json!({ "dimensions": ["event:page"], "filters": [["is_not", "visit:country", ["KR", "US"]], ["is", "event:name", ["pageview"]]] }),
            Box::new(|rows| {
                let others = |row: &Row| row.made.country != "KR" && row.made.country != "US";
                grouped(views(rows).filter(|(row, _)| others(row)).map(|(row, path)| (path.to_owned(), row)))
            }),
        ),
        question(
            "purchases by country",
            json!({
                "metrics": ["visitors", "events", "total_revenue"],
                "dimensions": ["visit:country"],
                "filters": [["is", "event:name", ["purchase"]]],
            }),
            Box::new(purchases),
        ),
        question(
            "by entry page",
            json!({ "metrics": ["visits"], "dimensions": ["visit:entry_page"] }),
            Box::new(|rows| ends(rows, true)),
        ),
        question(
            "by exit page",
            json!({ "metrics": ["visits"], "dimensions": ["visit:exit_page"] }),
            Box::new(|rows| ends(rows, false)),
        ),
    ]
}

fn purchases(rows: &[Row]) -> Rows {
    let mut groups: BTreeMap<&str, (BTreeSet<_>, u64, u64)> = BTreeMap::new();
    for row in rows {
        if let What::Conversion { cents, .. } = &row.made.what {
            let group = groups.entry(row.made.country).or_default();
            group.0.insert(row.user);
            group.1 += 1;
            group.2 += cents;
        }
    }
    let printed = |cents: u64| match (cents / 100, cents % 100) {
        (whole, 0) => whole.to_string(),
        (whole, part) => format!("{whole}.{part:02}").trim_end_matches('0').to_owned(),
    };
    let row = |(country, (users, count, cents)): (&str, (BTreeSet<_>, u64, u64))| {
        let money = json!({ "value": printed(cents), "currency": "EUR" });
        (vec![country.to_owned()], vec![json!(users.len()), json!(count), money])
    };
    groups.into_iter().map(row).collect()
}

/// Visits by their first or last page; those with actions and no page under the empty text.
fn ends(rows: &[Row], is_first: bool) -> Rows {
    let mut ends: BTreeMap<_, ((u64, protocol::EventId), &str)> = BTreeMap::new();
    for (row, path) in views(rows) {
        let place = (row.at, row.id);
        let end = ends.entry((row.user, row.session)).or_insert((place, path));
        if (place < end.0) == is_first && place != end.0 {
            *end = (place, path);
        }
    }
    let mut visits: BTreeMap<&str, u64> = BTreeMap::new();
    for (_, path) in ends.values() {
        *visits.entry(path).or_default() += 1;
    }
    let all: BTreeSet<_> = actions(rows).map(|row| (row.user, row.session)).collect();
    let without_page = (all.len() - ends.len()) as u64;
    if without_page > 0 {
        visits.insert("", without_page);
    }
    visits.into_iter().map(|(path, count)| (vec![path.to_owned()], vec![json!(count)])).collect()
}

/// How many visitors reached each step of a funnel: the shop, then its cart, then a purchase.
pub(crate) fn funnel(rows: &[Row]) -> (Value, Vec<usize>) {
    let steps: [fn(&What) -> bool; 3] = [
        |what| matches!(what, What::View { path } if path == "/shop"),
        |what| matches!(what, What::View { path } if path == "/shop/cart"),
        |what| matches!(what, What::Conversion { .. }),
    ];
    let mut by_user: BTreeMap<_, Vec<&Row>> = BTreeMap::new();
    for row in actions(rows) {
        by_user.entry(row.user).or_default().push(row);
    }
    let mut reached = vec![0; steps.len()];
    for rows in by_user.values_mut() {
        rows.sort_by_key(|row| (row.at, row.id));
        let mut step = 0;
        for row in rows {
            if step < steps.len() && steps[step](&row.made.what) {
                reached[step] += 1;
                step += 1;
            }
        }
    }
    let body = json!({ "steps": [{ "page": "/shop" }, { "page": "/shop/cart" }, { "event": "purchase" }] });
    (body, reached)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_printed_as_the_api_does() {
        assert_eq!(hour(1_763_866_800_123), "2025-11-23 03:00:00");
        assert_eq!(hour(1_709_164_800_000), "2024-02-29 00:00:00");
    }
}
