//! Which step of time a moment lies in.

use protocol::query::Zone;

/// All offsets of today's zones, and so all edges of hours and longer, are multiples of this.
const CELL_MS: u64 = 15 * 60 * 1_000;

/// Most cells of the table: 28 years.
const MAX_CELLS: u64 = 1_000_000;

/// Steps between edges, to be looked up.
#[derive(Debug)]
pub(crate) struct Steps {
    edges: Vec<u64>,
    how: How,
}

#[derive(Debug)]
enum How {
    /// All steps are of one length.
    Even(u64),
    /// The step each quarter of an hour lies in.
    Table(Vec<u32>),
    Search,
}

impl Steps {
    /// Steps between ascending edges.
    pub(crate) fn new(edges: &[u64]) -> Self {
        let first = edges.first().copied().unwrap_or(0);
        let last = edges.last().copied().unwrap_or(0);
        let length = edges.get(1).map_or(0, |second| second.saturating_sub(first));
        let even = edges.windows(2).all(|pair| pair.first().map(|one| one + length) == pair.last().copied());
        let how = if even && length > 0 {
            How::Even(length)
        } else if edges.iter().all(|edge| edge % CELL_MS == 0) && (last - first) / CELL_MS <= MAX_CELLS {
            let mut table = Vec::with_capacity(((last - first) / CELL_MS) as usize);
            for (step, pair) in (0..).zip(edges.windows(2)) {
                if let [from, to] = pair {
                    table.extend(std::iter::repeat_n(step, (to.saturating_sub(*from) / CELL_MS) as usize));
                }
            }
            How::Table(table)
        } else {
            How::Search
        };
        Self { edges: edges.to_vec(), how }
    }

    /// How many steps there are.
    pub(crate) fn len(&self) -> usize {
        self.edges.len().saturating_sub(1)
    }

    /// Where a step begins.
    pub(crate) fn edge(&self, step: u32) -> u64 {
        self.edges.get(step as usize).copied().unwrap_or(0)
    }

    /// The step of a moment; `None` before the first edge and from the last one on.
    #[inline]
    pub(crate) fn find(&self, at: u64) -> Option<u32> {
        let (first, last) = (self.edges.first()?, self.edges.last()?);
        if at < *first || at >= *last {
            return None;
        }
        match &self.how {
            How::Even(length) => Some(((at - first) / length) as u32),
            How::Table(table) => table.get(((at - first) / CELL_MS) as usize).copied(),
            How::Search => {
                self.edges.partition_point(|edge| *edge <= at).checked_sub(1).map(|step| step as u32)
            }
        }
    }
}

/// Hour of the local day, 0 to 23.
#[inline]
pub(crate) fn hour_of_day(zone: &Zone, at: u64) -> u32 {
    (zone.local_ms(at).rem_euclid(86_400_000) / 3_600_000) as u32
}

/// Day of the local week, 0 for Monday to 6. 1970-01-01 was a Thursday.
#[inline]
pub(crate) fn weekday(zone: &Zone, at: u64) -> u32 {
    (zone.local_ms(at).div_euclid(86_400_000) + 3).rem_euclid(7) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_looking_up_finds_the_same_step() {
        let even: Vec<u64> = (0..5).map(|step| 7 + step * 100).collect();
        let table: Vec<u64> = [0, 24, 47, 71].map(|hours| hours * 3_600_000 + 900_000).into();
        let search: Vec<u64> = vec![1, 5, 6, 1_000];
        for edges in [even, table, search] {
            let steps = Steps::new(&edges);
            assert_eq!(steps.find(edges[0] - 1), None);
            assert_eq!(steps.find(*edges.last().unwrap()), None);
            for (step, pair) in edges.windows(2).enumerate() {
                assert_eq!(steps.find(pair[0]), Some(step as u32), "{edges:?}");
                assert_eq!(steps.find(pair[1] - 1), Some(step as u32), "{edges:?}");
            }
        }
        assert_eq!(Steps::new(&[]).find(0), None);
    }

    #[test]
    fn hours_and_weekdays_are_local() {
        let kolkata = Zone::new(19_800, Vec::new());
        assert_eq!((hour_of_day(&kolkata, 0), weekday(&kolkata, 0)), (5, 3));
        assert_eq!(
            (hour_of_day(&Zone::new(-3_600, Vec::new()), 0), weekday(&Zone::UTC, 4 * 86_400_000)),
            (23, 0)
        );
    }
}
