//! What an isolate keeps decoded: segments, which never change, and closed hours that have no segment, which change
//! only while they are marked.

use std::collections::HashMap;
use std::rc::Rc;

use analytics::segment::ContentHash;
use analytics::{Bucket, Columns, Dataset, Span};
use protocol::SiteId;

use super::{CLOSING_MS, Segment};

/// Memory for decoded segments, for what they merge to, and for hours: together less than half of the isolate's
/// 128 MB, the rest being for questions and for the ingest beside them.
const MAX_SEGMENT_BYTES: usize = 24 << 20;
const MAX_MERGED_BYTES: usize = 24 << 20;
const MAX_HOUR_BYTES: usize = 8 << 20;

/// How long the rows of a marked hour are believed. A late event that another isolate stored shows after this.
const FRESH_MS: u64 = 60_000;

/// After how long an hour makes room for others.
const KEPT_MS: u64 = 10 * FRESH_MS;

/// Names a state of a segment.
pub(super) type Name = (Bucket, ContentHash);

/// The cache of one isolate.
#[derive(Default)]
pub(in crate::store) struct Cache {
    segments: HashMap<(SiteId, Name), Used>,
    segment_bytes: usize,
    merged: Option<Merged>,
    hours: HashMap<(SiteId, Bucket), Hour>,
    hour_bytes: usize,
    clock: u64,
    /// How often something was forgotten.
    state: u64,
    read_units: f64,
}

struct Used {
    data: Rc<Dataset>,
    bytes: usize,
    at: u64,
}

struct Merged {
    site: SiteId,
    names: Vec<Name>,
    data: Rc<Dataset>,
}

struct Hour {
    loaded_at: u64,
    data: Rc<Dataset>,
    bytes: usize,
}

fn has(data: &Dataset, columns: Columns) -> bool {
    data.loaded().and(columns) == columns
}

impl Cache {
    pub(super) fn spend(&mut self, units: f64) {
        self.read_units += units;
    }

    pub(super) fn read_units(&self) -> f64 {
        self.read_units
    }

    /// A segment, if all these columns of it are here.
    pub(super) fn segment(
        &mut self,
        site: &SiteId,
        segment: &Segment<'_>,
        columns: Columns,
    ) -> Option<Rc<Dataset>> {
        self.clock += 1;
        let entry = self.segments.get_mut(&(site.clone(), (segment.bucket, segment.hash())))?;
        entry.at = self.clock;
        has(&entry.data, columns).then(|| Rc::clone(&entry.data))
    }

    /// The columns that are best read of a segment when these are wanted: those as well that were wanted before.
    pub(super) fn columns(&self, site: &SiteId, segment: &Segment<'_>, columns: Columns) -> Columns {
        let entry = self.segments.get(&(site.clone(), (segment.bucket, segment.hash())));
        entry.map_or(columns, |entry| columns.or(entry.data.loaded()))
    }

    /// Keeps a segment and lets go of those that were not used for longest. One that is too large is not kept.
    pub(super) fn keep_segment(&mut self, site: &SiteId, segment: &Segment<'_>, data: &Rc<Dataset>) {
        let bytes = data.heap_bytes();
        if bytes > MAX_SEGMENT_BYTES {
            return;
        }
        self.clock += 1;
        let entry = Used { data: Rc::clone(data), bytes, at: self.clock };
        self.segment_bytes += bytes;
        if let Some(old) = self.segments.insert((site.clone(), (segment.bucket, segment.hash())), entry) {
            self.segment_bytes -= old.bytes;
        }
        while self.segment_bytes > MAX_SEGMENT_BYTES {
            let oldest = self.segments.iter().min_by_key(|(_, entry)| entry.at).map(|(name, _)| name.clone());
            let Some(gone) = oldest.and_then(|name| self.segments.remove(&name)) else { return };
            self.segment_bytes -= gone.bytes;
        }
    }

    /// What these segments merge to, if that is here.
    pub(super) fn merged(&self, site: &SiteId, names: &[Name], columns: Columns) -> Option<Rc<Dataset>> {
        let merged = self.merged.as_ref()?;
        let same = merged.site == *site && merged.names == names && has(&merged.data, columns);
        same.then(|| Rc::clone(&merged.data))
    }

    pub(super) fn keep_merged(&mut self, site: &SiteId, names: Vec<Name>, data: &Rc<Dataset>) {
        let fits = data.heap_bytes() <= MAX_MERGED_BYTES;
        self.merged = fits.then(|| Merged { site: site.clone(), names, data: Rc::clone(data) });
    }

    /// Makes room for something large: forgets segments and what they merge to.
    pub(super) fn make_room(&mut self) {
        self.segments.clear();
        self.segment_bytes = 0;
        self.merged = None;
    }

    /// The rows of an hour, unless they are missing or may be too old. What was stored after an hour had closed left a
    /// mark before, and the mark stays until the hour is in a segment: without one the rows are all there are.
    pub(super) fn hour(&self, site: &SiteId, hour: Bucket, is_marked: bool, now: u64) -> Option<Rc<Dataset>> {
        let entry = self.hours.get(&(site.clone(), hour))?;
        // Hours loaded together expire apart, so that not all are read again for one question.
        let stagger = (hour.start() / 3_600_000).wrapping_mul(7_919) % FRESH_MS;
        (!is_marked || now < entry.loaded_at + FRESH_MS + stagger).then(|| Rc::clone(&entry.data))
    }

    /// What [`Cache::keep_hour`] is to be given of the moment a query began.
    pub(super) fn state(&self) -> u64 {
        self.state
    }

    /// Keeps the rows of an hour if it is closed and nothing was stored since the query began: its answer may be
    /// without it.
    pub(super) fn keep_hour(
        &mut self,
        site: &SiteId,
        hour: Bucket,
        now: u64,
        data: &Rc<Dataset>,
        state: u64,
    ) {
        let bytes = data.heap_bytes() + 200;
        if hour.end() + CLOSING_MS > now || state != self.state {
            return;
        }
        if self.hour_bytes + bytes > MAX_HOUR_BYTES {
            self.hours.retain(|_, entry| now < entry.loaded_at + KEPT_MS);
            self.hour_bytes = self.hours.values().map(|entry| entry.bytes).sum();
        }
        // A full cache stays as it is: to make room again and again would only read everything again.
        if self.hour_bytes + bytes > MAX_HOUR_BYTES {
            return;
        }
        self.hour_bytes += bytes;
        let entry = Hour { loaded_at: now, data: Rc::clone(data), bytes };
        if let Some(old) = self.hours.insert((site.clone(), hour), entry) {
            self.hour_bytes -= old.bytes;
        }
    }

    /// Drops the hours in which something was stored just now. Those that are not closed are not kept, so that what
    /// is stored in them changes nothing here.
    pub(in crate::store) fn forget(&mut self, site: &SiteId, now: u64, times: impl Iterator<Item = u64>) {
        let hours = times.map(|at| Bucket::of(Span::Hour, at));
        for hour in hours.filter(|hour| hour.end() + CLOSING_MS <= now) {
            self.state += 1;
            if let Some(entry) = self.hours.remove(&(site.clone(), hour)) {
                self.hour_bytes -= entry.bytes;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: u64 = 3_600_000;
    const NOW: u64 = 500_000 * HOUR_MS;

    fn kept(hour: Bucket, now: u64) -> Cache {
        let mut cache = Cache::default();
        let site = SiteId::parse("shop").unwrap();
        let state = cache.state();
        cache.keep_hour(&site, hour, now, &Rc::default(), state);
        cache
    }

    #[test]
    fn closed_hour_is_kept_until_it_is_marked_and_stale_or_written_to() {
        let site = SiteId::parse("shop").unwrap();
        let hour = Bucket::of(Span::Hour, NOW - 3 * HOUR_MS);
        let mut cache = kept(hour, NOW);
        assert!(cache.hour(&site, hour, true, NOW + FRESH_MS - 1).is_some());
        assert!(cache.hour(&site, hour, true, NOW + 2 * FRESH_MS).is_none());
        assert!(cache.hour(&site, hour, false, NOW + 1_000 * FRESH_MS).is_some());
        cache.forget(&site, NOW, [hour.start() + 5].into_iter());
        assert!(cache.hour(&site, hour, false, NOW).is_none());
        assert_eq!(cache.hour_bytes, 0);
    }

    #[test]
    fn hour_that_may_still_grow_is_not_kept() {
        let hour = Bucket::of(Span::Hour, NOW - HOUR_MS);
        let cache = kept(hour, NOW + CLOSING_MS - 1);
        assert!(cache.hour(&SiteId::parse("shop").unwrap(), hour, false, NOW + CLOSING_MS).is_none());
    }

    #[test]
    fn answer_overtaken_by_a_write_is_not_kept() {
        let site = SiteId::parse("shop").unwrap();
        let hour = Bucket::of(Span::Hour, NOW - 3 * HOUR_MS);
        let mut cache = Cache::default();
        let began = cache.state();
        cache.forget(&site, NOW, [hour.start()].into_iter());
        cache.keep_hour(&site, hour, NOW, &Rc::default(), began);
        assert!(cache.hour(&site, hour, false, NOW).is_none());
    }
}
