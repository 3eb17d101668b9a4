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
    Even(Divisor),
    /// The step each quarter of an hour lies in.
    Table(Divisor, Vec<u32>),
    Search,
}

/// Divides milliseconds below 2⁵³. WebAssembly has no cheap way to divide integers, and this is asked of every visit.
#[derive(Debug, Clone, Copy)]
struct Divisor {
    by: u64,
    inverse: f64,
}

impl Divisor {
    fn new(by: u64) -> Self {
        Self { by, inverse: 1.0 / by as f64 }
    }

    #[inline]
    fn divide(self, value: u64) -> u64 {
        // Off by one at most, either way.
        let quotient = (value.cast_signed() as f64 * self.inverse) as i64;
        let rest = value.cast_signed() - quotient * self.by.cast_signed();
        let correction = i64::from(rest >= self.by.cast_signed()) - i64::from(rest < 0);
        (quotient + correction).cast_unsigned()
    }
}

impl Steps {
    /// Steps between ascending edges.
    pub(crate) fn new(edges: &[u64]) -> Self {
        let first = edges.first().copied().unwrap_or(0);
        let last = edges.last().copied().unwrap_or(0);
        let length = edges.get(1).map_or(0, |second| second.saturating_sub(first));
        let even = edges.windows(2).all(|pair| pair.first().map(|one| one + length) == pair.last().copied());
        let how = if even && length > 0 {
            How::Even(Divisor::new(length))
        } else if edges.iter().all(|edge| edge % CELL_MS == 0) && (last - first) / CELL_MS <= MAX_CELLS {
            let mut table = Vec::with_capacity(((last - first) / CELL_MS) as usize);
            for (step, pair) in (0..).zip(edges.windows(2)) {
                if let [from, to] = pair {
                    table.extend(std::iter::repeat_n(step, (to.saturating_sub(*from) / CELL_MS) as usize));
                }
            }
            How::Table(Divisor::new(CELL_MS), table)
        } else {
            How::Search
        };
        Self { edges: edges.to_vec(), how }
    }

    /// The step of all that lies between two moments; `None` if it is more than one, or none.
    #[inline]
    pub(crate) fn find_whole(&self, first: u64, last: u64) -> Option<u32> {
        self.find(first).filter(|step| last < self.edge(step + 1))
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
            How::Even(length) => Some(length.divide(at - first) as u32),
            How::Table(cells, table) => table.get(cells.divide(at - first) as usize).copied(),
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

    proptest::proptest! {
        #[test]
        fn divisor_divides(by in 1..1_u64 << 40, quotient in 0..1_u64 << 12, rest: u64, shift in 0..52_u32) {
            let near = by * quotient;
            for value in [near, near + by - 1, near + rest % by, near.saturating_sub(1), rest >> 11 >> shift] {
                proptest::prop_assert_eq!(Divisor::new(by).divide(value), value / by);
            }
        }
    }

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
