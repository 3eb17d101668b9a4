//! A long list of which only the rows in sight are drawn: which rows, in what order, and which of them are in sight.

use std::ops::Range;

use super::question::ReplyRow;

/// Height of a row and of the head, CSS pixels; `.details-row` and the head of `.details-table` have the same.
pub const ROW: f64 = 36.0;

/// Rows drawn above and below those in sight, so that there is something to see while a fast scroll is under way.
const SPARE: usize = 10;

/// What a list is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The values' names.
    Name,
    /// A metric, by its place in the question.
    Metric(usize),
}

/// Places of the rows whose name has `search` in it, in order. Rows without the figure come last either way.
pub fn order(
    rows: &[ReplyRow],
    name: impl Fn(&str) -> String,
    search: &str,
    by: Column,
    is_descending: bool,
) -> Vec<usize> {
    let search = search.to_lowercase();
    let key = |row: &ReplyRow| name(row.dimensions.first().map_or("", String::as_str)).to_lowercase();
    let all = rows.iter().enumerate();
    let turned = |order: std::cmp::Ordering| if is_descending { order.reverse() } else { order };
    match by {
        Column::Name => {
            let named = all.map(|(place, row)| (key(row), place));
            let mut found: Vec<_> = named.filter(|(name, _)| name.contains(&search)).collect();
            found.sort_by(|a, b| turned(a.0.cmp(&b.0)));
            found.into_iter().map(|(_, place)| place).collect()
        }
        Column::Metric(metric) => {
            let is_wanted = |row: &ReplyRow| search.is_empty() || key(row).contains(&search);
            let found = all.filter(|(_, row)| is_wanted(row));
            let mut found: Vec<_> = found.map(|(place, row)| (row.metric(metric), place)).collect();
            found.sort_by(|(a, _), (b, _)| match (a, b) {
                (Some(a), Some(b)) => turned(a.total_cmp(b)),
                (a, b) => b.is_some().cmp(&a.is_some()),
            });
            found.into_iter().map(|(_, place)| place).collect()
        }
    }
}

/// The rows to be drawn of `count` in a box of this height that is scrolled down by `top`.
pub fn drawn(top: f64, height: f64, count: usize) -> Range<usize> {
    let first = ((top.max(0.0) / ROW) as usize).min(count);
    let last = first + (height.max(0.0) / ROW) as usize + SPARE;
    first.saturating_sub(SPARE)..last.min(count)
}

/// How far the box has to be scrolled down for a row to be in sight, if it is scrolled by `top`.
pub fn scroll_to(place: usize, top: f64, height: f64) -> f64 {
    // The head covers a row's height of what is below it.
    let (above, below) = (place as f64 * ROW, (place + 2) as f64 * ROW - height);
    top.min(above).max(below)
}

/// The row that a key leads to from the row at `at`, if it leads to one. `page` is how many rows are in sight.
pub fn step(key: &str, at: Option<usize>, count: usize, page: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    let from = at.unwrap_or(0);
    Some(
        match key {
            "ArrowDown" => at.map_or(0, |at| at + 1),
            "ArrowUp" => from.saturating_sub(1),
            "PageDown" => from + page,
            "PageUp" => from.saturating_sub(page),
            "Home" => 0,
            "End" => last,
            _ => return None,
        }
        .min(last),
    )
}

#[cfg(test)]
mod tests {
    use super::super::question::Measure;
    use super::*;

    fn rows() -> Vec<ReplyRow> {
        let row = |(name, value): (&str, Option<f64>)| ReplyRow {
            metrics: vec![value.map_or(Measure::Nothing, Measure::Number)],
            dimensions: vec![name.into()],
            comparison: None,
        };
        [("/b", Some(2.0)), ("/A", None), ("/c", Some(3.0)), ("/d", Some(2.0))].map(row).into()
    }

    #[test]
    fn rows_are_ordered_by_name_or_figure_and_equal_ones_keep_their_order() {
        let order =
            |search: &str, by, is_descending| super::order(&rows(), str::to_owned, search, by, is_descending);
        assert_eq!(order("", Column::Metric(0), true), [2, 0, 3, 1]);
        assert_eq!(order("", Column::Metric(0), false), [0, 3, 2, 1]);
        assert_eq!(order("", Column::Name, false), [1, 0, 2, 3]);
        assert_eq!(order("", Column::Name, true), [3, 2, 0, 1]);
        assert_eq!(order("/a", Column::Name, false), [1]);
        assert_eq!(order("/B", Column::Metric(0), true), [0]);
    }

    #[test]
    fn few_rows_are_drawn_however_long_the_list_and_the_last_is_reached() {
        let height = 600.0;
        let most = (height / ROW) as usize + 2 * SPARE;
        for place in [0, 1, 17, 5_000, 9_999] {
            let top = scroll_to(place, 0.0, height);
            let drawn = drawn(top, height, 10_000);
            assert!(drawn.contains(&place) && drawn.len() <= most, "{place}: {drawn:?}");
        }
        assert_eq!(drawn(1e9, height, 10_000), 9_990..10_000);
        assert_eq!(drawn(-4.0, 0.0, 0), 0..0);
        // What is in sight is left where it is.
        assert_eq!(scroll_to(5, 90.0, height), 90.0);
        assert_eq!(scroll_to(1, 90.0, height), 36.0);
        assert_eq!(scroll_to(9_999, 0.0, height), 10_001.0 * ROW - height);
    }

    #[test]
    fn keys_lead_from_the_first_row_to_the_last() {
        let step = |key, at| super::step(key, at, 100, 10);
        assert_eq!((step("ArrowDown", None), step("ArrowDown", Some(99))), (Some(0), Some(99)));
        assert_eq!((step("ArrowUp", Some(0)), step("ArrowUp", Some(7))), (Some(0), Some(6)));
        assert_eq!((step("PageDown", Some(95)), step("PageUp", Some(25))), (Some(99), Some(15)));
        assert_eq!((step("Home", Some(50)), step("End", None)), (Some(0), Some(99)));
        assert_eq!((step("a", Some(1)), super::step("End", None, 0, 10)), (None, None));
    }
}
