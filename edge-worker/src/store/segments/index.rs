//! Which segments there are, and which hours are marked.

use std::ops::Range;

use analytics::segment::{Manifest, SegmentError};
use analytics::{Bucket, DAY_MS, Span};
use aws_sdk_dynamodb::types::AttributeValue;
use protocol::SiteId;

use super::{Mark, Sealed, damaged, manifest_key, mark_key, span_name};
use crate::store::calls::Select;
use crate::store::items::Item;
use crate::store::rows::{number, text};
use crate::store::{Store, StoreError};

/// Days of the ledger in which a new site's id is looked for.
const LEDGER_DAYS: u64 = 3;

impl Store {
    /// The marked hours of a range, ascending.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub async fn marks(&self, site: &SiteId, range: &Range<u64>) -> Result<Vec<Mark>, StoreError> {
        if range.is_empty() {
            return Ok(Vec::new());
        }
        let hour = |at| mark_key(Bucket::of(Span::Hour, at));
        let mut marks = Vec::new();
        let select = self.index_of(site, [hour(range.start), hour(range.end - 1)]);
        let take = &mut |item: Item| {
            marks.extend(read_mark(&item));
            Ok(())
        };
        let units = self.calls.select(select, take).await?;
        self.segments.borrow_mut().spend(units);
        Ok(marks)
    }

    /// The segments of one span whose buckets touch a range, ascending.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer, or a manifest is damaged.
    pub async fn sealed(
        &self,
        site: &SiteId,
        span: Span,
        range: &Range<u64>,
    ) -> Result<Vec<Sealed>, StoreError> {
        if range.is_empty() {
            return Ok(Vec::new());
        }
        let bucket = |at| manifest_key(Bucket::of(span, at));
        let mut sealed = Vec::new();
        let select = self.index_of(site, [bucket(range.start), bucket(range.end - 1)]);
        let take = &mut |item: Item| {
            sealed.push(read_sealed(&item, span)?);
            Ok(())
        };
        let units = self.calls.select(select, take).await?;
        self.segments.borrow_mut().spend(units);
        Ok(sealed)
    }

    /// The segment of a bucket.
    ///
    /// # Errors
    /// As [`Store::sealed`].
    pub async fn sealed_of(&self, site: &SiteId, bucket: Bucket) -> Result<Option<Sealed>, StoreError> {
        Ok(self.sealed(site, bucket.span(), &bucket.range()).await?.pop())
    }

    /// `now`, if nothing was stored under this id before, as far as segments, marks and the ledger tell; what is to be
    /// a new site's `created_at`.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub async fn new_since(&self, site: &SiteId, now: u64) -> Result<Option<u64>, StoreError> {
        let rows = self.calls.partition(&self.tables.segments, site.to_string(), &["pk"], true).await?;
        // A site that was given by the environment until now, and that nobody ever compacted.
        let ledger =
            self.ledger(site, (0..LEDGER_DAYS).map(|days| now.saturating_sub(days * DAY_MS))).await?;
        Ok((rows.is_empty() && ledger.is_empty()).then_some(now))
    }

    fn index_of(&self, site: &SiteId, between: [String; 2]) -> Select<'_> {
        Select {
            table: &self.tables.segments,
            pk: site.to_string(),
            between: Some(between),
            attributes: &[],
            consistent: true,
        }
    }
}

fn read_mark(item: &Item) -> Option<Mark> {
    let hour = Bucket::from_name(text(item, "sk").strip_prefix("dirty#")?)?;
    Some(Mark { hour, token: text(item, "token").to_owned() })
}

pub(super) fn bytes<'a>(item: &'a Item, name: &str) -> Option<&'a [u8]> {
    match item.get(name) {
        Some(AttributeValue::B(bytes)) => Some(bytes.as_ref()),
        _ => None,
    }
}

fn read_sealed(item: &Item, span: Span) -> Result<Sealed, StoreError> {
    let name = text(item, "sk").strip_prefix(span_name(span)).and_then(|rest| rest.strip_prefix('#'));
    let bucket = name.and_then(Bucket::from_name);
    let unknown = || StoreError::Damaged { bucket: text(item, "sk").to_owned(), cause: SegmentError::Value };
    let (Some(bucket), Some(version)) = (bucket, number(item, "version")) else { return Err(unknown()) };
    Ok(Sealed {
        bucket,
        version,
        manifest: Manifest::from_bytes(bytes(item, "manifest").unwrap_or_default())
            .map_err(damaged(bucket))?,
        expires_at: number(item, "expires_at").unwrap_or(u64::MAX),
        inline: bytes(item, "segment").map(<[u8]>::to_vec),
    })
}
