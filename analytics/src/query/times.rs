//! A column of moments, as narrow as their span.

use std::ops::Range;

/// Unix milliseconds, from the least of them on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Times {
    base: u64,
    offsets: Offsets,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Offsets {
    /// Of less than 49.7 days.
    Short(Vec<u32>),
    Long(Vec<u64>),
}

impl Default for Offsets {
    fn default() -> Self {
        Self::Short(Vec::new())
    }
}

impl Times {
    pub(super) fn of(moments: &[u64]) -> Self {
        let base = moments.iter().copied().min().unwrap_or(0);
        let last = moments.iter().copied().max().unwrap_or(0);
        let offsets = match u32::try_from(last - base) {
            Ok(_) => Offsets::Short(moments.iter().map(|moment| (moment - base) as u32).collect()),
            Err(_) => Offsets::Long(moments.iter().map(|moment| moment - base).collect()),
        };
        Self { base, offsets }
    }

    /// The moment at a place; the least past the end.
    #[inline]
    pub(super) fn get(&self, place: usize) -> u64 {
        let offset = match &self.offsets {
            Offsets::Short(offsets) => offsets.get(place).copied().map_or(0, u64::from),
            Offsets::Long(offsets) => offsets.get(place).copied().unwrap_or(0),
        };
        self.base + offset
    }

    /// The moments of a range of places, each with room for another.
    #[inline]
    pub(super) fn copy(&self, places: Range<usize>, out: &mut Vec<(u64, u64)>) {
        out.clear();
        match &self.offsets {
            Offsets::Short(offsets) => {
                let offsets = offsets.get(places).unwrap_or_default();
                out.extend(offsets.iter().map(|offset| (self.base + u64::from(*offset), 0)));
            }
            Offsets::Long(offsets) => {
                let offsets = offsets.get(places).unwrap_or_default();
                out.extend(offsets.iter().map(|offset| (self.base + offset, 0)));
            }
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        match &self.offsets {
            Offsets::Short(offsets) => offsets.len() * 4,
            Offsets::Long(offsets) => offsets.len() * 8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_come_back_whatever_their_span() {
        for moments in [vec![], vec![7], vec![1_700_000_000_000, 5], vec![u64::MAX, u64::MAX - 3]] {
            let times = Times::of(&moments);
            let mut all = Vec::new();
            times.copy(0..moments.len(), &mut all);
            assert_eq!(all.iter().map(|both| both.0).collect::<Vec<_>>(), moments);
            assert!(moments.iter().enumerate().all(|(place, moment)| times.get(place) == *moment));
        }
    }
}
