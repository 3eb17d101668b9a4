//! Writing segments and marks.

use std::collections::{BTreeSet, HashMap};

use analytics::segment::{self, ContentHash, DEFAULT_CHUNK_BYTES, Manifest, Pieces};
use analytics::{Bucket, Shard, Span};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem};
use protocol::SiteId;

use super::{
    INLINE_BYTES, LATE_MS, Mark, Sealed, Segment, damaged, manifest_key, mark_key, piece_key, pieces_key, set,
};
use crate::store::calls::{ROWS_A_CALL, delete, key, put};
use crate::store::items::{self, Item};
use crate::store::{Store, StoreError};

/// Pieces of one `BatchWriteItem`: half a megabyte has to pass within the time of an attempt.
const PIECES_A_CALL: usize = 2;

/// How much longer than its manifest a piece is kept, in seconds: the bin man comes when he likes.
const PIECES_GRACE_S: u64 = 4 * 24 * 60 * 60;

/// What a segment was built of and must not have changed when it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    /// Another bucket.
    pub bucket: Bucket,
    /// The version of its segment; `None`: it has none.
    pub version: Option<u64>,
}

/// What is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Sealing<'a> {
    /// The hour, day or month.
    pub bucket: Bucket,
    /// The state it takes the place of.
    pub replaces: Option<&'a Sealed>,
    /// What it was built of.
    pub guards: &'a [Guard],
    /// Unix seconds at which it may be deleted.
    pub expires_at: u64,
}

impl Sealing<'_> {
    /// Of a bucket that has no segment yet.
    pub fn new(bucket: Bucket) -> Self {
        Self { bucket, replaces: None, guards: &[], expires_at: 0 }
    }

    pub(super) fn version(&self) -> u64 {
        self.replaces.map_or(1, |old| old.version + 1)
    }
}

/// A segment whose pieces are in the store, and which is one when a manifest names it.
#[derive(Debug, Clone)]
pub struct Written {
    pub(super) pieces: Pieces,
    /// The whole, if it is small and to be kept in the manifest's row.
    inline: Option<Vec<u8>>,
}

impl Written {
    /// A segment of the state that is replaced, which stays as it is.
    pub fn kept(segment: &Segment<'_>) -> Self {
        Self { pieces: Pieces { version: segment.version, ..segment.pieces.clone() }, inline: None }
    }

    /// A segment of a shard that a run before has written for this state.
    pub(super) fn before(pieces: Pieces, sealing: &Sealing<'_>) -> Self {
        Self { pieces: Pieces { version: sealing.version(), ..pieces }, inline: None }
    }

    /// How many events it holds.
    pub fn events(&self) -> u64 {
        self.pieces.events
    }

    /// The hash of its bytes.
    pub fn hash(&self) -> ContentHash {
        self.pieces.hash
    }
}

impl Store {
    /// Makes segments the state of a bucket: one of each shard. `None`: the bucket or what it was built of has changed
    /// meanwhile, and nothing is as if it had been written. `units` grows by what it cost.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer; written or not, it may be tried again.
    pub async fn seal(
        &self,
        site: &SiteId,
        sealing: &Sealing<'_>,
        segments: Vec<Written>,
        units: &mut f64,
    ) -> Result<Option<Sealed>, StoreError> {
        let Sealing { bucket, expires_at, .. } = *sealing;
        let is_whole = segments.len() == 1;
        let inline = segments.first().filter(|_| is_whole).and_then(|one| one.inline.clone());
        let pieces = segments.into_iter().map(|it| it.pieces).collect();
        let manifest = Manifest::new(pieces).map_err(damaged(bucket))?;
        let sealed = Sealed { bucket, version: sealing.version(), manifest, expires_at, inline };
        if !self.put_manifest(site, sealing, &sealed).await? {
            return Ok(None);
        }
        // A transaction writes each item twice; its rows have a kilobyte or so, checks of absent ones one unit.
        let row = sealed.inline.as_ref().map_or(0, Vec::len) + sealed.manifest.to_bytes().len() + 200;
        *units += 2.0 * (row.div_ceil(1_024) + sealing.guards.len()) as f64;
        if let Some(old) = sealing.replaces {
            *units += self.delete_pieces(site, old, &sealed).await?;
        }
        Ok(Some(sealed))
    }

    /// Writes the pieces of the segment of a shard.
    ///
    /// # Errors
    /// As [`Store::seal`].
    pub async fn put_pieces(
        &self,
        site: &SiteId,
        sealing: &Sealing<'_>,
        shard: Shard,
        bytes: &[u8],
        units: &mut f64,
    ) -> Result<Written, StoreError> {
        let Sealing { bucket, expires_at, .. } = *sealing;
        let (told, pieces) = segment::split(bytes, DEFAULT_CHUNK_BYTES).map_err(damaged(bucket))?;
        if shard == Shard::ALL && bytes.len() <= INLINE_BYTES {
            return Ok(Written { pieces: told, inline: Some(bytes.to_vec()) });
        }
        let version = sealing.version();
        // Of a shard without visitors there is nothing to read.
        if told.events > 0 {
            let pk = pieces_key(site, bucket, told.hash, version);
            for (first, batch) in pieces.chunks(PIECES_A_CALL).enumerate() {
                let rows = batch.iter().enumerate().map(|(index, piece)| {
                    let mut item = key(&pk, &piece_key(first * PIECES_A_CALL + index));
                    item.insert("bytes".into(), AttributeValue::B(Blob::new(*piece)));
                    items::number(&mut item, "expires_at", expires_at + PIECES_GRACE_S);
                    put(item)
                });
                *units += self.calls.write([(self.tables.segments.clone(), rows.collect())].into()).await?;
            }
        }
        let version = if shard == Shard::ALL { 0 } else { version };
        Ok(Written { pieces: Pieces { version, ..told }, inline: None })
    }

    /// Deletes a bucket: its manifest, then its pieces. Whoever has read the manifest just now looks again.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer; it may be tried again.
    pub(crate) async fn drop_sealed(&self, site: &SiteId, old: &Sealed) -> Result<(), StoreError> {
        self.calls.delete(&self.tables.segments, site.as_str(), &manifest_key(old.bucket)).await?;
        self.delete_pieces_of(site, old, &BTreeSet::new()).await.map(drop)
    }

    /// Whether it was written.
    async fn put_manifest(
        &self,
        site: &SiteId,
        sealing: &Sealing<'_>,
        sealed: &Sealed,
    ) -> Result<bool, StoreError> {
        let mut item = key(site.as_str(), &manifest_key(sealed.bucket));
        items::number(&mut item, "version", sealed.version);
        items::number(&mut item, "events", sealed.manifest.events);
        items::number(&mut item, "expires_at", sealed.expires_at);
        item.insert("manifest".into(), AttributeValue::B(Blob::new(sealed.manifest.to_bytes())));
        if let Some(bytes) = &sealed.inline {
            item.insert("segment".into(), AttributeValue::B(Blob::new(bytes.clone())));
        }
        let unbuildable = |_| StoreError::unbuildable("TransactWriteItems");
        let (condition, values) = at_version(sealing.replaces.map(|old| old.version));
        let put = Put::builder()
            .table_name(&self.tables.segments)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values(values)
            .build()
            .map_err(unbuildable)?;
        let mut parts = vec![TransactWriteItem::builder().put(put).build()];
        for guard in sealing.guards {
            let (condition, values) = at_version(guard.version);
            let check = ConditionCheck::builder()
                .table_name(&self.tables.segments)
                .set_key(Some(key(site.as_str(), &manifest_key(guard.bucket))))
                .condition_expression(condition)
                .set_expression_attribute_values(values)
                .build()
                .map_err(unbuildable)?;
            parts.push(TransactWriteItem::builder().condition_check(check).build());
        }
        Ok(self.calls.transact(&attempt(), parts).await?.is_ok())
    }

    /// Deletes the pieces of a state that are none of the new one.
    async fn delete_pieces(&self, site: &SiteId, old: &Sealed, new: &Sealed) -> Result<f64, StoreError> {
        let kept: BTreeSet<String> = new.segments().map(|segment| segment.key(site)).collect();
        self.delete_pieces_of(site, old, &kept).await
    }

    async fn delete_pieces_of(
        &self,
        site: &SiteId,
        old: &Sealed,
        kept: &BTreeSet<String>,
    ) -> Result<f64, StoreError> {
        let gone = old.segments().filter(|it| it.inline.is_none() && it.pieces.events > 0);
        let rows: Vec<_> = gone
            .map(|segment| (segment.key(site), segment.pieces.lengths.len()))
            .filter(|(pk, _)| !kept.contains(pk))
            .flat_map(|(pk, count)| (0..count).map(move |number| delete(&pk, &piece_key(number))))
            .collect();
        let mut units = 0.0;
        for batch in rows.chunks(ROWS_A_CALL) {
            units += self.calls.write([(self.tables.segments.clone(), batch.to_vec())].into()).await?;
        }
        Ok(units)
    }

    /// Deletes a mark, unless it was made again since it was read.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub async fn clear_mark(&self, site: &SiteId, mark: &Mark) -> Result<(), StoreError> {
        let delete = Delete::builder()
            .table_name(&self.tables.segments)
            .set_key(Some(key(site.as_str(), &mark_key(mark.hour))))
            .condition_expression("#t = :t")
            .expression_attribute_names("#t", "token")
            .expression_attribute_values(":t", AttributeValue::S(mark.token.clone()))
            .build()
            .map_err(|_| StoreError::unbuildable("TransactWriteItems"))?;
        // Made again, it stays for the next run.
        let _ = self
            .calls
            .transact(&attempt(), vec![TransactWriteItem::builder().delete(delete).build()])
            .await?;
        Ok(())
    }

    /// Marks the hours of these times that had closed by now. The units it cost.
    pub(in crate::store) async fn mark(&self, marks: &[Item]) -> Result<f64, StoreError> {
        let mut units = 0.0;
        for batch in marks.chunks(ROWS_A_CALL) {
            let rows = batch.iter().cloned().map(put).collect();
            units += self.calls.write([(self.tables.segments.clone(), rows)].into()).await?;
        }
        Ok(units)
    }
}

/// The marks that events of these times leave when they are stored now.
pub(in crate::store) fn marks(site: &SiteId, times: impl Iterator<Item = u64>, now: u64) -> Vec<Item> {
    let hours = times.map(|at| Bucket::of(Span::Hour, at));
    let hours = set(hours.filter(|hour| hour.end().saturating_add(LATE_MS) <= now));
    let mark = |hour| {
        let mut item = key(site.as_str(), &mark_key(hour));
        items::text(&mut item, "token", &attempt());
        item
    };
    hours.into_iter().map(mark).collect()
}

type Values = Option<HashMap<String, AttributeValue>>;

fn at_version(version: Option<u64>) -> (&'static str, Values) {
    match version {
        None => ("attribute_not_exists(pk)", None),
        Some(version) => {
            ("version = :v", Some([(":v".to_owned(), AttributeValue::N(version.to_string()))].into()))
        }
    }
}

/// A name that no other attempt has.
fn attempt() -> String {
    format!("{:032x}", fastrand::u128(..))
}
