//! The events of a range as one data set: segments, and rows where there are none.

use std::ops::Range;
use std::rc::Rc;

use analytics::segment::{self, ContentHash, SegmentError};
use analytics::{Bucket, Columns, DAY_MS, Dataset, Span};
use futures_util::future::try_join;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use protocol::SiteId;
use protocol::limits::MAX_ID_SKEW_MS;

use super::index::bytes;
use super::{Sealed, damaged, piece_key, pieces_key, set};
use crate::order;
use crate::site::Site;
use crate::store::calls::key;
use crate::store::read::CONCURRENT_QUERIES;
use crate::store::rows::text;
use crate::store::{Store, StoreError};

/// Pieces of one `BatchGetItem`, which answers at most 16 MB: four megabytes, of which four are on their way at once.
const PIECES_A_CALL: usize = 16;

/// How often reading begins anew when segments are replaced meanwhile.
const ATTEMPTS: u32 = 4;

/// What a range is read from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cover {
    /// Segments, no two of which overlap, in order of time.
    pub sealed: Vec<Sealed>,
    /// Hours that are read from their rows: without a segment, or marked.
    pub rows: Vec<Bucket>,
}

/// The events of a range.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// All events of the UTC days that the range touches.
    pub data: Rc<Dataset>,
    /// What they were read from.
    pub cover: Cover,
}

/// The whole days of UTC a range touches, as far as events are kept. What is loaded must not depend on which
/// segments there are, so it always begins and ends with a day.
fn whole_days(range: &Range<u64>, site: &Site, now: u64) -> Range<u64> {
    let oldest = now.saturating_sub(u64::from(site.retention_days) * DAY_MS);
    let (from, to) = (range.start.max(oldest), range.end.min(now + MAX_ID_SKEW_MS + 1));
    from - from % DAY_MS..to.div_ceil(DAY_MS) * DAY_MS
}

/// Chooses months that lie in the range, then days; the days that are left have to be read hour by hour.
fn choose(range: &Range<u64>, months: Vec<Sealed>, days: Vec<Sealed>) -> (Vec<Sealed>, Vec<Bucket>) {
    let inside = |bucket: Bucket| range.start <= bucket.start() && bucket.end() <= range.end;
    let mut chosen: Vec<Sealed> = months.into_iter().filter(|month| inside(month.bucket)).collect();
    let months = set(chosen.iter().map(|month| month.bucket));
    let in_month = |day: Bucket| months.contains(&Bucket::of(Span::Month, day.start()));
    let days: Vec<Sealed> = days.into_iter().filter(|day| !in_month(day.bucket)).collect();
    let covered = set(days.iter().map(|day| day.bucket));
    let open =
        Bucket::touching(Span::Day, range.clone()).filter(|day| !in_month(*day) && !covered.contains(day));
    let open = open.collect();
    chosen.extend(days);
    (chosen, open)
}

impl Store {
    /// What a range is read from, as of now.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer, or a manifest is damaged.
    pub async fn cover(&self, site: &Site, range: &Range<u64>, now: u64) -> Result<Cover, StoreError> {
        let range = whole_days(range, site, now);
        if range.is_empty() {
            return Ok(Cover::default());
        }
        // The marks first: see the module.
        let marks = self.marks(&site.id, &range).await?;
        let kept = |all: Vec<Sealed>| {
            all.into_iter().filter(|sealed| sealed.expires_at > now / 1_000).collect::<Vec<_>>()
        };
        let (months, days) =
            try_join(self.sealed(&site.id, Span::Month, &range), self.sealed(&site.id, Span::Day, &range))
                .await?;
        let (mut sealed, open) = choose(&range, kept(months), kept(days));
        let mut rows = set(marks.into_iter().map(|mark| mark.hour));
        if let (Some(first), Some(last)) = (open.first(), open.last()) {
            let open = set(open.iter().copied());
            let is_open = |hour: Bucket| open.contains(&Bucket::of(Span::Day, hour.start()));
            let hours = kept(self.sealed(&site.id, Span::Hour, &(first.start()..last.end())).await?);
            let hours: Vec<Sealed> = hours.into_iter().filter(|hour| is_open(hour.bucket)).collect();
            let covered = set(hours.iter().map(|hour| hour.bucket));
            let all = open.iter().flat_map(|day| Bucket::touching(Span::Hour, day.range()));
            rows.extend(all.filter(|hour| !covered.contains(hour) && hour.start() <= now + MAX_ID_SKEW_MS));
            sealed.extend(hours);
        }
        // Names of buckets that do not overlap are in the order of time.
        let sealed = order::by_text(sealed, |sealed| sealed.bucket.to_string());
        Ok(Cover { sealed, rows: rows.into_iter().collect() })
    }

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
        self.load_within(site, range, columns, now, u64::MAX).await
    }

    /// The same, unless its segments hold more events than that.
    ///
    /// # Errors
    /// [`StoreError::TooManyEvents`], and as [`Store::load`].
    pub async fn load_within(
        &self,
        site: &Site,
        range: &Range<u64>,
        columns: Columns,
        now: u64,
        max_events: u64,
    ) -> Result<Loaded, StoreError> {
        let mut gone = None;
        for _ in 0..ATTEMPTS {
            let cover = self.cover(site, range, now).await?;
            if cover.sealed.iter().map(|sealed| sealed.manifest.events).sum::<u64>() > max_events {
                return Err(StoreError::TooManyEvents);
            }
            let (base, hours) = try_join(
                self.base(&site.id, &cover.sealed, columns),
                self.rows_of_hours(site, &cover.rows, now),
            )
            .await?;
            match base {
                Ok(base) => return Ok(Loaded { data: united(base, &hours, columns), cover }),
                // Replaced since its manifest was read, and its pieces are deleted.
                Err(bucket) => gone = Some(bucket),
            }
        }
        let bucket = gone.map(|bucket| bucket.to_string()).unwrap_or_default();
        Err(StoreError::Damaged { bucket, cause: SegmentError::Length })
    }

    /// The events of the hours of a range that are read from their rows, all columns.
    ///
    /// # Errors
    /// As [`Store::cover`].
    pub async fn tail(&self, site: &Site, range: &Range<u64>, now: u64) -> Result<Dataset, StoreError> {
        let cover = self.cover(site, range, now).await?;
        let hours = self.rows_of_hours(site, &cover.rows, now).await?;
        Ok(analytics::merge(&hours.iter().map(Rc::as_ref).collect::<Vec<_>>()))
    }

    /// What segments merge to; the bucket of one whose pieces are gone.
    async fn base(
        &self,
        site: &SiteId,
        sealed: &[Sealed],
        columns: Columns,
    ) -> Result<Result<Rc<Dataset>, Bucket>, StoreError> {
        let sealed: Vec<&Sealed> = sealed.iter().filter(|sealed| sealed.manifest.events > 0).collect();
        let names: Vec<_> = sealed.iter().map(|sealed| (sealed.bucket, sealed.hash())).collect();
        if let Some(merged) = self.segments.borrow().merged(site, &names, columns) {
            return Ok(Ok(merged));
        }
        let known: Vec<_> =
            sealed.iter().map(|it| self.segments.borrow_mut().segment(site, it, columns)).collect();
        let missing: Vec<&Sealed> =
            sealed.iter().zip(&known).filter(|(_, known)| known.is_none()).map(|(it, _)| *it).collect();
        let segments = match self.segment_bytes(site, &missing).await? {
            Ok(segments) => segments,
            Err(bucket) => return Ok(Err(bucket)),
        };
        let mut parts: Vec<Rc<Dataset>> = known.into_iter().flatten().collect();
        for (sealed, bytes) in missing.into_iter().zip(segments) {
            let columns = self.segments.borrow().columns(site, sealed, columns);
            let data = Rc::new(segment::read(&bytes, columns).map_err(damaged(sealed.bucket))?);
            self.segments.borrow_mut().keep_segment(site, sealed, &data);
            parts.push(data);
        }
        if let [one] = parts.as_slice() {
            return Ok(Ok(Rc::clone(one)));
        }
        let merged = Rc::new(analytics::merge(&parts.iter().map(Rc::as_ref).collect::<Vec<_>>()));
        self.segments.borrow_mut().keep_merged(site, names, &merged);
        Ok(Ok(merged))
    }

    /// The bytes of segments, checked, in their order; the bucket of one whose pieces are gone.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer, or a segment is damaged.
    pub async fn segment_bytes(
        &self,
        site: &SiteId,
        sealed: &[&Sealed],
    ) -> Result<Result<Vec<Vec<u8>>, Bucket>, StoreError> {
        let stored: Vec<&Sealed> = sealed.iter().copied().filter(|it| it.inline.is_none()).collect();
        let wanted: Vec<(String, String)> = stored
            .iter()
            .flat_map(|it| {
                let pk = pieces_key(site, it.bucket, it.hash(), it.version);
                (0..it.manifest.lengths.len()).map(move |number| (pk.clone(), piece_key(number)))
            })
            .collect();
        let found: Vec<Vec<_>> = stream::iter(wanted.chunks(PIECES_A_CALL))
            .map(|batch| async move {
                let keys = batch.iter().map(|(pk, sk)| key(pk, sk)).collect();
                let (items, units) = self.calls.fetch(&self.tables.segments, keys, true).await?;
                self.segments.borrow_mut().spend(units);
                Ok::<_, StoreError>(items)
            })
            .buffer_unordered(CONCURRENT_QUERIES)
            .try_collect()
            .await?;
        let mut pieces: std::collections::HashMap<(&str, &str), &[u8]> = found
            .iter()
            .flatten()
            .filter_map(|item| Some(((text(item, "pk"), text(item, "sk")), bytes(item, "bytes")?)))
            .collect();
        let mut segments = Vec::with_capacity(sealed.len());
        let mut wanted = wanted.iter();
        for it in sealed {
            if let Some(bytes) = &it.inline {
                segments.push(checked(it, bytes.clone())?);
                continue;
            }
            let own = wanted.by_ref().take(it.manifest.lengths.len());
            let own: Option<Vec<&[u8]>> =
                own.map(|(pk, sk)| pieces.remove(&(pk.as_str(), sk.as_str()))).collect();
            match own {
                Some(own) => {
                    segments
                        .push(checked(it, segment::join(&it.manifest, &own).map_err(damaged(it.bucket))?)?);
                }
                None => return Ok(Err(it.bucket)),
            }
        }
        Ok(Ok(segments))
    }

    /// Read units that were spent on segments and rows by this isolate so far.
    pub fn read_units(&self) -> f64 {
        self.segments.borrow().read_units()
    }
}

fn checked(sealed: &Sealed, bytes: Vec<u8>) -> Result<Vec<u8>, StoreError> {
    let wrong = damaged(sealed.bucket);
    if ContentHash::of(&bytes) != sealed.hash() {
        return Err(wrong(SegmentError::Checksum));
    }
    let info = segment::inspect(&bytes).map_err(&wrong)?;
    if info.bucket == sealed.bucket { Ok(bytes) } else { Err(wrong(SegmentError::Value)) }
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
