//! Questions over the events of a site: what they need is loaded and shown to them.

use std::ops::Range;

use analytics::ask::{Question, Share};
use analytics::{DAY_MS, Shard};
use protocol::query::QueryError;

use super::Cover;
use super::load::{ATTEMPTS, Replaced, missing};
use crate::site::Site;
use crate::store::{Store, StoreError};

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
    /// Shows a question all events that it asks for: at once if they fit the memory, else one range of visitors after
    /// the other.
    ///
    /// # Errors
    /// [`AskError`]; the question has to be begun anew then.
    pub async fn ask(&self, site: &Site, question: &mut dyn Question, now: u64) -> Result<(), AskError> {
        let (ranges, columns) = (whole(&question.ranges()), question.columns());
        let mut gone = None;
        for _ in 0..ATTEMPTS {
            // An attempt before may have told some of the parts.
            question.restart();
            let mut covers = Vec::with_capacity(ranges.len());
            for range in &ranges {
                covers.push(self.cover(site, range, now).await?);
            }
            let cover = Cover::union(covers);
            let bits = self.limits.bits_of_asking(cover.events() * columns.bytes_per_event());
            let asked = match bits {
                0 => match self.all_of(site, &cover, columns, now).await? {
                    Ok(data) => Ok(question.take(&data, Share::Whole)?),
                    Err(bucket) => Err(bucket),
                },
                _ => self.ask_parts(site, &cover, bits, question, now).await?,
            };
            match asked {
                Ok(()) => return Ok(()),
                // Replaced since its manifest was read, and its pieces are deleted.
                Err(bucket) => gone = Some(bucket),
            }
        }
        Err(missing(gone).into())
    }

    async fn ask_parts(
        &self,
        site: &Site,
        cover: &Cover,
        bits: u32,
        question: &mut dyn Question,
        now: u64,
    ) -> Result<Result<(), Replaced>, AskError> {
        self.segments.borrow_mut().make_room();
        let columns = question.columns();
        // Read once: what is stored meanwhile is of no part.
        let hours = self.rows_of_hours(site, cover, now).await?;
        for shard in Shard::each(bits) {
            match self.of_shard(&site.id, &cover.sealed, &hours, shard, columns).await? {
                Ok(data) => question.take(&data, Share::Part)?,
                Err(bucket) => return Ok(Err(bucket)),
            }
        }
        Ok(Ok(()))
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
