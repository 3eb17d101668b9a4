//! Where axes are labelled.

use protocol::api::Interval;

use super::time::Wall;

/// Whole numbers from 0 in even steps of 1, 2 or 5 times a power of ten, the last at or above `max`, with about
/// `target` steps.
pub fn counts(max: u64, target: u64) -> Vec<u64> {
    let wanted = max.max(1).div_ceil(target.max(1));
    let mut power = 1;
    while power * 10 <= wanted {
        power *= 10;
    }
    let step =
        [1, 2, 5, 10].map(|factor| factor * power).into_iter().find(|step| *step >= wanted).unwrap_or(wanted);
    (0..=max.max(1).div_ceil(step)).map(|index| index * step).collect()
}

/// Labels for a series whose points begin at `walls`: index and text, at most `most`, at round times of the
/// site's wall clock.
pub fn times(walls: &[Wall], interval: Interval, most: usize) -> Vec<(usize, String)> {
    let steps: &[i64] = match interval {
        Interval::Minute => &[1, 2, 5, 10, 15, 30],
        Interval::Hour => &[60, 120, 180, 240, 360, 720, 1_440, 2_880, 5_760],
    };
    // In zones half an hour off, hours begin at :30: a point stands for the clock hour it begins in.
    let length = interval.millis() as i64;
    let begins = |wall: &Wall, step| Wall(wall.0 - wall.0.rem_euclid(length)).begins(step);
    let count = |step: i64| walls.iter().filter(|wall| begins(wall, step)).count();
    let Some(step) = steps.iter().copied().find(|step| count(*step) <= most.max(1)) else {
        return Vec::new();
    };
    let label = |wall: &Wall| match interval {
        Interval::Hour if begins(wall, 1_440) => wall.day(),
        _ => wall.clock(),
    };
    walls
        .iter()
        .enumerate()
        .filter(|(_, wall)| begins(wall, step))
        .map(|(index, wall)| (index, label(wall)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(first: &str, count: i64) -> Vec<Wall> {
        let first = Wall::parse(first).unwrap();
        (0..count).map(|hour| Wall(first.0 + hour * 3_600_000)).collect()
    }

    #[test]
    fn counts_are_round_and_reach_the_maximum() {
        assert_eq!(counts(0, 4), [0, 1]);
        assert_eq!(counts(3, 4), [0, 1, 2, 3]);
        assert_eq!(counts(7, 4), [0, 2, 4, 6, 8]);
        assert_eq!(counts(1_408, 4), [0, 500, 1_000, 1_500]);
        assert_eq!(counts(40_000, 4), [0, 10_000, 20_000, 30_000, 40_000]);
    }

    #[test]
    fn counts_stay_few_at_every_scale() {
        for max in [1, 9, 10, 11, 99, 101, 4_999, 5_001, 999_999, u64::MAX / 100] {
            let ticks = counts(max, 4);
            assert!(ticks.len() <= 6 && ticks[ticks.len() - 1] >= max, "{max}: {ticks:?}");
        }
    }

    #[test]
    fn day_of_hours_is_labelled_at_round_hours_and_at_midnight_with_the_day() {
        let labels = times(&hours("11/22/2026, 15:00:00", 24), Interval::Hour, 8);
        let texts: Vec<_> = labels.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(texts, ["15:00", "18:00", "21:00", "Mon 23", "03:00", "06:00", "09:00", "12:00"]);
        assert_eq!(labels[3].0, 9);
    }

    #[test]
    fn week_is_labelled_by_day() {
        let labels = times(&hours("11/16/2026, 15:00:00", 168), Interval::Hour, 8);
        let texts: Vec<_> = labels.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(texts, ["Tue 17", "Wed 18", "Thu 19", "Fri 20", "Sat 21", "Sun 22", "Mon 23"]);
    }

    #[test]
    fn zone_half_an_hour_off_keeps_its_labels() {
        let labels = times(&hours("11/22/2026, 15:30:00", 24), Interval::Hour, 4);
        assert_eq!(labels[0], (3, "18:30".to_owned()));
    }
}
