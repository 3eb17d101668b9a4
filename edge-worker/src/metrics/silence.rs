//! Whether a site has fallen silent: had events at this time of day, and has none.

use analytics::DAY_MS;
use protocol::outcome::Outcome;
use protocol::report::LedgerHour;

const HOUR_MS: u64 = 3_600_000;

/// Closed hours in a row that are looked at.
const HOURS: u64 = 2;

/// Events in those hours of another day below which nothing follows from none: a site with an event an hour has
/// none in two hours every seventh time.
const EXPECTED: u64 = 20;

/// The starts of the hours that have to be known at `now`: those just closed, a day before, and a week before.
pub(crate) fn hours(now: u64) -> [Vec<u64>; 3] {
    let end = now - now % HOUR_MS;
    [0, DAY_MS, 7 * DAY_MS].map(|back| (1..=HOURS).map(|n| end - back - n * HOUR_MS).collect())
}

/// The days, UTC, that hold those hours, by their starts.
pub(crate) fn days(now: u64) -> Vec<u64> {
    let mut days: Vec<u64> = hours(now).concat().into_iter().map(|hour| hour - hour % DAY_MS).collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// Whether nothing came in the hours just closed, though there were enough events in the same hours of the day before
/// and of the same weekday before. A site whose events are all refused is silent, too: nobody sees its visitors.
pub(crate) fn is_silent(ledger: &[LedgerHour], now: u64) -> bool {
    let [latest, yesterday, week] = hours(now);
    let arrived = |hours: &[u64], counts: fn(&Outcome) -> bool| -> u64 {
        ledger
            .iter()
            .filter(|hour| hours.contains(&hour.at))
            .flat_map(|hour| hour.counts.iter())
            .filter(|(outcome, _)| counts(outcome))
            .map(|(_, number)| number)
            .sum()
    };
    let is_accepted = |outcome: &Outcome| *outcome == Outcome::Accepted;
    arrived(&latest, is_accepted) == 0
        && arrived(&yesterday, is_accepted) >= EXPECTED
        && arrived(&week, is_accepted) >= EXPECTED
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    // 2025-11-23T03:12:00Z
    const NOW: u64 = 1_763_867_520_000;

    fn ledger(latest: u64, yesterday: u64, week: u64) -> Vec<LedgerHour> {
        let numbers = [latest, yesterday, week];
        hours(NOW)
            .into_iter()
            .zip(numbers)
            .filter(|(_, number)| *number > 0)
            .map(|(hours, number)| LedgerHour {
                at: hours[1],
                counts: BTreeMap::from([(Outcome::Accepted, number)]),
            })
            .collect()
    }

    #[test]
    fn site_is_silent_when_it_had_events_on_both_days_and_has_none() {
        assert!(is_silent(&ledger(0, 20, 20), NOW));
        for (latest, yesterday, week) in [(1, 20, 20), (0, 19, 20), (0, 20, 19), (0, 0, 500), (0, 0, 0)] {
            assert!(!is_silent(&ledger(latest, yesterday, week), NOW), "{latest} {yesterday} {week}");
        }
    }

    #[test]
    fn only_accepted_events_count() {
        let mut ledger = ledger(5, 20, 20);
        ledger[0].counts = BTreeMap::from([(Outcome::OriginNotAllowed, 5)]);
        assert!(is_silent(&ledger, NOW));
    }

    #[test]
    fn hour_that_is_not_over_is_not_looked_at() {
        let end = NOW - NOW % HOUR_MS;
        assert_eq!(hours(NOW)[0], [end - HOUR_MS, end - 2 * HOUR_MS]);
    }
}
