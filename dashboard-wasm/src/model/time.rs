//! Wall-clock time of a site.
//!
//! The browser knows the offsets of time zones (`Intl`); this module only reads what it prints, so that no time zone data
//! is in the bundle.

use protocol::query::Civil;

/// A moment as a wall clock shows it: milliseconds since the epoch *of that wall*, as if it were UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wall(pub i64);

impl Wall {
    /// Reads `11/23/2026, 14:05:09`, which is how `Intl.DateTimeFormat("en-US", { hourCycle: "h23", … })`
    /// prints a moment.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
        let mut next = || numbers.next()?.parse::<u32>().ok();
        let (month, day, year) = (next()?, next()?, next()?);
        let (hour, minute, second) = (next()?, next()?, next()?);
        let days = Civil { year: year.into(), month, day }.days();
        let seconds = days * 86_400 + i64::from(hour * 3_600 + minute * 60 + second);
        Some(Self(seconds * 1_000))
    }

    /// Whether a step of `minutes`, counted from midnight, begins here.
    pub fn begins(self, minutes: i64) -> bool {
        self.0.div_euclid(60_000).rem_euclid(minutes) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(text: &str) -> Wall {
        Wall::parse(text).unwrap()
    }

    #[test]
    fn wall_clock_is_read_as_the_browser_prints_it() {
        assert_eq!(wall("01/01/1970, 00:00:00"), Wall(0));
        assert_eq!(wall("11/23/2026, 14:05:09"), Wall(1_795_442_709_000));
        assert_eq!(Wall::parse("Invalid Date"), None);
    }

    #[test]
    fn step_begins_count_from_midnight() {
        assert!(wall("11/23/2026, 12:00:00").begins(360));
        assert!(!wall("11/23/2026, 13:00:00").begins(360));
        assert!(wall("11/23/2026, 00:00:00").begins(1_440));
    }
}
