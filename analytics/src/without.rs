//! A data set without some of its visits: what is left of it when a person is erased.

use std::ops::Range;

use crate::dataset::Dataset;
use crate::merge;

impl Dataset {
    /// Without the visits of which `gone` says so, by their visitor ([`user_hash`](crate::user_hash)) and start: as if
    /// they had never been. `None` if it has none of them.
    #[must_use]
    pub fn without(&self, gone: impl Fn(u64, u64) -> bool) -> Option<Self> {
        let is_gone = |visit: usize| {
            let visit = self.users.get(visit).zip(self.starts.get(visit));
            visit.is_some_and(|(user, start)| gone(*user, *start))
        };
        let mut kept: Vec<Range<usize>> = Vec::new();
        let mut count = 0;
        for visit in (0..self.visit_count()).filter(|visit| !is_gone(*visit)) {
            count += 1;
            match kept.last_mut().filter(|range| range.end == visit) {
                Some(range) => range.end += 1,
                None => kept.push(visit..visit + 1),
            }
        }
        if count == self.visit_count() {
            return None;
        }
        let parts: Vec<Self> = kept.into_iter().map(|range| self.of_visits(range)).collect();
        let mut left = merge(&parts.iter().collect::<Vec<_>>());
        left.keep(self.loaded);
        Some(left)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::sample::{build, history};

    proptest! {
        #[test]
        fn what_is_left_is_what_the_others_did(samples in history(), modulus in 1..5_u64) {
            let whole = build(&samples);
            let is_gone = |user: u64| user.is_multiple_of(modulus);
            let left = build(samples.iter().filter(|sample| !is_gone(sample.user_hash())));
            match whole.without(|user, _| is_gone(user)) {
                Some(without) => prop_assert_eq!(without, left),
                None => prop_assert_eq!(whole, left),
            }
        }
    }
}
