//! Rows of Events and ActiveSessions as items.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use protocol::event::Size;
use protocol::{Event, EventKind, PersonId, Props};

use super::keys;
use crate::ingest::{Ingest, Presence};

/// An item: attribute names and values. An absent attribute means "not known": empty values are left out,
/// because names and values are paid for by the byte.
pub(super) type Item = HashMap<String, AttributeValue>;

/// How long a sign of life is kept, in days; the buckets of the last half hour are all that is read.
const PRESENCE_DAYS: u32 = 1;

pub(super) fn text(item: &mut Item, name: &str, value: &str) {
    if !value.is_empty() {
        item.insert(name.into(), AttributeValue::S(value.into()));
    }
}

pub(super) fn number(item: &mut Item, name: &str, value: u64) {
    item.insert(name.into(), AttributeValue::N(value.to_string()));
}

/// Whether an event has a row of its own. Heartbeats on the way only say who is here; the last one of a
/// page holds all they said.
pub(super) fn has_row(event: &Event) -> bool {
    !matches!(&event.kind, EventKind::Heartbeat(beat) if !beat.last)
}

/// The row of an event.
pub(super) fn event(ingest: &Ingest<'_>, event: &Event) -> Item {
    let Ingest { batch, visit, .. } = ingest;
    let mut item = Item::new();
    let shard = keys::shard(&batch.session_id, ingest.shards);
    text(&mut item, "pk", &keys::events(&batch.site_id, event.id.unix_ms(), shard));
    text(&mut item, "sk", &event.id.to_string());
    text(&mut item, "type", event.kind.type_name());
    number(&mut item, "at", event.at);
    text(&mut item, "user_id", &batch.user_id.to_string());
    text(&mut item, "person_id", batch.person_id.as_ref().map_or("", PersonId::as_str));
    if batch.cookieless {
        item.insert("cookieless".into(), AttributeValue::Bool(true));
    }
    text(&mut item, "session_id", &batch.session_id.to_string());
    text(&mut item, "page_id", &event.page_id.to_string());
    match &event.kind {
        EventKind::PageView(view) => {
            text(&mut item, "host", view.url.host());
            text(&mut item, "path", view.url.path());
            text(&mut item, "query", query(view.url.as_str()));
            text(&mut item, "title", view.title.as_str());
            if let Some(referrer) = &view.referrer {
                text(&mut item, "referrer", referrer.as_str());
                text(&mut item, "source", source(view.url.host(), referrer.host()));
            }
            props(&mut item, &view.props);
        }
        EventKind::Click(click) => {
            let mut target = Item::new();
            text(&mut target, "kind", click.kind.as_str());
            text(&mut target, "name", click.name.as_ref().map_or("", |name| name.as_str()));
            text(&mut target, "text", click.text.as_str());
            text(&mut target, "href", click.href.as_ref().map_or("", |href| href.as_str()));
            text(&mut target, "selector", click.selector.as_str());
            item.insert("target".into(), AttributeValue::M(target));
        }
        EventKind::Conversion(conversion) => {
            text(&mut item, "name", conversion.name.as_str());
            if let Some(revenue) = &conversion.revenue {
                text(&mut item, "amount", revenue.amount());
                text(&mut item, "currency", revenue.currency());
            }
            props(&mut item, &conversion.props);
        }
        EventKind::Custom(custom) => {
            text(&mut item, "name", custom.name.as_str());
            props(&mut item, &custom.props);
        }
        EventKind::Heartbeat(beat) => {
            number(&mut item, "engaged_ms", beat.engaged_ms);
            number(&mut item, "scroll_percent", beat.scroll_percent.into());
        }
    }
    text(&mut item, "country", &visit.geo.country);
    text(&mut item, "region", &visit.geo.region);
    text(&mut item, "city", &visit.geo.city);
    text(&mut item, "device", visit.device.as_str());
    text(&mut item, "browser", visit.browser);
    text(&mut item, "os", visit.os);
    text(&mut item, "language", batch.context.language.as_str());
    text(&mut item, "time_zone", batch.context.time_zone.as_str());
    size(&mut item, "screen", batch.context.screen);
    size(&mut item, "viewport", batch.context.viewport);
    text(&mut item, "tab", batch.context.tab.as_str());
    number(&mut item, "expires_at", keys::expires_at(event.id.unix_ms(), ingest.retention_days));
    item
}

/// What follows the session id in the key of a row that says that the visitor left. A row of its own,
/// because a page that is closed sends its last two batches at nearly the same time: whichever is stored
/// last, the reader compares the two rows by their time.
pub(super) const LEFT: &str = "#left";

/// The row that says who is here.
pub(super) fn active(ingest: &Ingest<'_>, presence: &Presence) -> Item {
    let Ingest { batch, visit, .. } = ingest;
    let mut item = Item::new();
    text(&mut item, "pk", &keys::active(&batch.site_id, presence.last_seen));
    let left = if presence.left { LEFT } else { "" };
    text(&mut item, "sk", &format!("{}{left}", batch.session_id));
    text(&mut item, "user_id", &batch.user_id.to_string());
    text(&mut item, "page", &presence.page);
    text(&mut item, "country", &visit.geo.country);
    text(&mut item, "city", &visit.geo.city);
    text(&mut item, "device", visit.device.as_str());
    text(&mut item, "browser", visit.browser);
    text(&mut item, "os", visit.os);
    number(&mut item, "started_at", batch.session_id.unix_ms());
    number(&mut item, "last_seen", presence.last_seen);
    number(&mut item, "interval_s", presence.interval_s.into());
    number(&mut item, "expires_at", keys::expires_at(presence.last_seen, PRESENCE_DAYS));
    item
}

/// The referrer's host when it is another site's; empty for a page of the same one.
pub(super) fn source<'a>(host: &str, referrer_host: &'a str) -> &'a str {
    if referrer_host == host { "" } else { referrer_host }
}

fn query(url: &str) -> &str {
    let before_fragment = url.split('#').next().unwrap_or("");
    before_fragment.split_once('?').map_or("", |(_, query)| query)
}

fn size(item: &mut Item, name: &str, size: Option<Size>) {
    if let Some(Size { width, height }) = size {
        text(item, name, &format!("{width}x{height}"));
    }
}

fn props(item: &mut Item, props: &Props) {
    if !props.is_empty() {
        let map = props.iter().map(|(key, value)| (key.to_owned(), AttributeValue::S(value.into())));
        item.insert("props".into(), AttributeValue::M(map.collect()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_is_what_lies_between_question_mark_and_fragment() {
        assert_eq!(query("https://a/b?x=1&y=?#z?"), "x=1&y=?");
        assert_eq!(query("https://a/b#?x"), "");
    }

    #[test]
    fn only_another_site_is_a_source() {
        assert_eq!(source("shop.example", "shop.example"), "");
        assert_eq!(source("shop.example", "www.google.com"), "www.google.com");
    }
}
