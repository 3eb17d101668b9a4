//! What a range is read from: segments, and rows where there are none.

use std::collections::BTreeSet;
use std::ops::Range;

use analytics::{Bucket, DAY_MS, Span};
use futures_util::future::try_join;
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
        let marked = set(marks.into_iter().map(|mark| mark.hour));
        let mut rows = marked.clone();
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
        Ok(Cover { sealed, rows: rows.into_iter().collect(), marked })
    }
}
