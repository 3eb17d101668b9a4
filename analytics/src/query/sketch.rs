//! Percentiles: exact while values are few, then a histogram of known error.

use crate::sort::merge_runs;

/// Values kept as they are, up to this many.
pub(crate) const EXACT_VALUES: usize = 4_096;

/// Classes of an octave. A class is at most 1/64 of its values wide, so its middle is off by at most 1/128.
const CLASSES_LOG2: u32 = 6;
const CLASSES: usize = 1 << CLASSES_LOG2;

/// Largest error of a percentile of more than [`EXACT_VALUES`] values, as a part of the value.
pub(crate) const RELATIVE_ERROR: f64 = 1.0 / 128.0;

/// The distribution of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sketch {
    Exact(Vec<u32>),
    Classes(Vec<u32>),
}

impl Default for Sketch {
    fn default() -> Self {
        Self::Exact(Vec::new())
    }
}

/// Values below 2⁶ have classes of their own; each further octave has 64.
fn class(value: u32) -> usize {
    let bits = u32::BITS - value.leading_zeros();
    let shift = bits.saturating_sub(CLASSES_LOG2 + 1);
    (value >> shift) as usize + shift as usize * CLASSES
}

/// The middle of a class.
fn middle(class: usize) -> u32 {
    let shift = (class / CLASSES).saturating_sub(1);
    let first = ((class - shift * CLASSES) as u64) << shift;
    u32::try_from(first + (1_u64 << shift) / 2).unwrap_or(u32::MAX)
}

const ALL_CLASSES: usize = (u32::BITS - CLASSES_LOG2 + 1) as usize * CLASSES;

fn count(classes: &mut [u32], value: u32) {
    if let Some(count) = classes.get_mut(class(value)) {
        *count += 1;
    }
}

impl Sketch {
    pub(crate) fn add(&mut self, value: u32) {
        match self {
            Self::Exact(values) if values.len() < EXACT_VALUES => values.push(value),
            Self::Exact(values) => {
                let mut classes = vec![0; ALL_CLASSES];
                for value in values.iter().copied().chain([value]) {
                    count(&mut classes, value);
                }
                *self = Self::Classes(classes);
            }
            Self::Classes(classes) => count(classes, value),
        }
    }

    /// Adds the values of another: the same as if each had been added.
    pub(crate) fn merge(&mut self, other: &Self) {
        match other {
            Self::Exact(values) => values.iter().for_each(|value| self.add(*value)),
            Self::Classes(more) => {
                let mut sums = more.clone();
                match &*self {
                    Self::Exact(values) => values.iter().for_each(|value| count(&mut sums, *value)),
                    Self::Classes(own) => {
                        sums.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
                    }
                }
                *self = Self::Classes(sums);
            }
        }
    }

    /// Whether percentiles are estimates.
    pub(crate) fn is_estimate(&self) -> bool {
        matches!(self, Self::Classes(_))
    }

    /// The value of rank ⌈n · percent / 100⌉ in ascending order; `None` without values.
    pub(crate) fn percentile(&self, percent: u64) -> Option<u32> {
        let rank = |count: u64| (count * percent).div_ceil(100).max(1);
        match self {
            Self::Exact(values) => {
                let values = merge_runs(values.clone(), (0..values.len()).collect(), |a, b| a <= b);
                values.get(rank(values.len() as u64) as usize - 1).copied()
            }
            Self::Classes(classes) => {
                let mut left = rank(classes.iter().map(|count| u64::from(*count)).sum());
                for (class, count) in classes.iter().enumerate() {
                    if u64::from(*count) >= left {
                        return Some(middle(class));
                    }
                    left -= u64::from(*count);
                }
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_are_exact() {
        let mut sketch = Sketch::default();
        assert_eq!(sketch.percentile(50), None);
        for value in (1..=100).rev() {
            sketch.add(value);
        }
        assert_eq!([50, 75, 95].map(|percent| sketch.percentile(percent)), [Some(50), Some(75), Some(95)]);
        assert!(!sketch.is_estimate());
    }

    #[test]
    fn distributions_merge_to_that_of_all_values() {
        let value = |number: u32| number.wrapping_mul(2_654_435_761) >> (number % 20);
        for (first, second) in [(10, 20), (5_000, 20), (20, 5_000), (5_000, 6_000), (4_000, 96), (4_000, 97)]
        {
            let (mut one, mut other, mut all) = <(Sketch, Sketch, Sketch)>::default();
            (0..first).for_each(|number| one.add(value(number)));
            (first..first + second).for_each(|number| other.add(value(number)));
            (0..first + second).for_each(|number| all.add(value(number)));
            one.merge(&other);
            assert_eq!(one, all, "{first} and {second}");
        }
    }

    proptest::proptest! {
        #[test]
        fn middle_of_a_class_is_near_its_values(value: u32) {
            let near = f64::from(middle(class(value)));
            proptest::prop_assert!((near - f64::from(value)).abs() <= f64::from(value) * RELATIVE_ERROR);
            proptest::prop_assert!(class(value) < ALL_CLASSES);
        }

        #[test]
        fn many_values_are_within_the_error(seed: u32, percent in 1_u64..=100) {
            let value = |number: u32| number.wrapping_mul(2_654_435_761).wrapping_add(seed) >> (number % 20);
            let mut values: Vec<u32> = (0..5_000).map(value).collect();
            let mut sketch = Sketch::default();
            for value in &values {
                sketch.add(*value);
            }
            values.sort_unstable();
            let exact = f64::from(values[(5_000 * percent).div_ceil(100) as usize - 1]);
            let found = f64::from(sketch.percentile(percent).unwrap());
            proptest::prop_assert!(sketch.is_estimate());
            proptest::prop_assert!((found - exact).abs() <= exact * RELATIVE_ERROR);
        }
    }
}
