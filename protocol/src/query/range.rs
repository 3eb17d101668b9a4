//! The range of time a query asks for, before and after it is worked out.

use std::ops::Range;

use serde_json::Value;

use super::zone::{Civil, DAY_MS, Zone};
use super::{QueryError, Step};

/// A point in time as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A date, days since 1970-01-01: the whole day in the site's zone.
    Day(i64),
    /// A time on the site's clock, milliseconds since 1970-01-01T00:00.
    Local(i64),
    /// A time with its own offset, Unix milliseconds.
    At(u64),
}

/// `date_range` as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateRange {
    /// `day`: today so far and to its end.
    Today,
    /// `24h`: the last 24 hours.
    LastDay,
    /// `7d`, `28d`, `30d`, `91d`: so many whole days before today.
    Days(u32),
    /// `month`: this month.
    Month,
    /// `6mo`, `12mo`: so many whole months before this one.
    Months(u32),
    /// `year`: this year.
    Year,
    /// `all`: since the site began.
    All,
    /// `[from, to]`: dates, the last one included, or times, the last one included to the second.
    Between(Moment, Moment),
}

const FORMS: &str = "use `day`, `24h`, `7d`, `28d`, `30d`, `91d`, `month`, `6mo`, `12mo`, `year`, `all`, or two \
                     ISO 8601 dates or times";

impl DateRange {
    /// Reads what a query says.
    ///
    /// # Errors
    /// It is none of the forms named in [`DateRange`].
    pub fn parse(value: &Value) -> Result<Self, QueryError> {
        let refused = || QueryError::new("date_range", FORMS);
        match value {
            Value::String(name) => Self::named(name).ok_or_else(refused),
            Value::Array(ends) => {
                let [Value::String(from), Value::String(to)] = ends.as_slice() else { return Err(refused()) };
                let (from, to) = Moment::parse(from).zip(Moment::parse(to)).ok_or_else(refused)?;
                Ok(Self::Between(from, to))
            }
            _ => Err(refused()),
        }
    }

    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "day" => Self::Today,
            "24h" => Self::LastDay,
            "month" => Self::Month,
            "year" => Self::Year,
            "all" => Self::All,
            _ => {
                let number = |unit| {
                    let digits: &str = name.strip_suffix(unit)?;
                    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
                    digits.parse().ok().filter(|count| plain && (1..=3_660).contains(count))
                };
                return number("mo").map(Self::Months).or_else(|| number("d").map(Self::Days));
            }
        })
    }

    /// The range meant, at a moment `now`, on a site's clock; `began` is when the site's data begins.
    ///
    /// # Errors
    /// The range is empty.
    pub fn resolve(self, now: u64, zone: &Zone, began: u64) -> Result<Range<u64>, QueryError> {
        let today = zone.day(now);
        let first_of_month = |later| Civil::of(today).month_later(later).days();
        let days = |from: i64, to: i64| zone.day_start(from)..zone.day_start(to);
        let range = match self {
            Self::Today => days(today, today + 1),
            Self::LastDay => now.saturating_sub(DAY_MS.cast_unsigned())..now + 1,
            Self::Days(count) => days(today - i64::from(count), today),
            Self::Month => days(first_of_month(0), first_of_month(1)),
            Self::Months(count) => days(first_of_month(-i64::from(count)), first_of_month(0)),
            Self::Year => {
                let year = |year| Civil { year, month: 1, day: 1 }.days();
                let this = Civil::of(today).year;
                days(year(this), year(this + 1))
            }
            Self::All => zone.day_start(zone.day(began))..zone.day_start(today + 1),
            Self::Between(from, to) => {
                let end = match to {
                    Moment::Day(day) => zone.day_start(day + 1),
                    time => zone.moment(time) + 1_000,
                };
                zone.moment(from)..end
            }
        };
        if range.is_empty() {
            return Err(QueryError::new("date_range", "the range is empty: name its earlier end first"));
        }
        Ok(range)
    }

    /// The step `time` alone stands for: hours up to two days, days up to half a year, then months.
    pub fn step_of(range: &Range<u64>) -> Step {
        match (range.end.saturating_sub(range.start)).cast_signed() / DAY_MS {
            0..=2 => Step::Hour,
            3..=184 => Step::Day,
            _ => Step::Month,
        }
    }
}

impl Moment {
    /// Reads `2026-02-28`, `2026-02-28T13:30:00`, with or without `Z` or an offset such as `+09:00`, a blank in
    /// place of the `T`, and milliseconds.
    pub fn parse(text: &str) -> Option<Self> {
        let (date, time) = match text.split_at_checked(10)? {
            (date, "") => (date, None),
            (date, rest) => (date, Some(rest.strip_prefix(['T', ' '])?)),
        };
        let mut parts = date.split('-');
        let civil = Civil {
            year: number(parts.next()?, 4)?,
            month: number(parts.next()?, 2)? as u32,
            day: number(parts.next()?, 2)? as u32,
        };
        let day = civil.days();
        // A day that is not in the calendar comes back as another.
        if parts.next().is_some() || civil.year < 1970 || Civil::of(day) != civil {
            return None;
        }
        let Some(time) = time else { return Some(Self::Day(day)) };
        let (clock, offset) = match time.find(['Z', '+', '-']) {
            Some(place) => (time.get(..place)?, Some(offset_minutes(time.get(place..)?)?)),
            None => (time, None),
        };
        let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
        let mut parts = clock.split(':');
        let (hour, minute) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
        let second = parts.next().map_or(Some(0), |second| number(second, 2))?;
        if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 || fraction.is_empty() {
            return None;
        }
        let fraction = fraction.bytes().all(|byte| byte.is_ascii_digit()).then_some(fraction)?;
        let ms: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
        let local = day * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1_000 + ms;
        match offset {
            None => Some(Self::Local(local)),
            Some(minutes) => u64::try_from(local - minutes * 60_000).ok().map(Self::At),
        }
    }
}

fn number(digits: &str, length: usize) -> Option<i64> {
    let plain = digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok())?
}

fn offset_minutes(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits = text.get(1..)?.replace(':', "");
    let (hours, minutes) = (number(digits.get(..2)?, 2)?, number(digits.get(2..)?, 2)?);
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes))
}
