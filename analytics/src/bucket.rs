//! Hours, days and months: what segments are made of.

use std::ops::Range;

use protocol::query::Civil;

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
            Span::Month => month(civil(at), 0),
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
        let civil = Civil { year: year.cast_signed(), month: month as u32, day: day as u32 };
        let bucket = Self::of(span, civil.days().unsigned_abs() * DAY_MS + hour * HOUR_MS);
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
            Span::Month => month(civil(self.start), 1),
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
        let Civil { year, month, day } = civil(self.start);
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

/// When the month of a day begins, so many months later, Unix milliseconds.
fn month(day: Civil, later: i64) -> u64 {
    day.month_later(later).days().unsigned_abs() * DAY_MS
}

/// The day a time lies in.
fn civil(at: u64) -> Civil {
    Civil::of((at / DAY_MS).cast_signed())
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
