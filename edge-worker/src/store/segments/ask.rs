//! Questions over the events of a site: what they need is loaded and shown to them.

use std::ops::Range;

use analytics::DAY_MS;
use analytics::ask::{Question, Share};
use protocol::query::QueryError;

use crate::site::Site;
use crate::store::{Store, StoreError};

/// Most events of a question: with the columns of one, their index and what is worked out, some 100 MB.
const MAX_EVENTS: u64 = 3_000_000;

/// Ranges as far apart as this are loaded together, what lies between them as well.
const GAP_MS: u64 = 62 * DAY_MS;

/// Why a question is not answered.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// It cannot be answered.
    #[error("{0}")]
    Question(#[from] QueryError),
    /// The store does not answer, or a segment is damaged.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What has to be loaded for ranges of a question. A visit lasts a day at most; those that began before a range have
/// to be whole.
fn whole(ranges: &[Range<u64>]) -> Vec<Range<u64>> {
    let whole = |range: &Range<u64>| range.start.saturating_sub(DAY_MS)..range.end;
    let mut ranges: Vec<Range<u64>> = ranges.iter().map(whole).collect();
    ranges.sort_by_key(|range| range.start);
    ranges.dedup_by(|next, last| {
        let near = next.start <= last.end.saturating_add(GAP_MS);
        if near {
            last.end = last.end.max(next.end);
        }
        near
    });
    ranges
}

impl Store {
    /// Shows a question all events that it asks for.
    ///
    /// # Errors
    /// [`AskError`]; the question has to be begun anew then.
    pub async fn ask(&self, site: &Site, question: &mut dyn Question, now: u64) -> Result<(), AskError> {
        let mut loaded = Vec::new();
        for range in whole(&question.ranges()) {
            loaded.push(self.load_within(site, &range, question.columns(), now, MAX_EVENTS).await?);
        }
        match loaded.as_slice() {
            [one] => question.take(&one.data, Share::Whole)?,
            all => {
                let data = analytics::merge(&all.iter().map(|it| it.data.as_ref()).collect::<Vec<_>>());
                question.take(&data, Share::Whole)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_near_each_other_are_loaded_as_one() {
        let day = |from: u64, to: u64| from * DAY_MS..to * DAY_MS;
        assert_eq!(whole(&[day(100, 130), day(70, 100)]), [day(69, 130)]);
        assert_eq!(whole(&[day(500, 530), day(135, 165)]), [day(134, 165), day(499, 530)]);
        assert_eq!(whole(&[day(0, 1)]), [day(0, 1)]);
    }
}
