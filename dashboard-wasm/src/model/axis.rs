//! Where axes are labelled.

use protocol::query::{Civil, Step};

use super::stat::Unit;
use super::time::Wall;

/// How a step is called on the axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// By the time of day.
    Clock,
    /// By day and month.
    Day,
    /// By month.
    Month,
    /// By year.
    Year,
}

const MINUTE: i64 = 60_000;
const DAY: i64 = 1_440;

/// Round values from 0 in even steps, the last at or above `most`, with about `target` steps.
pub fn values(most: f64, target: u64, unit: Unit) -> Vec<f64> {
    let wanted = (most / target.max(1) as f64).max(f64::MIN_POSITIVE);
    let step = match unit {
        Unit::Seconds => {
            const ROUND: [f64; 18] = [
                1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0,
                10_800.0, 21_600.0, 43_200.0, 86_400.0,
            ];
            ROUND.into_iter().find(|step| *step >= wanted).unwrap_or(wanted.ceil())
        }
        Unit::Count | Unit::Percent => {
            let mut power = 1.0;
            while power * 10.0 <= wanted {
                power *= 10.0;
            }
            [1.0, 2.0, 5.0, 10.0]
                .map(|factor| factor * power)
                .into_iter()
                .find(|step| *step >= wanted)
                .unwrap_or(power)
        }
    };
    let count = (most / step).ceil().max(1.0) as u64;
    (0..=count).map(|index| index as f64 * step).collect()
}

/// Labels for steps that begin at `walls`: index and form, at most `most`, at round times of the site's wall clock.
pub fn times(walls: &[Wall], step: Step, most: usize) -> Vec<(usize, Label)> {
    let most = most.max(1);
    match step {
        Step::Minute => by_clock(walls, &[1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720], MINUTE, most),
        Step::Hour => by_clock(
            walls,
            &[60, 120, 180, 240, 360, 720, DAY, 2 * DAY, 4 * DAY, 7 * DAY, 14 * DAY],
            60 * MINUTE,
            most,
        ),
        Step::Day => by_number(walls, &[1, 2, 3, 4, 5, 7, 14, 28, 56, 112, 365], most, |_| Label::Day),
        Step::Week => by_number(walls, &[1, 2, 4, 8, 13, 26, 52], most, |_| Label::Day),
        Step::Month => by_number(walls, &[1, 2, 3, 6, 12, 24], most, |wall| {
            if Civil::of(wall.0.div_euclid(DAY * MINUTE)).month == 1 { Label::Year } else { Label::Month }
        }),
    }
}

/// Every so many minutes since midnight.
fn by_clock(walls: &[Wall], steps: &[i64], length: i64, most: usize) -> Vec<(usize, Label)> {
    // In zones half an hour off, hours may begin at :30: a point stands for the clock hour it begins in.
    let begins = |wall: &Wall, step| Wall(wall.0 - wall.0.rem_euclid(length)).begins(step);
    let count = |step: i64| walls.iter().filter(|wall| begins(wall, step)).count();
    let Some(step) = steps.iter().copied().find(|step| count(*step) <= most) else { return Vec::new() };
    let named = walls.iter().enumerate().filter(|(_, wall)| begins(wall, step));
    named.map(|(index, wall)| (index, if begins(wall, DAY) { Label::Day } else { Label::Clock })).collect()
}

/// Every so many steps.
fn by_number(
    walls: &[Wall],
    steps: &[usize],
    most: usize,
    label: impl Fn(&Wall) -> Label,
) -> Vec<(usize, Label)> {
    let step = steps.iter().copied().find(|step| walls.len().div_ceil(*step) <= most);
    let step = step.unwrap_or_else(|| walls.len().div_ceil(most).max(1));
    walls.iter().enumerate().step_by(step).map(|(index, wall)| (index, label(wall))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walls(first: &str, count: i64, length: i64) -> Vec<Wall> {
        let first = Wall::parse(first).unwrap();
        (0..count).map(|step| Wall(first.0 + step * length)).collect()
    }

    #[test]
    fn values_are_round_few_and_reach_the_maximum() {
        assert_eq!(values(0.0, 4, Unit::Count), [0.0, 1.0]);
        assert_eq!(values(7.0, 4, Unit::Count), [0.0, 2.0, 4.0, 6.0, 8.0]);
        assert_eq!(values(1_408.0, 4, Unit::Count), [0.0, 500.0, 1_000.0, 1_500.0]);
        assert_eq!(values(100.0, 4, Unit::Percent), [0.0, 50.0, 100.0]);
        assert_eq!(values(134.0, 4, Unit::Seconds), [0.0, 60.0, 120.0, 180.0]);
        for most in [0.2, 1.0, 9.0, 11.0, 99.0, 101.0, 4_999.0, 5_001.0, 999_999.0, 1e12] {
            for unit in [Unit::Count, Unit::Percent] {
                let ticks = values(most, 4, unit);
                assert!(ticks.len() <= 6 && *ticks.last().unwrap() >= most, "{most}: {ticks:?}");
            }
        }
    }

    #[test]
    fn hours_are_labelled_at_round_hours_and_at_midnight_with_the_day() {
        let labels = times(&walls("11/22/2026, 15:00:00", 24, 3_600_000), Step::Hour, 8);
        assert_eq!(labels.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [0, 3, 6, 9, 12, 15, 18, 21]);
        assert_eq!(labels[3], (9, Label::Day));
        let half = times(&walls("11/22/2026, 15:30:00", 24, 3_600_000), Step::Hour, 4);
        assert_eq!(half[0], (3, Label::Clock));
    }

    #[test]
    fn months_name_the_year_in_january() {
        let months: Vec<Wall> = ["10/01/2026", "11/01/2026", "12/01/2026", "01/01/2027"]
            .map(|day| walls(&format!("{day}, 00:00:00"), 1, 1)[0])
            .into();
        let labels = times(&months, Step::Month, 8);
        assert_eq!(
            labels.iter().map(|(_, label)| *label).collect::<Vec<_>>()[2..],
            [Label::Month, Label::Year]
        );
    }

    #[test]
    fn labels_never_exceed_the_room() {
        for (step, length) in [(Step::Minute, 60_000), (Step::Hour, 3_600_000), (Step::Day, 86_400_000)] {
            for count in [1, 24, 168, 720, 1_440] {
                for room in [1, 4, 8, 12] {
                    let labels = times(&walls("11/01/2026, 00:00:00", count, length), step, room);
                    assert!(labels.len() <= room, "{step:?} {count} {room}");
                }
            }
        }
    }
}
