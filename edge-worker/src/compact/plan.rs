//! What is to be built: hours when they have closed, days of hours, months of days. Pure.

use std::collections::BTreeSet;
use std::ops::Range;

use analytics::{Bucket, DAY_MS, Span};

use crate::order;
use crate::site::Site;
use crate::store::segments::{CLOSING_MS, set};

/// What there is in a range of whole days.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// Hours that have a segment.
    pub hours: BTreeSet<Bucket>,
    /// Days that have one; those of months that have one may be missing.
    pub days: BTreeSet<Bucket>,
    /// Months that have one.
    pub months: BTreeSet<Bucket>,
    /// Hours of which events were stored later.
    pub marked: BTreeSet<Bucket>,
    /// Before this there is nothing but what segments and marks tell of ([`crate::site::Site::since`]).
    pub since: u64,
    /// The first day of which all rows are kept: what has no segment before will never have one.
    pub rows_from: u64,
}

/// What is due, each of it independent of the others: what is built of something comes in a later run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Due {
    /// Hours of which events were stored later.
    pub marked: Vec<Bucket>,
    /// What the ordinary course has left to do: of this month and the one before.
    pub missing: Vec<Bucket>,
    /// What is missing from before, the newest first: of a site that was not compacted yet.
    pub older: Vec<Bucket>,
}

impl Due {
    /// All of it.
    pub fn all(&self) -> Vec<Bucket> {
        [self.marked.as_slice(), &self.missing, &self.older].concat()
    }

    /// What one run of the queue does: of what is older some, so that it takes no time from others.
    pub fn of_one_run(mut self) -> Vec<Bucket> {
        self.older.truncate(OLDER_A_RUN);
        self.all()
    }
}

/// Most buckets of long ago that one run builds: 400 days take nine runs.
const OLDER_A_RUN: usize = 48;

/// Whether all events of a bucket have arrived, but for late ones.
pub fn is_closed(bucket: Bucket, now: u64) -> bool {
    bucket.end().saturating_add(CLOSING_MS) <= now
}

/// In which one looks for what is missing: as far as segments are kept.
pub fn range(now: u64, site: &Site) -> Range<u64> {
    first_whole_day(site.answered_from(now))..now
}

/// The oldest day is half gone.
pub(super) fn first_whole_day(oldest: u64) -> u64 {
    Bucket::of(Span::Day, oldest).end()
}

/// What is due in a range that begins with a day.
pub fn due(state: &State, range: &Range<u64>, now: u64) -> Due {
    let closed = |bucket: &Bucket| is_closed(*bucket, now);
    let marked = set(state.marked.iter().copied().filter(closed));
    let mut missing = BTreeSet::new();
    let in_month = |day: Bucket| state.months.contains(&Bucket::of(Span::Month, day.start()));
    let first = range.start.max(state.since).max(state.rows_from);
    for day in Bucket::touching(Span::Day, first..range.end) {
        if state.days.contains(&day) || in_month(day) {
            continue;
        }
        let hours = Bucket::touching(Span::Hour, day.range());
        let open: Vec<Bucket> = hours.filter(closed).filter(|hour| !state.hours.contains(hour)).collect();
        // A day long past is read at once, and its hours never get segments of their own.
        let is_past = closed(&day) && day.end() + DAY_MS <= now;
        if is_past || closed(&day) && open.is_empty() {
            missing.insert(day);
        } else {
            missing.extend(open);
        }
    }
    // Of a month whose first day is not kept any more the days are read.
    let whole = |month: &Bucket| month.start() >= range.start && !state.months.contains(month);
    for month in Bucket::touching(Span::Month, range.clone()).filter(closed).filter(whole) {
        let is_there = |day: &Bucket| state.days.contains(day);
        let mut days = Bucket::touching(Span::Day, month.range());
        let mut days_of_old = Bucket::touching(Span::Day, month.range());
        if days.any(|day| is_there(&day))
            && days_of_old.all(|day| is_there(&day) || day.start() < state.since)
        {
            missing.insert(month);
        }
    }
    let missing: Vec<Bucket> = missing.into_iter().filter(|bucket| !marked.contains(bucket)).collect();
    let this_month = Bucket::of(Span::Month, now);
    let usual = Bucket::of(Span::Month, this_month.start().saturating_sub(1)).start();
    let (older, missing): (Vec<Bucket>, Vec<Bucket>) =
        missing.into_iter().partition(|bucket| bucket.start() < usual);
    let older = order::by_text(older, |bucket| order::newest_first(bucket.end()));
    Due { marked: marked.into_iter().collect(), missing, older }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: u64 = 3_600_000;
    /// 2025-11-23T03:00:00Z
    const NOW: u64 = 1_763_866_800_000;

    fn names(state: &State, from: u64, now: u64) -> Vec<String> {
        due(state, &(from..now), now).all().iter().map(ToString::to_string).collect()
    }

    fn site(retention_days: u32) -> Site {
        Site { retention_days, ..Site::new(protocol::SiteId::parse("shop").unwrap()) }
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
    fn all_that_is_kept_is_looked_for_and_what_is_long_past_is_built_in_portions_the_newest_first() {
        let range = range(NOW, &site(400));
        assert_eq!(Bucket::of(Span::Day, range.start).to_string(), "2024-10-20");
        let today = hours(Bucket::of(Span::Day, NOW)).collect();
        let due = due(&State { hours: today, ..State::default() }, &range, NOW);
        let ends = |list: &[Bucket]| [list[0].to_string(), list[list.len() - 1].to_string()];
        // Of yesterday its hours: it is not long past.
        assert_eq!(ends(&due.missing), ["2025-11-22T00", "2025-11-21"]);
        assert_eq!((due.older.len(), ends(&due.older)), (346, ["2025-09-30", "2024-10-20"].map(Into::into)));
        let run = due.of_one_run();
        assert_eq!((run.len(), run[run.len() - 1].to_string()), (24 + 52 + 48, "2025-08-14".into()));
    }

    #[test]
    fn before_a_site_was_made_only_what_is_marked_is_built_and_months_lack_nothing() {
        let (june, november) = (1_750_000_000_000, Bucket::of(Span::Month, NOW));
        let old = Bucket::of(Span::Hour, june);
        let since = NOW - 3 * DAY_MS - 3 * HOUR_MS;
        let now = november.end() + DAY_MS;
        let mut state = State { marked: [old].into(), since, ..State::default() };
        let kept = range(now, &site(400));
        let due = |state: &State| due(state, &kept, now).all();
        let first: Vec<Bucket> = due(&state);
        assert_eq!((first[0], first[1].to_string()), (old, "2025-12-01T00".into()));
        assert_eq!(first.iter().map(|it| it.start()).min(), Some(old.start()));
        assert!(first.iter().skip(1).all(|it| it.start() >= since), "{first:?}");
        // The month before, of which there is one day that was late, and the one it was made in.
        state.marked.clear();
        state.days.insert(Bucket::of(Span::Day, june));
        state.days.extend(Bucket::touching(Span::Day, since..november.end()));
        let built: Vec<String> =
            due(&state).iter().filter(|it| it.span() == Span::Month).map(ToString::to_string).collect();
        assert_eq!(built, ["2025-11", "2025-06"]);
        state.days.remove(&Bucket::of(Span::Day, NOW));
        assert!(!due(&state).contains(&november));
    }

    #[test]
    fn month_whose_first_day_is_gone_is_not_built() {
        let month = Bucket::of(Span::Month, NOW);
        let state = State { days: Bucket::touching(Span::Day, month.range()).collect(), ..State::default() };
        let now = month.end() + DAY_MS;
        let has = |from| due(&state, &(from..now), now).missing.contains(&month);
        assert!(has(month.start()) && !has(month.start() + DAY_MS));
    }

    #[test]
    fn where_rows_are_gone_no_day_is_built_and_months_are_built_of_days() {
        let month = Bucket::of(Span::Month, NOW);
        let now = month.end() + DAY_MS;
        let days: BTreeSet<Bucket> = Bucket::touching(Span::Day, month.range()).collect();
        let state = State { days: days.clone(), rows_from: now - 14 * DAY_MS, ..State::default() };
        assert!(due(&state, &(month.start()..now), now).missing.contains(&month));
        let gone = |first: u64| due(&State { days: [].into(), ..state.clone() }, &(first..now), now).all();
        assert!(gone(month.start()).iter().all(|it| it.end() > now - 14 * DAY_MS));
    }

    #[test]
    fn nothing_is_looked_for_that_is_not_kept_any_more() {
        let first = |site: &Site| Bucket::of(Span::Day, range(NOW, site).start).to_string();
        assert_eq!((first(&site(30)), first(&site(7))), ("2025-10-25".to_owned(), "2025-11-17".to_owned()));
        let longer = Site { segment_retention_days: Some(30), ..site(7) };
        assert_eq!(first(&longer), "2025-10-25");
    }
}
