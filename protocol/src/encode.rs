//! Prints batches as JSON without serde: the tracker's half of the wire. `decode` reads it back; a
//! property test holds the two together.

use crate::WIRE_VERSION;
use crate::event::{Context, Event, EventKind, PersonId, Props, Size, Url};
use crate::ids::{SessionId, SiteId, UserId};

/// Appends one event as a JSON object. Events are printed once, when they happen, and kept in that form.
pub fn event(event: &Event, out: &mut String) {
    out.push_str("{\"id\":\"");
    event.id.write_to(out);
    out.push_str("\",\"type\":\"");
    out.push_str(event.kind.type_name());
    out.push_str("\",\"at\":");
    number(event.at, out);
    out.push_str(",\"page_id\":\"");
    event.page_id.write_to(out);
    out.push('"');
    match &event.kind {
        EventKind::PageView(view) => {
            field("url", view.url.as_str(), out);
            optional("referrer", view.referrer.as_ref().map_or("", Url::as_str), out);
            optional("title", view.title.as_str(), out);
            props(&view.props, out);
        }
        EventKind::Click(click) => {
            out.push_str(",\"target\":{\"kind\":\"");
            out.push_str(click.kind.as_str());
            out.push('"');
            optional("name", click.name.as_ref().map_or("", |n| n.as_str()), out);
            optional("text", click.text.as_str(), out);
            optional("href", click.href.as_ref().map_or("", Url::as_str), out);
            optional("selector", click.selector.as_str(), out);
            out.push('}');
        }
        EventKind::Conversion(conversion) => {
            field("name", conversion.name.as_str(), out);
            if let Some(revenue) = &conversion.revenue {
                out.push_str(",\"revenue\":{\"amount\":\"");
                out.push_str(revenue.amount());
                out.push_str("\",\"currency\":\"");
                out.push_str(revenue.currency());
                out.push_str("\"}");
            }
            props(&conversion.props, out);
        }
        EventKind::Custom(custom) => {
            field("name", custom.name.as_str(), out);
            props(&custom.props, out);
        }
        EventKind::Heartbeat(beat) => {
            out.push_str(",\"engaged_ms\":");
            number(beat.engaged_ms, out);
            out.push_str(",\"scroll_percent\":");
            number(beat.scroll_percent.into(), out);
            out.push_str(",\"interval_s\":");
            number(beat.interval_s.into(), out);
            out.push_str(if beat.last { ",\"final\":true" } else { ",\"final\":false" });
        }
    }
    out.push('}');
}

/// What a batch may say besides; what is empty, false or 0 is left out.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extras<'a> {
    /// See [`crate::Batch::person_id`].
    pub person_id: Option<&'a PersonId>,
    /// See [`crate::Batch::cookieless`].
    pub cookieless: bool,
    /// See [`crate::Batch::dropped`].
    pub dropped: u32,
    /// See [`crate::Batch::faults`].
    pub faults: u32,
}

/// Prints a batch without [`Extras`] around events that are already JSON objects.
pub fn batch<'a>(
    site_id: &SiteId,
    user_id: &UserId,
    session_id: &SessionId,
    sent_at: u64,
    context: &Context,
    events: impl IntoIterator<Item = &'a str>,
) -> String {
    batch_with(site_id, user_id, session_id, sent_at, context, Extras::default(), events)
}

/// Prints a batch around events that are already JSON objects.
pub fn batch_with<'a>(
    site_id: &SiteId,
    user_id: &UserId,
    session_id: &SessionId,
    sent_at: u64,
    context: &Context,
    extras: Extras<'_>,
    events: impl IntoIterator<Item = &'a str>,
) -> String {
    let mut out = String::with_capacity(1024);
    out.push_str("{\"v\":");
    number(WIRE_VERSION, &mut out);
    field("site_id", site_id.as_str(), &mut out);
    out.push_str(",\"user_id\":\"");
    user_id.write_to(&mut out);
    out.push_str("\",\"session_id\":\"");
    session_id.write_to(&mut out);
    out.push_str("\",\"sent_at\":");
    number(sent_at, &mut out);
    optional("person_id", extras.person_id.map_or("", PersonId::as_str), &mut out);
    if extras.cookieless {
        out.push_str(",\"cookieless\":true");
    }
    for (name, count) in [(",\"dropped\":", extras.dropped), (",\"faults\":", extras.faults)] {
        if count > 0 {
            out.push_str(name);
            number(count.into(), &mut out);
        }
    }
    out.push_str(",\"context\":{\"language\":");
    string(context.language.as_str(), &mut out);
    optional("time_zone", context.time_zone.as_str(), &mut out);
    size("screen", context.screen, &mut out);
    size("viewport", context.viewport, &mut out);
    optional("url", context.url.as_ref().map_or("", Url::as_str), &mut out);
    optional("tab", context.tab.as_str(), &mut out);
    out.push_str("},\"events\":[");
    for (index, event) in events.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(event);
    }
    out.push_str("]}");
    out
}

fn field(name: &str, value: &str, out: &mut String) {
    out.push_str(",\"");
    out.push_str(name);
    out.push_str("\":");
    string(value, out);
}

fn optional(name: &str, value: &str, out: &mut String) {
    if !value.is_empty() {
        field(name, value, out);
    }
}

fn size(name: &str, size: Option<Size>, out: &mut String) {
    if let Some(Size { width, height }) = size {
        out.push_str(",\"");
        out.push_str(name);
        out.push_str("\":[");
        number(width.into(), out);
        out.push(',');
        number(height.into(), out);
        out.push(']');
    }
}

fn props(props: &Props, out: &mut String) {
    if props.is_empty() {
        return;
    }
    out.push_str(",\"props\":{");
    for (index, (key, value)) in props.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        string(key, out);
        out.push(':');
        string(value, out);
    }
    out.push('}');
}

/// Appends a JSON string, escaped as RFC 8259 asks.
fn string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{0}'..='\u{1f}' => {
                out.push_str("\\u00");
                for digit in [c as u32 >> 4, c as u32 & 15] {
                    out.push(char::from_digit(digit, 16).unwrap_or('0'));
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Appends a number. By hand: `format!` would add 8 KB gzip to the tracker.
fn number(value: u64, out: &mut String) {
    if value >= 10 {
        number(value / 10, out);
    }
    out.push((b'0' + (value % 10) as u8) as char);
}
