//! Columns of visits that change together, kept as one column of combinations: a city has one region and one country,
//! and few of all browsers run on few of all systems. That is less memory, and one look at a visit for several
//! breakdowns.

use crate::codes::Codes;
use crate::columns::Column;
use crate::dataset::Dataset;
use crate::row::VisitDim;

/// What goes together, what tells most first.
const TOGETHER: [&[VisitDim]; 3] = [
    &[VisitDim::City, VisitDim::Region, VisitDim::Country],
    &[VisitDim::Screen, VisitDim::Os, VisitDim::Browser, VisitDim::Device],
    &[VisitDim::Source, VisitDim::Channel, VisitDim::UtmCampaign],
];

/// Most combinations: what has more does not go together.
const MAX_COMBINATIONS: usize = 1 << 16;

const NONE: u32 = u32::MAX;

/// Columns kept as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bundle {
    /// The combination of each visit.
    pub(crate) combinations: Codes,
    /// How many there are.
    pub(crate) count: usize,
    /// Of each column the code in each combination.
    columns: Vec<(VisitDim, Vec<u32>)>,
}

impl Bundle {
    /// Takes the columns that go together out of a data set.
    pub(super) fn take(data: &mut Dataset) -> Vec<Self> {
        TOGETHER.iter().filter_map(|dims| Self::of(data, dims)).collect()
    }

    fn of(data: &mut Dataset, dims: &[VisitDim]) -> Option<Self> {
        let is_told =
            |dim: &&VisitDim| data.loaded().has(Column::Visit(**dim)) && !data.visit(**dim).dict.is_empty();
        let dims: Vec<VisitDim> = dims.iter().filter(is_told).copied().collect();
        let (first, others) = dims.split_first().filter(|(_, others)| !others.is_empty())?;
        let mut combinations = data.visit(*first).codes.widened();
        let mut count = data.visit(*first).dict.len();
        let mut columns: Vec<(VisitDim, Vec<u32>)> = vec![(*first, (0..count as u32).collect())];
        for dim in others {
            let pairs = pair(&mut combinations, count, &data.visit(*dim).codes)?;
            count = pairs.len();
            for (_, values) in &mut columns {
                let old: &[u32] = values;
                let value = |(one, _): &(u32, u32)| old.get(*one as usize).copied().unwrap_or(0);
                *values = pairs.iter().map(value).collect();
            }
            columns.push((*dim, pairs.iter().map(|(_, other)| *other).collect()));
        }
        let visits = data.visit_count();
        for dim in &dims {
            data.visits[dim.index()].codes = Codes::Zero(visits);
        }
        Some(Self { combinations: Codes::narrow(combinations, count), count, columns })
    }

    /// The codes of a column, by combination.
    pub(crate) fn values(&self, dim: VisitDim) -> Option<&[u32]> {
        self.columns.iter().find(|(one, _)| *one == dim).map(|(_, values)| values.as_slice())
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.combinations.heap_bytes() + self.columns.len() * self.count * 4
    }
}

/// A combination of the one number it is found by.
struct Place {
    other: u32,
    next: u32,
}

/// Numbers the pairs of two columns, in place of the numbers of the first, and returns them; `None` if there are too many
/// to be worth it.
fn pair(ones: &mut [u32], bound: usize, others: &Codes) -> Option<Vec<(u32, u32)>> {
    let mut first = vec![NONE; bound];
    let (mut places, mut pairs): (Vec<Place>, Vec<(u32, u32)>) = (Vec::new(), Vec::new());
    // Where most numbers have many partners, looking for them takes longer than it will ever save.
    let mut patience = ones.len() * 8 + 1_024;
    for (one, other) in ones.iter_mut().zip(others.widened()) {
        let head = first.get_mut(*one as usize)?;
        let (mut place, mut last) = (*head, NONE);
        while let Some(at) = places.get(place as usize).filter(|at| at.other != other) {
            (last, place) = (place, at.next);
            patience = patience.checked_sub(1)?;
        }
        if place == NONE {
            place = places.len() as u32;
            if places.len() >= MAX_COMBINATIONS {
                return None;
            }
            places.push(Place { other, next: NONE });
            pairs.push((*one, other));
            match places.get_mut(last as usize) {
                Some(last) => last.next = place,
                None => *head = place,
            }
        }
        *one = place;
    }
    Some(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn pairs_are_those_of_the_columns(rows in proptest::collection::vec((0..9_u32, 0..7_u32), 0..200)) {
            let mut ones: Vec<u32> = rows.iter().map(|row| row.0).collect();
            let others = Codes::narrow(rows.iter().map(|row| row.1).collect(), 7);
            let pairs = pair(&mut ones, 9, &others).unwrap();
            let back: Vec<(u32, u32)> = ones.iter().map(|one| pairs[*one as usize]).collect();
            proptest::prop_assert_eq!(back, rows);
            let distinct: std::collections::BTreeSet<_> = pairs.iter().collect();
            proptest::prop_assert_eq!(distinct.len(), pairs.len());
        }
    }

    #[test]
    fn columns_that_do_not_go_together_are_left_alone() {
        let mut ones = vec![0; 70_000];
        assert_eq!(pair(&mut ones, 1, &Codes::narrow((0..70_000).collect(), 70_000)), None);
    }
}
