//! The daily secrets from which visitors without a kept id are derived. In Accounts: partition key `salt`, sort
//! key `YYYY-MM-DD` (UTC). Made by whichever isolate needs one first, kept for the day and the one after.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;

use super::items::Item;
use super::{Store, StoreError, items, keys};
use crate::ingest::identity::{DAY_MS, SALT_BYTES, Salt};

/// Days after which the bin man may have a secret that nobody deleted.
const SALT_DAYS: u32 = 2;

impl Store {
    /// Today's secret, made of `fresh` if there is none yet, and yesterday's if there was one.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer and this isolate does not know them.
    pub(crate) async fn salts(
        &self,
        now: u64,
        fresh: impl FnOnce() -> [u8; SALT_BYTES],
    ) -> Result<[Option<Salt>; 2], StoreError> {
        let today = now - now % DAY_MS;
        if let Some(salts) = *self.salts.borrow()
            && salts[0].is_some_and(|salt| salt.day == today)
        {
            return Ok(salts);
        }
        let yesterday = self.read_salt(today - DAY_MS).await?;
        let kept = match self.read_salt(today).await? {
            Some(salt) => salt,
            None => self.make_salt(today, fresh()).await?,
        };
        let salts = [Some(kept), yesterday];
        *self.salts.borrow_mut() = Some(salts);
        Ok(salts)
    }

    async fn read_salt(&self, day: u64) -> Result<Option<Salt>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.tables.accounts)
            .set_key(Some(key(day)))
            .consistent_read(true)
            .send()
            .await
            .map_err(StoreError::from_sdk("GetItem"))?;
        Ok(answer.item().and_then(|item| read(item, day)))
    }

    /// Makes a day's secret, unless another isolate was quicker, and forgets the one of two days before.
    async fn make_salt(&self, day: u64, secret: [u8; SALT_BYTES]) -> Result<Salt, StoreError> {
        let mut item = key(day);
        item.insert("secret".into(), AttributeValue::B(Blob::new(secret)));
        items::number(&mut item, "expires_at", keys::expires_at(day, SALT_DAYS));
        let answer = self
            .client
            .put_item()
            .table_name(&self.tables.accounts)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await;
        match answer {
            Ok(_) => {
                let old = self.client.delete_item().table_name(&self.tables.accounts);
                let old = old.set_key(Some(key(day - 2 * DAY_MS)));
                // Deletion by TTL comes up to two days late, and until then yesterday's visitors could be linked.
                old.send().await.map_err(StoreError::from_sdk("DeleteItem"))?;
                Ok(Salt { day, secret })
            }
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                self.read_salt(day).await?.ok_or(StoreError::Unprocessed(1))
            }
            Err(error) => Err(StoreError::from_sdk("PutItem")(error)),
        }
    }
}

fn key(day: u64) -> Item {
    [("pk", "salt".to_owned()), ("sk", keys::day(day))]
        .map(|(name, value)| (name.to_owned(), AttributeValue::S(value)))
        .into()
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
