//! What is to be built: hours when they have closed, days of hours, months of days. Pure.

use std::collections::BTreeSet;
use std::ops::Range;

use analytics::{Bucket, DAY_MS, Span};

use crate::store::segments::{CLOSING_MS, set};

/// What there is in a range of whole days.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// Hours that have a segment.
    pub hours: BTreeSet<Bucket>,
    /// Days that have one.
    pub days: BTreeSet<Bucket>,
    /// Months that have one.
    pub months: BTreeSet<Bucket>,
    /// Hours of which events were stored later.
    pub marked: BTreeSet<Bucket>,
}

/// Whether all events of a bucket have arrived, but for late ones.
pub fn is_closed(bucket: Bucket, now: u64) -> bool {
    bucket.end().saturating_add(CLOSING_MS) <= now
}

/// From when on one looks for what is missing: the month before this one, as far as events are kept.
pub fn range(now: u64, retention_days: u32) -> Range<u64> {
    let month = Bucket::of(Span::Month, now);
    let before = Bucket::of(Span::Month, month.start().saturating_sub(1));
    let oldest = now.saturating_sub(u64::from(retention_days) * DAY_MS);
    // The oldest day is half gone.
    let oldest = Bucket::of(Span::Day, oldest).end();
    before.start().max(oldest)..now
}

/// What is due, each of it independent of the others: what is built of something comes in a later run.
pub fn due(state: &State, range: &Range<u64>, now: u64) -> Vec<Bucket> {
    let closed = |bucket: &Bucket| is_closed(*bucket, now);
    let mut due = set(state.marked.iter().copied().filter(closed));
    let in_month = |day: Bucket| state.months.contains(&Bucket::of(Span::Month, day.start()));
    for day in Bucket::touching(Span::Day, range.clone()) {
        if state.days.contains(&day) || in_month(day) {
            continue;
        }
        let hours = Bucket::touching(Span::Hour, day.range());
        let missing: Vec<Bucket> = hours.filter(closed).filter(|hour| !state.hours.contains(hour)).collect();
        // A day long past is read at once, and its hours never get segments of their own.
        let is_past = closed(&day) && day.end() + DAY_MS <= now;
        if is_past || closed(&day) && missing.is_empty() {
            due.insert(day);
        } else {
            due.extend(missing);
        }
    }
    for month in Bucket::touching(Span::Month, range.clone()).filter(closed) {
        let complete = Bucket::touching(Span::Day, month.range()).all(|day| state.days.contains(&day));
        if complete && !state.months.contains(&month) {
            due.insert(month);
        }
    }
    due.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: u64 = 3_600_000;
    /// 2025-11-23T03:00:00Z
    const NOW: u64 = 1_763_866_800_000;

    fn names(state: &State, from: u64, now: u64) -> Vec<String> {
        due(state, &(from..now), now).iter().map(ToString::to_string).collect()
    }

    fn hours(day: Bucket) -> impl Iterator<Item = Bucket> {
        Bucket::touching(Span::Hour, day.range())
    }

    #[test]
    fn hour_is_due_ten_minutes_after_its_end() {
        let today = Bucket::of(Span::Day, NOW).start();
        let state = State::default();
        assert_eq!(names(&state, today, NOW + CLOSING_MS - 1), ["2025-11-23T00", "2025-11-23T01"]);
        assert_eq!(names(&state, today, NOW + CLOSING_MS).last().unwrap(), "2025-11-23T02");
        let state = State { hours: hours(Bucket::of(Span::Day, NOW)).collect(), ..State::default() };
        assert_eq!(names(&state, today, NOW), [""; 0]);
    }

    #[test]
    fn day_is_due_when_its_hours_are_there_or_long_past() {
        let yesterday = Bucket::of(Span::Day, NOW - DAY_MS);
        let today: BTreeSet<Bucket> = hours(Bucket::of(Span::Day, NOW)).collect();
        let mut state = State { hours: &today | &hours(yesterday).collect(), ..State::default() };
        assert_eq!(names(&state, yesterday.start(), NOW), ["2025-11-22"]);
        state.hours.remove(&Bucket::of(Span::Hour, yesterday.end() - 1));
        assert_eq!(names(&state, yesterday.start(), NOW), ["2025-11-22T23"]);
        assert_eq!(names(&state, yesterday.start() - DAY_MS, NOW), ["2025-11-22T23", "2025-11-21"]);
        state.days = [yesterday].into();
        assert_eq!(names(&state, yesterday.start(), NOW), [""; 0]);
    }

    #[test]
    fn month_is_due_when_all_its_days_are_there() {
        let now = 1_764_560_000_000;
        let month = Bucket::of(Span::Month, NOW);
        let days: Vec<Bucket> = Bucket::touching(Span::Day, month.range()).collect();
        let mut state = State {
            days: days.iter().copied().collect(),
            hours: hours(Bucket::of(Span::Day, now)).collect(),
            ..State::default()
        };
        assert_eq!(names(&state, month.start(), now), ["2025-11"]);
        state.days.remove(&days[3]);
        assert_eq!(names(&state, month.start(), now), ["2025-11-04"]);
        state.months = [month].into();
        assert_eq!(names(&state, month.start(), now), [""; 0]);
    }

    #[test]
    fn marked_hours_are_due_wherever_they_lie() {
        let old = Bucket::of(Span::Hour, NOW - 20 * DAY_MS);
        let open = Bucket::of(Span::Hour, NOW);
        let today = hours(Bucket::of(Span::Day, NOW)).collect();
        let state = State { marked: [old, open].into(), hours: today, ..State::default() };
        assert_eq!(names(&state, NOW, NOW + HOUR_MS), ["2025-11-03T03"]);
    }

    #[test]
    fn nothing_is_looked_for_that_is_not_kept_any_more() {
        let first = |days| Bucket::of(Span::Day, range(NOW, days).start).to_string();
        assert_eq!((first(400), first(7)), ("2025-10-01".to_owned(), "2025-11-17".to_owned()));
    }
}
