//! What senders of events take and give. `protocol::decode` reads batches by hand, so their schema is written by hand
//! as well; a test holds the two to each other.

use protocol::limits;
use protocol::problem::Code;
use protocol::receipt::BatchAnswer;
use serde_json::{Value, json};

use super::{Body, Doc};

/// `text/plain` needs no preflight.
const MEDIA: &[&str] = &["application/json", "text/plain"];

/// `POST /events`.
pub(super) fn events() -> Doc {
    let mut doc = Doc::new("events", "Send a batch of events; each gets a receipt").gives::<BatchAnswer>(200);
    doc.takes = Some(Body { media: MEDIA, schema: "Batch".into() });
    doc.schemas.extend([("Batch".to_owned(), batch()), ("Event".to_owned(), event())]);
    doc.problems(&[
        Code::InvalidJson,
        Code::InvalidBatch,
        Code::UnsupportedVersion,
        Code::EmptyBatch,
        Code::OriginNotAllowed,
        Code::InvalidIngestKey,
        Code::UnknownSite,
        Code::BodyTooLarge,
        Code::TooManyEvents,
        Code::UnsupportedMediaType,
        Code::TooManyRequests,
    ])
    .also(202, "The queue has it, because the store does not answer at the moment.")
}

/// What a door for other products' scripts may refuse.
fn script(doc: Doc) -> Doc {
    doc.problems(&[
        Code::InvalidJson,
        Code::InvalidBatch,
        Code::OriginNotAllowed,
        Code::InvalidIngestKey,
        Code::UnknownSite,
        Code::BodyTooLarge,
        Code::TooManyEvents,
        Code::UnsupportedMediaType,
        Code::TooManyRequests,
    ])
}

fn object(doc: &mut Doc, name: &str, schema: Value) -> String {
    doc.schemas.insert(name.to_owned(), schema);
    name.to_owned()
}

/// `GET /metrics`.
pub(super) fn metrics() -> Doc {
    let mut doc = Doc::new("metrics", "What the answering isolate has measured, as Prometheus reads it");
    let about = "The text format of Prometheus. Read with `METRICS_TOKEN` as a bearer token.";
    let schema = object(&mut doc, "Metrics", json!({ "type": "string", "description": about }));
    doc.gives = (200, Some(Body { media: &["text/plain"], schema }));
    doc.problems(&[Code::NotFound, Code::SignInRequired])
}

/// `GET /p.gif`.
pub(super) fn pixel() -> Doc {
    let string = || json!({ "type": "string" });
    let mut doc = Doc::new("pixel", "A page view of a page without scripts, told by an image")
        .query("site_id", "The site.", true, string())
        .query("url", "The page; the Referer when absent.", false, string())
        .query("referrer", "Where the visitor came from.", false, string())
        .query("title", "Title of the page.", false, string());
    let schema = object(&mut doc, "Pixel", json!({ "type": "string", "contentMediaType": "image/gif" }));
    doc.gives = (200, Some(Body { media: &["image/gif"], schema }));
    doc.problems(&[
        Code::InvalidBatch,
        Code::OriginNotAllowed,
        Code::InvalidIngestKey,
        Code::UnknownSite,
        Code::TooManyRequests,
    ])
}

/// `POST /api/event`.
pub(super) fn plausible() -> Doc {
    let mut doc = Doc::new("plausibleEvent", "An event as Plausible's script and Events API send it");
    let schema = object(
        &mut doc,
        "PlausibleEvent",
        json!({
            "type": "object",
            "description": "By these names or the script's short ones (n, u, d, r, p, $, e, sd).",
            "properties": {
                "name": { "type": "string" },
                "url": { "type": "string" },
                "domain": { "type": "string", "description": "A site's id, domain or alias." },
                "referrer": { "type": "string" },
                "props": { "type": "object" },
                "revenue": { "type": "object" },
            },
        }),
    );
    doc.takes = Some(Body { media: MEDIA, schema });
    let schema = object(&mut doc, "PlausibleAnswer", json!({ "type": "object" }));
    doc.gives = (202, Some(Body { media: &["application/json"], schema }));
    script(doc)
}

fn umami_event() -> Value {
    json!({
        "type": "object",
        "required": ["type", "payload"],
        "properties": {
            "type": { "enum": ["event", "identify", "performance"] },
            "payload": {
                "type": "object",
                "properties": { "website": { "type": "string", "description": "A site's id, alias or domain." } },
            },
        },
    })
}

/// `POST /api/send`.
pub(super) fn umami() -> Doc {
    let mut doc = Doc::new("umamiEvent", "An event as Umami's script sends it");
    let schema = object(&mut doc, "UmamiEvent", umami_event());
    doc.takes = Some(Body { media: MEDIA, schema });
    let schema = object(&mut doc, "UmamiAnswer", json!({ "type": "object" }));
    doc.gives = (200, Some(Body { media: &["application/json"], schema }));
    script(doc)
}

/// `POST /api/batch`.
pub(super) fn umami_batch() -> Doc {
    let mut doc = Doc::new("umamiBatch", "Events as Umami's batches hold them");
    let events = json!({ "type": "array", "maxItems": limits::MAX_EVENTS, "items": umami_event() });
    let schema = object(&mut doc, "UmamiBatch", events);
    doc.takes = Some(Body { media: MEDIA, schema });
    let schema = object(&mut doc, "UmamiBatchAnswer", json!({ "type": "object" }));
    doc.gives = (200, Some(Body { media: &["application/json"], schema }));
    script(doc)
}

fn text(about: &str, most: usize) -> Value {
    json!({ "type": "string", "description": about, "maxLength": most })
}

fn id(about: &str) -> Value {
    let uuid7 = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-7[0-9a-fA-F]{3}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$";
    json!({ "type": "string", "description": about, "pattern": uuid7 })
}

fn number(about: &str, most: u64) -> Value {
    json!({ "type": "integer", "description": about, "minimum": 0, "maximum": most })
}

const TIME: u64 = (1 << 48) - 1;

fn pixels(about: &str) -> Value {
    let edge = json!({ "type": "integer", "minimum": 0, "maximum": limits::MAX_PIXELS });
    json!({ "type": "array", "description": about, "items": edge, "minItems": 2, "maxItems": 2 })
}

fn batch() -> Value {
    json!({
        "type": "object",
        "description": "Events of one visit. What is unknown here is skipped.",
        "required": ["v", "site_id", "user_id", "session_id", "sent_at", "events"],
        "properties": {
            "v": { "const": protocol::WIRE_VERSION, "description": "Version of the format." },
            "site_id": { "type": "string", "description": "The site.", "pattern": "^[a-z0-9._-]{1,64}$" },
            "user_id": id("The visitor."),
            "person_id": text("The site's own id of the person.", limits::MAX_PERSON_BYTES),
            "session_id": id("The visit; begins at the time in the id."),
            "cookieless": { "type": "boolean", "description": "Whether the ids were kept nowhere." },
            "sent_at": number("The sender's clock.", TIME),
            "dropped": number("Events the tracker had to throw away.", u32::MAX.into()),
            "faults": number("How often the tracker failed.", u32::MAX.into()),
            "context": {
                "type": "object",
                "properties": {
                    "language": text("Language tag.", limits::MAX_CONTEXT_BYTES),
                    "time_zone": text("IANA time zone.", limits::MAX_CONTEXT_BYTES),
                    "screen": pixels("Width and height of the screen."),
                    "viewport": pixels("Width and height of the window."),
                    "url": text("Address of the page on show.", limits::MAX_URL_BYTES),
                    "tab": text("Names the browser's tab.", limits::MAX_TAB_BYTES),
                },
            },
            "events": {
                "type": "array",
                "items": { "$ref": "#/components/schemas/Event" },
                "minItems": 1,
                "maxItems": limits::MAX_EVENTS,
            },
        },
    })
}

fn event() -> Value {
    let kinds = ["page_view", "click", "conversion", "custom", "heartbeat"];
    json!({
        "type": "object",
        "description": "What happened. An event that is malformed is refused alone, in its receipt.",
        "required": ["id", "type", "at", "page_id"],
        "properties": {
            "id": id("Made once and kept through every retry."),
            "type": { "type": "string", "examples": kinds },
            "at": number("When it happened.", TIME),
            "page_id": id("The page view it belongs to."),
            "url": text("page_view: address of the page.", limits::MAX_URL_BYTES),
            "referrer": text("page_view: where the visitor came from.", limits::MAX_URL_BYTES),
            "title": text("page_view: title of the page.", limits::MAX_TITLE_BYTES),
            "target": {
                "type": "object",
                "description": "click: what was clicked.",
                "properties": {
                    "kind": { "type": "string", "examples": ["marked", "outbound", "download", "button"] },
                    "name": text("Name the page gave it.", limits::MAX_NAME_BYTES),
                    "text": text("Its text.", limits::MAX_TEXT_BYTES),
                    "href": text("Where it leads.", limits::MAX_URL_BYTES),
                    "selector": text("Where it is in the page.", limits::MAX_TEXT_BYTES),
                },
            },
            "name": text("conversion, custom: its name.", limits::MAX_NAME_BYTES),
            "revenue": {
                "type": "object",
                "description": "conversion: what it is worth.",
                "properties": {
                    "amount": text("A decimal number.", limits::MAX_AMOUNT_BYTES),
                    "currency": { "type": "string", "pattern": "^[A-Z]{3}$" },
                },
            },
            "props": {
                "type": "object",
                "description": "page_view, conversion, custom: properties.",
                "maxProperties": limits::MAX_PROPS,
                "additionalProperties": { "type": ["string", "number", "boolean"] },
            },
            "engaged_ms": number("heartbeat: time the page was in use, cumulative.", limits::SESSION_MAX_MS),
            "scroll_percent": number("heartbeat: how far down it was scrolled.", 100),
            "interval_s": number("heartbeat: seconds until the next one.", limits::MAX_INTERVAL_S.into()),
            "final": { "type": "boolean", "description": "heartbeat: whether it is the page's last." },
        },
    })
}

#[cfg(test)]
mod tests {
    use protocol::{EventId, UserId, decode};

    use super::*;

    const NOW: u64 = 1_763_866_800_000;

    /// A value of a schema: what is written by hand here is what the decoder reads.
    fn example(schema: &Value, name: &str) -> Value {
        if let Some(value) = schema.get("const") {
            return value.clone();
        }
        if let Some(pattern) = schema["pattern"].as_str() {
            return match pattern {
                "^[A-Z]{3}$" => json!("KRW"),
                _ if pattern.contains("-7") => json!(UserId::new(NOW, &[1; 10]).to_string()),
                _ => json!("shop"),
            };
        }
        match (schema["type"].as_str(), name) {
            (Some("object"), _) => {
                let properties = schema["properties"].as_object().cloned().unwrap_or_default();
                properties.iter().map(|(name, schema)| (name.clone(), example(schema, name))).collect()
            }
            (Some("array"), "events") => json!([]),
            (Some("array"), _) => json!([10, 10]),
            (Some("integer"), "at" | "sent_at") => json!(NOW),
            (Some("integer"), _) => json!(10),
            (Some("boolean"), _) => json!(true),
            (_, "url" | "referrer" | "href") => json!("https://shop.example/"),
            (_, "amount") => json!("12.50"),
            (_, "kind") => json!("outbound"),
            _ => json!("x"),
        }
    }

    #[test]
    fn batch_with_everything_the_schema_names_is_read_without_a_complaint() {
        let mut batch = example(&batch(), "");
        let kinds = event()["properties"]["type"]["examples"].as_array().cloned().unwrap();
        for (index, kind) in kinds.iter().enumerate() {
            let mut one = example(&event(), "");
            one["type"] = kind.clone();
            one["id"] = json!(EventId::new(NOW, &[index as u8; 10]).to_string());
            batch["events"].as_array_mut().unwrap().push(one);
        }
        let decoded = decode::batch(batch.to_string().as_bytes()).unwrap();
        assert_eq!(decoded.batch.events.len(), kinds.len(), "{:?}", decoded.receipts);
        assert_eq!(decoded.batch.context.screen.map(|size| size.width), Some(10));
        assert!(decoded.batch.person_id.is_some() && decoded.batch.cookieless);
    }
}
