//! Rows that are one JSON document: API tokens, share links, invitations.

use analytics::DAY_MS;
use protocol::account::{ApiToken, Invitation, Share};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Accounts;
use super::rows::{Expression, bin_day, json, key, n, number, read_json};
use crate::order;
use crate::store::StoreError;
use crate::store::items::Item;

/// How long what has ended is still listed: its owner wonders why it stopped working.
const LISTED_MS: u64 = 30 * DAY_MS;

/// An API token and the hash of its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRow {
    /// What may be shown.
    pub token: ApiToken,
    /// Hash of the secret.
    pub hash: String,
}

/// A share link, the hash of its secret and that of its password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareRow {
    /// What may be shown.
    pub share: Share,
    /// Hash of the secret.
    pub hash: String,
    /// argon2id hash of the password, if there is one.
    #[serde(default)]
    pub password: Option<String>,
}

/// An invitation and the hash of its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationRow {
    /// What may be shown.
    pub invitation: Invitation,
    /// Hash of the secret.
    pub hash: String,
    /// Id of the person who made it.
    pub made_by: String,
}

/// What is kept as a document, and where.
pub trait Document: Serialize + DeserializeOwned {
    /// The partition.
    const PARTITION: &'static str;
    /// Names it in the partition.
    fn id(&self) -> &str;
    /// When it ends, Unix milliseconds.
    fn ends_at(&self) -> Option<u64>;
    /// When it was made, Unix milliseconds.
    fn made_at(&self) -> u64;
    /// Takes up what is kept beside the document.
    fn complete(&mut self, _last_used: Option<u64>) {}
}

impl Document for TokenRow {
    const PARTITION: &'static str = "tokens";
    fn id(&self) -> &str {
        &self.token.id
    }
    fn ends_at(&self) -> Option<u64> {
        self.token.expires_at
    }
    fn made_at(&self) -> u64 {
        self.token.created_at
    }
    fn complete(&mut self, last_used: Option<u64>) {
        self.token.last_used = last_used;
    }
}

impl Document for ShareRow {
    const PARTITION: &'static str = "shares";
    fn id(&self) -> &str {
        &self.share.id
    }
    fn ends_at(&self) -> Option<u64> {
        self.share.expires_at
    }
    fn made_at(&self) -> u64 {
        self.share.created_at
    }
}

impl Document for InvitationRow {
    const PARTITION: &'static str = "invitations";
    fn id(&self) -> &str {
        &self.invitation.id
    }
    fn ends_at(&self) -> Option<u64> {
        Some(self.invitation.expires_at)
    }
    fn made_at(&self) -> u64 {
        self.invitation.created_at
    }
}

fn read<D: Document>(item: &Item) -> Option<D> {
    let mut document: D = read_json(item, "doc")?;
    document.complete(number(item, "last_used"));
    Some(document)
}

impl Accounts {
    /// Keeps a document.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer; so in all methods of this type.
    pub async fn keep<D: Document>(&self, document: &D) -> Result<(), StoreError> {
        let mut item = key(D::PARTITION, document.id());
        item.insert("doc".into(), json(document)?);
        if let Some(end) = document.ends_at() {
            item.insert("expires_at".into(), bin_day(end + LISTED_MS));
        }
        self.put(item).await
    }

    /// The document of that id.
    pub async fn find<D: Document>(&self, id: &str) -> Result<Option<D>, StoreError> {
        Ok(self.get(D::PARTITION, id).await?.as_ref().and_then(read))
    }

    /// All documents of the kind, the newest first.
    pub async fn list<D: Document>(&self) -> Result<Vec<D>, StoreError> {
        let all = self.all(D::PARTITION).await?.iter().filter_map(read).collect();
        Ok(order::by_text(all, |document: &D| order::newest_first(document.made_at())))
    }

    /// Forgets the document of that id.
    pub async fn forget<D: Document>(&self, id: &str) -> Result<(), StoreError> {
        self.delete(D::PARTITION, id).await
    }

    /// Notes that a token was used, to the day.
    pub async fn touch_token(&self, id: &str, now: u64) -> Result<(), StoreError> {
        let update = Expression::new("SET #last_used = :day")
            .condition("attribute_exists(#pk)")
            .value(":day", n(token_day(now)));
        // A token that was revoked meanwhile must not come back to life.
        self.update(TokenRow::PARTITION, id, update).await.map(drop)
    }
}

/// What the last use of a token at `now` is kept as.
pub(crate) fn token_day(now: u64) -> u64 {
    now - now % DAY_MS
}
