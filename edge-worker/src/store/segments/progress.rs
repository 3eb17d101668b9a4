//! How far the building of a large bucket has come: whoever goes on after a run that was killed keeps what is written.
//!
//! | partition key | sort key | row |
//! |---|---|---|
//! | site | `building#<bucket>#<bits>#<number>` | a segment of a shard whose pieces are written, and of which state it is |
//!
//! Nobody reads them for answers. A row counts only for the state that it names, so one that is left harms nobody; it is
//! gone after some days.

use std::collections::BTreeMap;

use analytics::segment::{ContentHash, Manifest};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use protocol::SiteId;

use super::index::bytes;
use super::{Sealing, Written, damaged};
use crate::store::calls::{Select, key, put};
use crate::store::items;
use crate::store::rows::text;
use crate::store::{Store, StoreError};

/// How long a row is kept, in seconds: a job is tried for some hours.
const KEPT_S: u64 = 3 * 24 * 60 * 60;

/// Names what is built: a bucket, and what it is built of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Building {
    /// Hash of the states of all parts.
    pub(crate) of: ContentHash,
    /// Bits of its shards.
    pub(crate) bits: u32,
}

impl Building {
    fn key(self, sealing: &Sealing<'_>, number: usize) -> String {
        format!("building#{}#{:02}#{number:04}", sealing.bucket, self.bits)
    }

    fn name(self, sealing: &Sealing<'_>) -> String {
        format!("{}#{}", self.of, sealing.version())
    }
}

impl Store {
    /// The segments of this very state that are written already, by number of their shards.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub(crate) async fn written_before(
        &self,
        site: &SiteId,
        sealing: &Sealing<'_>,
        building: Building,
    ) -> Result<BTreeMap<usize, Written>, StoreError> {
        let select = Select {
            table: &self.tables.segments,
            pk: site.to_string(),
            between: Some([building.key(sealing, 0), building.key(sealing, 9_999)]),
            attributes: &[],
            consistent: true,
        };
        let name = building.name(sealing);
        let mut found = BTreeMap::new();
        let take = &mut |item: items::Item| {
            let number = text(&item, "sk").rsplit('#').next().and_then(|number| number.parse().ok());
            if let Some(number) = number.filter(|_| text(&item, "of") == name) {
                let told = bytes(&item, "manifest").unwrap_or_default();
                let manifest = Manifest::from_bytes(told).map_err(damaged(sealing.bucket))?;
                let segment = manifest.segments().next().map(|(_, pieces)| pieces.clone());
                found.extend(segment.map(|pieces| (number, Written::before(pieces, sealing))));
            }
            Ok(())
        };
        let units = self.calls.select(select, take).await?;
        self.segments.borrow_mut().spend(units);
        Ok(found)
    }

    /// Notes that the segment of a shard is written. The units it cost.
    ///
    /// # Errors
    /// As [`Store::written_before`].
    pub(crate) async fn note_written(
        &self,
        site: &SiteId,
        sealing: &Sealing<'_>,
        building: Building,
        number: usize,
        written: &Written,
    ) -> Result<f64, StoreError> {
        let manifest = Manifest::new(vec![written.pieces.clone()]).map_err(damaged(sealing.bucket))?;
        let mut item = key(site.as_str(), &building.key(sealing, number));
        items::text(&mut item, "of", &building.name(sealing));
        item.insert("manifest".into(), AttributeValue::B(Blob::new(manifest.to_bytes())));
        items::number(&mut item, "expires_at", self.now() / 1_000 + KEPT_S);
        self.calls.write([(self.tables.segments.clone(), vec![put(item)])].into()).await
    }
}
