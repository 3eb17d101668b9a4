//! The audit log: what was done by whom, for 400 days.

use protocol::account::{AuditEntry, AuditLog};

use super::Accounts;
use super::rows::{bin_day, json, key, read_json, s, text};
use crate::store::StoreError;

/// A year can be compared with the one before.
const KEPT_MS: u64 = 400 * 24 * 3_600_000;

const AUDIT: &str = "audit";

impl Accounts {
    /// Adds an entry.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub async fn append_audit(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        let mut item = key(AUDIT, &entry.id);
        item.insert("doc".into(), json(entry)?);
        item.insert("expires_at".into(), bin_day(entry.at + KEPT_MS));
        if let Some(site) = &entry.site_id {
            item.insert("site_id".into(), s(site));
        }
        self.put(item).await
    }

    /// A page of entries, the newest first: those before the entry `before`, of one site only if it is given.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub async fn audit(
        &self,
        site: Option<&str>,
        before: Option<&str>,
        limit: usize,
    ) -> Result<AuditLog, StoreError> {
        let mut query = self
            .calls
            .client
            .query()
            .table_name(&*self.table)
            .consistent_read(true)
            .scan_index_forward(false)
            .expression_attribute_names("#pk", "pk")
            .expression_attribute_names("#sk", "sk")
            .expression_attribute_values(":pk", s(AUDIT))
            // Ids are UUIDs in lower case: `g` comes after all of them.
            .expression_attribute_values(":before", s(before.unwrap_or("g")))
            .key_condition_expression("#pk = :pk AND #sk < :before");
        if let Some(site) = site {
            query = query
                .filter_expression("#site_id = :site")
                .expression_attribute_names("#site_id", "site_id")
                .expression_attribute_values(":site", s(site));
        }
        let mut pages = query.into_paginator();
        if site.is_none() {
            // Rows are counted before they are chosen by site: those of a quiet site are read by the megabyte.
            pages = pages.page_size(i32::try_from(limit + 1).unwrap_or(i32::MAX));
        }
        let mut pages = pages.items().send();
        let mut log = AuditLog { entries: Vec::new(), next: None };
        while let Some(item) = pages.next().await {
            let item = item.map_err(StoreError::from_sdk("Query"))?;
            if log.entries.len() == limit {
                log.next = log.entries.last().map(|entry| entry.id.clone());
                break;
            }
            // A row that a newer version wrote is shown by what every version knows.
            log.entries.push(read_json(&item, "doc").unwrap_or_else(|| AuditEntry {
                id: text(&item, "sk").to_owned(),
                at: 0,
                actor: "unknown".into(),
                action: "unknown".into(),
                target: String::new(),
                site_id: None,
            }));
        }
        Ok(log)
    }
}
