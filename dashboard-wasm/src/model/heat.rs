//! When visitors come: days of the week by hours of the day.

use super::question::Reply;

/// Hours of a day.
pub const HOURS: usize = 24;
/// Days of a week, Monday first.
pub const DAYS: usize = 7;

/// What was counted at each hour of each day of the week.
#[derive(Debug, Clone, PartialEq)]
pub struct Heat {
    /// Days of hours.
    pub cells: [[f64; HOURS]; DAYS],
    /// The largest of them, at least one.
    pub most: f64,
}

impl Heat {
    /// Reads the answer to a question by `time:weekday` and `time:hour_of_day`.
    pub fn of(reply: &Reply) -> Self {
        let mut cells = [[0.0; HOURS]; DAYS];
        let mut most = 1.0_f64;
        for row in &reply.results {
            let number = |place: usize| row.dimensions.get(place)?.parse::<usize>().ok();
            let Some((day, hour)) = number(0).zip(number(1)) else { continue };
            let cell = day.checked_sub(1).and_then(|day| cells.get_mut(day)?.get_mut(hour));
            if let Some(cell) = cell {
                *cell = row.metric(0).unwrap_or(0.0);
                most = most.max(*cell);
            }
        }
        Self { cells, most }
    }

    /// What is counted at an hour of a day.
    pub fn at(&self, day: usize, hour: usize) -> f64 {
        self.cells.get(day).and_then(|hours| hours.get(hour)).copied().unwrap_or(0.0)
    }

    /// Day and hour with the most; nothing if nothing was counted.
    pub fn busiest(&self) -> Option<(usize, usize)> {
        let all = (0..DAYS).flat_map(|day| (0..HOURS).map(move |hour| (day, hour)));
        let best = all.max_by(|a, b| self.at(a.0, a.1).total_cmp(&self.at(b.0, b.1)))?;
        (self.at(best.0, best.1) > 0.0).then_some(best)
    }
}

/// Where an arrow key leads in a table of rows and columns; nothing for other keys.
pub fn step(key: &str, at: (usize, usize), rows: usize, columns: usize) -> Option<(usize, usize)> {
    let (row, column) = at;
    let (last_row, last_column) = (rows.saturating_sub(1), columns.saturating_sub(1));
    Some(match key {
        "ArrowLeft" => (row, column.saturating_sub(1)),
        "ArrowRight" => (row, (column + 1).min(last_column)),
        "ArrowUp" => (row.saturating_sub(1), column),
        "ArrowDown" => ((row + 1).min(last_row), column),
        "Home" => (row, 0),
        "End" => (row, last_column),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::question::{Measure, ReplyRow};
    use super::*;

    #[test]
    fn answer_is_put_in_its_places() {
        let row = |day: &str, hour: &str, value| ReplyRow {
            metrics: vec![Measure::Number(value)],
            dimensions: vec![day.into(), hour.into()],
            comparison: None,
        };
        let results = vec![row("1", "00", 3.0), row("7", "23", 5.0), row("9", "01", 8.0), row("", "", 9.0)];
        let heat = Heat::of(&Reply { results, ..Reply::default() });
        assert_eq!((heat.at(0, 0), heat.at(6, 23), heat.most), (3.0, 5.0, 5.0));
        assert_eq!(heat.busiest(), Some((6, 23)));
        assert_eq!(Heat::of(&Reply::default()).busiest(), None);
    }

    #[test]
    fn arrows_end_at_the_edges() {
        assert_eq!(step("ArrowLeft", (0, 0), 7, 24), Some((0, 0)));
        assert_eq!(step("ArrowDown", (6, 3), 7, 24), Some((6, 3)));
        assert_eq!(step("End", (2, 3), 7, 24), Some((2, 23)));
        assert_eq!(step("x", (2, 3), 7, 24), None);
    }
}
