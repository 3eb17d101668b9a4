//! Annotations: to which steps of a graph they belong, and their moments as they are written in a form.

use protocol::query::Zone;
use protocol::saved::{Annotation, Saved};

use super::period::{date, day_of};
use super::time::Wall;

const MINUTE: i64 = 60_000;
const DAY: i64 = 1_440 * MINUTE;

/// What was noted within a step, in order. `edges` are where the steps begin, and where the last one ends.
pub fn of_step<'a>(all: &'a [Saved<Annotation>], edges: &[u64], step: usize) -> Vec<&'a str> {
    let range = edges.get(step).copied().unwrap_or(0)..edges.get(step + 1).copied().unwrap_or(0);
    all.iter().filter(|it| range.contains(&it.what.at)).map(|it| it.what.text.as_str()).collect()
}

/// The steps within which something was noted, in order.
pub fn steps(all: &[Saved<Annotation>], edges: &[u64]) -> Vec<usize> {
    let mut steps: Vec<usize> = all
        .iter()
        .filter_map(|it| edges.partition_point(|edge| *edge <= it.what.at).checked_sub(1))
        .filter(|step| step + 1 < edges.len())
        .collect();
    steps.sort_unstable();
    steps.dedup();
    steps
}

/// A moment as a form has it: the day as `2026-11-26` and the time as `14:05`, which is nothing at midnight.
pub fn written(wall: Wall) -> (String, String) {
    let minutes = wall.0.rem_euclid(DAY) / MINUTE;
    let time = if minutes == 0 { String::new() } else { format!("{:02}:{:02}", minutes / 60, minutes % 60) };
    (date(wall.0.div_euclid(DAY)), time)
}

/// The moment of a day and a time as a form has them, on the site's clock.
pub fn moment(day: &str, time: &str, zone: &Zone) -> Option<u64> {
    let minutes = if time.is_empty() {
        0
    } else {
        let (hour, minute) = time.split_once(':')?;
        // Some browsers add seconds.
        let minute = minute.split(':').next()?;
        let (hour, minute) = (hour.parse::<i64>().ok()?, minute.parse::<i64>().ok()?);
        ((0..24).contains(&hour) && (0..60).contains(&minute)).then_some(hour * 60 + minute)?
    };
    Some(zone.to_utc(day_of(day)? * DAY + minutes * MINUTE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(at: u64, text: &str) -> Saved<Annotation> {
        Saved { id: text.into(), what: Annotation { at, text: text.into() } }
    }

    #[test]
    fn notes_belong_to_the_step_they_fall_in_and_to_no_other() {
        let all =
            [note(9, "before"), note(10, "first"), note(19, "still"), note(20, "second"), note(30, "end")];
        let edges = [10, 20, 30];
        assert_eq!(of_step(&all, &edges, 0), ["first", "still"]);
        assert_eq!(of_step(&all, &edges, 1), ["second"]);
        assert!(of_step(&all, &edges, 2).is_empty());
        assert_eq!(steps(&all, &edges), [0, 1]);
        assert!(steps(&all, &[]).is_empty() && steps(&[], &edges).is_empty());
    }

    #[test]
    fn moment_is_read_as_it_is_written() {
        let seoul = Zone::new(9 * 3_600, Vec::new());
        let at = moment("2026-11-26", "14:05", &seoul).unwrap();
        assert_eq!(at, 1_795_669_500_000);
        assert_eq!(written(Wall(seoul.local_ms(at))), ("2026-11-26".into(), "14:05".into()));
        let day = moment("2026-11-26", "", &seoul).unwrap();
        assert_eq!(written(Wall(seoul.local_ms(day))), ("2026-11-26".into(), String::new()));
        assert_eq!(moment("2026-11-26", "14:05:30", &seoul), Some(at));
        for (day, time) in [("", ""), ("2026-02-30", ""), ("2026-11-26", "24:00"), ("2026-11-26", "1")] {
            assert_eq!(moment(day, time, &seoul), None, "{day} {time}");
        }
    }
}
