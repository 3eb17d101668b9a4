//! Prints batches: for whoever sends events from Rust, such as a server. The tracker in the page prints its
//! own, without serde. `decode` reads both; a property test holds this to it.

use serde_json::{Map, Value, json};

use crate::WIRE_VERSION;
use crate::event::{Batch, Context, Event, EventKind, Props, Size, Url};

/// A batch as JSON. What is empty, false or 0 is left out.
pub fn batch(batch: &Batch) -> String {
    let mut out = fields(json!({
        "v": WIRE_VERSION,
        "site_id": batch.site_id,
        "user_id": batch.user_id,
        "session_id": batch.session_id,
        "sent_at": batch.sent_at,
        "context": context(&batch.context),
        "events": batch.events.iter().map(event).collect::<Vec<_>>(),
    }));
    text(&mut out, "person_id", batch.person_id.as_ref().map_or("", |id| id.as_str()));
    if batch.cookieless {
        out.insert("cookieless".into(), true.into());
    }
    for (name, count) in [("dropped", batch.dropped), ("faults", batch.faults)] {
        if count > 0 {
            out.insert(name.into(), count.into());
        }
    }
    Value::Object(out).to_string()
}

fn context(context: &Context) -> Value {
    let mut out = Map::new();
    text(&mut out, "language", context.language.as_str());
    text(&mut out, "time_zone", context.time_zone.as_str());
    text(&mut out, "url", context.url.as_ref().map_or("", Url::as_str));
    text(&mut out, "tab", context.tab.as_str());
    for (name, size) in [("screen", context.screen), ("viewport", context.viewport)] {
        if let Some(Size { width, height }) = size {
            out.insert(name.into(), json!([width, height]));
        }
    }
    Value::Object(out)
}

fn event(event: &Event) -> Value {
    let mut out = fields(json!({
        "id": event.id,
        "type": event.kind.type_name(),
        "at": event.at,
        "page_id": event.page_id,
    }));
    match &event.kind {
        EventKind::PageView(view) => {
            text(&mut out, "url", view.url.as_str());
            text(&mut out, "referrer", view.referrer.as_ref().map_or("", Url::as_str));
            text(&mut out, "title", view.title.as_str());
            props(&mut out, &view.props);
        }
        EventKind::Click(click) => {
            let mut target = fields(json!({ "kind": click.kind.as_str() }));
            text(&mut target, "name", click.name.as_ref().map_or("", |name| name.as_str()));
            text(&mut target, "text", click.text.as_str());
            text(&mut target, "href", click.href.as_ref().map_or("", Url::as_str));
            text(&mut target, "selector", click.selector.as_str());
            out.insert("target".into(), target.into());
        }
        EventKind::Conversion(conversion) => {
            text(&mut out, "name", conversion.name.as_str());
            if let Some(revenue) = &conversion.revenue {
                let money = json!({ "amount": revenue.amount(), "currency": revenue.currency() });
                out.insert("revenue".into(), money);
            }
            props(&mut out, &conversion.props);
        }
        EventKind::Custom(custom) => {
            text(&mut out, "name", custom.name.as_str());
            props(&mut out, &custom.props);
        }
        EventKind::Heartbeat(beat) => out.extend(fields(json!({
            "engaged_ms": beat.engaged_ms,
            "scroll_percent": beat.scroll_percent,
            "interval_s": beat.interval_s,
            "final": beat.last,
        }))),
    }
    Value::Object(out)
}

fn fields(value: Value) -> Map<String, Value> {
    if let Value::Object(fields) = value { fields } else { Map::new() }
}

fn text(out: &mut Map<String, Value>, name: &str, value: &str) {
    if !value.is_empty() {
        out.insert(name.into(), value.into());
    }
}

fn props(out: &mut Map<String, Value>, props: &Props) {
    if !props.is_empty() {
        let pairs = props.iter().map(|(key, value)| (key.to_owned(), value.into()));
        out.insert("props".into(), Value::Object(pairs.collect()));
    }
}
