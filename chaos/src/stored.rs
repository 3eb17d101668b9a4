//! What is in the tables afterwards, read by scanning them over the store's own API.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, bail};
use hyper::Request;
use protocol::{EventId, PageId, SessionId, UserId};
use serde_json::{Value, json};

use crate::ledger::{Key, Ledger, Made, What};
use crate::net::{Body, Http};

/// A clock that is wrong is corrected by the moment at which its first request arrived: all times of its visit are off by
/// as long as that took, which is long while the machine is busy.
const MOST_LATE_MS: u64 = 30_000;

/// An event that is stored, with what the driver knows of it.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// When it happened, as stored.
    pub(crate) at: u64,
    pub(crate) id: EventId,
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    pub(crate) made: Made,
}

/// What a comparison of the books with the tables found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Distinct events that are stored.
    pub(crate) rows: Vec<Row>,
    /// Accepted and not there.
    pub(crate) lost: usize,
    /// Rows beyond the first of an event, and elements of visits' rows that count one twice.
    pub(crate) doubled: usize,
    /// Rows that say something else than the event did.
    pub(crate) altered: usize,
    /// Rows of events that nobody made.
    pub(crate) strange: usize,
    /// Stored, and no tracker ever heard so.
    pub(crate) unheard: usize,
    /// Neither stored nor accepted nor refused: of visitors whose browsers keep nothing.
    pub(crate) unsent: usize,
    /// Page views, clicks and conversions that the rows of visits lack.
    pub(crate) missing_in_visits: usize,
    /// Examples of what is wrong.
    pub(crate) examples: Vec<String>,
}

/// Reads all items of a table.
pub(crate) async fn scan(http: &Http, store: &str, table: &str) -> anyhow::Result<Vec<Value>> {
    let (mut items, mut start) = (Vec::new(), Value::Null);
    loop {
        let mut question = json!({ "TableName": format!("liveinsight-{table}"), "ConsistentRead": true });
        if !start.is_null() {
            question["ExclusiveStartKey"] = start;
        }
        let request = Request::post(store)
            .header("x-amz-target", "DynamoDB_20120810.Scan")
            .header("content-type", "application/x-amz-json-1.0")
            // The embedded store wants to be told who asks, and believes it.
            .header(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
            )
            .header("x-amz-date", "20260101T000000Z")
            .body(Body::from(question.to_string()))?;
        let answer = http.send(request).await?;
        if answer.status != 200 {
            bail!("{table} cannot be scanned: {}", String::from_utf8_lossy(&answer.body));
        }
        let mut page: Value = serde_json::from_slice(&answer.body)?;
        if let Some(found) = page["Items"].as_array_mut() {
            items.append(found);
        }
        start = page["LastEvaluatedKey"].take();
        if start.is_null() {
            return Ok(items);
        }
    }
}

fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item[name]["S"].as_str().unwrap_or_default()
}

fn number(item: &Value, name: &str) -> u64 {
    item[name]["N"].as_str().and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Compares the books with the tables.
pub(crate) async fn compare(http: &Http, store: &str, ledger: &Ledger) -> anyhow::Result<Found> {
    judge(&scan(http, store, "Events").await?, &scan(http, store, "Sessions").await?, ledger)
}

fn judge(events: &[Value], sessions: &[Value], ledger: &Ledger) -> anyhow::Result<Found> {
    let mut found = Found::default();
    let mut seen: HashMap<Key, u32> = HashMap::new();
    for item in events {
        let id = EventId::parse(text(item, "sk")).ok().filter(|_| !text(item, "pk").contains("#quarantine#"));
        let Some((id, made)) = id.and_then(|id| Some((id, ledger.made.get(&id.random())?))) else {
            found.strange += 1;
            found.example(|| format!("a row of nobody's event: {item}"));
            continue;
        };
        *seen.entry(id.random()).or_default() += 1;
        if let Some(what) = difference(item, made) {
            found.altered += 1;
            found.example(|| format!("{what} of {made:?} is another: {item}"));
        }
        if seen[&id.random()] == 1 {
            let user = UserId::parse(text(item, "user_id")).ok().context("a row without a visitor")?;
            let session = SessionId::parse(text(item, "session_id")).ok().context("a row without a visit")?;
            found.rows.push(Row { at: number(item, "at"), id, user, session, made: made.clone() });
        } else {
            found.doubled += 1;
            found.example(|| format!("a second row: {item}"));
        }
    }
    for (key, made) in &ledger.made {
        match (seen.contains_key(key), made.accepted) {
            (false, true) => {
                found.lost += 1;
                found.example(|| format!("lost: {made:?}"));
            }
            (true, false) => found.unheard += 1,
            (false, false) if !made.refused => found.unsent += 1,
            _ => {}
        }
    }
    visits(sessions, ledger, &mut found);
    Ok(found)
}

impl Found {
    fn example(&mut self, say: impl FnOnce() -> String) {
        if self.examples.len() < 5 {
            self.examples.push(say());
        }
    }
}

/// What a row says differently from the event it was made of.
fn difference(item: &Value, made: &Made) -> Option<&'static str> {
    if text(item, "type") != made.what.type_name() {
        return Some("the type");
    }
    if PageId::parse(text(item, "page_id")).ok().map(|id| id.random()) != Some(made.page) {
        return Some("the page");
    }
    if text(item, "country") != made.country {
        return Some("the country");
    }
    if number(item, "at").abs_diff(made.at) > MOST_LATE_MS {
        return Some("the time");
    }
    if let Some((user, session)) = made.ids
        && (UserId::parse(text(item, "user_id")).ok().map(|id| id.random()) != Some(user)
            || SessionId::parse(text(item, "session_id")).ok().map(|id| id.random()) != Some(session))
    {
        return Some("the visitor or visit");
    }
    let same = match &made.what {
        What::View { path } => text(item, "path") == path,
        What::Conversion { name, cents } => {
            text(item, "name") == name && text(item, "amount").replace('.', "").parse() == Ok(*cents)
        }
        What::Custom { name } => text(item, "name") == name,
        What::Left { engaged_ms } => number(item, "engaged_ms") == *engaged_ms,
        What::Click => true,
    };
    (!same).then_some("what it says")
}

/// Compares the rows of visits with those of events, element by element. Of a batch that was never accepted and never
/// sent again, as of a browser that keeps nothing, either may be there without the other: nobody was promised anything.
fn visits(items: &[Value], ledger: &Ledger, found: &mut Found) {
    let unaccepted = ledger.made.iter().filter(|(_, made)| !made.accepted);
    let unaccepted: HashSet<String> = unaccepted.map(|(key, _)| hex(&key[7..])).collect();
    let mut expected: HashMap<(String, &'static str), Row> = HashMap::new();
    for row in &found.rows {
        let set = match row.made.what {
            What::View { .. } => "views",
            What::Click => "clicks",
            What::Conversion { .. } => "conversions",
            What::Custom { .. } | What::Left { .. } => continue,
        };
        expected.insert((key_in_visits(&row.id), set), row.clone());
    }
    let mut counted = HashSet::new();
    for item in items {
        let session = text(item, "sk");
        for set in ["views", "clicks", "conversions"] {
            for element in item[set]["SS"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                let key = (element.split(' ').next().unwrap_or_default().to_owned(), set);
                let Some(row) = expected.get(&key) else {
                    if !key.0.get(12..).is_some_and(|tail| unaccepted.contains(tail)) {
                        found.doubled += 1;
                        found.example(|| {
                            format!("counted in the visit {session} and not stored so: {element}")
                        });
                    }
                    continue;
                };
                if row.session.to_string() != session || !counted.insert(key) {
                    found.doubled += 1;
                    found.example(|| format!("counted in the visit {session}, too: {row:?}"));
                }
            }
        }
    }
    for (key, row) in expected {
        if row.made.accepted && !counted.contains(&key) {
            found.missing_in_visits += 1;
            found.example(|| format!("its visit does not count {row:?}"));
        }
    }
}

/// What visits' rows call an event: its time and its last three bytes (`edge-worker/src/store/session.rs`).
fn key_in_visits(id: &EventId) -> String {
    let bytes = id.as_bytes();
    hex(&bytes[..6]) + &hex(&bytes[13..])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_763_866_800_000;

    fn item(id: u8, path: &str) -> Value {
        json!({
            "pk": { "S": "chaos#2025-11-23T03#0" },
            "sk": { "S": EventId::new(NOW, &[id; 10]).to_string() },
            "at": { "N": NOW.to_string() },
            "type": { "S": "page_view" },
            "path": { "S": path },
            "country": { "S": "KR" },
            "user_id": { "S": UserId::new(NOW, &[1; 10]).to_string() },
            "session_id": { "S": SessionId::new(NOW, &[2; 10]).to_string() },
            "page_id": { "S": PageId::new(NOW, &[3; 10]).to_string() },
        })
    }

    /// The row of a visit, with these page views.
    fn visit(visit: u8, views: &[u8]) -> Value {
        let views: Vec<String> =
            views.iter().map(|id| format!("{} /", key_in_visits(&EventId::new(NOW, &[*id; 10])))).collect();
        json!({ "sk": { "S": SessionId::new(NOW, &[visit; 10]).to_string() }, "views": { "SS": views } })
    }

    fn ledger(ids: &[u8]) -> Ledger {
        let mut ledger = Ledger::default();
        for id in ids {
            let made = Made {
                what: What::View { path: "/".into() },
                at: NOW,
                ids: Some((UserId::new(NOW, &[1; 10]).random(), SessionId::new(NOW, &[2; 10]).random())),
                page: PageId::new(NOW, &[3; 10]).random(),
                country: "KR",
                accepted: true,
                refused: false,
            };
            ledger.made.insert(EventId::new(NOW, &[*id; 10]).random(), made);
        }
        ledger
    }

    /// Lost, doubled, altered, of nobody, missing in visits.
    fn wrong(events: &[Value], visits: &[Value], made: &[u8]) -> [usize; 5] {
        let found = judge(events, visits, &ledger(made)).unwrap();
        [found.lost, found.doubled, found.altered, found.strange, found.missing_in_visits]
    }

    #[test]
    fn what_is_stored_once_is_fine_whatever_became_of_its_clock() {
        assert_eq!(wrong(&[item(7, "/"), item(8, "/")], &[visit(2, &[7, 8])], &[7, 8]), [0; 5]);
        let mut corrected = item(7, "/");
        let id = EventId::new(NOW + 900, &[7; 10]);
        corrected["sk"]["S"] = json!(id.to_string());
        corrected["at"]["N"] = json!((NOW + 900).to_string());
        let mut row = visit(2, &[]);
        row["views"]["SS"] = json!([format!("{} /", key_in_visits(&id))]);
        assert_eq!(wrong(&[corrected], &[row], &[7]), [0; 5]);
    }

    #[test]
    fn each_fault_is_found_and_named() {
        assert_eq!(wrong(&[item(7, "/")], &[visit(2, &[7])], &[7, 8]), [1, 0, 0, 0, 0]);
        let mut again = item(7, "/");
        again["sk"]["S"] = json!(EventId::new(NOW + 1, &[7; 10]).to_string());
        assert_eq!(wrong(&[item(7, "/"), again], &[visit(2, &[7])], &[7]), [0, 1, 0, 0, 0]);
        let twice = [visit(2, &[7]), visit(3, &[7])];
        assert_eq!(wrong(&[item(7, "/")], &twice, &[7]), [0, 1, 0, 0, 0]);
        let mut late = visit(2, &[7]);
        let other = key_in_visits(&EventId::new(NOW + 1, &[7; 10]));
        late["views"]["SS"].as_array_mut().unwrap().push(json!(format!("{other} /")));
        assert_eq!(wrong(&[item(7, "/")], &[late], &[7]), [0, 1, 0, 0, 0]);
        assert_eq!(wrong(&[item(7, "/other")], &[visit(2, &[7])], &[7]), [0, 0, 1, 0, 0]);
        assert_eq!(wrong(&[item(9, "/")], &[], &[]), [0, 0, 0, 1, 0]);
        assert_eq!(wrong(&[item(7, "/")], &[visit(2, &[])], &[7]), [0, 0, 0, 0, 1]);
        assert_eq!(wrong(&[item(7, "/")], &[], &[7]), [0, 0, 0, 0, 1]);
        assert_eq!(wrong(&[item(7, "/")], &[visit(3, &[7])], &[7]), [0, 1, 0, 0, 1]);
    }

    #[test]
    fn half_of_what_was_never_accepted_is_no_fault() {
        let mut books = ledger(&[7, 8]);
        books.made.values_mut().for_each(|made| made.accepted = false);
        let found = judge(&[item(7, "/")], &[visit(2, &[8])], &books).unwrap();
        assert_eq!([found.lost, found.doubled, found.strange, found.missing_in_visits], [0; 4]);
        assert_eq!(found.unheard, 1);
    }
}
