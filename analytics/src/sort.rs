//! Sorting in few bytes. The sorts of the standard library are compiled anew for every type, several kilobytes each,
//! into a module that pages load; these are for what is sorted rarely, or is sorted in parts already.

use std::cmp::Ordering;

/// The places `0..count` in order, equal ones as they stood.
#[inline(never)]
pub(crate) fn order(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<u32> {
    let places: Vec<u32> = (0..count as u32).collect();
    let starts: Vec<usize> = (0..count).collect();
    merge_runs(places, starts, |a, b| compare(*a as usize, *b as usize) != Ordering::Greater)
}

/// The values in order, equal ones as they stood.
pub(crate) fn sorted<T: Copy>(values: &[T], compare: impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    let Some(first) = values.first() else { return Vec::new() };
    let value = |place: usize| values.get(place).unwrap_or(first);
    let order = order(values.len(), &mut |a, b| compare(value(a), value(b)));
    order.into_iter().map(|place| *value(place as usize)).collect()
}

/// Puts values in order, equal ones as they stood.
pub(crate) fn sort<T>(values: &mut Vec<T>, compare: impl Fn(&T, &T) -> Ordering) {
    let by_place = |a: usize, b: usize| match (values.get(a), values.get(b)) {
        (Some(a), Some(b)) => compare(a, b),
        _ => Ordering::Equal,
    };
    let order = order(values.len(), &mut { by_place });
    let mut all: Vec<Option<T>> = std::mem::take(values).into_iter().map(Some).collect();
    values.extend(order.into_iter().filter_map(|place| all.get_mut(place as usize)?.take()));
}

/// The first `wanted` of the places `0..count` in order, equal ones as they stood. If few are wanted of many, hardly
/// more than one comparison each.
#[inline(never)]
pub(crate) fn first(
    count: usize,
    wanted: usize,
    compare: &mut dyn FnMut(usize, usize) -> Ordering,
) -> Vec<u32> {
    let mut kept: Vec<u32> = Vec::new();
    // The last of those that are known to be better than all before but themselves.
    let mut last = None;
    for place in 0..count {
        if last.is_some_and(|last: u32| compare(last as usize, place) != Ordering::Greater) {
            continue;
        }
        kept.push(place as u32);
        if kept.len() >= wanted.saturating_mul(2) {
            kept = best(&kept, wanted, compare);
            last = kept.last().copied();
        }
    }
    best(&kept, wanted, compare)
}

fn best(places: &[u32], wanted: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<u32> {
    let place = |number: usize| places.get(number).copied().unwrap_or(0);
    let order = order(places.len(), &mut |a, b| compare(place(a) as usize, place(b) as usize));
    order.into_iter().take(wanted).map(|number| place(number as usize)).collect()
}

/// Merges runs that are in order by themselves into one, equal values in order of runs. `starts` says where the runs
/// begin, ascending from 0; `is_first` whether the first of two values of runs in this order comes first.
pub(crate) fn merge_runs<T: Copy>(
    mut values: Vec<T>,
    mut starts: Vec<usize>,
    mut is_first: impl FnMut(&T, &T) -> bool,
) -> Vec<T> {
    let mut merged = values.clone();
    while starts.len() > 1 {
        let mut kept = Vec::with_capacity(starts.len().div_ceil(2));
        for pair in starts.chunks(2) {
            let start = pair.first().copied().unwrap_or(0);
            let middle = pair.get(1).copied().unwrap_or(values.len());
            // The next pair begins where this one ends.
            let end = starts.get(kept.len() * 2 + 2).copied().unwrap_or(values.len());
            let middle = middle.min(end);
            kept.push(start);
            let one = values.get(start..middle).unwrap_or_default();
            let other = values.get(middle..end).unwrap_or_default();
            merge_two(one, other, merged.get_mut(start..end).unwrap_or_default(), &mut is_first);
        }
        std::mem::swap(&mut values, &mut merged);
        starts = kept;
    }
    values
}

#[inline]
fn merge_two<T: Copy>(one: &[T], other: &[T], out: &mut [T], is_first: &mut impl FnMut(&T, &T) -> bool) {
    let (mut a, mut b) = (0, 0);
    for place in out {
        *place = match (one.get(a), other.get(b)) {
            (Some(first), Some(second)) => {
                let takes_first = is_first(first, second);
                a += usize::from(takes_first);
                b += usize::from(!takes_first);
                if takes_first { *first } else { *second }
            }
            (Some(first), None) => {
                a += 1;
                *first
            }
            (None, Some(second)) => {
                b += 1;
                *second
            }
            // There are as many places as values.
            (None, None) => return,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn what_is_sorted_is_as_the_standard_library_sorts_it(values: Vec<(u8, u16)>) {
            let mut expected = values.clone();
            expected.sort_by_key(|value| value.0);
            proptest::prop_assert_eq!(sorted(&values, |a, b| a.0.cmp(&b.0)), expected);
        }

        #[test]
        fn first_are_those_of_all_in_order(values: Vec<u8>, wanted in 0_usize..20) {
            let mut compare = |a: usize, b: usize| values[a].cmp(&values[b]);
            let mut expected = order(values.len(), &mut compare);
            expected.truncate(wanted);
            proptest::prop_assert_eq!(first(values.len(), wanted, &mut compare), expected);
        }

        #[test]
        fn values_that_cannot_be_copied_are_sorted_alike(values: Vec<(u8, String)>) {
            let (mut expected, mut values) = (values.clone(), values);
            expected.sort_by_key(|value| value.0);
            sort(&mut values, |a, b| a.0.cmp(&b.0));
            proptest::prop_assert_eq!(values, expected);
        }

        #[test]
        fn runs_merge_in_order(runs: Vec<Vec<(u8, u16)>>) {
            let (mut all, mut starts) = (Vec::new(), Vec::new());
            for mut run in runs {
                run.sort_by_key(|value| value.0);
                starts.push(all.len());
                all.extend(run);
            }
            let mut expected = all.clone();
            expected.sort_by_key(|value| value.0);
            proptest::prop_assert_eq!(merge_runs(all, starts, |a, b| a.0 <= b.0), expected);
        }
    }
}
