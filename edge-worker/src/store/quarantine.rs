//! Batches that are kept apart: of bots, of browsers without a screen, of spammers. In Events, where they are
//! found by no question about visitors:
//!
//! | partition key | sort key | row |
//! |---|---|---|
//! | `site#quarantine#YYYY-MM-DD`, the day of the first event | session id `#` first event id | the parcel, and what a person wants to see of it |
//!
//! One row a batch: looked at seldom, and it costs its size only once.

use aws_sdk_dynamodb::types::AttributeValue;
use protocol::report::QuarantinedBatch;
use protocol::{EventKind, SiteId, clock};

use super::calls::key;
use super::items::Item;
use super::rows::{number, text};
use super::{Store, StoreError, Stored, items, keys};
use crate::ingest::{Outcome, Parcel};

/// How long a batch waits to be looked at, in days.
const QUARANTINE_DAYS: u32 = 30;

/// Rows a page of the list has.
const PAGE: i32 = 100;

fn partition(site: &SiteId, day_ms: u64) -> String {
    format!("{site}#quarantine#{}", keys::day(day_ms))
}

impl Store {
    /// Puts a parcel into the quarantine. May be repeated: the same batch has the same row.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not take it.
    pub(crate) async fn put_quarantined(&self, parcel: &Parcel) -> Result<Stored, StoreError> {
        let Some(first) = parcel.batch.events.iter().min_by_key(|event| event.id) else {
            return Ok(Stored::default());
        };
        let message = parcel.print().ok_or_else(|| StoreError::unbuildable("PutItem"))?;
        let mut item = Item::new();
        // A batch that is sent again after midnight finds its row; what a wrong clock says does not hide it.
        let suspect = clock::is_suspect(&parcel.batch, parcel.received_at, parcel.clock);
        let day = if suspect { parcel.received_at } else { first.id.unix_ms() };
        items::text(&mut item, "pk", &partition(&parcel.batch.site_id, day));
        items::text(&mut item, "sk", &format!("{}#{}", parcel.batch.session_id, first.id));
        items::text(&mut item, "reason", parcel.quarantine.unwrap_or(Outcome::Bot).code());
        items::text(&mut item, "bot", &parcel.visit.bot);
        items::text(&mut item, "user_agent", &parcel.visit.user_agent);
        items::text(&mut item, "country", &parcel.visit.geo.country);
        let view = parcel.batch.events.iter().find_map(|event| match &event.kind {
            EventKind::PageView(view) => Some(view),
            _ => None,
        });
        if let Some(view) = view {
            items::text(&mut item, "path", view.url.path());
            items::text(&mut item, "referrer", view.referrer.as_ref().map_or("", |url| url.host()));
        }
        items::number(&mut item, "events", parcel.batch.events.len() as u64);
        items::number(&mut item, "received_at", parcel.received_at);
        let days = QUARANTINE_DAYS.min(parcel.rules.retention_days);
        items::number(&mut item, "expires_at", keys::expires_at(parcel.received_at, days));
        items::text(&mut item, "parcel", &message);
        let write_units = self.calls.put(&self.tables.events, item).await?;
        Ok(Stored { write_units })
    }

    /// The batches of a day that began at `day_ms`, at most [`PAGE`], after `after`.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub(crate) async fn quarantined(
        &self,
        site: &SiteId,
        day_ms: u64,
        after: Option<&str>,
    ) -> Result<(Vec<QuarantinedBatch>, Option<String>), StoreError> {
        let pk = partition(site, day_ms);
        let start = after.map(|sk| key(&pk, sk));
        let answer = self
            .calls
            .client
            .query()
            .table_name(&self.tables.events)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .projection_expression(
                "sk, reason, bot, user_agent, #path, referrer, country, events, received_at, expires_at",
            )
            .expression_attribute_names("#path", "path")
            .set_exclusive_start_key(start)
            .limit(PAGE)
            .send()
            .await
            .map_err(StoreError::from_sdk("Query"))?;
        let next = answer.last_evaluated_key().map(|key| text(key, "sk").to_owned());
        let now = self.now() / 1_000;
        let rows =
            answer.items().iter().filter(|item| number(item, "expires_at").is_some_and(|end| end > now));
        Ok((rows.filter_map(read).collect(), next))
    }

    /// The parcel of a row; `None` when there is no such row.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub(crate) async fn quarantined_parcel(
        &self,
        site: &SiteId,
        day_ms: u64,
        id: &str,
    ) -> Result<Option<Parcel>, StoreError> {
        let item = self.calls.get(&self.tables.events, &partition(site, day_ms), id).await?;
        Ok(item.and_then(|item| Parcel::read(text(&item, "parcel"))))
    }

    /// Removes a row.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub(crate) async fn delete_quarantined(
        &self,
        site: &SiteId,
        day_ms: u64,
        id: &str,
    ) -> Result<(), StoreError> {
        self.calls.delete(&self.tables.events, &partition(site, day_ms), id).await
    }
}

fn read(item: &Item) -> Option<QuarantinedBatch> {
    Some(QuarantinedBatch {
        id: text(item, "sk").to_owned(),
        reason: Outcome::from_code(text(item, "reason"))?,
        bot: text(item, "bot").to_owned(),
        user_agent: text(item, "user_agent").to_owned(),
        path: text(item, "path").to_owned(),
        referrer: text(item, "referrer").to_owned(),
        country: text(item, "country").to_owned(),
        events: number(item, "events")?,
        received_at: number(item, "received_at")?,
    })
}
