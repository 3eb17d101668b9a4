//! Where answers come from: the engine in this browser, or the worker at the edge.

use std::ops::Range;

/// Where answers come from.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Source {
    /// Not decided: events are being loaded.
    #[default]
    Loading,
    /// The engine in this browser, which holds so many events.
    Browser(u64),
    /// The worker: the range has more events than this browser should hold, so many if that is known.
    Edge(Option<u64>),
}

/// The events that questions are about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// The site.
    pub site: String,
    /// Ranges that are asked about, Unix milliseconds.
    pub ranges: Vec<(u64, u64)>,
}

const DAY: u64 = 86_400_000;

/// Ranges as far apart as this are loaded as one.
const GAP: u64 = 7 * DAY;

impl Scope {
    /// The events of a site that ranges need: visits last a day at most, and those that began before a range have to be
    /// whole.
    pub fn of<'a>(site: &str, ranges: impl IntoIterator<Item = &'a Range<u64>>) -> Self {
        let mut list: Vec<(u64, u64)> = ranges
            .into_iter()
            .filter(|range| !range.is_empty())
            .map(|range| ((range.start / DAY * DAY).saturating_sub(DAY), range.end.next_multiple_of(DAY)))
            .collect();
        list.sort_unstable();
        let mut merged: Vec<(u64, u64)> = Vec::with_capacity(list.len());
        for (from, to) in list {
            match merged.last_mut() {
                Some((_, end)) if from <= *end + GAP => *end = to.max(*end),
                _ => merged.push((from, to)),
            }
        }
        Self { site: site.into(), ranges: merged }
    }

    /// Whether all events of another scope are in this one.
    pub fn covers(&self, other: &Self) -> bool {
        let holds =
            |(from, to): &(u64, u64)| self.ranges.iter().any(|(start, end)| start <= from && to <= end);
        self.site == other.site && other.ranges.iter().all(holds)
    }

    /// Whether a moment is in one of the ranges.
    pub fn contains(&self, at: u64) -> bool {
        self.ranges.iter().any(|(from, to)| (*from..*to).contains(&at))
    }
}

/// Most events that a browser on a device with so many GiB of memory should hold. A held event takes some 60 bytes in
/// all, and no page should take more than an eighth of a device. Browsers say at most 8; those that say nothing are
/// taken for devices with 2.
pub fn most_events(memory_gib: Option<f64>) -> u64 {
    match memory_gib {
        Some(memory) if memory >= 8.0 => 4_000_000,
        Some(memory) if memory >= 4.0 => 2_000_000,
        Some(memory) if memory >= 2.0 => 1_000_000,
        Some(_) => 250_000,
        None => 1_000_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scope_holds_whole_days_and_the_day_before() {
        let scope = Scope::of("shop", [&(20 * DAY + 5..20 * DAY + 9), &(19 * DAY..20 * DAY)]);
        assert_eq!(scope.ranges, [(18 * DAY, 21 * DAY)]);
        let apart = Scope::of("shop", [&(400 * DAY..401 * DAY), &(35 * DAY..36 * DAY)]);
        assert_eq!(apart.ranges, [(34 * DAY, 36 * DAY), (399 * DAY, 401 * DAY)]);
        assert!(apart.contains(35 * DAY) && !apart.contains(100 * DAY));
    }

    #[test]
    fn narrower_scope_of_the_same_site_is_covered() {
        let wide = Scope::of("shop", [&(20 * DAY..50 * DAY)]);
        assert!(wide.covers(&Scope::of("shop", [&(30 * DAY..31 * DAY)])));
        assert!(!wide.covers(&Scope::of("shop", [&(10 * DAY..31 * DAY)])));
        assert!(!wide.covers(&Scope::of("blog", [&(30 * DAY..31 * DAY)])));
    }

    #[test]
    fn more_memory_holds_more_events() {
        let limits = [Some(1.0), Some(2.0), Some(4.0), Some(8.0)].map(most_events);
        assert!(limits.is_sorted());
    }
}
