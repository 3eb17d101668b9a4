//! Raw events of a range, page by page, as they are stored.

use std::ops::Range;
use std::rc::Rc;

use analytics::{Bucket, EventDim, Span, VisitDim};
use aws_sdk_dynamodb::types::AttributeValue;
use protocol::EventId;
use protocol::limits::MAX_ID_SKEW_MS;
use serde_json::{Map, Value};

use super::calls::{Select, key};
use super::items::Item;
use super::keys;
use super::rows::number;
use super::{Store, StoreError};
use crate::site::Site;

/// Attributes that are about the row and not about the event.
const OF_THE_ROW: [&str; 2] = ["pk", "expires_at"];

/// The fields of an event in a table: everything that an event may say. Maps are printed as JSON.
pub(crate) fn fields() -> Vec<&'static str> {
    let first = ["id", "at", "type", "user_id", "session_id", "page_id"];
    let others = ["engaged_ms", "scroll_percent", "currency", "props", "target", "cookieless", "clock"];
    let context = ["time_zone", "viewport", "tab"];
    let visits = VisitDim::ALL.into_iter().map(VisitDim::name);
    let events = EventDim::ALL.into_iter().map(EventDim::name);
    first.into_iter().chain(events).chain(visits).chain(others).chain(context).collect()
}

/// Where an export goes on: hours one after the other, in each the partitions, in each the events by id.
#[derive(Debug, Clone)]
pub(crate) struct Export {
    site: Rc<Site>,
    range: Range<u64>,
    hour: Bucket,
    shard: u32,
    after: Option<String>,
}

impl Export {
    /// All events of a range.
    pub(crate) fn new(site: Rc<Site>, range: Range<u64>) -> Self {
        let hour = Bucket::of(Span::Hour, range.start.saturating_sub(MAX_ID_SKEW_MS));
        Self { site, range, hour, shard: 0, after: None }
    }
}

impl Store {
    /// The same after an event; `false` if there is no such event.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub(crate) async fn export_after(&self, export: &mut Export, id: &EventId) -> Result<bool, StoreError> {
        let hour = Bucket::of(Span::Hour, id.unix_ms());
        for shard in 0..export.site.shards {
            let pk = keys::events(&export.site.id, hour.start(), shard);
            let wanted = vec![key(&pk, &id.to_string())];
            if !self.calls.get_all(&self.tables.events, wanted).await?.is_empty() {
                (export.hour, export.shard, export.after) = (hour, shard, Some(id.to_string()));
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The next events, some thousand at most; `None` at the end. Pages may be empty.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub(crate) async fn export_page(
        &self,
        export: &mut Export,
    ) -> Result<Option<Vec<Map<String, Value>>>, StoreError> {
        // A row is stored under the time of its id, a little away from its own.
        if export.hour.start() > export.range.end.saturating_add(MAX_ID_SKEW_MS) {
            return Ok(None);
        }
        let select = Select {
            table: &self.tables.events,
            pk: keys::events(&export.site.id, export.hour.start(), export.shard),
            // Ids are of one length, and `!` comes before all that they are made of.
            between: export.after.as_ref().map(|id| [format!("{id}!"), "~".to_owned()]),
            attributes: &[],
            consistent: false,
        };
        let (items, more) = self.calls.page(select).await?;
        let last = items.last().and_then(|item| item.get("sk")).and_then(|id| id.as_s().ok()).cloned();
        match last.filter(|_| more) {
            Some(last) => export.after = Some(last),
            None => {
                (export.after, export.shard) = (None, export.shard + 1);
                if export.shard >= export.site.shards.max(1) {
                    (export.shard, export.hour) = (0, export.hour.next());
                }
            }
        }
        let in_range = |item: &Item| number(item, "at").is_some_and(|at| export.range.contains(&at));
        Ok(Some(items.into_iter().filter(in_range).map(printed).collect()))
    }
}

fn printed(item: Item) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, value) in item {
        if OF_THE_ROW.contains(&name.as_str()) {
            continue;
        }
        if let Some(value) = plain(value) {
            fields.insert(if name == "sk" { "id".to_owned() } else { name }, value);
        }
    }
    fields
}

/// A value as JSON. Rows of events have texts, numbers, marks and maps of these alone.
fn plain(value: AttributeValue) -> Option<Value> {
    match value {
        AttributeValue::S(text) => Some(Value::String(text)),
        AttributeValue::N(text) => serde_json::from_str(&text).ok().filter(Value::is_number),
        AttributeValue::Bool(is) => Some(Value::Bool(is)),
        AttributeValue::M(map) => {
            let mut fields = Map::new();
            for (name, value) in map {
                if let Some(value) = plain(value) {
                    fields.insert(name, value);
                }
            }
            Some(Value::Object(fields))
        }
        _ => None,
    }
}
