//! Reading: queries by key, never a scan.

use futures_util::stream::{self, StreamExt, TryStreamExt};
use protocol::SiteId;
use protocol::api::{ActiveSession, Device};

use super::items::{Item, LEFT};
use super::keys::{self, ACTIVE_BUCKET_MS};
use super::rows::{number, text};
use super::{Store, StoreError};

/// Queries under way at once. Workers hold the seventh connection back silently (platform limits: six
/// waiting for headers), and the attempt's timeout would run meanwhile.
pub(super) const CONCURRENT_QUERIES: usize = 4;

/// A row of ActiveSessions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActiveRow {
    /// What it says of the visit. Whether the visitor is here `now` is for the reader to judge.
    pub session: ActiveSession,
    /// Seconds within which the next sign of life was announced.
    pub interval_s: u32,
    /// Whether the visitor left.
    pub left: bool,
}

impl Store {
    /// The rows of sessions seen in `[from, to]`, in no order; a session may have one for each bucket.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub async fn active_sessions(
        &self,
        site: &SiteId,
        from: u64,
        to: u64,
    ) -> Result<Vec<ActiveRow>, StoreError> {
        // A clock that runs ahead of ours by up to a bucket still writes where we look.
        let first = from - from % ACTIVE_BUCKET_MS;
        let buckets = (first..=to + ACTIVE_BUCKET_MS).step_by(ACTIVE_BUCKET_MS as usize);
        let pages: Vec<Vec<Item>> = stream::iter(buckets.map(|at| keys::active(site, at)))
            .map(|key| self.query(&self.tables.active, key, &[]))
            .buffer_unordered(CONCURRENT_QUERIES)
            .try_collect()
            .await?;
        // Deletion by TTL comes up to two days late, so what is read is chosen by its time alone.
        Ok(pages
            .iter()
            .flatten()
            .filter_map(active_row)
            .filter(|row| row.session.last_seen >= from)
            .collect())
    }

    pub(super) async fn query(
        &self,
        table: &str,
        key: String,
        attributes: &[&str],
    ) -> Result<Vec<Item>, StoreError> {
        self.calls.partition(table, key, attributes, false).await
    }
}

fn active_row(item: &Item) -> Option<ActiveRow> {
    let key = text(item, "sk");
    let session_id = key.strip_suffix(LEFT);
    Some(ActiveRow {
        session: ActiveSession {
            session_id: session_id.unwrap_or(key).to_owned(),
            user_id: text(item, "user_id").to_owned(),
            page: text(item, "page").to_owned(),
            country: text(item, "country").to_owned(),
            city: text(item, "city").to_owned(),
            device: Device::from_name(text(item, "device")),
            browser: text(item, "browser").to_owned(),
            os: text(item, "os").to_owned(),
            started_at: number(item, "started_at")?,
            last_seen: number(item, "last_seen")?,
            now: false,
        },
        interval_s: u32::try_from(number(item, "interval_s")?).ok()?,
        left: session_id.is_some(),
    })
}
