//! Where numbers come from, as far as it is not the visitors' own browsers, or no longer their rows.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// What is to be known of a site's data beside the events, or of what an answer says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Origin {
    /// Ranges of time whose visits were made up to meet totals that were imported, Unix milliseconds, the end not
    /// included; ascending.
    #[serde(default)]
    pub estimated_ranges: Vec<(u64, u64)>,
    /// Until when nothing but segments is kept: the rows they were built of are gone. `None`: all rows are there.
    #[serde(default)]
    pub segments_only_until: Option<u64>,
}

impl Origin {
    /// What of it concerns ranges of time.
    pub fn within<'a>(&self, ranges: impl Iterator<Item = &'a Range<u64>> + Clone) -> Self {
        let cut = |(from, to): (u64, u64)| {
            ranges.clone().map(move |range| (from.max(range.start), to.min(range.end)))
        };
        let parts = self.estimated_ranges.iter().flat_map(|range| cut(*range)).filter(|(from, to)| from < to);
        // Not sorted: that would bring a sort along into what pages load.
        let estimated_ranges = parts.fold(Vec::new(), |all, part| united(&all, part));
        let first = ranges.map(|range| range.start).min();
        Self {
            estimated_ranges,
            segments_only_until: self.segments_only_until.filter(|until| first.is_some_and(|it| it < *until)),
        }
    }
}

/// Adds a range to others that ascend and do not touch.
pub fn united(ranges: &[(u64, u64)], (mut from, mut to): (u64, u64)) -> Vec<(u64, u64)> {
    let mut all = Vec::with_capacity(ranges.len() + 1);
    for range in ranges {
        if range.1 < from || range.0 > to {
            all.push(*range);
        } else {
            (from, to) = (from.min(range.0), to.max(range.1));
        }
    }
    let place = all.iter().take_while(|range| range.0 < from).count();
    all.insert(place, (from, to));
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_answer_is_told_what_concerns_its_ranges() {
        let origin = Origin { estimated_ranges: vec![(10, 20), (50, 60)], segments_only_until: Some(40) };
        let within = |ranges: &[(u64, u64)]| {
            let ranges: Vec<Range<u64>> = ranges.iter().map(|(from, to)| *from..*to).collect();
            let it = origin.within(ranges.iter());
            (it.estimated_ranges, it.segments_only_until)
        };
        assert_eq!(within(&[(0, 100)]), (vec![(10, 20), (50, 60)], Some(40)));
        assert_eq!(within(&[(45, 55)]), (vec![(50, 55)], None));
        assert_eq!(within(&[(70, 80), (15, 16)]), (vec![(15, 16)], Some(40)));
        assert_eq!(within(&[(20, 50)]), (Vec::new(), Some(40)));
        assert_eq!(within(&[]), (Vec::new(), None));
    }

    proptest! {
        #[test]
        fn united_ranges_hold_what_each_held_and_do_not_touch(
            ranges in prop::collection::vec((0..40_u64, 1..9_u64), 0..12)
        ) {
            let ranges: Vec<(u64, u64)> = ranges.into_iter().map(|(from, length)| (from, from + length)).collect();
            let all = ranges.iter().fold(Vec::new(), |all, range| united(&all, *range));
            let holds = |ranges: &[(u64, u64)], at| ranges.iter().any(|(from, to)| (*from..*to).contains(&at));
            for at in 0..60 {
                prop_assert_eq!(holds(&all, at), holds(&ranges, at));
            }
            prop_assert!(all.windows(2).all(|two| two[0].1 < two[1].0));
        }
    }
}
