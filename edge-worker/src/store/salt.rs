//! The daily secrets from which visitors without a kept id are derived. In Accounts: partition key `salt`, sort
//! key `YYYY-MM-DD` (UTC). Made by whichever isolate needs one first, in the second half of the day also tomorrow's, so
//! that midnight needs no store. Kept for its day and the one after, then deleted within the hour.

use analytics::DAY_MS;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;

use super::calls::{Put, key};
use super::items::Item;
use super::{Store, StoreError, items, keys};
use crate::ingest::identity::{SALT_BYTES, Salt};

const PARTITION: &str = "salt";

/// Days after which the bin man may have a secret that nobody deleted.
const SALT_DAYS: u32 = 2;

impl Store {
    /// Today's secret, made of `fresh` if there is none yet, and yesterday's if there was one. May make tomorrow's.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer and this isolate does not know them.
    pub(crate) async fn salts(
        &self,
        now: u64,
        fresh: impl FnOnce() -> [u8; SALT_BYTES],
    ) -> Result<[Option<Salt>; 2], StoreError> {
        let today = now - now % DAY_MS;
        let tomorrow = today + DAY_MS;
        let known = |day| self.salts.borrow().iter().copied().find(|salt| salt.day == day);
        if known(today).is_none() {
            let yesterday = self.read_salt(today - DAY_MS).await?;
            let kept = match self.read_salt(today).await? {
                Some(salt) => salt,
                None => self.make_salt(today, fresh()).await?,
            };
            *self.salts.borrow_mut() = yesterday.into_iter().chain([kept]).collect();
        } else if now >= today + DAY_MS / 2 && known(tomorrow).is_none() {
            // It is not needed yet: a store that does not answer is asked again with the next batch.
            if let Ok(salt) = self.make_salt(tomorrow, fresh()).await {
                let mut salts = self.salts.borrow_mut();
                salts.retain(|salt| salt.day + DAY_MS >= today);
                salts.push(salt);
            }
        }
        Ok([known(today), known(today - DAY_MS)])
    }

    /// Deletes the secrets of all days before yesterday. Deletion by TTL comes up to two days late, and until then
    /// the visitors of those days could be linked.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub(crate) async fn forget_salts(&self, now: u64) -> Result<(), StoreError> {
        let oldest = keys::day((now - now % DAY_MS).saturating_sub(DAY_MS));
        for item in self.query(&self.tables.accounts, PARTITION.to_owned(), &["pk", "sk"]).await? {
            if super::rows::text(&item, "sk") < oldest.as_str() {
                self.calls.delete(&self.tables.accounts, PARTITION, super::rows::text(&item, "sk")).await?;
            }
        }
        Ok(())
    }

    async fn read_salt(&self, day: u64) -> Result<Option<Salt>, StoreError> {
        let item = self.calls.get(&self.tables.accounts, PARTITION, &keys::day(day)).await?;
        Ok(item.and_then(|item| read(&item, day)))
    }

    /// Makes a day's secret, unless another isolate was quicker.
    async fn make_salt(&self, day: u64, secret: [u8; SALT_BYTES]) -> Result<Salt, StoreError> {
        let mut item = key(PARTITION, &keys::day(day));
        item.insert("secret".into(), AttributeValue::B(Blob::new(secret)));
        items::number(&mut item, "expires_at", keys::expires_at(day, SALT_DAYS));
        let put = self.calls.put_if(&self.tables.accounts, item, "attribute_not_exists(pk)", &[]).await?;
        match put {
            Put::Done(_) => Ok(Salt { day, secret }),
            Put::Unmet(row) => row.and_then(|row| read(&row, day)).ok_or(StoreError::Unprocessed(1)),
        }
    }
}

fn read(item: &Item, day: u64) -> Option<Salt> {
    match item.get("secret") {
        Some(AttributeValue::B(bytes)) => {
            let secret = bytes.as_ref().try_into().ok()?;
            Some(Salt { day, secret })
        }
        _ => None,
    }
}
