//! What the Web Worker relies on: parts and a tail answer as one, columns come when they are asked for, damage is refused.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use analytics::{Bucket, Builder, EventDim, Kind, Row, Span, VisitDim, segment};
use engine_wasm::ask::answer;
use engine_wasm::held::Held;
use protocol::{EventId, PageId, SessionId, UserId};
use serde_json::{Value, json};

/// 2026-11-26T00:00:00Z.
const DAY: u64 = 1_795_651_200_000;
const HOUR: u64 = 3_600_000;

/// A segment with a page view by each of the visitors, one a minute from a time on.
fn part(start: u64, visitors: std::ops::Range<u8>) -> Vec<u8> {
    let mut builder = Builder::default();
    for visitor in visitors {
        let (at, random) = (start + u64::from(visitor) * 60_000, [visitor; 10]);
        let (user, session) = (UserId::new(DAY, &random), SessionId::new(at, &random));
        let id = EventId::new(at, &random);
        let row = Row::new(id, at, user, session, PageId::new(at, &random), Kind::PageView)
            .with(EventDim::Path, if visitor % 2 == 0 { "/even" } else { "/odd" })
            .with(EventDim::Title, "Title")
            .with_visit(VisitDim::Country, "KR");
        builder.push(&row).unwrap();
    }
    segment::write(&builder.finish(), Bucket::of(Span::Day, start)).unwrap()
}

/// Answers to questions of rows.
fn ask(held: &mut Held, queries: &Value) -> Value {
    let rows = queries.as_array().unwrap().iter().map(|query| json!({ "query": query }));
    ask_any(held, &rows.collect())
}

fn ask_any(held: &mut Held, queries: &Value) -> Value {
    let zone = json!({ "first": 32_400, "changes": [] });
    let questions = json!({ "now": DAY + 12 * HOUR, "zone": zone, "began": 0, "queries": queries });
    serde_json::from_str(&answer(held, &questions.to_string()).unwrap()).unwrap()
}

fn pages(dimension: &str) -> Value {
    json!({
        "site_id": "shop", "metrics": ["visitors", "pageviews"], "dimensions": [dimension],
        "date_range": ["2026-11-26T00:00:00Z", "2026-11-26T23:59:59Z"],
    })
}

#[test]
fn parts_and_a_tail_answer_as_one() {
    let mut parts = Held::default();
    parts.add("hour 1".into(), part(DAY, 0..5)).unwrap();
    parts.add("hour 2".into(), part(DAY + HOUR, 3..8)).unwrap();
    // The tail holds an older state of what has been sealed meanwhile: it counts once.
    parts.set_tail(part(DAY + HOUR, 3..6)).unwrap();
    let replies = ask(&mut parts, &json!([pages("event:page")]));
    let results = &replies[0]["answer"]["results"];
    assert_eq!(results[0], json!({ "dimensions": ["/even"], "metrics": [4, 5] }));
    assert_eq!(results[1], json!({ "dimensions": ["/odd"], "metrics": [4, 5] }));
}

#[test]
fn rows_that_are_pushed_count_once_and_a_newer_tail_takes_their_place() {
    let mut held = Held::default();
    held.add("hour 1".into(), part(DAY, 0..5)).unwrap();
    held.set_tail(part(DAY + HOUR, 3..6)).unwrap();
    held.add_rows(part(DAY + HOUR, 5..7)).unwrap();
    held.add_rows(part(DAY + HOUR, 6..8)).unwrap();
    held.add_rows(part(DAY + HOUR, 6..8)).unwrap();
    let pushed = ask(&mut held, &json!([pages("event:page")]));
    assert_eq!(pushed[0]["answer"]["results"][0], json!({ "dimensions": ["/even"], "metrics": [4, 5] }));
    assert_eq!(pushed[0]["answer"]["results"][1], json!({ "dimensions": ["/odd"], "metrics": [4, 5] }));
    held.set_tail(part(DAY + HOUR, 3..8)).unwrap();
    assert_eq!(ask(&mut held, &json!([pages("event:page")])), pushed);
    assert_eq!(held.events(), 10);
}

#[test]
fn segment_that_is_not_kept_no_longer_counts() {
    let mut held = Held::default();
    held.add("a".into(), part(DAY, 0..2)).unwrap();
    held.add("b".into(), part(DAY + HOUR, 2..4)).unwrap();
    assert_eq!(held.events(), 4);
    held.keep(&["b"]);
    assert!(held.has("b") && !held.has("a"));
    assert_eq!(ask(&mut held, &json!([pages("visit:country")]))[0]["answer"]["results"][0]["metrics"][0], 2);
}

#[test]
fn column_that_was_never_asked_for_is_there_when_it_is() {
    let mut held = Held::default();
    held.add("a".into(), part(DAY, 0..3)).unwrap();
    held.prepare().unwrap();
    let replies = ask(&mut held, &json!([pages("event:title")]));
    assert_eq!(replies[0]["answer"]["results"], json!([{ "dimensions": ["Title"], "metrics": [3, 3] }]));
}

#[test]
fn question_that_cannot_be_answered_does_not_spoil_the_others() {
    let mut held = Held::default();
    held.add("a".into(), part(DAY, 0..3)).unwrap();
    let replies = ask(&mut held, &json!([pages("event:mood"), pages("event:page")]));
    assert!(replies[0]["problem"].as_str().unwrap().contains("event:mood"));
    assert!(replies[1]["answer"].is_object());
}

#[test]
fn damaged_segment_is_refused_and_what_was_held_stays() {
    let mut held = Held::default();
    held.add("a".into(), part(DAY, 0..3)).unwrap();
    let mut damaged = part(DAY + HOUR, 3..6);
    damaged[6] ^= 0xff;
    assert!(held.add("b".into(), damaged.clone()).is_err() && held.set_tail(damaged).is_err());
    assert_eq!(held.events(), 3);
}

#[test]
fn conversions_are_those_of_the_sites_goals() {
    let mut held = Held::default();
    held.add("a".into(), part(DAY, 0..5)).unwrap();
    let mut question = pages("event:goal");
    question["metrics"] = json!(["conversions"]);
    let conversions = |held: &mut Held| ask(held, &json!([question]))[0]["answer"]["results"].clone();
    assert_eq!(conversions(&mut held), json!([]));
    // As `GET /api/sites/{site_id}/goals` answers.
    let saved = json!({ "goals": [{ "id": "1", "name": "Even", "page": "/even" }] });
    held.set_saved(&serde_json::from_value(saved).unwrap());
    assert_eq!(conversions(&mut held), json!([{ "dimensions": ["Even"], "metrics": [3] }]));
}

#[test]
fn question_of_every_kind_is_answered_as_the_api_would() {
    let mut held = Held::default();
    held.add("a".into(), part(DAY, 0..4)).unwrap();
    held.add("b".into(), part(DAY + HOUR, 2..4)).unwrap();
    held.prepare().unwrap();
    let of = |fields: Value| {
        let mut all = json!({
            "site_id": "shop", "date_range": ["2026-11-26T00:00:00Z", "2026-11-26T23:59:59Z"],
            "definitions": "live_insight",
        });
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        all
    };
    let twice = json!([{ "page": "/even" }, { "page": "/**" }]);
    let replies = ask_any(
        &mut held,
        &json!([
            { "funnel": of(json!({ "steps": twice, "window_ms": 2 * HOUR })) },
            { "retention": of(json!({ "step": "day" })) },
            { "journey": of(json!({ "anchor": { "after": "/odd" }, "steps": 2 })) },
            { "properties": of(json!({})) },
            { "funnel": of(json!({ "steps": [{ "page": "/" }] })) },
            { "journey": of(json!({ "metrics": ["visitors"] })) },
        ]),
    );
    // Of the visitors 0 to 3, two and three came twice, an hour apart.
    assert_eq!(replies[0]["answer"]["visitors"], json!([2, 1]));
    // The day in UTC is two on the site's clock.
    assert_eq!(replies[1]["answer"]["cohorts"][0]["visitors"], json!([4, 0]));
    assert_eq!(replies[2]["answer"]["visits"], 3);
    assert_eq!(replies[3]["answer"]["properties"], json!([]));
    assert!(replies[4]["problem"].as_str().unwrap().contains("2 to 8 steps"));
    assert!(replies[5]["problem"].as_str().unwrap().contains("unknown field"));
}
