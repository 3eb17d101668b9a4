//! Sites, with the look-ups by domain and by alias.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use protocol::SiteId;
use protocol::query::united;

use super::rows::{Expression, json, key, n, number, read_json, s, text};
use super::{Accounts, DELETION};
use crate::order;
use crate::site::Site;
use crate::store::StoreError;
use crate::store::items::Item;

const SITES: &str = "sites";

/// Ids of sites that were deleted: of another one of that id nobody knows what is stored.
const GONE: &str = "deleted_sites";

/// The host under which sites that take events from opaque origins (`Origin: null`) are found.
const OPAQUE: &str = "null";

/// How often a site is noted anew that somebody changes meanwhile.
const ATTEMPTS: u32 = 5;

/// A site as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSite {
    /// The site.
    pub site: Site,
    /// Counts its changes: a change names the one it was made of.
    pub version: u64,
}

/// Why a site was not made, changed or deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteConflict {
    /// There is a site of this id.
    IdTaken,
    /// One of this id is being deleted: what it left would be the new one's.
    BeingDeleted,
    /// Another site has this alias, by its place in the site's list.
    AliasTaken(usize),
    /// It was changed meanwhile, or is gone.
    Changed,
}

/// Every host by which a site is found.
fn hosts(site: Option<&Site>) -> Vec<String> {
    let Some(site) = site else { return Vec::new() };
    let mut hosts: Vec<String> = site.domains.iter().map(|domain| domain.to_ascii_lowercase()).collect();
    if site.allow_null_origin {
        hosts.push(OPAQUE.to_owned());
    }
    hosts
}

fn aliases(site: Option<&Site>) -> &[String] {
    site.map_or(&[], |site| &site.aliases)
}

/// What the first list has and the second has not, each once.
fn added<'a>(new: &'a [String], old: &[String]) -> Vec<&'a String> {
    let mut added = Vec::new();
    for text in new {
        if !old.contains(text) && !added.contains(&text) {
            added.push(text);
        }
    }
    added
}

fn item(site: &Site, version: u64) -> Result<Item, StoreError> {
    let mut item = key(SITES, site.id.as_str());
    item.insert("doc".into(), json(site)?);
    item.insert("version".into(), n(version));
    Ok(item)
}

fn read(item: &Item) -> Option<StoredSite> {
    Some(StoredSite { site: read_json(item, "doc")?, version: number(item, "version")? })
}

impl Accounts {
    /// The site of that id.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer; so in all methods of this type.
    pub async fn site(&self, id: &str) -> Result<Option<StoredSite>, StoreError> {
        Ok(self.get(SITES, id).await?.as_ref().and_then(read))
    }

    /// All sites, by id.
    pub async fn sites(&self) -> Result<Vec<StoredSite>, StoreError> {
        Ok(self.all(SITES).await?.iter().filter_map(read).collect())
    }

    /// Ids of the sites with a domain, in lower case; of those that take opaque origins for `null`.
    pub async fn sites_of_host(&self, host: &str) -> Result<Vec<String>, StoreError> {
        let found = self.get(&format!("host#{host}"), "sites").await?;
        let ids = found.as_ref().and_then(|item| item.get("sites")).and_then(|value| value.as_ss().ok());
        Ok(order::by_text(ids.cloned().unwrap_or_default(), String::clone))
    }

    /// Id of the site with an alias.
    pub async fn site_of_alias(&self, alias: &str) -> Result<Option<String>, StoreError> {
        let found = self.get(&format!("alias#{alias}"), "site").await?;
        Ok(found.map(|item| text(&item, "site_id").to_owned()))
    }

    /// Makes a site, and says which: that it begins now is not believed of one whose id another had.
    pub async fn create_site(
        &self,
        site: &Site,
        operation: &str,
    ) -> Result<Result<Site, SiteConflict>, StoreError> {
        let deletion = self.task(site.id.as_str(), DELETION).await?;
        if deletion.is_some_and(|row| row.work.is_some()) {
            return Ok(Err(SiteConflict::BeingDeleted));
        }
        let mut site = site.clone();
        if self.get(GONE, site.id.as_str()).await?.is_some() {
            site.created_at = None;
        }
        let new = Expression::default().condition("attribute_not_exists(#pk)");
        let first = self.put_in(item(&site, 1)?, &new)?;
        // Nor if that one is deleted at this moment.
        let gone = self.delete_in(GONE, site.id.as_str(), &new)?;
        let last = site.created_at.map(|_| gone);
        let done = self.write_site([Some(first), last], None, Some(&site), SiteConflict::IdTaken, operation);
        Ok(done.await?.map(|()| site))
    }

    /// Changes a site that is still the one that was looked at.
    pub async fn change_site(
        &self,
        old: &StoredSite,
        site: &Site,
        operation: &str,
    ) -> Result<Result<(), SiteConflict>, StoreError> {
        let first = self.put_in(item(site, old.version + 1)?, &same(old.version))?;
        self.write_site([Some(first), None], Some(&old.site), Some(site), SiteConflict::Changed, operation)
            .await
    }

    /// Notes of which ranges the visits are made up. `false` if there is no such site, or it is changed again and again.
    pub async fn note_estimated(
        &self,
        id: &str,
        ranges: &[(u64, u64)],
        operation: &dyn Fn() -> String,
    ) -> Result<bool, StoreError> {
        for _ in 0..ATTEMPTS {
            let Some(old) = self.site(id).await? else { return Ok(false) };
            let before = &old.site.estimated_ranges;
            let noted = ranges.iter().fold(before.clone(), |all, range| united(&all, *range));
            if noted == *before {
                return Ok(true);
            }
            let site = Site { estimated_ranges: noted, ..old.site.clone() };
            if self.change_site(&old, &site, &operation()).await?.is_ok() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Deletes a site that is still the one that was looked at. Its events are deleted by a task ([`crate::care`]).
    pub async fn delete_site(
        &self,
        old: &StoredSite,
        operation: &str,
    ) -> Result<Result<(), SiteConflict>, StoreError> {
        let first = self.delete_in(SITES, old.site.id.as_str(), &same(old.version))?;
        let gone = self.put_in(key(GONE, old.site.id.as_str()), &Expression::default())?;
        self.write_site([Some(first), Some(gone)], Some(&old.site), None, SiteConflict::Changed, operation)
            .await
    }

    async fn write_site(
        &self,
        [first, last]: [Option<TransactWriteItem>; 2],
        old: Option<&Site>,
        new: Option<&Site>,
        unmet: SiteConflict,
        operation: &str,
    ) -> Result<Result<(), SiteConflict>, StoreError> {
        let Some(id) = new.or(old).map(|site| &site.id) else { return Ok(Ok(())) };
        let taken = added(aliases(new), aliases(old));
        let mut parts = Vec::from_iter(first);
        for alias in &taken {
            parts.push(self.take_alias(alias, id)?);
        }
        for alias in added(aliases(old), aliases(new)) {
            let own = Expression::default().condition("#site_id = :site").value(":site", s(id.as_str()));
            parts.push(self.delete_in(&format!("alias#{alias}"), "site", &own)?);
        }
        let (old_hosts, new_hosts) = (hosts(old), hosts(new));
        let changes = [("ADD", added(&new_hosts, &old_hosts)), ("DELETE", added(&old_hosts, &new_hosts))];
        for (change, hosts) in changes {
            for host in hosts {
                let update = Expression::new(&format!("{change} #sites :site"))
                    .value(":site", AttributeValue::Ss(vec![id.to_string()]));
                parts.push(self.update_in(&format!("host#{host}"), "sites", &update)?);
            }
        }
        parts.extend(last);
        Ok(self.transact(operation, parts).await?.map_err(|failed| {
            let refused = taken.iter().zip(failed.iter().skip(1)).find(|(_, failed)| **failed);
            match (failed.first(), refused) {
                (Some(true), _) => unmet,
                (_, Some((alias, _))) => {
                    let place = aliases(new).iter().position(|a| a == *alias);
                    SiteConflict::AliasTaken(place.unwrap_or(0))
                }
                _ => SiteConflict::Changed,
            }
        }))
    }

    fn take_alias(&self, alias: &str, id: &SiteId) -> Result<TransactWriteItem, StoreError> {
        let mut item = key(&format!("alias#{alias}"), "site");
        item.insert("site_id".into(), s(id.as_str()));
        let free = Expression::default()
            .condition("attribute_not_exists(#pk) OR #site_id = :site")
            .value(":site", s(id.as_str()));
        self.put_in(item, &free)
    }
}

fn same(version: u64) -> Expression {
    Expression::default().condition("#version = :version").value(":version", n(version))
}
