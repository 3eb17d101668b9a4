//! Retention as a table: who came back how many steps later.

use protocol::query::Cohort;

/// Most columns: more cannot be read, and what comes back after so long is next to nothing.
const MOST: usize = 32;

/// A cell: how many of the cohort came back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// How many.
    pub visitors: u64,
    /// Part of the cohort.
    pub share: f64,
    /// Whether the step is still going on.
    pub is_running: bool,
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// When the cohort's step begins.
    pub at: u64,
    /// Its size.
    pub visitors: u64,
    /// Who came back one step later, two steps later, and so on, as far as that is known.
    pub cells: Vec<Cell>,
}

/// The table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Grid {
    /// The cohorts that anybody is in.
    pub rows: Vec<Row>,
    /// All of them together, each weighing as much as it has visitors; running steps are left out.
    pub mean: Vec<Option<f64>>,
    /// Visitors of all cohorts.
    pub visitors: u64,
    /// The largest share there is, at least a hundredth: what the strongest colour stands for.
    pub most: f64,
}

impl Grid {
    /// The table of an answer, as known at `now`.
    pub fn of(cohorts: &[Cohort], now: u64) -> Self {
        let begun = cohorts.iter().filter(|cohort| cohort.at <= now).count();
        // The last step that has begun goes on, unless the whole range is over.
        let is_over =
            begun == cohorts.len() && cohorts.last().is_none_or(|last| last.at + length(cohorts) <= now);
        let row = |(place, cohort): (usize, &Cohort)| {
            let size = cohort.visitors.first().copied().unwrap_or(0);
            let known = begun.saturating_sub(place);
            let cells = cohort.visitors.iter().take(known.min(MOST + 1)).enumerate().skip(1);
            let cell = |(later, visitors): (usize, &u64)| Cell {
                visitors: *visitors,
                share: *visitors as f64 / size.max(1) as f64,
                is_running: place + later + 1 == begun && !is_over,
            };
            Row { at: cohort.at, visitors: size, cells: cells.map(cell).collect() }
        };
        let rows: Vec<Row> =
            cohorts.iter().take(begun).enumerate().map(row).filter(|row| row.visitors > 0).collect();
        let columns = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        let mean = (0..columns).map(|column| mean(&rows, column)).collect();
        let shares = rows.iter().flat_map(|row| &row.cells).map(|cell| cell.share);
        let most = shares.fold(0.01, f64::max);
        let visitors = rows.iter().map(|row| row.visitors).sum();
        Self { rows, mean, visitors, most }
    }
}

/// How long a step is, about: what lies between the last two.
fn length(cohorts: &[Cohort]) -> u64 {
    match cohorts {
        [.., before, last] => last.at - before.at,
        _ => 86_400_000,
    }
}

fn mean(rows: &[Row], column: usize) -> Option<f64> {
    let known = rows.iter().filter_map(|row| Some((row.visitors, row.cells.get(column)?)));
    let (mut size, mut back) = (0, 0);
    for (visitors, cell) in known.filter(|(_, cell)| !cell.is_running) {
        size += visitors;
        back += cell.visitors;
    }
    (size > 0).then(|| back as f64 / size as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400_000;

    fn cohorts() -> Vec<Cohort> {
        let cohort = |day, visitors: &[u64]| Cohort { at: day * DAY, visitors: visitors.into() };
        vec![cohort(0, &[10, 5, 1, 0]), cohort(1, &[20, 5, 0]), cohort(2, &[0, 0]), cohort(3, &[0])]
    }

    #[test]
    fn what_has_not_begun_is_not_told() {
        let grid = Grid::of(&cohorts(), 2 * DAY + 1);
        assert_eq!(grid.rows.iter().map(|row| row.cells.len()).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(grid.visitors, 30);
        let running: Vec<_> =
            grid.rows.iter().flat_map(|row| &row.cells).map(|cell| cell.is_running).collect();
        assert_eq!(running, [false, true, true]);
    }

    #[test]
    fn mean_weighs_cohorts_by_their_size_and_leaves_out_what_is_running() {
        let over = Grid::of(&cohorts(), 9 * DAY);
        assert_eq!(over.mean, [Some(10.0 / 30.0), Some(1.0 / 30.0), Some(0.0)]);
        assert!(over.rows.iter().flat_map(|row| &row.cells).all(|cell| !cell.is_running));
        let running = Grid::of(&cohorts(), 2 * DAY + 1);
        assert_eq!(running.mean, [Some(0.5), None]);
        assert_eq!(running.most, 0.5);
    }

    #[test]
    fn nobody_is_no_table() {
        assert_eq!(Grid::of(&[], 5).rows, []);
        assert!(Grid::of(&[Cohort { at: 0, visitors: vec![0] }], 5).rows.is_empty());
    }
}
