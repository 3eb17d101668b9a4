//! Items of Events, read back as the engine's facts.

use analytics::{Fact, FactKind};
use protocol::api::Device;
use protocol::{EventId, PageId, SessionId, UserId};

use super::items::Item;
use super::rows::{number, text};

/// What a fact is made of; everything else of an event stays in the store.
pub(super) const ATTRIBUTES: [&str; 11] = [
    "sk",
    "type",
    "at",
    "user_id",
    "session_id",
    "page_id",
    "country",
    "device",
    "path",
    "source",
    "engaged_ms",
];

/// Reads a fact; `None` for a row of a type or shape this version does not know, and for a custom event, of
/// which no metric is made.
pub(super) fn fact(item: &Item) -> Option<Fact> {
    let kind = match text(item, "type") {
        "page_view" => {
            FactKind::PageView { path: text(item, "path").into(), source: text(item, "source").into() }
        }
        "click" => FactKind::Click,
        "conversion" => FactKind::Conversion,
        "heartbeat" => FactKind::Engagement { engaged_ms: number(item, "engaged_ms")? },
        _ => return None,
    };
    Some(Fact {
        id: EventId::parse(text(item, "sk")).ok()?,
        at: number(item, "at")?,
        user: UserId::parse(text(item, "user_id")).ok()?,
        session: SessionId::parse(text(item, "session_id")).ok()?,
        page: PageId::parse(text(item, "page_id")).ok()?,
        country: text(item, "country").into(),
        device: Device::from_name(text(item, "device")),
        kind,
    })
}
