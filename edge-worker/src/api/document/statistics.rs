//! What those who read statistics send and are given.

use protocol::api::{ActiveSessions, Began, SegmentList};
use protocol::limits::MAX_QUERIES;
use protocol::problem::Code;
use protocol::query::{
    Asked, FunnelAnswer, JourneyAnswer, MAX_LIMIT, Metric, PropertiesAnswer, RawFunnel, RawJourney,
    RawProperties, RawRetention, RawTimeline, RawVisits, RetentionAnswer, Scope, TimelineAnswer,
    VisitsAnswer,
};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{Body, Doc, JSON};
use crate::routes::Run;

fn time() -> Value {
    json!({ "type": "integer", "format": "int64", "minimum": 0 })
}

/// What a route takes and gives.
pub(super) fn describe(run: Run) -> Doc {
    match run {
        Run::ActiveSessions => Doc::new("activeSessions", "Who is here now").gives::<ActiveSessions>(200),
        Run::Live => live(),
        Run::Query => query(),
        Run::Queries => queries(),
        Run::Export => export(),
        Run::Funnel => asked::<RawFunnel, FunnelAnswer>("funnel", "How many visitors take which steps"),
        Run::Retention => {
            asked::<RawRetention, RetentionAnswer>("retention", "Who comes back, by when they came first")
        }
        Run::Journey => {
            asked::<RawJourney, JourneyAnswer>("journey", "Which ways visits take through the pages")
        }
        Run::Properties => {
            asked::<RawProperties, PropertiesAnswer>("properties", "Which properties events have")
        }
        Run::Began => Doc::new("began", "When the site's data begins").gives::<Began>(200),
        Run::Visits => asked::<RawVisits, VisitsAnswer>("visits", "Visits, the newest first, page by page"),
        Run::Timeline => asked::<RawTimeline, TimelineAnswer>(
            "timeline",
            "What a visitor did, in one visit or in all of a range",
        ),
        Run::Segments => between(Doc::new("segments", "What the events of a range are read from"))
            .gives::<SegmentList>(200),
        Run::SegmentTail => {
            binary(between(Doc::new("segmentTail", "Hours of a range that have no segment, as one segment")))
        }
        // One segment; everything else is described elsewhere.
        _ => binary(Doc::new("segment", "The bytes of a segment, which never change"))
            .problems(&[Code::NotFound]),
    }
}

fn export() -> Doc {
    let id = json!({ "type": "string", "format": "uuid" });
    let mut doc = between(Doc::new("export", "Every event of a range with all it says")).query(
        "after",
        "The id of an exported event: what comes after it.",
        false,
        id,
    );
    let format = json!({ "type": "string", "enum": ["ndjson", "csv"] });
    doc = doc.query("format", "For what cannot send `Accept`, such as a link.", false, format);
    doc.schemas.insert("ExportedEvents".into(), json!({ "type": "string" }));
    let media = &["application/x-ndjson", "text/csv"];
    doc.gives = (200, Some(Body { media, schema: "ExportedEvents".into() }));
    doc
}

fn between(doc: Doc) -> Doc {
    doc.query("from", "Start of the range, Unix milliseconds.", true, time()).query(
        "to",
        "End of the range, not included.",
        true,
        time(),
    )
}

fn binary(mut doc: Doc) -> Doc {
    doc.schemas.insert("SegmentBytes".into(), json!({ "type": "string", "format": "binary" }));
    let media = &["application/vnd.liveinsight.segment"];
    doc.gives = (200, Some(Body { media, schema: "SegmentBytes".into() }));
    doc
}

fn live() -> Doc {
    let after = json!({ "type": "string", "pattern": "^[0-9]+[.][0-9]+$" });
    let about = "The last frame of an earlier connection that was taken in, as `epoch.seq`.";
    let summary = "What happens, pushed over a WebSocket in binary frames (protocol/src/live.rs)";
    let mut doc = Doc::new("live", summary).query("after", about, false, after).problems(&[
        Code::UpgradeRequired,
        Code::CrossSite,
        Code::TooManyRequests,
        Code::LiveUnavailable,
    ]);
    doc.gives = (101, None);
    doc
}

fn asked<T: ToSchema, A: ToSchema>(id: &'static str, summary: &'static str) -> Doc
where
    Asked<T>: ToSchema,
{
    let mut doc = Doc::new(id, summary).takes::<Asked<T>>().gives::<A>(200);
    // What a type with a parameter is flattened out of is not among what it is made of.
    doc.add::<Scope>();
    doc.add::<T>();
    doc.problems(&[Code::InvalidParameter, Code::BodyTooLarge])
}

fn queries() -> Doc {
    let mut doc = Doc::new("queries", "Several questions about one site, answered in their order");
    let mut one = question();
    if let Some(fields) = one["properties"].as_object_mut() {
        fields.remove("site_id");
    }
    one["required"] = json!(["metrics", "date_range"]);
    let refused =
        json!({ "type": "object", "properties": { "problem": { "$ref": "#/components/schemas/Problem" } } });
    doc.schemas.extend([
        ("QueryAnswer".to_owned(), answer()),
        (
            "Queries".to_owned(),
            json!({
                "type": "object",
                "required": ["site_id", "queries"],
                "additionalProperties": false,
                "properties": {
                    "site_id": { "type": "string", "pattern": "^[a-z0-9._-]{1,64}$" },
                    "queries": { "type": "array", "minItems": 1, "maxItems": MAX_QUERIES, "items": one },
                },
            }),
        ),
        (
            "QueriesAnswer".to_owned(),
            json!({
                "type": "object",
                "required": ["results"],
                "properties": {
                    "results": { "type": "array", "items": { "anyOf": [{ "$ref": "#/components/schemas/QueryAnswer" }, refused] } },
                },
            }),
        ),
    ]);
    doc.takes = Some(Body { media: JSON, schema: "Queries".into() });
    doc.gives = (200, Some(Body { media: JSON, schema: "QueriesAnswer".into() }));
    doc.problems(&[Code::InvalidParameter, Code::BodyTooLarge])
}

/// `protocol::query` reads questions with clear errors of its own, so the schema is written by hand.
fn query() -> Doc {
    let mut doc = Doc::new("query", "Any question over a site's events, as in Plausible's Stats API v2");
    doc.schemas.extend([("Query".to_owned(), question()), ("QueryAnswer".to_owned(), answer())]);
    doc.takes = Some(Body { media: JSON, schema: "Query".into() });
    doc.gives = (200, Some(Body { media: JSON, schema: "QueryAnswer".into() }));
    doc.problems(&[Code::InvalidParameter, Code::BodyTooLarge])
}

fn question() -> Value {
    let metrics: Vec<&str> = Metric::ALL.iter().map(|metric| metric.name()).collect();
    let text = || json!({ "type": "string" });
    json!({
        "type": "object",
        "required": ["site_id", "metrics", "date_range"],
        "additionalProperties": false,
        "properties": {
            "site_id": { "type": "string", "pattern": "^[a-z0-9._-]{1,64}$" },
            "metrics": { "type": "array", "minItems": 1, "uniqueItems": true, "items": { "type": "string", "enum": metrics } },
            "date_range": {
                "description": "`day`, `24h`, `7d`, `28d`, `30d`, `91d`, `month`, `6mo`, `12mo`, `year`, `all`, or two dates or times (ISO 8601).",
                "oneOf": [text(), { "type": "array", "minItems": 2, "maxItems": 2, "items": text() }],
            },
            "dimensions": { "type": "array", "maxItems": 4, "items": text() },
            "filters": { "type": "array", "description": "Lists that begin with an operator: `[\"is\", \"event:page\", [\"/\"]]`.", "items": { "type": "array" } },
            "order_by": { "type": "array", "items": { "type": "array", "minItems": 2, "maxItems": 2, "items": text() } },
            "include": {
                "type": "object",
                "properties": {
                    "total_rows": { "type": "boolean" },
                    "time_labels": { "type": "boolean" },
                    "imports": { "type": "boolean" },
                    "compare": { "oneOf": [text(), { "type": "array", "minItems": 2, "maxItems": 2, "items": text() }] },
                },
            },
            "pagination": {
                "type": "object",
                "properties": {
                    "limit": { "type": "integer", "minimum": 1, "maximum": MAX_LIMIT },
                    "offset": { "type": "integer", "minimum": 0 },
                },
            },
            "definitions": { "type": "string", "enum": ["live_insight", "plausible", "ga4"] },
            "goals": { "type": "array", "items": { "type": "object" } },
        },
    })
}

fn answer() -> Value {
    json!({
        "type": "object",
        "required": ["results", "meta", "query"],
        "properties": {
            "results": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["metrics", "dimensions"],
                    "properties": {
                        "metrics": { "type": "array", "items": {} },
                        "dimensions": { "type": "array", "items": { "type": "string" } },
                        "comparison": { "type": "array", "items": {} },
                    },
                },
            },
            "meta": { "type": "object" },
            "query": { "type": "object" },
        },
    })
}

#[cfg(test)]
mod tests {
    use protocol::query::Definitions;

    use super::*;

    #[test]
    fn definition_sets_have_the_names_that_are_read() {
        let names = question()["properties"]["definitions"]["enum"].clone();
        let sets = [Definitions::LiveInsight, Definitions::Plausible, Definitions::Ga4];
        assert_eq!(names, serde_json::to_value(sets).unwrap());
    }
}
