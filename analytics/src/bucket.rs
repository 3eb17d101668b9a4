//! Hours, days and months: what segments are made of.

use std::ops::Range;

use crate::row::{DAY_MS, MAX_TIME_MS};

/// How long a bucket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Span {
    /// An hour.
    Hour = 0,
    /// A day, UTC.
    Day = 1,
    /// A month, UTC.
    Month = 2,
}

/// An hour, day or month of UTC. An event belongs to the bucket its time (`at`) lies in, so that events of one
/// millisecond are never torn apart; its row may be stored under its id's time, up to a minute away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket {
    span: Span,
    start: u64,
}

const HOUR_MS: u64 = 60 * 60 * 1_000;

impl Bucket {
    /// The bucket a time lies in, Unix milliseconds.
    pub fn of(span: Span, at: u64) -> Self {
        let at = at.min(MAX_TIME_MS);
        let start = match span {
            Span::Hour => at - at % HOUR_MS,
            Span::Day => at - at % DAY_MS,
            Span::Month => {
                let (year, month, _) = civil(at / DAY_MS);
                days(year, month) * DAY_MS
            }
        };
        Self { span, start }
    }

    /// The bucket of a name as it is printed; `None` for anything else.
    pub fn from_name(name: &str) -> Option<Self> {
        let span = match name.len() {
            7 => Span::Month,
            10 => Span::Day,
            13 => Span::Hour,
            _ => return None,
        };
        let part = |range: Range<usize>| {
            let digits = name.get(range)?;
            digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<u64>().ok())?
        };
        let (year, month) = (part(0..4)?, part(5..7)?);
        let day = if span == Span::Month { 1 } else { part(8..10)? };
        let hour = if span == Span::Hour { part(11..13)? } else { 0 };
        if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 {
            return None;
        }
        let bucket = Self::of(span, (days(year, month) + day - 1) * DAY_MS + hour * HOUR_MS);
        // A day the month does not have is printed as another, and so is a name with other signs between.
        (bucket.to_string() == name).then_some(bucket)
    }

    /// How long it is.
    pub fn span(self) -> Span {
        self.span
    }

    /// When it begins, Unix milliseconds.
    pub fn start(self) -> u64 {
        self.start
    }

    /// When the next one begins, Unix milliseconds.
    pub fn end(self) -> u64 {
        match self.span {
            Span::Hour => self.start + HOUR_MS,
            Span::Day => self.start + DAY_MS,
            Span::Month => {
                let (year, month, _) = civil(self.start / DAY_MS);
                (if month == 12 { days(year + 1, 1) } else { days(year, month + 1) }) * DAY_MS
            }
        }
    }

    /// From its start to its end.
    pub fn range(self) -> Range<u64> {
        self.start..self.end()
    }

    /// The bucket after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self { span: self.span, start: self.end() }
    }

    /// The buckets of another span that a range of time (the end not included) touches.
    pub fn touching(span: Span, range: Range<u64>) -> impl Iterator<Item = Self> {
        let first = (!range.is_empty()).then(|| Self::of(span, range.start));
        std::iter::successors(first, |bucket| Some(bucket.next()))
            .take_while(move |bucket| bucket.start < range.end)
    }
}

/// Its name: `2025-11-23T03`, `2025-11-23` or `2025-11`.
impl std::fmt::Display for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (year, month, day) = civil(self.start / DAY_MS);
        write!(f, "{year:04}-{month:02}")?;
        if self.span != Span::Month {
            write!(f, "-{day:02}")?;
        }
        if self.span == Span::Hour {
            write!(f, "T{:02}", self.start / HOUR_MS % 24)?;
        }
        Ok(())
    }
}

/// Year, month and day of a day since 1970 (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era_day = shifted % 146_097;
    let era_year = (era_day - era_day / 1_460 + era_day / 36_524 - era_day / 146_096) / 365;
    let year_day = era_day - (365 * era_year + era_year / 4 - era_year / 100);
    let shifted_month = (5 * year_day + 2) / 153;
    let day = year_day - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (era_year + shifted / 146_097 * 400 + u64::from(month <= 2), month, day)
}

/// The day since 1970 a month begins on.
fn days(year: u64, month: u64) -> u64 {
    let year = year - u64::from(month <= 2);
    let era_year = year % 400;
    let year_day = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5;
    year / 400 * 146_097 + era_year * 365 + era_year / 4 - era_year / 100 + year_day - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_have_the_names_of_the_calendar() {
        for (span, at, name, end) in [
            (Span::Hour, 1_763_866_800_123, "2025-11-23T03", 1_763_870_400_000),
            (Span::Day, 1_763_866_800_123, "2025-11-23", 1_763_942_400_000),
            (Span::Month, 1_763_866_800_123, "2025-11", 1_764_547_200_000),
            (Span::Month, 1_709_164_800_000, "2024-02", 1_709_251_200_000),
            (Span::Month, 951_782_400_000, "2000-02", 951_868_800_000),
            (Span::Month, 0, "1970-01", 2_678_400_000),
            (Span::Month, 1_767_139_200_000, "2025-12", 1_767_225_600_000),
        ] {
            let bucket = Bucket::of(span, at);
            assert_eq!((bucket.to_string().as_str(), bucket.end()), (name, end));
        }
    }

    #[test]
    fn what_is_no_name_of_a_bucket_is_refused() {
        for name in
            ["", "2025", "2025-13", "2025-02-30", "2025-11-23T24", "2025/11/23", "2025-11-23 03", "1969-12"]
        {
            assert_eq!(Bucket::from_name(name), None, "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_time_lies_in_one_bucket_of_each_span(at in 0..MAX_TIME_MS) {
            for span in [Span::Hour, Span::Day, Span::Month] {
                let bucket = Bucket::of(span, at);
                proptest::prop_assert!(bucket.range().contains(&at));
                // Years of five digits have no name.
                proptest::prop_assert!(
                    bucket.start() > 253_402_300_799_999 || Bucket::from_name(&bucket.to_string()) == Some(bucket)
                );
                proptest::prop_assert_eq!(Bucket::of(span, bucket.end() - 1), bucket);
                proptest::prop_assert_eq!(Bucket::of(span, bucket.end()), bucket.next());
            }
        }
    }
}
