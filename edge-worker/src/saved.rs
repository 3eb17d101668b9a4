//! What people saved at a site, as questions use it: kept by the isolate for a minute, like the site itself.

use std::rc::Rc;

use protocol::SiteId;
use protocol::saved::AllSaved;

use crate::cache::{Cache, Lifetime};
use crate::sites::cached;
use crate::store::StoreError;
use crate::store::accounts::Accounts;

/// A change is seen by every isolate after the first of these. During an outage of the store nothing can be asked.
const LIFETIME: Lifetime = Lifetime { found: 60_000, missing: 5_000, stale: 10 * 60_000 };

/// What this isolate knows.
pub(crate) struct SavedCache {
    known: Cache<AllSaved>,
}

impl Default for SavedCache {
    fn default() -> Self {
        Self { known: Cache::new(LIFETIME) }
    }
}

impl SavedCache {
    /// What is saved at a site.
    pub(crate) async fn of(&self, accounts: &Accounts, site: &SiteId) -> Result<Rc<AllSaved>, StoreError> {
        let load = async || accounts.saved(site.as_str()).await.map(Some);
        Ok(cached(accounts, &self.known, site.as_str(), load).await?.unwrap_or_default())
    }

    /// Forgets everything: something was changed by this isolate.
    pub(crate) fn forget(&self) {
        self.known.clear();
    }
}
