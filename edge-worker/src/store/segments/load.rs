//! The events of a range as one data set.

use std::ops::Range;
use std::rc::Rc;

use analytics::segment::{self, SegmentError};
use analytics::{Bucket, Columns, Dataset, Shard};
use futures_util::future::try_join;
use protocol::SiteId;

use super::{Cover, Sealed, Segment, damaged};
use crate::site::Site;
use crate::store::{Store, StoreError};

/// How often reading begins anew when segments are replaced meanwhile.
pub(super) const ATTEMPTS: u32 = 4;

/// Segments that are read and decoded at once where memory is short. On their way they take three times as much.
const BYTES_AT_ONCE: u64 = 4 << 20;

/// The events of a range.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// All events of the UTC days that the range touches.
    pub data: Rc<Dataset>,
    /// What they were read from.
    pub cover: Cover,
}

/// What could not be read: a segment of a bucket that was replaced since its manifest was read.
pub(super) type Replaced = Bucket;

impl Store {
    /// The events of the UTC days that a range touches, `columns` of them.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer, or a segment is damaged.
    pub async fn load(
        &self,
        site: &Site,
        range: &Range<u64>,
        columns: Columns,
        now: u64,
    ) -> Result<Loaded, StoreError> {
        let mut gone = None;
        for _ in 0..ATTEMPTS {
            let cover = self.cover(site, range, now).await?;
            match self.all_of(site, &cover, columns, now).await? {
                Ok(data) => return Ok(Loaded { data, cover }),
                Err(bucket) => gone = Some(bucket),
            }
        }
        Err(missing(gone))
    }

    /// All that there is of a cover, out of the cache where it is there.
    pub(super) async fn all_of(
        &self,
        site: &Site,
        cover: &Cover,
        columns: Columns,
        now: u64,
    ) -> Result<Result<Rc<Dataset>, Replaced>, StoreError> {
        let segments = self.base(&site.id, &cover.sealed, columns);
        let (base, hours) = try_join(segments, self.rows_of_hours(site, cover, now)).await?;
        Ok(base.map(|base| united(base, &hours, columns)))
    }

    /// The events of the hours of a range that are read from their rows, all columns.
    ///
    /// # Errors
    /// As [`Store::cover`].
    pub async fn tail(&self, site: &Site, range: &Range<u64>, now: u64) -> Result<Dataset, StoreError> {
        let cover = self.cover(site, range, now).await?;
        let hours = self.rows_of_hours(site, &cover, now).await?;
        Ok(analytics::merge(&hours.iter().map(Rc::as_ref).collect::<Vec<_>>()))
    }

    /// What segments merge to.
    async fn base(
        &self,
        site: &SiteId,
        sealed: &[Sealed],
        columns: Columns,
    ) -> Result<Result<Rc<Dataset>, Replaced>, StoreError> {
        let all: Vec<Segment<'_>> = sealed.iter().flat_map(|sealed| sealed.of_shard(Shard::ALL)).collect();
        let names: Vec<_> = all.iter().map(|segment| (segment.bucket, segment.hash())).collect();
        if let Some(merged) = self.segments.borrow().merged(site, &names, columns) {
            return Ok(Ok(merged));
        }
        let parts = match self.decoded(site, &all, columns, true).await? {
            Ok(parts) => parts,
            Err(bucket) => return Ok(Err(bucket)),
        };
        if let [one] = parts.as_slice() {
            return Ok(Ok(Rc::clone(one)));
        }
        let merged = Rc::new(analytics::merge(&parts.iter().map(Rc::as_ref).collect::<Vec<_>>()));
        self.segments.borrow_mut().keep_merged(site, names, &merged);
        Ok(Ok(merged))
    }

    /// Segments, decoded; they are looked for in the cache, and kept there if `keep`.
    async fn decoded(
        &self,
        site: &SiteId,
        all: &[Segment<'_>],
        columns: Columns,
        keep: bool,
    ) -> Result<Result<Vec<Rc<Dataset>>, Replaced>, StoreError> {
        let known: Vec<_> =
            all.iter().map(|it| self.segments.borrow_mut().segment(site, it, columns)).collect();
        let missing: Vec<Segment<'_>> =
            all.iter().zip(&known).filter(|(_, known)| known.is_none()).map(|(it, _)| *it).collect();
        let bytes = match self.segment_bytes(site, &missing).await? {
            Ok(bytes) => bytes,
            Err(bucket) => return Ok(Err(bucket)),
        };
        let mut parts: Vec<Rc<Dataset>> = known.into_iter().flatten().collect();
        for (segment, bytes) in missing.iter().zip(bytes) {
            let columns = match keep {
                true => self.segments.borrow().columns(site, segment, columns),
                false => columns,
            };
            let data = Rc::new(segment::read(&bytes, columns).map_err(damaged(segment.bucket))?);
            if keep {
                self.segments.borrow_mut().keep_segment(site, segment, &data);
            }
            parts.push(data);
        }
        Ok(Ok(parts))
    }

    /// What there is of the visitors of a shard in segments: a part of each. Segments of more visitors than that are
    /// kept, because the next shard asks for them, too.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub(crate) async fn parts_of_shard(
        &self,
        site: &SiteId,
        sealed: &[Sealed],
        shard: Shard,
        columns: Columns,
    ) -> Result<Result<Vec<Rc<Dataset>>, Replaced>, StoreError> {
        let all: Vec<Segment<'_>> = sealed.iter().flat_map(|sealed| sealed.of_shard(shard)).collect();
        let (wider, own): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|segment| segment.shard.bits() < shard.bits());
        let mut parts = Vec::new();
        for (segments, keep) in [(wider, true), (own, false)] {
            let mut rest = segments.as_slice();
            while !rest.is_empty() {
                let mut bytes = 0;
                let fits = rest.iter().take_while(|segment| {
                    bytes += segment.bytes();
                    bytes <= BYTES_AT_ONCE
                });
                let (now, later) = rest.split_at(fits.count().max(1));
                rest = later;
                match self.decoded(site, now, columns, keep).await? {
                    Err(bucket) => return Ok(Err(bucket)),
                    Ok(all) if keep => {
                        let slices = all.iter().map(|data| {
                            let mut slice = data.of_shard(shard);
                            slice.keep(columns);
                            Rc::new(slice)
                        });
                        parts.extend(slices);
                    }
                    Ok(all) => parts.extend(all),
                }
            }
        }
        Ok(Ok(parts))
    }

    /// The events of the visitors of a shard.
    pub(super) async fn of_shard(
        &self,
        site: &SiteId,
        sealed: &[Sealed],
        hours: &[Rc<Dataset>],
        shard: Shard,
        columns: Columns,
    ) -> Result<Result<Dataset, Replaced>, StoreError> {
        let mut parts = match self.parts_of_shard(site, sealed, shard, columns).await? {
            Ok(parts) => parts,
            Err(bucket) => return Ok(Err(bucket)),
        };
        for hour in hours {
            let mut slice = hour.of_shard(shard);
            if slice.event_count() > 0 {
                slice.keep(columns);
                parts.push(Rc::new(slice));
            }
        }
        Ok(Ok(analytics::merge(&parts.iter().map(Rc::as_ref).collect::<Vec<_>>())))
    }

    /// Read units that were spent on segments and rows by this isolate so far.
    pub fn read_units(&self) -> f64 {
        self.segments.borrow().read_units()
    }
}

/// Segments were replaced again and again while they were read, or pieces of one are missing.
pub(super) fn missing(gone: Option<Replaced>) -> StoreError {
    let bucket = gone.map(|bucket| bucket.to_string()).unwrap_or_default();
    StoreError::Damaged { bucket, cause: SegmentError::Length }
}

fn united(base: Rc<Dataset>, hours: &[Rc<Dataset>], columns: Columns) -> Rc<Dataset> {
    let hours: Vec<&Dataset> = hours.iter().map(Rc::as_ref).filter(|hour| hour.event_count() > 0).collect();
    if hours.is_empty() {
        return base;
    }
    if base.event_count() == 0 {
        let mut data = analytics::merge(&hours);
        data.keep(columns);
        return Rc::new(data);
    }
    // Hours have all columns. Those the base lacks are dropped first, or the merge would work on them for nothing.
    let alike = |hour: &Dataset| {
        let mut hour = hour.clone();
        hour.keep(base.loaded());
        hour
    };
    let hours: Vec<Dataset> = hours.into_iter().map(alike).collect();
    let data = analytics::merge(&hours.iter().chain([base.as_ref()]).collect::<Vec<_>>());
    Rc::new(data)
}
