//! Second factors: on, off, and each code good once.

use aws_sdk_dynamodb::types::AttributeValue;

use super::Accounts;
use super::rows::{Expression, n, s};
use crate::store::StoreError;

const PEOPLE: &str = "people";

impl Accounts {
    /// Keeps the nonce of a second factor that waits for its first code. `false` when one is on already.
    pub async fn start_totp(&self, person: &str, nonce: &str) -> Result<bool, StoreError> {
        let update = Expression::new("SET #totp_nonce = :nonce")
            .condition("attribute_exists(#pk) AND attribute_not_exists(#totp_on)")
            .value(":nonce", s(nonce));
        Ok(self.update(PEOPLE, person, update).await?.is_ok())
    }

    /// Turns a second factor on after its first code. Every session of before is void. `false` when another one was
    /// started or confirmed meanwhile.
    pub async fn confirm_totp(
        &self,
        person: &str,
        nonce: &str,
        step: u64,
        recovery: Vec<String>,
    ) -> Result<bool, StoreError> {
        let update = Expression::new(
            "SET #totp_on = :on, #totp_step = :step, #recovery = :recovery ADD #generation :one",
        )
        .condition("#totp_nonce = :nonce AND attribute_not_exists(#totp_on)")
        .value(":nonce", s(nonce))
        .value(":on", AttributeValue::Bool(true))
        .value(":step", n(step))
        .value(":recovery", AttributeValue::Ss(recovery))
        .value(":one", n(1));
        Ok(self.update(PEOPLE, person, update).await?.is_ok())
    }

    /// Uses the code of a step up. `false` when it, or a later one, was used before.
    pub async fn use_totp_step(&self, person: &str, step: u64) -> Result<bool, StoreError> {
        let update = Expression::new("SET #totp_step = :step")
            .condition("attribute_exists(#totp_on) AND #totp_step < :step")
            .value(":step", n(step));
        Ok(self.update(PEOPLE, person, update).await?.is_ok())
    }

    /// Uses a recovery code up. `false` when it is none of the person's, or was used before.
    pub async fn use_recovery_code(&self, person: &str, hash: &str) -> Result<bool, StoreError> {
        let update = Expression::new("DELETE #recovery :codes")
            .condition("contains(#recovery, :code)")
            .value(":codes", AttributeValue::Ss(vec![hash.to_owned()]))
            .value(":code", s(hash));
        Ok(self.update(PEOPLE, person, update).await?.is_ok())
    }

    /// Turns a second factor off, or stops waiting for its first code. `false` when there is no such person.
    pub async fn disable_totp(&self, person: &str) -> Result<bool, StoreError> {
        let update =
            Expression::new("REMOVE #totp_nonce, #totp_on, #totp_step, #recovery ADD #generation :one")
                .condition("attribute_exists(#pk)")
                .value(":one", n(1));
        Ok(self.update(PEOPLE, person, update).await?.is_ok())
    }
}
