//! The row of a visit in Sessions, and the update a batch makes to it.
//!
//! Counts are sizes of sets and the first and last page are the smallest and largest element of one, so
//! elements begin with a key that sorts by time: twelve hex digits of the id's milliseconds and six of its
//! random bits.
//!
//! | attribute | element |
//! |---|---|
//! | `views` | `key path`, and a tab and the source unless it is direct or the site itself |
//! | `clicks` | `key` |
//! | `conversions` | `key name`, and a tab and `amount currency` when there was revenue |
//! | `engagement` | `page key engaged_ms scroll_percent`; the largest of a page counts |
//! | `countries`, `devices`, `browsers`, `systems`, `languages` | values seen, nearly always one |
//! | `person_ids` | the site's ids of the people seen, nearly always one |
//!
//! A set takes no more once it has [`MAX_ELEMENTS`]: the row is written again with every batch, and paid for by its
//! size, so a program that never stops would cost ever more, and end at DynamoDB's 400 KB. All its events are stored.
//!
//! Which person came last is not kept: that would depend on the order of the batches, and so would which
//! ones a limit on their number left out. Few sign in one after the other in one visit.
//!
//! Custom events add no element, since a site may send any number of them and the row is paid for by its
//! size. They only make sure that the visit has its row.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use protocol::{Event, EventKind, PersonId, SessionId, SiteId};

use super::keys;
use crate::ingest::{Ingest, Landing};

/// Longest path kept in a visit's row: the row is written again with every batch and paid for by its size.
const MAX_PATH_BYTES: usize = 200;

/// Longest name of a source kept: DNS allows hosts of 253, but none that sends visitors is near it.
const MAX_SOURCE_BYTES: usize = 100;

/// Elements of a set above which it takes no more. Of visits of the demo shop's simulated week the longest has 30 page
/// views; at 250 with the longest paths and sources the row has 80 KB.
const MAX_ELEMENTS: usize = 250;

/// An update: its expression, the names and the values it stands on.
#[derive(Debug)]
pub(super) struct Update {
    pub(super) pk: String,
    pub(super) sk: String,
    pub(super) expression: String,
    pub(super) condition: String,
    pub(super) names: Vec<(String, String)>,
    pub(super) values: Vec<(String, AttributeValue)>,
}

fn key(id: &[u8; 16]) -> String {
    let bytes = id[..6].iter().chain(&id[13..]);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

/// The update for a batch; `None` when it holds nothing a visit's row would keep.
pub(super) fn update(ingest: &Ingest<'_>) -> Option<Update> {
    let Ingest { batch, visit, .. } = ingest;
    let mut sets: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    for (event, landing) in ingest.events() {
        if let Some((name, element)) = element(event, landing) {
            sets.entry(name).or_default().insert(element);
        }
    }
    if sets.is_empty() && !batch.events.iter().any(|event| matches!(event.kind, EventKind::Custom(_))) {
        return None;
    }
    // Every visit has a device class, so the `ADD` below never stands without a set.
    for (name, value) in [
        ("countries", visit.geo.country.as_str()),
        ("devices", visit.device.as_str()),
        ("browsers", visit.browser.as_str()),
        ("systems", visit.os.as_str()),
        ("languages", visit.language.as_str()),
        ("person_ids", batch.person_id.as_ref().map_or("", PersonId::as_str)),
    ] {
        if !value.is_empty() {
            sets.entry(name).or_default().insert(value.into());
        }
    }

    Some(added(
        &batch.site_id,
        &batch.session_id,
        &batch.user_id.to_string(),
        ingest.rules.retention_days,
        sets,
    ))
}

/// The update that adds to the sets of a visit's row.
fn added(
    site: &SiteId,
    session: &SessionId,
    user: &str,
    retention_days: u32,
    sets: BTreeMap<&'static str, BTreeSet<String>>,
) -> Update {
    let mut names = vec![("#u".to_owned(), "user_id".to_owned()), ("#e".to_owned(), "expires_at".to_owned())];
    let expires_at = keys::expires_at(session.unix_ms(), retention_days);
    let mut values = vec![
        (":u".to_owned(), AttributeValue::S(user.to_owned())),
        (":e".to_owned(), AttributeValue::N(expires_at.to_string())),
    ];
    values.push((":m".to_owned(), AttributeValue::N(MAX_ELEMENTS.to_string())));
    let (mut adds, mut limits) = (Vec::with_capacity(sets.len()), Vec::with_capacity(sets.len()));
    for (index, (name, set)) in sets.into_iter().enumerate() {
        adds.push(format!("#s{index} :s{index}"));
        limits.push(format!("(attribute_not_exists(#s{index}) OR size(#s{index}) < :m)"));
        names.push((format!("#s{index}"), name.into()));
        values.push((format!(":s{index}"), AttributeValue::Ss(set.into_iter().collect())));
    }
    Update {
        pk: keys::sessions(site, session),
        sk: session.to_string(),
        expression: format!("SET #u = :u, #e = :e ADD {}", adds.join(", ")),
        condition: limits.join(" AND "),
        names,
        values,
    }
}

/// The update of rows of Events that belong to one visit.
#[cfg(feature = "native")]
pub(super) fn update_of_rows(
    site: &crate::site::Site,
    session: &SessionId,
    rows: &[&super::items::Item],
) -> Option<Update> {
    use super::rows::{number, text};
    let mut sets: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    let mut add = |set: &'static str, element: &str| {
        if !element.is_empty() {
            sets.entry(set).or_default().insert(element.to_owned());
        }
    };
    for row in rows {
        let event = key(protocol::EventId::parse(text(row, "sk")).ok()?.as_bytes());
        match text(row, "type") {
            "page_view" => {
                let path = protocol::limits::cut(text(row, "path"), MAX_PATH_BYTES);
                let source = protocol::limits::cut(text(row, "source"), MAX_SOURCE_BYTES);
                let tab = if source.is_empty() { "" } else { "\t" };
                add("views", &format!("{event} {path}{tab}{source}"));
            }
            "click" => add("clicks", &event),
            "conversion" => {
                let (amount, currency) = (text(row, "amount"), text(row, "currency"));
                let revenue =
                    if amount.is_empty() { String::new() } else { format!("\t{amount} {currency}") };
                add("conversions", &format!("{event} {}{revenue}", text(row, "name")));
            }
            "heartbeat" => {
                let page = key(protocol::PageId::parse(text(row, "page_id")).ok()?.as_bytes());
                let [engaged, scroll] =
                    ["engaged_ms", "scroll_percent"].map(|name| number(row, name).unwrap_or(0));
                add("engagement", &format!("{page} {engaged} {scroll}"));
            }
            _ => {}
        }
        for (set, name) in [
            ("countries", "country"),
            ("devices", "device"),
            ("browsers", "browser"),
            ("systems", "os"),
            ("languages", "language"),
            ("person_ids", "person_id"),
        ] {
            add(set, text(row, name));
        }
    }
    let user = text(rows.first()?, "user_id");
    (!sets.is_empty()).then(|| added(&site.id, session, user, site.retention_days, sets))
}

fn element(event: &Event, landing: Option<&Landing>) -> Option<(&'static str, String)> {
    let key_of_event = key(event.id.as_bytes());
    Some(match &event.kind {
        EventKind::PageView(view) => {
            let path = protocol::limits::cut(view.url.path(), MAX_PATH_BYTES);
            let source = landing.map_or("", |landing| landing.source.as_str());
            let source = protocol::limits::cut(source, MAX_SOURCE_BYTES);
            let tab = if source.is_empty() { "" } else { "\t" };
            ("views", format!("{key_of_event} {path}{tab}{source}"))
        }
        EventKind::Click(_) => ("clicks", key_of_event),
        EventKind::Conversion(conversion) => {
            let revenue = conversion
                .revenue
                .as_ref()
                .map_or_else(String::new, |revenue| format!("\t{} {}", revenue.amount(), revenue.currency()));
            ("conversions", format!("{key_of_event} {}{revenue}", conversion.name.as_str()))
        }
        EventKind::Heartbeat(beat) if beat.last => {
            let page = key(event.page_id.as_bytes());
            ("engagement", format!("{page} {} {}", beat.engaged_ms, beat.scroll_percent))
        }
        EventKind::Custom(_) | EventKind::Heartbeat(_) => return None,
    })
}
