//! Wrong attempts, counted by account.

use super::Accounts;
use super::rows::{Expression, bin_day, n, number};
use crate::auth::throttle::{Attempts, FORGOTTEN_MS};
use crate::store::StoreError;

/// How often a charge is tried when attempts arrive side by side.
const TRIES: u32 = 3;

impl Accounts {
    /// Charges an attempt at what `key` stands for before it is looked at. The inner error is the time, Unix
    /// milliseconds, before which none is let through.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub async fn charge_attempt(&self, key: &str, now: u64) -> Result<Result<(), u64>, StoreError> {
        let pk = format!("throttle#{key}");
        for _ in 0..TRIES {
            let known = self.get(&pk, "throttle").await?;
            let known = known.map_or_else(Attempts::default, |item| Attempts {
                count: number(&item, "count").and_then(|count| count.try_into().ok()).unwrap_or(u32::MAX),
                last: number(&item, "last").unwrap_or(now),
            });
            if now < known.next_at() {
                return Ok(Err(known.next_at()));
            }
            let charged = known.charged(now);
            let update = Expression::new("SET #count = :count, #last = :last, #expires_at = :end")
                .condition("attribute_not_exists(#count) OR #count = :known")
                .value(":known", n(known.count))
                .value(":count", n(charged.count))
                .value(":last", n(now))
                .value(":end", bin_day(now + FORGOTTEN_MS));
            if self.update(&pk, "throttle", update).await?.is_ok() {
                return Ok(Ok(()));
            }
        }
        // So many at once is no person typing.
        Ok(Err(now + 1_000))
    }

    /// Forgets the attempts after a right one.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub async fn clear_attempts(&self, key: &str) -> Result<(), StoreError> {
        self.delete(&format!("throttle#{key}"), "throttle").await
    }
}
