//! The rows of hours as data sets.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;

use analytics::{Bucket, Builder, Columns, Dataset, Row, Span};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use protocol::SiteId;
use protocol::limits::MAX_ID_SKEW_MS;

use super::Cover;
use crate::site::Site;
use crate::store::calls::Select;
use crate::store::items::Item;
use crate::store::read::CONCURRENT_QUERIES;
use crate::store::{Store, StoreError, keys, rows};

/// Most rows that are held while a segment is built: some 200 bytes each, so 40 MB of the isolate's 128 MB.
const MAX_ROWS: usize = 200_000;

/// Most rows that are held of hours without a segment before they become columns.
const MAX_ROWS_OF_HOURS: usize = 100_000;

/// Hours whose rows are held at once.
const HOURS_AT_ONCE: usize = 24;

/// Most partitions of hours that are read for one question: 5,000 take a request some ten seconds, and it may make no
/// more than 10,000 calls in all (platform limits).
const MAX_SLICES: usize = 5_000;

/// A part of a partition in which rows of a range may lie.
struct Slice {
    pk: String,
    between: [String; 2],
}

/// Where the rows of a range lie: a row is stored under the time of its id, up to [`MAX_ID_SKEW_MS`] from its own.
fn slices(site: &SiteId, shard: u32, range: &Range<u64>) -> Vec<Slice> {
    let (from, to) = (range.start.saturating_sub(MAX_ID_SKEW_MS), range.end.saturating_add(MAX_ID_SKEW_MS));
    let slice = |hour: Bucket| Slice {
        pk: keys::events(site, hour.start(), shard),
        between: [first_id(hour.start().max(from)), format!("{}~", first_id(hour.end().min(to + 1) - 1))],
    };
    Bucket::touching(Span::Hour, from..to + 1).map(slice).collect()
}

/// How the ids of a millisecond begin.
fn first_id(unix_ms: u64) -> String {
    format!("{:08x}-{:04x}", unix_ms >> 16, unix_ms & 0xffff)
}

impl Store {
    async fn slice(
        &self,
        slice: Slice,
        consistent: bool,
        take: &mut impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let attributes = rows::attributes();
        let select = Select {
            table: &self.tables.events,
            pk: slice.pk,
            between: Some(slice.between),
            attributes: &attributes,
            consistent,
        };
        let take = &mut |item: Item| {
            let props = rows::properties(&item);
            rows::row(&item, &props).map_or(Ok(()), |row| take(&row))
        };
        let units = self.calls.select(select, take).await?;
        self.segments.borrow_mut().spend(units);
        Ok(())
    }

    /// All rows of an hour.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub async fn rows_of_hour(&self, site: &Site, hour: Bucket) -> Result<Dataset, StoreError> {
        let parts = self.parts_of_hour(site, hour).await?;
        Ok(analytics::merge(&parts.iter().collect::<Vec<_>>()))
    }

    /// All rows of an hour, for a segment.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub async fn parts_of_hour(&self, site: &Site, hour: Bucket) -> Result<Vec<Dataset>, StoreError> {
        Ok(self.parts_of(site, hour.range(), u64::MAX).await?.unwrap_or_default())
    }

    /// All rows of a range, for a segment; `None` if they are more than `most`: partition by partition, and in shorter
    /// ranges of time where there are too many for the memory. Parts of disjoint times, and of disjoint visits, merge
    /// to what they would be together, and none of them has an event of another.
    pub(crate) async fn parts_of(
        &self,
        site: &Site,
        range: Range<u64>,
        most: u64,
    ) -> Result<Option<Vec<Dataset>>, StoreError> {
        let mut parts: Vec<Dataset> = Vec::new();
        let mut events = 0;
        for shard in 0..site.shards {
            let mut ranges = vec![range.clone()];
            while let Some(range) = ranges.pop() {
                match self.rows_of_range(&site.id, shard, &range).await? {
                    Some(part) => {
                        events += part.event_count() as u64;
                        parts.push(part);
                    }
                    None => {
                        let middle = range.start + (range.end - range.start) / 2;
                        ranges.extend([middle..range.end, range.start..middle]);
                    }
                }
                if events > most {
                    return Ok(None);
                }
            }
        }
        parts.retain(|part| part.event_count() > 0);
        Ok(Some(parts))
    }

    /// `None` if there are more than [`MAX_ROWS`] and the range can be shorter.
    async fn rows_of_range(
        &self,
        site: &SiteId,
        shard: u32,
        range: &Range<u64>,
    ) -> Result<Option<Dataset>, StoreError> {
        let mut builder = Builder::default();
        let divisible = range.end - range.start > 1;
        let mut too_many = false;
        for slice in slices(site, shard, range) {
            let mut take = |row: &Row<'_>| {
                if !range.contains(&row.at) {
                    return Ok(());
                }
                builder.push(row)?;
                too_many = divisible && builder.len() > MAX_ROWS;
                // Stops reading; it is no error of the store's.
                if too_many { Err(StoreError::TooLarge(analytics::TooLarge)) } else { Ok(()) }
            };
            match self.slice(slice, true, &mut take).await {
                Err(StoreError::TooLarge(_)) if too_many => return Ok(None),
                other => other?,
            }
        }
        Ok(Some(builder.finish()))
    }

    /// Hands over every row of a range, in no order: what all else is compared with. Stops at the first error.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer, or what `take` returned.
    pub async fn each_row(
        &self,
        site: &Site,
        range: &Range<u64>,
        take: &mut impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        for shard in 0..site.shards {
            for slice in slices(&site.id, shard, range) {
                let mut own = |row: &Row<'_>| if range.contains(&row.at) { take(row) } else { Ok(()) };
                self.slice(slice, true, &mut own).await?;
            }
        }
        Ok(())
    }

    /// The rows of the hours that have no segment, each as a data set, for a query. Those of closed hours are kept.
    ///
    /// # Errors
    /// [`StoreError::NotCompacted`] if they are too many.
    pub(super) async fn rows_of_hours(
        &self,
        site: &Site,
        cover: &Cover,
        now: u64,
    ) -> Result<Vec<Rc<Dataset>>, StoreError> {
        let mut found = Vec::with_capacity(cover.rows.len());
        let mut wanted = Vec::new();
        for hour in &cover.rows {
            match self.segments.borrow().hour(&site.id, *hour, cover.marked.contains(hour), now) {
                Some(data) => found.push(data),
                None => wanted.push(*hour),
            }
        }
        let too_many = StoreError::NotCompacted { hours: cover.rows.len() };
        if wanted.len() * site.shards as usize > MAX_SLICES {
            return Err(too_many);
        }
        let state = self.segments.borrow().state();
        let mut events: u64 = found.iter().map(|data| data.event_count() as u64).sum();
        let mut runs: Vec<&[Bucket]> = wanted.chunks(HOURS_AT_ONCE).rev().collect();
        while let Some(hours) = runs.pop() {
            let Some(all) = self.rows_of_some(site, hours).await? else {
                if hours.len() < 2 {
                    return Err(too_many);
                }
                let (first, second) = hours.split_at(hours.len() / 2);
                runs.extend([second, first]);
                continue;
            };
            for (hour, data) in hours.iter().zip(all) {
                events += data.event_count() as u64;
                let data = Rc::new(data);
                self.segments.borrow_mut().keep_hour(&site.id, *hour, now, &data, state);
                found.push(data);
            }
            if events > self.limits.rows {
                return Err(too_many);
            }
        }
        debug_assert!(found.iter().all(|data| data.loaded() == Columns::ALL));
        Ok(found)
    }

    /// The rows of hours, which ascend; `None` if they are more than [`MAX_ROWS_OF_HOURS`].
    async fn rows_of_some(&self, site: &Site, hours: &[Bucket]) -> Result<Option<Vec<Dataset>>, StoreError> {
        let runs = hours.chunk_by(|a, b| a.next() == *b);
        let ranges = runs.filter_map(|run| Some(run.first()?.start()..run.last()?.end()));
        let slices: Vec<Slice> = ranges
            .flat_map(|range| (0..site.shards).flat_map(move |shard| slices(&site.id, shard, &range)))
            .collect();
        let builders: Vec<RefCell<Builder>> = hours.iter().map(|_| RefCell::default()).collect();
        let (builders_ref, count) = (&builders, &Cell::new(0_usize));
        let read = stream::iter(slices)
            .map(|slice| async move {
                let mut take = |row: &Row<'_>| {
                    let place = hours.binary_search(&Bucket::of(Span::Hour, row.at));
                    let Some(builder) = place.ok().and_then(|place| builders_ref.get(place)) else {
                        return Ok(());
                    };
                    count.set(count.get() + 1);
                    // Stops reading; it is no error of the store's.
                    if count.get() > MAX_ROWS_OF_HOURS {
                        return Err(StoreError::TooManyEvents);
                    }
                    Ok(builder.borrow_mut().push(row)?)
                };
                self.slice(slice, false, &mut take).await
            })
            .buffer_unordered(CONCURRENT_QUERIES)
            .try_collect::<()>()
            .await;
        match read {
            Err(StoreError::TooManyEvents) => Ok(None),
            read => read
                .map(|()| Some(builders.into_iter().map(|builder| builder.into_inner().finish()).collect())),
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::EventId;

    use super::*;

    #[test]
    fn rows_of_a_range_are_looked_for_where_their_ids_may_lie() {
        let site = SiteId::parse("shop").unwrap();
        // 2025-11-23T03:00:00Z and an hour.
        let range = 1_763_866_800_000..1_763_870_400_000;
        let slices = slices(&site, 2, &range);
        let keys: Vec<&str> = slices.iter().map(|slice| slice.pk.as_str()).collect();
        assert_eq!(keys, ["shop#2025-11-23T02#2", "shop#2025-11-23T03#2", "shop#2025-11-23T04#2"]);
        let holds = |at: u64| {
            let id = EventId::new(at, &[0xff; 10]).to_string();
            slices.iter().any(|slice| slice.between[0] <= id && id <= slice.between[1])
        };
        let (first, last) = (range.start - MAX_ID_SKEW_MS, range.end + MAX_ID_SKEW_MS);
        assert!(holds(first) && holds(range.start) && holds(range.end) && holds(last));
        assert!(!holds(first - 1) && !holds(last + 1));
    }
}
