//! Finding a site by what a request says of it.
//!
//! Sites are kept in the table Accounts; an isolate believes what it was told for a minute, and longer while the
//! store does not answer. Sites given in the environment need no store and cannot be changed.

use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{Either, select};
use protocol::SiteId;

use crate::cache::{Cache, Known, Lifetime};
use crate::order;
use crate::site::{Site, host_of_origin};
use crate::store::StoreError;
use crate::store::accounts::Accounts;

/// A change of a site is seen by every isolate after the first of these. During an outage of the store a batch for
/// a known site still finds its way into the queue.
const LIFETIME: Lifetime = Lifetime { found: 60_000, missing: 5_000, stale: 24 * 3_600_000 };

/// How long a request that could do with a stale answer waits for a fresh one.
const PATIENCE: Duration = Duration::from_millis(300);

/// The sites of this installation.
pub struct Sites {
    fixed: Vec<Rc<Site>>,
    kept: Option<Kept>,
}

struct Kept {
    accounts: Accounts,
    sites: Cache<Site>,
    /// Id of the first site of an alias (`alias#…`) or host (`host#…`).
    names: Cache<SiteId>,
}

impl Sites {
    /// Sites that are given by the environment, and no others.
    pub fn new(fixed: Vec<Site>) -> Self {
        // Nobody saw these being made, so nothing is known of what was stored before.
        let fixed = fixed.into_iter().map(|site| Rc::new(Site { created_at: None, ..site })).collect();
        Self { fixed, kept: None }
    }

    /// Sites that are given by the environment, and those of the table.
    pub fn with_table(fixed: Vec<Site>, accounts: Accounts) -> Self {
        let kept = Kept { accounts, sites: Cache::new(LIFETIME), names: Cache::new(LIFETIME) };
        Self { kept: Some(kept), ..Self::new(fixed) }
    }

    /// The site of that id.
    ///
    /// # Errors
    /// [`StoreError`] when the store has to be asked and does not answer.
    pub async fn by_id(&self, id: &SiteId) -> Result<Option<Rc<Site>>, StoreError> {
        if let Some(site) = self.fixed(id) {
            return Ok(Some(site));
        }
        let Some(kept) = &self.kept else { return Ok(None) };
        let load = async || Ok(kept.accounts.site(id.as_str()).await?.map(|stored| stored.site));
        cached(&kept.accounts, &kept.sites, id.as_str(), load).await
    }

    /// The site that a sender of another product calls so: by id, alias or domain. A domain that several sites
    /// have stands for the one whose id comes first.
    ///
    /// # Errors
    /// As [`Sites::by_id`].
    pub async fn by_name(&self, name: &str) -> Result<Option<Rc<Site>>, StoreError> {
        if let Ok(id) = SiteId::parse(name)
            && let Some(site) = self.by_id(&id).await?
        {
            return Ok(Some(site));
        }
        let named =
            |site: &&Rc<Site>| site.aliases.iter().any(|alias| alias == name) || site.has_domain(name);
        if let Some(site) = self.fixed.iter().find(named) {
            return Ok(Some(Rc::clone(site)));
        }
        let Some(kept) = &self.kept else { return Ok(None) };
        let id = match kept.by_alias(name).await? {
            Some(id) => Some(id),
            None => kept.by_host(name).await?,
        };
        match id {
            Some(id) => self.by_id(&id).await,
            None => Ok(None),
        }
    }

    /// Whether some site takes events from pages of this origin.
    ///
    /// # Errors
    /// As [`Sites::by_id`].
    pub async fn knows_origin(&self, origin: &str) -> Result<bool, StoreError> {
        if self.fixed.iter().any(|site| site.allows_origin(origin)) {
            return Ok(true);
        }
        let host = if origin == "null" { Some(origin) } else { host_of_origin(origin) };
        match (&self.kept, host) {
            (Some(kept), Some(host)) => Ok(kept.by_host(host).await?.is_some()),
            _ => Ok(false),
        }
    }

    /// The site of that id if the environment gives it.
    pub fn fixed(&self, id: &SiteId) -> Option<Rc<Site>> {
        self.fixed.iter().find(|site| site.id == *id).cloned()
    }

    /// All sites, by id; those of the environment in place of others of the same id.
    ///
    /// # Errors
    /// As [`Sites::by_id`].
    pub async fn all(&self) -> Result<Vec<Rc<Site>>, StoreError> {
        let mut all = self.fixed.clone();
        if let Some(kept) = &self.kept {
            let sites = kept.accounts.sites().await?.into_iter().map(|stored| stored.site);
            all.extend(sites.filter(|site| self.fixed(&site.id).is_none()).map(Rc::new));
        }
        Ok(order::by_text(all, |site| site.id.to_string()))
    }

    /// Forgets what was learnt: a site was changed by this isolate.
    pub(crate) fn forget(&self) {
        if let Some(kept) = &self.kept {
            kept.sites.clear();
            kept.names.clear();
        }
    }
}

impl Kept {
    async fn by_alias(&self, alias: &str) -> Result<Option<SiteId>, StoreError> {
        let load =
            async || Ok(self.accounts.site_of_alias(alias).await?.and_then(|id| SiteId::parse(&id).ok()));
        self.name(&format!("alias#{alias}"), load).await
    }

    async fn by_host(&self, host: &str) -> Result<Option<SiteId>, StoreError> {
        let host = host.to_ascii_lowercase();
        let load = async || {
            let ids = self.accounts.sites_of_host(&host).await?;
            Ok(ids.first().and_then(|id| SiteId::parse(id).ok()))
        };
        self.name(&format!("host#{host}"), load).await
    }

    async fn name<F>(&self, key: &str, load: impl FnOnce() -> F) -> Result<Option<SiteId>, StoreError>
    where
        F: Future<Output = Result<Option<SiteId>, StoreError>>,
    {
        Ok(cached(&self.accounts, &self.names, key, load).await?.map(|id| (*id).clone()))
    }
}

/// What the cache knows, or else the store. Whoever has a stale answer waits but a moment for a fresh one.
pub(crate) async fn cached<V: 'static, F>(
    accounts: &Accounts,
    cache: &Cache<V>,
    key: &str,
    load: impl FnOnce() -> F,
) -> Result<Option<Rc<V>>, StoreError>
where
    F: Future<Output = Result<Option<V>, StoreError>>,
{
    let now = accounts.now();
    match cache.get(key, now) {
        Known::Fresh(value) => Ok(value),
        Known::Stale(stale) => {
            let load = std::pin::pin!(load());
            match select(load, accounts.sleep(PATIENCE)).await {
                Either::Left((Ok(value), _)) => Ok(cache.put(key.to_owned(), value, now)),
                _ => Ok(stale),
            }
        }
        Known::Nothing => load().await.map(|value| cache.put(key.to_owned(), value, now)),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn sites() -> Sites {
        let shop =
            r#"{"id":"shop","domains":["shop.example"],"aliases":["94db1cb1-74f4-4a40-ad6c-962362670409"]}"#;
        let app = r#"{"id":"app","domains":["app.example"],"allow_null_origin":true}"#;
        Sites::new([shop, app].map(|text| serde_json::from_str(text).unwrap()).into())
    }

    #[test]
    fn fixed_sites_are_found_by_id_alias_and_domain_without_a_store() {
        let sites = sites();
        for name in ["shop", "shop.example", "SHOP.example", "94db1cb1-74f4-4a40-ad6c-962362670409"] {
            let found = sites.by_name(name).now_or_never().unwrap().unwrap();
            assert_eq!(found.unwrap().id.as_str(), "shop", "{name}");
        }
        assert!(sites.by_name("other.example").now_or_never().unwrap().unwrap().is_none());
    }

    #[test]
    fn origins_of_fixed_sites_are_known() {
        let sites = sites();
        for (origin, known) in [
            ("https://shop.example", true),
            ("null", true),
            ("https://www.shop.example", false),
            ("ftp://shop.example", false),
            ("", false),
        ] {
            assert_eq!(sites.knows_origin(origin).now_or_never().unwrap().unwrap(), known, "{origin}");
        }
    }
}
