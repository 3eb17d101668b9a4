//! Sorting, for lists of people's making: they are short, and the program has to be as well.

/// Sorts by a text made of each item; what has the same text keeps its order. The standard library's sorting is
/// compiled anew for each type it is given, some ten kilobytes each time; this one shares a single copy.
pub(crate) fn by_text<T>(items: Vec<T>, text: impl Fn(&T) -> String) -> Vec<T> {
    let mut places: Vec<(String, usize)> =
        items.iter().enumerate().map(|(place, item)| (text(item), place)).collect();
    places.sort_unstable();
    let mut items: Vec<Option<T>> = items.into_iter().map(Some).collect();
    places.into_iter().filter_map(|(_, place)| items.get_mut(place).and_then(Option::take)).collect()
}

/// A text by which later times come first.
pub(crate) fn newest_first(unix_ms: u64) -> String {
    format!("{:020}", u64::MAX - unix_ms)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn order_is_that_of_the_standard_library(items in prop::collection::vec(("[a-c]{0,2}", 0_u64..4), 0..20)) {
            let mut expected = items.clone();
            expected.sort_by(|a, b| a.0.cmp(&b.0));
            prop_assert_eq!(by_text(items.clone(), |item| item.0.clone()), expected);
            let mut expected = items.clone();
            expected.sort_by_key(|item| std::cmp::Reverse(item.1));
            prop_assert_eq!(by_text(items, |item| newest_first(item.1)), expected);
        }
    }
}
