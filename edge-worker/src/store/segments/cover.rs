//! What a range is read from: segments, and rows where there are none.

use std::collections::BTreeSet;
use std::ops::Range;

use analytics::{Bucket, DAY_MS, Span};
use protocol::limits::MAX_ID_SKEW_MS;

use super::{Sealed, set};
use crate::order;
use crate::site::Site;
use crate::store::{Store, StoreError};

/// What a range is read from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cover {
    /// Segments, no two of which overlap, in order of time.
    pub sealed: Vec<Sealed>,
    /// Hours that are read from their rows: without a segment, or marked.
    pub rows: Vec<Bucket>,
    /// Those of them that are marked: their rows may be others than a moment ago.
    pub(super) marked: BTreeSet<Bucket>,
}

impl Cover {
    /// What several ranges are read from.
    pub(super) fn union(covers: Vec<Self>) -> Self {
        let mut all = Self::default();
        for cover in covers {
            all.sealed.extend(cover.sealed);
            all.rows.extend(cover.rows);
            all.marked.extend(cover.marked);
        }
        all
    }

    /// How many events its segments hold.
    pub fn events(&self) -> u64 {
        self.sealed.iter().map(|sealed| sealed.manifest.events).sum()
    }
}

/// The whole days of UTC a range touches, as far as events are kept. What is loaded must not depend on which
/// segments there are, so it always begins and ends with a day.
fn whole_days(range: &Range<u64>, site: &Site, now: u64) -> Range<u64> {
    let oldest = site.answered_from(now);
    let (from, to) = (range.start.max(oldest), range.end.min(now + MAX_ID_SKEW_MS + 1));
    from - from % DAY_MS..to.div_ceil(DAY_MS) * DAY_MS
}

/// What of a range the buckets, which ascend and lie in it, leave over.
fn gaps(range: &Range<u64>, buckets: &[Sealed]) -> Vec<Range<u64>> {
    let mut gaps = Vec::new();
    let mut from = range.start;
    for Sealed { bucket, .. } in buckets {
        gaps.push(from..bucket.start());
        from = bucket.end();
    }
    gaps.push(from..range.end);
    gaps.retain(|gap| !gap.is_empty());
    gaps
}

/// Names of buckets that do not overlap are in the order of time.
fn in_order(buckets: Vec<Sealed>) -> Vec<Sealed> {
    order::by_text(buckets, |sealed| sealed.bucket.to_string())
}

impl Store {
    /// What a range is read from, as of now: months that lie in it, then days, then hours; what is left, from its rows,
    /// unless the site was not there yet: then there is nothing.
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
        let kept = |sealed: &Sealed| sealed.expires_at > now / 1_000;
        let mut sealed = self.sealed(&site.id, Span::Month, &range).await?;
        sealed.retain(|it| kept(it) && range.start <= it.bucket.start() && it.bucket.end() <= range.end);
        let mut days = Vec::new();
        // A manifest may hold all of its day: those of months that are there are not read.
        for gap in gaps(&range, &sealed) {
            days.extend(self.sealed(&site.id, Span::Day, &gap).await?.into_iter().filter(kept));
        }
        sealed.extend(days);
        let mut sealed = in_order(sealed);
        let mut rows = set(marks.iter().map(|mark| mark.hour));
        let marked = rows.clone();
        let open: Vec<Bucket> = gaps(&range, &sealed)
            .into_iter()
            .flat_map(|gap| Bucket::touching(Span::Day, gap))
            // Before those there is nothing, or nothing any more.
            .filter(|day| day.start() >= site.since() && day.end() > site.rows_from(now))
            .collect();
        if let (Some(first), Some(last)) = (open.first(), open.last()) {
            let open = set(open.iter().copied());
            let is_open = |hour: Bucket| open.contains(&Bucket::of(Span::Day, hour.start()));
            let mut hours = self.sealed(&site.id, Span::Hour, &(first.start()..last.end())).await?;
            hours.retain(|it| kept(it) && is_open(it.bucket));
            let covered = set(hours.iter().map(|it| it.bucket));
            let all = open.iter().flat_map(|day| Bucket::touching(Span::Hour, day.range()));
            rows.extend(all.filter(|hour| !covered.contains(hour) && hour.start() <= now + MAX_ID_SKEW_MS));
            sealed.extend(hours);
            sealed = in_order(sealed);
        }
        Ok(Cover { sealed, rows: rows.into_iter().collect(), marked })
    }
}
