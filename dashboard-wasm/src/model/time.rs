//! Wall-clock time of a site: how its steps are called.
//!
//! The browser knows the offsets of time zones (`Intl`); this module only reads what it prints and does the
//! calendar arithmetic, so that no time zone data is in the bundle.

use protocol::api::Interval;

const DAY: i64 = 86_400_000;
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A moment as a wall clock shows it: milliseconds since the epoch *of that wall*, as if it were UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wall(pub i64);

impl Wall {
    /// Reads `11/23/2026, 14:05:09`, which is how `Intl.DateTimeFormat("en-US", { hourCycle: "h23", … })`
    /// prints a moment.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
        let mut next = || numbers.next()?.parse::<i64>().ok();
        let (month, day, year) = (next()?, next()?, next()?);
        let (hour, minute, second) = (next()?, next()?, next()?);
        let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
        Some(Self(seconds * 1_000))
    }

    fn minutes_of_day(self) -> i64 {
        self.0.rem_euclid(DAY) / 60_000
    }

    /// Whether a step of `minutes`, counted from midnight, begins here.
    pub fn begins(self, minutes: i64) -> bool {
        self.0.div_euclid(60_000).rem_euclid(minutes) == 0
    }

    /// `14:05`.
    pub fn clock(self) -> String {
        let minutes = self.minutes_of_day();
        format!("{:02}:{:02}", minutes / 60, minutes % 60)
    }

    /// `Mon 23`.
    pub fn day(self) -> String {
        let days = self.0.div_euclid(DAY);
        format!("{} {}", weekday(days), civil_from_days(days).2)
    }

    /// `Mon 23 Nov`.
    pub fn date(self) -> String {
        let days = self.0.div_euclid(DAY);
        let (_, month, day) = civil_from_days(days);
        format!("{} {day} {}", weekday(days), MONTHS[(month - 1) as usize])
    }

    /// The name of the step that begins here: `14:05` for a minute, `Mon 23 Nov, 14:00 – 15:00` for an hour.
    pub fn step(self, interval: Interval, is_running: bool) -> String {
        match interval {
            Interval::Minute => self.clock(),
            Interval::Hour if is_running => format!("{}, {} – now", self.date(), self.clock()),
            Interval::Hour => {
                let end = Self(self.0 + Interval::Hour.millis() as i64);
                format!("{}, {} – {}", self.date(), self.clock(), end.clock())
            }
        }
    }
}

fn weekday(days: i64) -> &'static str {
    // Day 0 was a Thursday.
    WEEKDAYS[(days + 3).rem_euclid(7) as usize]
}

/// Days since 1970-01-01 (Howard Hinnant's `days_from_civil`).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month (1 to 12) and day of a day since 1970-01-01 (Howard Hinnant's `civil_from_days`).
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
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
    fn calendar_survives_leap_days() {
        for day in [-1, 0, 59, 10_956, 11_016, 19_782, 20_780, 47_540] {
            let (year, month, date) = civil_from_days(day);
            assert_eq!(days_from_civil(year, month, date), day);
        }
        assert_eq!(wall("02/29/2028, 12:00:00").date(), "Tue 29 Feb");
    }

    #[test]
    fn step_names_its_end_or_that_it_is_running() {
        let wall = wall("11/23/2026, 23:00:00");
        assert_eq!(wall.step(Interval::Hour, false), "Mon 23 Nov, 23:00 – 00:00");
        assert_eq!(wall.step(Interval::Hour, true), "Mon 23 Nov, 23:00 – now");
        assert_eq!(wall.step(Interval::Minute, true), "23:00");
        assert_eq!(wall.day(), "Mon 23");
    }

    #[test]
    fn step_begins_count_from_midnight() {
        assert!(wall("11/23/2026, 12:00:00").begins(360));
        assert!(!wall("11/23/2026, 13:00:00").begins(360));
        assert!(wall("11/23/2026, 00:00:00").begins(1_440));
    }
}
