//! Laying out totals over visits that are made up.

use super::ids;

/// What a dimension says of visits, with how many it says so of.
pub(super) type Counts<T> = Vec<(T, u64)>;

/// A value for each of `length` visits, as often as it is counted; the default where too few are. The order is a
/// shuffle that is always the same for the same `seed`: lists that are sorted alike must not look as if they
/// belonged together.
pub(super) fn laid_out<T: Clone + Default>(counts: &[(T, u64)], length: usize, seed: &[&str]) -> Vec<T> {
    let mut all: Vec<T> = Vec::with_capacity(length);
    for (value, count) in counts {
        let room = (length - all.len()) as u64;
        all.extend(std::iter::repeat_n(value.clone(), usize::try_from(room.min(*count)).unwrap_or(0)));
    }
    all.resize(length, T::default());
    shuffle(&mut all, seed);
    all
}

/// Fisher and Yates's shuffle with dice made of the seed.
pub(super) fn shuffle<T>(all: &mut [T], seed: &[&str]) {
    let mut dice = ids::number(seed);
    for index in (1..all.len()).rev() {
        // Knuth's MMIX constants.
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let other = (dice >> 33) % (index as u64 + 1);
        all.swap(index, usize::try_from(other).unwrap_or(0));
    }
}

/// A total in `parts` whole parts that differ by one at most, the larger ones first.
pub(super) fn shares(total: u64, parts: u64) -> impl Iterator<Item = u64> {
    let (each, more) = (total.checked_div(parts).unwrap_or(0), total.checked_rem(parts).unwrap_or(0));
    (0..parts).map(move |part| each + u64::from(part < more))
}

/// Values that are handed out until their number is used up.
#[derive(Debug, Default)]
pub(super) struct Pool<T>(Vec<(T, u64)>);

impl<T: Clone + PartialEq> Pool<T> {
    pub(super) fn new(counts: Counts<T>) -> Self {
        Self(counts)
    }

    /// Takes one of which `is` holds.
    pub(super) fn take(&mut self, is: impl Fn(&T) -> bool) -> Option<T> {
        let (value, left) = self.0.iter_mut().find(|(value, left)| *left > 0 && is(value))?;
        *left -= 1;
        Some(value.clone())
    }

    /// Takes one of those of which most are left.
    pub(super) fn take_any(&mut self) -> Option<T> {
        let (value, left) = self.0.iter_mut().max_by_key(|(_, left)| *left)?;
        *left = left.checked_sub(1)?;
        Some(value.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_laid_out_as_often_as_it_is_counted() {
        let all = laid_out(&[("a", 3), ("b", 2)], 7, &["x"]);
        let count = |value| all.iter().filter(|it| **it == value).count();
        assert_eq!((count("a"), count("b"), count("")), (3, 2, 2));
        assert_eq!(all, laid_out(&[("a", 3), ("b", 2)], 7, &["x"]));
        assert_eq!(laid_out(&[("a", 3)], 2, &["x"]), ["a", "a"]);
    }

    #[test]
    fn shares_add_up_and_pools_run_dry() {
        assert_eq!(shares(7, 3).collect::<Vec<_>>(), [3, 2, 2]);
        assert_eq!(shares(7, 0).count(), 0);
        let mut pool = Pool::new(vec![("a", 1), ("b", 2)]);
        assert_eq!((pool.take(|it| *it == "a"), pool.take(|it| *it == "a")), (Some("a"), None));
        assert_eq!((pool.take_any(), pool.take_any(), pool.take_any()), (Some("b"), Some("b"), None));
    }
}
