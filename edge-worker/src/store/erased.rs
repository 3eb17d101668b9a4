//! Who was erased lately, so that what is still on its way does not come back. In Accounts:
//!
//! | partition key | sort key | row |
//! |---|---|---|
//! | `erased#site` | hash of the id | `at`, when; 30 days |
//!
//! The id itself is not kept. Batches wait in the queue for days and in browsers for a week.

use protocol::{PersonId, SiteId};
use sha2::{Digest, Sha256};

use super::calls::key;
use super::rows::number;
use super::{Store, StoreError, items, keys};
use crate::encoding::hex;
use crate::ingest::{Identity, Parcel};

/// How long it is remembered, in days.
pub(crate) const REMEMBERED_DAYS: u32 = 30;

/// What an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// A person, by the site's own id.
    Person,
    /// A visitor.
    Visitor,
    /// A visit.
    Session,
}

fn partition(site: &SiteId) -> String {
    format!("erased#{site}")
}

fn hash(site: &SiteId, named: Named, id: &str) -> String {
    let kind = match named {
        Named::Person => "person",
        Named::Visitor => "visitor",
        Named::Session => "session",
    };
    let mut hasher = Sha256::new();
    for part in ["liveinsight erased", site.as_str(), kind, id] {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hex(&hasher.finalize())
}

impl Store {
    /// Remembers that somebody was erased at a time.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub(crate) async fn remember_erased(
        &self,
        site: &SiteId,
        named: Named,
        id: &str,
        at: u64,
    ) -> Result<(), StoreError> {
        let mut item = key(&partition(site), &hash(site, named, id));
        items::number(&mut item, "at", at);
        items::number(&mut item, "expires_at", keys::expires_at(at, REMEMBERED_DAYS));
        self.calls.put(&self.tables.accounts, item).await.map(drop)
    }

    /// When the last one of whom a parcel tells was erased, if any was.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub(crate) async fn erased_at(&self, parcel: &Parcel) -> Result<Option<u64>, StoreError> {
        let batch = &parcel.batch;
        let mut named =
            vec![(Named::Visitor, batch.user_id.to_string()), (Named::Session, batch.session_id.to_string())];
        if let Identity::Derived { today, before, .. } = parcel.identity {
            named.extend(
                [Some(today), before].into_iter().flatten().map(|it| (Named::Visitor, it.to_string())),
            );
        }
        named.extend(batch.person_id.as_ref().map(PersonId::as_str).map(|id| (Named::Person, id.to_owned())));
        let pk = partition(&batch.site_id);
        let mut hashes: Vec<String> =
            named.iter().map(|(kind, id)| hash(&batch.site_id, *kind, id)).collect();
        hashes.sort_unstable();
        hashes.dedup();
        let wanted = hashes.iter().map(|hash| key(&pk, hash)).collect();
        let found = self.calls.get_all(&self.tables.accounts, wanted).await?;
        Ok(found.iter().filter_map(|item| number(item, "at")).max())
    }

    /// Forgets whom a site has erased: the site is gone.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub(crate) async fn forget_erased(&self, site: &SiteId) -> Result<(), StoreError> {
        self.delete_partition(&self.tables.accounts, &partition(site)).await.map(drop)
    }

    /// Deletes the ledger of a site.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub(crate) async fn forget_ledger(
        &self,
        site: &SiteId,
        days: impl Iterator<Item = u64>,
    ) -> Result<(), StoreError> {
        for day in days {
            let pk = format!("ledger#{site}#{}", keys::day(day));
            self.delete_partition(&self.tables.accounts, &pk).await?;
        }
        Ok(())
    }
}

/// Takes out of a parcel what happened before its visitor was erased. Whether anything is left.
pub(crate) fn take_out(parcel: &mut Parcel, erased_at: u64) -> bool {
    if parcel.received_at <= erased_at {
        return false;
    }
    parcel.batch.events.retain(|event| event.at > erased_at);
    !parcel.batch.events.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_differ_by_site_kind_and_id() {
        let [shop, blog] = ["shop", "blog"].map(|id| SiteId::parse(id).unwrap());
        let all = [
            hash(&shop, Named::Person, "7"),
            hash(&blog, Named::Person, "7"),
            hash(&shop, Named::Visitor, "7"),
            hash(&shop, Named::Person, "8"),
        ];
        assert!((0..4).all(|a| (0..a).all(|b| all[a] != all[b])));
        assert_eq!(all[0].len(), 64);
    }
}
