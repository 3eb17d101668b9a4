//! The periods an analyst can choose, and what they are compared with.

use std::ops::Range;

use protocol::query::{Civil, Step, Zone};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A stretch of time, by name or by its days. Days are counted from 1970-01-01 on the site's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Period {
    /// Today, to its end.
    Today,
    /// The last 24 hours, the running hour included.
    #[default]
    LastDay,
    /// The last 7, 28, 30 or 91 days, today included.
    Days(u8),
    /// This month.
    Month,
    /// This year.
    Year,
    /// All there is, today included. No number of periods back changes it.
    All,
    /// From a day to a day, both included.
    Custom(i64, i64),
    /// From a moment to a moment, whole minutes since 1970-01-01 UTC: what a part of a day is looked at as.
    Between(u64, u64),
}

/// What the period is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compare {
    /// Nothing.
    Off,
    /// The same stretch just before.
    #[default]
    Previous,
    /// The same stretch a year ago.
    YearAgo,
    /// From a day to a day, both included.
    Custom(i64, i64),
}

impl Period {
    /// Those with a name, in the order of the menu.
    pub const NAMED: [Self; 9] = [
        Self::Today,
        Self::LastDay,
        Self::Days(7),
        Self::Days(28),
        Self::Days(30),
        Self::Days(91),
        Self::Month,
        Self::Year,
        Self::All,
    ];

    /// Its name in the page's address.
    pub fn key(self) -> String {
        match self {
            Self::Today => "day".into(),
            Self::LastDay => "24h".into(),
            Self::Days(count) => format!("{count}d"),
            Self::Month => "month".into(),
            Self::Year => "year".into(),
            Self::All => "all".into(),
            Self::Custom(from, to) => format!("{}..{}", date(from), date(to)),
            Self::Between(from, to) => format!("{}..{}", minute(from), minute(to)),
        }
    }

    /// The period of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        if let Some(named) = Self::NAMED.into_iter().find(|period| period.key() == key) {
            return Some(named);
        }
        let minutes = || minutes_of(key).map(|(from, to)| Self::Between(from, to));
        days_of(key).map(|(from, to)| Self::Custom(from, to)).or_else(minutes)
    }

    /// What a part of a graph in `step`s, from a moment to before another, is looked at as: whole days by their dates.
    pub fn zoomed(step: Step, range: &Range<u64>, zone: &Zone) -> Self {
        let (from, to) = (zone.day(range.start), zone.day(range.end.saturating_sub(1)));
        let is_whole = zone.day_start(from) == range.start && zone.day_start(to + 1) == range.end;
        if step > Step::Hour || is_whole {
            Self::Custom(from, to)
        } else {
            Self::Between(range.start / MINUTE, range.end.div_ceil(MINUTE))
        }
    }

    /// The range, Unix milliseconds, so many times its own length before the one that is going on; never empty.
    /// [`Period::All`] begins with the day of `began`.
    pub fn range(self, back: u32, now: u64, zone: &Zone, began: u64) -> Range<u64> {
        let range = self.range_on(back, now, zone, began);
        // Before 1970 there is nothing.
        range.start..range.end.max(DAY)
    }

    fn range_on(self, back: u32, now: u64, zone: &Zone, began: u64) -> Range<u64> {
        let today = zone.day(now);
        let back = i64::from(back);
        let days = |from: i64, to: i64| zone.day_start(from)..zone.day_start(to);
        let months = |from: i64, to: i64| {
            let start = |later| Civil::of(today).month_later(later).days();
            days(start(from), start(to))
        };
        match self {
            Self::Today => days(today - back, today - back + 1),
            Self::LastDay => {
                let end = ((now / HOUR + 1) * HOUR).saturating_sub(back.unsigned_abs() * DAY).max(DAY);
                end - DAY..end
            }
            Self::Days(count) => {
                let count = i64::from(count);
                let end = today + 1 - back * count;
                days(end - count, end)
            }
            Self::Month => months(-back, 1 - back),
            Self::Year => {
                let first = 1 - i64::from(Civil::of(today).month);
                months(first - 12 * back, first + 12 - 12 * back)
            }
            Self::All => zone.day_start(zone.day(began.min(now)))..zone.day_start(today + 1),
            Self::Custom(from, to) => {
                let length = (to - from).max(0) + 1;
                let from = from - back * length;
                days(from, from + length)
            }
            Self::Between(from, to) => {
                let length = to.saturating_sub(from).max(1) * MINUTE;
                let start = (from * MINUTE).saturating_sub(back.unsigned_abs() * length);
                start..start + length
            }
        }
    }
}

impl Compare {
    /// Its name in the page's address.
    pub fn key(self) -> String {
        match self {
            Self::Off => "off".into(),
            Self::Previous => "previous".into(),
            Self::YearAgo => "year".into(),
            Self::Custom(from, to) => format!("{}..{}", date(from), date(to)),
        }
    }

    /// The comparison of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        match key {
            "off" => Some(Self::Off),
            "previous" => Some(Self::Previous),
            "year" => Some(Self::YearAgo),
            key => days_of(key).map(|(from, to)| Self::Custom(from, to)),
        }
    }

    /// The range to compare with; before all there is, there is none.
    pub fn range(self, period: Period, range: &Range<u64>, zone: &Zone) -> Option<Range<u64>> {
        match self {
            Self::Off => None,
            Self::Previous | Self::YearAgo if period == Period::All => None,
            Self::Previous => Some(zone.period_before(range)),
            Self::YearAgo => Some(zone.year_before(range)),
            Self::Custom(from, to) => Some(zone.day_start(from)..zone.day_start(to + 1)),
        }
    }
}

/// The part of a comparison that is as old as the period is now: half a day is not compared with a whole one.
pub fn so_far(range: &Range<u64>, comparison: &Range<u64>, now: u64) -> Range<u64> {
    if !range.contains(&now) {
        return comparison.clone();
    }
    // To the second, which is as far as a question can say it.
    let elapsed = (now - range.start).div_ceil(1_000) * 1_000;
    comparison.start..comparison.end.min(comparison.start + elapsed)
}

/// The steps that a range can be drawn in, the shortest first.
pub fn steps(range: &Range<u64>) -> Vec<Step> {
    let length = range.end.saturating_sub(range.start);
    let fits = |step: &Step| match step {
        Step::Minute => length <= DAY + HOUR,
        Step::Hour => length <= 31 * DAY + HOUR,
        Step::Day => length > DAY + HOUR && length <= 5 * 366 * DAY,
        Step::Week => length > 13 * DAY,
        Step::Month => length > 45 * DAY,
    };
    Step::ALL.into_iter().filter(fits).collect()
}

/// The step a range is drawn in unless another is chosen: that which gives the most readable line.
pub fn usual_step(range: &Range<u64>) -> Step {
    match range.end.saturating_sub(range.start) / DAY {
        0 if range.end.saturating_sub(range.start) <= 3 * HOUR => Step::Minute,
        0..=2 => Step::Hour,
        3..=184 => Step::Day,
        _ => Step::Month,
    }
}

/// A day as `2026-11-26`.
pub fn date(day: i64) -> String {
    let Civil { year, month, day } = Civil::of(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The day of a text such as `2026-11-26`.
pub fn day_of(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let mut next = |length| {
        let part = parts.next().filter(|part: &&str| part.len() == length)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<i64>().ok())?
    };
    let civil = Civil { year: next(4)?, month: next(2)? as u32, day: next(2)? as u32 };
    let day = civil.days();
    // A day that is not in the calendar comes back as another.
    (parts.next().is_none() && civil.year >= 1970 && Civil::of(day) == civil).then_some(day)
}

/// A minute as `2026-11-26T14:05Z`.
fn minute(minute: u64) -> String {
    let (day, rest) = (minute / 1_440, minute % 1_440);
    format!("{}T{:02}:{:02}Z", date(day as i64), rest / 60, rest % 60)
}

fn minute_of(text: &str) -> Option<u64> {
    let (day, clock) = text.strip_suffix('Z')?.split_once('T')?;
    let (hour, minute) = clock.split_once(':').filter(|_| clock.len() == 5)?;
    let (hour, minute) = (hour.parse::<u64>().ok()?, minute.parse::<u64>().ok()?);
    (hour < 24 && minute < 60).then_some(())?;
    Some(day_of(day)?.unsigned_abs() * 1_440 + hour * 60 + minute)
}

fn minutes_of(text: &str) -> Option<(u64, u64)> {
    let (from, to) = text.split_once("..")?;
    let (from, to) = (minute_of(from)?, minute_of(to)?);
    (from < to && to - from < 3_660 * 1_440).then_some((from, to))
}

fn days_of(text: &str) -> Option<(i64, i64)> {
    let (from, to) = text.split_once("..")?;
    let (from, to) = (day_of(from)?, day_of(to)?);
    (from <= to && to - from < 3_660).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-26T05:00:00Z, in Seoul 14:00.
    const NOW: u64 = 1_795_669_200_000;

    fn seoul() -> Zone {
        Zone::new(9 * 3_600, Vec::new())
    }

    fn shown(period: Period, back: u32) -> [String; 2] {
        let range = period.range(back, NOW, &seoul(), NOW - 40 * DAY);
        [range.start, range.end].map(|at| seoul().label(Step::Hour, at))
    }

    #[test]
    fn every_named_period_begins_and_ends_where_it_says() {
        let cases = [
            (Period::Today, 0, ["2026-11-26 00:00:00", "2026-11-27 00:00:00"]),
            (Period::Today, 2, ["2026-11-24 00:00:00", "2026-11-25 00:00:00"]),
            (Period::LastDay, 0, ["2026-11-25 15:00:00", "2026-11-26 15:00:00"]),
            (Period::Days(7), 0, ["2026-11-20 00:00:00", "2026-11-27 00:00:00"]),
            (Period::Days(7), 1, ["2026-11-13 00:00:00", "2026-11-20 00:00:00"]),
            (Period::Month, 0, ["2026-11-01 00:00:00", "2026-12-01 00:00:00"]),
            (Period::Month, 10, ["2026-01-01 00:00:00", "2026-02-01 00:00:00"]),
            (Period::Year, 0, ["2026-01-01 00:00:00", "2027-01-01 00:00:00"]),
            (Period::Year, 1, ["2025-01-01 00:00:00", "2026-01-01 00:00:00"]),
            (Period::All, 0, ["2026-10-17 00:00:00", "2026-11-27 00:00:00"]),
        ];
        for (period, back, expected) in cases {
            assert_eq!(shown(period, back), expected, "{period:?} {back}");
        }
        let november = Period::from_key("2026-11-02..2026-11-04").unwrap();
        assert_eq!(shown(november, 0), ["2026-11-02 00:00:00", "2026-11-05 00:00:00"]);
        assert_eq!(shown(november, 1), ["2026-10-30 00:00:00", "2026-11-02 00:00:00"]);
    }

    #[test]
    fn part_of_a_graph_is_whole_days_or_the_hours_that_were_chosen() {
        let at = |hour: u64| seoul().day_start(20_000) + hour * HOUR;
        let zoomed = |step, from, to| Period::zoomed(step, &(at(from)..at(to)), &seoul());
        assert_eq!(zoomed(Step::Hour, 0, 48), Period::Custom(20_000, 20_001));
        assert_eq!(zoomed(Step::Day, 24, 48), Period::Custom(20_001, 20_001));
        let hours = zoomed(Step::Hour, 14, 17);
        assert_eq!(hours.range(0, NOW, &seoul(), NOW), at(14)..at(17));
        assert_eq!(hours.range(1, NOW, &seoul(), NOW), at(11)..at(14));
        assert_eq!(
            (usual_step(&(at(14)..at(17))), usual_step(&(at(14)..at(18)))),
            (Step::Minute, Step::Hour)
        );
        assert_eq!(hours.key(), "2024-10-04T05:00Z..2024-10-04T08:00Z");
    }

    #[test]
    fn key_names_one_period() {
        let chosen = [Period::Custom(20_000, 20_010), Period::Between(28_800_005, 28_800_065)];
        for period in Period::NAMED.into_iter().chain(chosen) {
            assert_eq!(Period::from_key(&period.key()), Some(period));
        }
        let wrong = ["2026-11-04T24:00Z..2026-11-05T00:00Z", "2026-11-04T02:00Z..2026-11-04T01:00Z"];
        let odd = ["", "8d", "2026-11-04..2026-11-02", "2026-02-30..2026-03-01", "2026-1-1..2026-1-2"];
        for key in odd.into_iter().chain(wrong) {
            assert_eq!(Period::from_key(key), None, "{key}");
        }
        for compare in [Compare::Off, Compare::Previous, Compare::YearAgo, Compare::Custom(20_000, 20_006)] {
            assert_eq!(Compare::from_key(&compare.key()), Some(compare));
        }
    }

    #[test]
    fn half_a_day_is_compared_with_half_a_day() {
        let today = Period::Today.range(0, NOW, &seoul(), 0);
        let before = Compare::Previous.range(Period::Today, &today, &seoul()).unwrap();
        assert_eq!(so_far(&today, &before, NOW + 1), before.start..before.start + 14 * HOUR + 1_000);
        assert_eq!(so_far(&before, &(0..5), NOW), 0..5);
        assert_eq!(Compare::Previous.range(Period::All, &today, &seoul()), None);
        let chosen = Compare::Custom(20_000, 20_001).range(Period::All, &today, &seoul()).unwrap();
        assert_eq!(chosen, seoul().day_start(20_000)..seoul().day_start(20_002));
    }

    #[test]
    fn steps_are_few_enough_to_draw_and_the_usual_one_is_among_them() {
        for period in Period::NAMED {
            let range = period.range(0, NOW, &seoul(), NOW - 900 * DAY);
            let steps = steps(&range);
            assert!(steps.contains(&usual_step(&range)), "{period:?}");
            for step in steps {
                let count = seoul().edges(step, range.clone()).unwrap().len() - 1;
                assert!((1..=1_830).contains(&count), "{period:?} {step:?}: {count}");
            }
        }
    }
}
