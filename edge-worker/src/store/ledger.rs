//! The ledger's rows: how many events came to which end. In Accounts:
//!
//! | partition key | sort key | row |
//! |---|---|---|
//! | `ledger#site#YYYY-MM-DD` (UTC) | `HH` | a number for each outcome's code |
//!
//! The numbers are added to, so they count what arrived: an event that is sent twice counts twice, and so may those of
//! a write whose answer was lost. What is stored is counted in Events.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use protocol::SiteId;
use protocol::report::LedgerHour;

use super::items::Item;
use super::keys::{self, HOUR_MS};
use super::read::CONCURRENT_QUERIES;
use super::{Store, StoreError, rows};
use crate::ingest::{Counts, Outcome};

/// How long the ledger is kept, in days.
const LEDGER_DAYS: u32 = 90;

impl Store {
    /// Adds to the ledger of an hour. Repeated after an error whose effect is unknown it may count twice.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not take it.
    pub(crate) async fn add_to_ledger(
        &self,
        site: &SiteId,
        hour_ms: u64,
        counts: &Counts,
    ) -> Result<(), StoreError> {
        let mut update = self
            .calls
            .client
            .update_item()
            .table_name(&self.tables.accounts)
            .key("pk", AttributeValue::S(partition(site, hour_ms)))
            .key("sk", AttributeValue::S(format!("{:02}", hour_ms / HOUR_MS % 24)))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .expression_attribute_names("#e", "expires_at")
            .expression_attribute_values(
                ":e",
                AttributeValue::N(keys::expires_at(hour_ms, LEDGER_DAYS).to_string()),
            );
        let mut adds = Vec::new();
        for (index, (outcome, count)) in counts.iter().enumerate() {
            adds.push(format!("#c{index} :c{index}"));
            update = update
                .expression_attribute_names(format!("#c{index}"), outcome.code())
                .expression_attribute_values(format!(":c{index}"), AttributeValue::N(count.to_string()));
        }
        if adds.is_empty() {
            return Ok(());
        }
        let update = update.update_expression(format!("SET #e = :e ADD {}", adds.join(", ")));
        update.send().await.map_err(StoreError::from_sdk("UpdateItem"))?;
        Ok(())
    }

    /// The ledger of days, in order, hour by hour.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub(crate) async fn ledger(
        &self,
        site: &SiteId,
        days_ms: impl Iterator<Item = u64>,
    ) -> Result<Vec<LedgerHour>, StoreError> {
        let days: Vec<Vec<LedgerHour>> = stream::iter(days_ms)
            .map(|day_ms| self.ledger_of_day(site, day_ms))
            .buffered(CONCURRENT_QUERIES)
            .try_collect()
            .await?;
        Ok(days.concat())
    }

    async fn ledger_of_day(&self, site: &SiteId, day_ms: u64) -> Result<Vec<LedgerHour>, StoreError> {
        let rows = self.query(&self.tables.accounts, partition(site, day_ms), &[]).await?;
        let read = |item: &Item| {
            let hour: u64 = rows::text(item, "sk").parse().ok()?;
            let counts = Outcome::ALL
                .iter()
                .filter_map(|outcome| Some((*outcome, rows::number(item, outcome.code())?)));
            Some(LedgerHour { at: day_ms + hour * HOUR_MS, counts: counts.collect() })
        };
        Ok(rows.iter().filter_map(read).collect())
    }
}

fn partition(site: &SiteId, at: u64) -> String {
    format!("ledger#{site}#{}", keys::day(at))
}
