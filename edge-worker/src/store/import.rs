//! Events of our own export, as rows again. Native programs alone.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use protocol::limits::MAX_ID_SKEW_MS;
use protocol::{EventId, SessionId};
use serde_json::{Map, Value};

use super::calls::{ROWS_A_CALL, put};
use super::export::fields;
use super::items::{self, Item};
use super::read::CONCURRENT_QUERIES;
use super::{Store, StoreError, keys, rows, segments, session};
use crate::site::Site;

/// A checked event of an export.
#[derive(Debug, Clone)]
pub(crate) struct RawEvent {
    item: Item,
    at: u64,
    session: SessionId,
    kind: &'static str,
}

impl RawEvent {
    /// Makes a row of the fields of an event, or says what is wrong with them.
    pub(crate) fn read(site: &Site, given: &Map<String, Value>) -> Result<Self, &'static str> {
        let known = fields();
        let mut item = Item::new();
        for (name, value) in given {
            if !known.contains(&name.as_str()) {
                return Err("a field that no event has");
            }
            let value = attribute(name, value).ok_or("a field is not of its type")?;
            item.insert(if name == "id" { "sk".to_owned() } else { name.clone() }, value);
        }
        let id = EventId::parse(rows::text(&item, "sk")).map_err(|_| "`id` is no UUID of version 7")?;
        let props = rows::properties(&item);
        let row = rows::row(&item, &props).ok_or("`type`, `at` or an id is missing or malformed")?;
        if row.at.abs_diff(id.unix_ms()) > MAX_ID_SKEW_MS {
            return Err("the time of `id` is not that of the event");
        }
        let (at, session, kind) = (row.at, row.session, row.kind.name());
        let shard = keys::shard(&session, site.shards);
        items::text(&mut item, "pk", &keys::events(&site.id, id.unix_ms(), shard));
        items::number(&mut item, "expires_at", keys::expires_at(id.unix_ms(), site.retention_days));
        Ok(Self { item, at, session, kind })
    }

    /// When it happened.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    /// What happened.
    pub(crate) fn kind(&self) -> &'static str {
        self.kind
    }
}

/// A field as it is stored: numbers, marks and maps where the row has them, texts everywhere else.
fn attribute(name: &str, value: &Value) -> Option<AttributeValue> {
    match (name, value) {
        ("at" | "engaged_ms" | "scroll_percent", value) => {
            value.as_u64().map(|number| AttributeValue::N(number.to_string()))
        }
        ("cookieless", Value::Bool(is)) => Some(AttributeValue::Bool(*is)),
        ("props" | "target", Value::Object(map)) => {
            let text = |(key, value): (&String, &Value)| {
                Some((key.clone(), AttributeValue::S(value.as_str()?.to_owned())))
            };
            map.iter().map(text).collect::<Option<_>>().map(AttributeValue::M)
        }
        ("cookieless" | "props" | "target", _) => None,
        (_, Value::String(text)) if !text.is_empty() => Some(AttributeValue::S(text.clone())),
        _ => None,
    }
}

impl Store {
    /// Stores events of an export, with the rows of their visits, and marks the hours that have closed.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not take everything; it may be repeated.
    pub(crate) async fn write_raw(&self, site: &Site, events: Vec<RawEvent>) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        let times: Vec<u64> = events.iter().map(|event| event.at).collect();
        let marks = || segments::marks(&site.id, times.iter().copied(), self.now());
        self.mark(&marks()).await?;
        let mut visits: BTreeMap<SessionId, Vec<&Item>> = BTreeMap::new();
        for event in &events {
            visits.entry(event.session).or_default().push(&event.item);
        }
        stream::iter(visits)
            .map(|(id, items)| async move {
                match session::update_of_rows(site, &id, &items) {
                    Some(update) => self.update_session(update).await.map(drop),
                    None => Ok(()),
                }
            })
            .buffer_unordered(CONCURRENT_QUERIES)
            .try_collect::<()>()
            .await?;
        // Of two lines of one id DynamoDB would refuse the whole call.
        let mut seen = BTreeSet::new();
        let rows: Vec<Item> = events
            .into_iter()
            .map(|event| event.item)
            .filter(|item| seen.insert(rows::text(item, "sk").to_owned()))
            .collect();
        stream::iter(rows.chunks(ROWS_A_CALL))
            .map(|batch| {
                let requests = batch.iter().cloned().map(put).collect();
                self.calls.write([(self.tables.events.clone(), requests)].into())
            })
            .buffer_unordered(CONCURRENT_QUERIES)
            .try_for_each(|_| std::future::ready(Ok(())))
            .await?;
        self.mark(&marks()).await?;
        self.segments.borrow_mut().forget(&site.id, self.now(), times.iter().copied());
        Ok(())
    }
}
