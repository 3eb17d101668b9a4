//! Rows of Events and ActiveSessions as items.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use protocol::event::{Size, Url};
use protocol::{Event, EventKind, PersonId, Props};

use super::keys;
use crate::ingest::{Ingest, Landing, Presence};

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

/// The row of an event. `landing` is what was read out of a page view's address and referrer.
pub(super) fn event(ingest: &Ingest<'_>, event: &Event, landing: Option<&Landing>) -> Item {
    let Ingest { batch, visit, .. } = ingest;
    let mut item = Item::with_capacity(40);
    let shard = keys::shard(&batch.session_id, ingest.rules.shards);
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
    if let Some(page) = batch.context.url.as_ref().filter(|_| ingest.is_single) {
        text(&mut item, "host", page.host());
        text(&mut item, "path", page.path());
    }
    match &event.kind {
        EventKind::PageView(view) => {
            text(&mut item, "host", view.url.host());
            text(&mut item, "path", view.url.path());
            text(&mut item, "title", view.title.as_str());
            if let Some(referrer) = &view.referrer {
                // Queries hold what is nobody's business: search terms, tokens.
                text(&mut item, "referrer", referrer.without_query());
            }
            for (name, value) in landing.iter().flat_map(|landing| landing.attributes()) {
                text(&mut item, name, value);
            }
            props(&mut item, &view.props);
        }
        EventKind::Click(click) => {
            let mut target = Item::new();
            text(&mut target, "kind", click.kind.as_str());
            text(&mut target, "name", click.name.as_ref().map_or("", |name| name.as_str()));
            text(&mut target, "text", click.text.as_str());
            text(&mut target, "href", click.href.as_ref().map_or("", Url::without_query));
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
    text(&mut item, "browser", &visit.browser);
    text(&mut item, "browser_version", &visit.browser_version);
    text(&mut item, "os", &visit.os);
    text(&mut item, "os_version", &visit.os_version);
    if ingest.corrected {
        // Its time is that of its arrival: the browser's clock was wrong.
        item.insert("clock".into(), AttributeValue::S("corrected".into()));
    }
    text(&mut item, "language", batch.context.language.as_str());
    text(&mut item, "time_zone", batch.context.time_zone.as_str());
    size(&mut item, "screen", batch.context.screen);
    size(&mut item, "viewport", batch.context.viewport);
    text(&mut item, "tab", batch.context.tab.as_str());
    number(&mut item, "expires_at", keys::expires_at(event.id.unix_ms(), ingest.rules.retention_days));
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
    text(&mut item, "browser", &visit.browser);
    text(&mut item, "os", &visit.os);
    number(&mut item, "started_at", batch.session_id.unix_ms());
    number(&mut item, "last_seen", presence.last_seen);
    number(&mut item, "interval_s", presence.interval_s.into());
    number(&mut item, "expires_at", keys::expires_at(presence.last_seen, PRESENCE_DAYS));
    item
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
