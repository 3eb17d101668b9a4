//! The bytes of segments.

use std::collections::HashMap;

use analytics::segment::{self, ContentHash, SegmentError};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use protocol::SiteId;

use super::index::bytes;
use super::load::Replaced;
use super::{Segment, damaged, piece_key};
use crate::store::calls::key;
use crate::store::items::Item;
use crate::store::read::CONCURRENT_QUERIES;
use crate::store::rows::text;
use crate::store::{Store, StoreError};

/// Pieces of one `BatchGetItem`, which answers at most 16 MB: four megabytes, of which four are on their way at once.
const PIECES_A_CALL: usize = 16;

type Key = (String, String);

impl Store {
    /// The bytes of segments, checked, in their order; the bucket of one whose pieces are gone.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer, or a segment is damaged.
    pub async fn segment_bytes(
        &self,
        site: &SiteId,
        segments: &[Segment<'_>],
    ) -> Result<Result<Vec<Vec<u8>>, Replaced>, StoreError> {
        let stored = segments.iter().filter(|it| it.inline.is_none());
        let wanted: Vec<Key> = stored
            .flat_map(|it| {
                let pk = it.key(site);
                (0..it.pieces.lengths.len()).map(move |number| (pk.clone(), piece_key(number)))
            })
            .collect();
        // Pieces never change, so an old copy is as good as the newest, at half the price. What was written a moment
        // ago may not have reached it.
        let mut found = self.pieces(wanted.iter(), false).await?;
        let missing: Vec<&Key> = wanted.iter().filter(|key| !found.contains_key(*key)).collect();
        if !missing.is_empty() {
            found.extend(self.pieces(missing.into_iter(), true).await?);
        }
        let mut wanted = wanted.iter();
        let mut all = Vec::with_capacity(segments.len());
        for it in segments {
            if let Some(bytes) = it.inline {
                all.push(checked(it, bytes.to_vec())?);
                continue;
            }
            let own = wanted.by_ref().take(it.pieces.lengths.len());
            let own: Option<Vec<Item>> = own.map(|key| found.remove(key)).collect();
            let Some(own) = own else { return Ok(Err(it.bucket)) };
            let own: Vec<&[u8]> = own.iter().map(|item| bytes(item, "bytes").unwrap_or_default()).collect();
            all.push(checked(it, segment::join(it.pieces, &own).map_err(damaged(it.bucket))?)?);
        }
        Ok(Ok(all))
    }

    async fn pieces(
        &self,
        wanted: impl Iterator<Item = &Key>,
        consistent: bool,
    ) -> Result<HashMap<Key, Item>, StoreError> {
        let wanted: Vec<&Key> = wanted.collect();
        let found: Vec<Vec<Item>> = stream::iter(wanted.chunks(PIECES_A_CALL))
            .map(|batch| async move {
                let keys = batch.iter().map(|(pk, sk)| key(pk, sk)).collect();
                let (items, units) = self.calls.fetch(&self.tables.segments, keys, consistent).await?;
                self.segments.borrow_mut().spend(units);
                Ok::<_, StoreError>(items)
            })
            .buffer_unordered(CONCURRENT_QUERIES)
            .try_collect()
            .await?;
        let named = |item: Item| ((text(&item, "pk").to_owned(), text(&item, "sk").to_owned()), item);
        Ok(found.into_iter().flatten().map(named).collect())
    }
}

fn checked(segment: &Segment<'_>, bytes: Vec<u8>) -> Result<Vec<u8>, StoreError> {
    let wrong = damaged(segment.bucket);
    if ContentHash::of(&bytes) != segment.hash() {
        return Err(wrong(SegmentError::Checksum));
    }
    let info = segment::inspect(&bytes).map_err(&wrong)?;
    if info.bucket == segment.bucket { Ok(bytes) } else { Err(wrong(SegmentError::Value)) }
}
