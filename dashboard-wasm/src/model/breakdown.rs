//! Breakdowns as rows with bars.

use protocol::api::Row;

use super::format;

/// A row of a breakdown card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// The value as the API names it; the row's identity.
    pub key: String,
    /// Distinct visitors.
    pub visitors: u64,
    /// Page views.
    pub page_views: u64,
    /// Length of the bar in thousandths of the longest.
    pub length: u64,
    /// Share of all visitors of the period.
    pub share: String,
}

/// The rows of a breakdown of `total` visitors.
pub fn bars(rows: &[Row], total: u64) -> Vec<Bar> {
    let longest = rows.iter().map(|row| row.visitors).max().unwrap_or(0).max(1);
    rows.iter()
        .map(|row| Bar {
            key: row.name.clone(),
            visitors: row.visitors,
            page_views: row.page_views,
            length: row.visitors * 1_000 / longest,
            share: format::percent(row.visitors as f64 / total.max(1) as f64),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_bar_is_the_most_visited_and_shares_are_of_all_visitors() {
        let row = |name: &str, visitors| Row { name: name.into(), visitors, page_views: visitors * 2 };
        let bars = bars(&[row("/", 300), row("/pricing", 75)], 400);
        assert_eq!((bars[0].length, bars[0].share.as_str()), (1_000, "75%"));
        assert_eq!((bars[1].length, bars[1].share.as_str()), (250, "19%"));
    }

    #[test]
    fn empty_period_divides_nothing_by_zero() {
        let rows = [Row { name: String::new(), visitors: 0, page_views: 0 }];
        assert_eq!(bars(&rows, 0)[0].length, 0);
    }
}
