//! Local time, without a database of zones: the caller says when the offset changes.

use std::fmt::Write as _;

use super::range::Moment;

/// How long a step of a time dimension is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A minute.
    Minute,
    /// An hour of local time. Where the clock is set back an hour occurs twice and both are steps.
    Hour,
    /// A day: 23 to 25 hours where the clock is changed.
    Day,
    /// A week, Monday to Sunday (ISO 8601).
    Week,
    /// A month.
    Month,
}

impl Step {
    /// All.
    pub const ALL: [Self; 5] = [Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month];

    /// The name after `time:`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// By [`Self::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }
}

/// A day of the proleptic Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Civil {
    /// Year.
    pub year: i64,
    /// Month, 1 to 12.
    pub month: u32,
    /// Day, 1 to 31.
    pub day: u32,
}

impl Civil {
    /// The day so many days after 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms").
    pub fn of(days: i64) -> Self {
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self { year, month: month as u32, day: day as u32 }
    }

    /// Days since 1970-01-01.
    pub fn days(self) -> i64 {
        let year = if self.month <= 2 { self.year - 1 } else { self.year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let from_march = i64::from(if self.month > 2 { self.month - 3 } else { self.month + 9 });
        let of_year = (153 * from_march + 2) / 5 + i64::from(self.day) - 1;
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - 719_468
    }

    /// The first day of the month so many months later.
    #[must_use]
    pub fn month_later(self, months: i64) -> Self {
        let count = self.year * 12 + i64::from(self.month) - 1 + months;
        Self { year: count.div_euclid(12), month: count.rem_euclid(12) as u32 + 1, day: 1 }
    }
}

pub(super) const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;

/// A site's clock over the time a query may ask for: from when on local time is UTC plus how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Offset before the first change, seconds.
    first: i32,
    /// When (Unix milliseconds, ascending) the offset becomes what (seconds).
    changes: Vec<(u64, i32)>,
}

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self { first: 0, changes: Vec::new() };

    /// A clock that is `first` seconds ahead of UTC until the first of the changes. Changes are sorted; offsets
    /// of more than a day are taken as a day.
    pub fn new(first: i32, mut changes: Vec<(u64, i32)>) -> Self {
        const DAY_S: i32 = 86_400;
        // Few, and mostly in order already. A sort of the standard library weighs kilobytes in what pages load.
        for end in 1..changes.len() {
            let mut place = end;
            while place > 0 && changes[place - 1] > changes[place] {
                changes.swap(place - 1, place);
                place -= 1;
            }
        }
        for (_, offset) in &mut changes {
            *offset = (*offset).clamp(-DAY_S, DAY_S);
        }
        Self { first: first.clamp(-DAY_S, DAY_S), changes }
    }

    /// Offset at a moment, milliseconds.
    pub fn offset_ms(&self, at: u64) -> i64 {
        let place = self.changes.partition_point(|(from, _)| *from <= at);
        let change = place.checked_sub(1).and_then(|place| self.changes.get(place));
        i64::from(change.map_or(self.first, |(_, offset)| *offset)) * 1_000
    }

    /// When the offset changes within a range.
    pub fn changes(&self, range: std::ops::Range<u64>) -> impl Iterator<Item = u64> {
        self.changes.iter().map(|(at, _)| *at).filter(move |at| range.contains(at))
    }

    /// Local time of a moment: milliseconds since 1970-01-01T00:00 on the local clock.
    pub fn local_ms(&self, at: u64) -> i64 {
        at.min(1 << 52).cast_signed() + self.offset_ms(at)
    }

    /// The moment of a local time. Of a time that occurs twice the first; of one that is skipped, the moment
    /// of the change. Times before 1970 are 1970.
    pub fn to_utc(&self, local_ms: i64) -> u64 {
        let mut from = i64::MIN;
        let mut offset = i64::from(self.first) * 1_000;
        for (at, next) in &self.changes {
            let moment = local_ms.saturating_sub(offset);
            if moment < at.cast_signed() {
                return moment.max(from).max(0).cast_unsigned();
            }
            from = at.cast_signed();
            offset = i64::from(*next) * 1_000;
        }
        local_ms.saturating_sub(offset).max(from).max(0).cast_unsigned()
    }

    /// The moment a day begins.
    pub fn day_start(&self, day: i64) -> u64 {
        self.to_utc(day.saturating_mul(DAY_MS))
    }

    /// The local day of a moment, days since 1970-01-01.
    pub fn day(&self, at: u64) -> i64 {
        self.local_ms(at).div_euclid(DAY_MS)
    }

    /// Where the steps of a range begin and the last one ends. The first and last steps are whole, so they may
    /// reach beyond the range. `None` if there are more than [`super::MAX_STEPS`].
    pub fn edges(&self, step: Step, range: std::ops::Range<u64>) -> Option<Vec<u64>> {
        let mut edges = Vec::new();
        if range.is_empty() {
            return Some(edges);
        }
        let mut edge = self.step_start(step, range.start);
        loop {
            edges.push(edge);
            if edge >= range.end {
                return Some(edges);
            }
            if edges.len() > super::MAX_STEPS {
                return None;
            }
            // Guards against a clock so odd that a step would not end.
            edge = self.step_end(step, edge).max(edge + 1);
        }
    }

    fn step_start(&self, step: Step, at: u64) -> u64 {
        let within = |length: i64| {
            let into = self.local_ms(at).rem_euclid(length).cast_unsigned();
            let start = at.saturating_sub(into);
            // A change of the clock within the step begins a new one.
            self.changes(start + 1..at + 1).last().unwrap_or(start)
        };
        match step {
            Step::Minute => within(60_000),
            Step::Hour => within(HOUR_MS),
            Step::Day => self.day_start(self.day(at)),
            Step::Week => self.day_start(self.day(at) - (self.day(at) + 3).rem_euclid(7)),
            Step::Month => self.day_start(Civil::of(self.day(at)).month_later(0).days()),
        }
    }

    fn step_end(&self, step: Step, start: u64) -> u64 {
        let within = |length: i64| {
            let left = length - self.local_ms(start).rem_euclid(length);
            let end = start + left.cast_unsigned();
            self.changes(start + 1..end).next().unwrap_or(end)
        };
        match step {
            Step::Minute => within(60_000),
            Step::Hour => within(HOUR_MS),
            Step::Day => self.day_start(self.day(start) + 1),
            Step::Week => self.day_start(self.day(start) - (self.day(start) + 3).rem_euclid(7) + 7),
            Step::Month => self.day_start(Civil::of(self.day(start)).month_later(1).days()),
        }
    }

    /// The label of a step, as Plausible prints it: a date, or a date and a time for hours and minutes.
    pub fn label(&self, step: Step, edge: u64) -> String {
        let mut label = self.date(edge);
        if step <= Step::Hour {
            let seconds = self.local_ms(edge).rem_euclid(DAY_MS) / 1_000;
            let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
            // Writing to a string does not fail.
            let _ = write!(label, " {hour:02}:{minute:02}:{second:02}");
        }
        label
    }

    /// A moment in ISO 8601 with the local offset.
    pub fn print(&self, at: u64) -> String {
        let minutes = self.offset_ms(at) / 60_000;
        let sign = if minutes < 0 { '-' } else { '+' };
        let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
        let local = self.label(Step::Minute, at).replace(' ', "T");
        format!("{local}{sign}{hours:02}:{minutes:02}")
    }

    fn date(&self, at: u64) -> String {
        let Civil { year, month, day } = Civil::of(self.day(at));
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// The range of the same length just before a range. Whole days are so many whole days before, whatever
    /// the clock was set to in between; whole months so many months.
    pub fn period_before(&self, range: &std::ops::Range<u64>) -> std::ops::Range<u64> {
        let (from, to) = (self.day(range.start), self.day(range.end));
        if self.day_start(from) != range.start || self.day_start(to) != range.end {
            return range.start.saturating_sub(range.end.saturating_sub(range.start))..range.start;
        }
        let (first, last) = (Civil::of(from), Civil::of(to));
        if first.day == 1 && last.day == 1 {
            let months = (last.year - first.year) * 12 + i64::from(last.month) - i64::from(first.month);
            return self.day_start(first.month_later(-months).days())..range.start;
        }
        self.day_start(from - (to - from))..range.start
    }

    /// The same local times one year before; of the 29th of February the 28th.
    pub fn year_before(&self, range: &std::ops::Range<u64>) -> std::ops::Range<u64> {
        let before = |at: u64| {
            let local = self.local_ms(at);
            let civil = Civil::of(local.div_euclid(DAY_MS));
            let leaps = civil.month == 2 && civil.day == 29;
            let day = Civil { year: civil.year - 1, day: civil.day - u32::from(leaps), ..civil }.days();
            self.to_utc(day * DAY_MS + local.rem_euclid(DAY_MS))
        };
        before(range.start)..before(range.end)
    }

    /// The moment meant.
    pub fn moment(&self, moment: Moment) -> u64 {
        match moment {
            Moment::Day(day) => self.day_start(day),
            Moment::Local(local_ms) => self.to_utc(local_ms),
            Moment::At(at) => at,
        }
    }
}
