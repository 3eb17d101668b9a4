//! When: quiet hours, attempts, and the mornings of reports. Pure.

use protocol::alert::{NewChannel, QuietHours};
use protocol::query::{Civil, Zone};
use serde::{Deserialize, Serialize};

use super::baseline::HOUR_MS;

/// How long after an attempt that failed the next one follows, seconds. The first four wait in the queue, for the last
/// the next look at the site's alerts sees to it.
const DELAYS_S: [u64; 5] = [5, 30, 120, 600, 3_600];

/// The hour of the site's day at which reports are sent.
const REPORT_HOUR: i64 = 8;

/// For how long a report is still sent that could not be sent at its time, milliseconds.
const REPORT_LATE_MS: u64 = 12 * HOUR_MS;

/// How long to wait after so many attempts, milliseconds; `None` when it is given up.
pub fn delay_ms(attempts: u32) -> Option<u64> {
    let place = usize::try_from(attempts).ok()?.checked_sub(1)?;
    DELAYS_S.get(place).map(|seconds| seconds * 1_000)
}

/// What a channel's quiet hours mean for an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quiet {
    /// They are not on.
    Not,
    /// It is held back until then, Unix milliseconds.
    Until(u64),
    /// It is dropped.
    Dropped,
}

/// What the quiet hours of a channel mean for an alert of a moment.
pub fn quiet(channel: &NewChannel, at: u64, zone: &Zone) -> Quiet {
    let Some((quiet, end)) = channel.quiet.and_then(|quiet| Some((quiet, quiet_until(quiet, at, zone)?)))
    else {
        return Quiet::Not;
    };
    if quiet.drop { Quiet::Dropped } else { Quiet::Until(end) }
}

/// When quiet hours that are on at a moment end; `None` when they are not on.
fn quiet_until(quiet: QuietHours, at: u64, zone: &Zone) -> Option<u64> {
    let (from, to) = (i64::from(quiet.from), i64::from(quiet.to));
    let day = zone.day(at);
    let hour = zone.local_ms(at).div_euclid(HOUR_MS.cast_signed()).rem_euclid(24);
    let end_day = match from < to {
        _ if from == to => return None,
        true => (from..to).contains(&hour).then_some(day),
        // Over midnight.
        false if hour >= from => Some(day + 1),
        false => (hour < to).then_some(day),
    }?;
    Some(zone.to_utc((end_day * 24 + to) * HOUR_MS.cast_signed()))
}

/// How often a report is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rhythm {
    /// Every Monday, of the week before.
    Weekly,
    /// On the first of every month, of the month before.
    Monthly,
}

impl Rhythm {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Weekly, Self::Monthly];

    /// Its name in keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }
}

/// A report that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// When it was to be sent, Unix milliseconds.
    pub at: u64,
    /// What it tells of, Unix milliseconds.
    pub range: std::ops::Range<u64>,
}

/// The report that is due at a moment, if there is one.
pub fn report_due(rhythm: Rhythm, now: u64, zone: &Zone) -> Option<Due> {
    let today = zone.day(now);
    let (start, end) = match rhythm {
        // 1970-01-01 was a Thursday.
        Rhythm::Weekly => {
            let monday = today - (today + 3).rem_euclid(7);
            (monday - 7, monday)
        }
        Rhythm::Monthly => {
            let first = |later| Civil::of(today).month_later(later).days();
            (first(-1), first(0))
        }
    };
    let at = zone.to_utc((end * 24 + REPORT_HOUR) * HOUR_MS.cast_signed());
    let is_due = (at..at + REPORT_LATE_MS).contains(&now);
    is_due.then(|| Due { at, range: zone.day_start(start)..zone.day_start(end) })
}

#[cfg(test)]
mod tests {
    use analytics::DAY_MS;
    use proptest::prelude::*;

    use super::*;

    /// Monday, 2026-06-01T00:00Z.
    const MONDAY: u64 = 1_780_272_000_000;

    fn seoul() -> Zone {
        Zone::new(32_400, Vec::new())
    }

    #[test]
    fn quiet_hours_are_those_of_the_site_also_over_midnight() {
        let night = QuietHours { from: 22, to: 7, drop: false };
        let at = |hour: u64| MONDAY + hour * HOUR_MS;
        // 13:00Z is 22:00 in Seoul, 22:00Z is 7:00 of the next day.
        assert_eq!(quiet_until(night, at(13) - 1, &seoul()), None);
        assert_eq!(quiet_until(night, at(13), &seoul()), Some(at(22)));
        assert_eq!(quiet_until(night, at(22) - 1, &seoul()), Some(at(22)));
        assert_eq!(quiet_until(night, at(22), &seoul()), None);
        let noon = QuietHours { from: 12, to: 13, drop: false };
        assert_eq!(quiet_until(noon, at(12), &Zone::UTC), Some(at(13)));
        assert_eq!(quiet_until(QuietHours { from: 5, to: 5, drop: true }, at(5), &Zone::UTC), None);
    }

    #[test]
    fn reports_are_due_at_eight_on_mondays_and_on_the_first() {
        // Monday 8:00 in Seoul is Sunday 23:00Z.
        let at = MONDAY - HOUR_MS;
        let week = Due { at, range: at - 8 * HOUR_MS - 7 * DAY_MS..at - 8 * HOUR_MS };
        assert_eq!(report_due(Rhythm::Weekly, at - 1, &seoul()), None);
        for late in [0, 1, 5 * HOUR_MS] {
            assert_eq!(report_due(Rhythm::Weekly, at + late, &seoul()), Some(week.clone()));
        }
        assert_eq!(report_due(Rhythm::Weekly, at + DAY_MS, &seoul()), None);
        let month = report_due(Rhythm::Monthly, MONDAY + 8 * HOUR_MS, &Zone::UTC).unwrap();
        assert_eq!(month.range, MONDAY - 31 * DAY_MS..MONDAY);
        assert_eq!(report_due(Rhythm::Monthly, MONDAY + 8 * HOUR_MS + DAY_MS, &Zone::UTC), None);
    }

    #[test]
    fn six_attempts_are_made() {
        assert_eq!((1..10).map_while(delay_ms).count(), 5);
        assert_eq!(delay_ms(0), None);
    }

    proptest! {
        #[test]
        fn quiet_hours_end_within_a_day_and_are_over_then(from in 0_u8..24, to in 0_u8..24, at in 0_u64..4_000_000_000_000) {
            let quiet = QuietHours { from, to, drop: false };
            if let Some(end) = quiet_until(quiet, at, &seoul()) {
                prop_assert!(end > at && end - at <= DAY_MS);
                prop_assert_eq!(quiet_until(quiet, end, &seoul()), None);
            }
        }
    }
}
