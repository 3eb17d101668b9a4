//! What is asked: the questions of a dashboard's overview as its Web Worker is asked them, of everybody and filtered.
//! Natively and in V8 the same text goes to the same engine.

use analytics::Columns;
use anyhow::{Context, Result};
use engine_wasm::held::Held;
use protocol::query::Zone;
use serde_json::{Value, json};

use super::data::{DAYS, START};
use super::segments::Segments;

/// Milliseconds of a day.
const DAY: u64 = 24 * 60 * 60 * 1_000;

/// Rows of a breakdown.
const ROWS: u32 = 9;

/// The ten breakdowns.
const DIMENSIONS: [&str; 10] = [
    "visit:source",
    "visit:channel",
    "visit:utm_campaign",
    "event:page",
    "visit:entry_page",
    "visit:country",
    "visit:city",
    "visit:browser",
    "visit:os",
    "visit:device",
];

/// The overview of the month. Compared with are the same days begun a day later: all but a few visits count
/// twice, as if as many had come in the days before.
pub(super) fn questions(is_filtered: bool) -> String {
    let ends = |from: u64| [from, from + DAYS * DAY - 1_000].map(|end| Zone::UTC.print(end));
    // One in thirty visits is left.
    let filters = match is_filtered {
        true => json!([["is", "visit:country", ["KR"]], ["has_done", ["contains", "event:page", ["blog"]]]]),
        false => json!([]),
    };
    let ask = |metrics: Value, more: Value| {
        let mut question = json!({
            "site_id": "shop", "date_range": ends(START), "filters": filters, "metrics": metrics,
        });
        if let (Some(question), Value::Object(more)) = (question.as_object_mut(), more) {
            question.extend(more);
        }
        question
    };
    let figures = json!(["visitors", "visits", "pageviews", "bounce_rate", "visit_duration", "conversions"]);
    let totals = ask(figures.clone(), json!({ "include": { "compare": ends(START + DAY) } }));
    let series = ask(figures, json!({ "dimensions": ["time:day"] }));
    let card = |dimension: &str| {
        let page = json!({ "limit": ROWS, "offset": 0 });
        let mut card = ask(json!(["visitors"]), json!({ "dimensions": [dimension], "pagination": page }));
        // Visits without a campaign are not listed.
        if dimension == "visit:utm_campaign"
            && let Some(filters) = card.get_mut("filters").and_then(Value::as_array_mut)
        {
            filters.push(json!(["is_not", dimension, [""]]));
        }
        card
    };
    let all = [totals, series].into_iter().chain(DIMENSIONS.map(card));
    let queries: Vec<Value> = all.map(|query| json!({ "query": query })).collect();
    let zone = json!({ "first": 9 * 60 * 60, "changes": [] });
    json!({ "now": START + 2 * DAYS * DAY, "zone": zone, "began": 0, "queries": queries }).to_string()
}

/// The engine with segments, as the Web Worker gives them to it.
pub(super) fn take(segments: &Segments) -> Result<Held> {
    let mut held = Held::default();
    for (bucket, bytes) in segments {
        held.add(bucket.to_string(), bytes.clone()).context("a segment that was just written is none")?;
    }
    Ok(held)
}

/// Asks it. A question that is not answered is an error.
pub(super) fn ask(held: &mut Held, questions: &str) -> Result<String> {
    let answers = engine_wasm::ask::answer(held, questions)?;
    anyhow::ensure!(!answers.contains("{\"problem\""), "not answered: {answers}");
    Ok(answers)
}

/// The columns the overview reads.
pub(super) fn wanted() -> Columns {
    Held::default().columns()
}
