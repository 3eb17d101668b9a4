//! What became of the events that arrived: parts of a whole, and a bar for each day or hour.

use protocol::outcome::{Outcome, Status};
use protocol::report::LedgerAnswer;

const HOUR: u64 = 3_600_000;

/// Numbers of events by what kind of end they came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kinds {
    /// Stored.
    pub accepted: u64,
    /// Understood, not counted.
    pub filtered: u64,
    /// Not stored, or not understood.
    pub refused: u64,
}

impl Kinds {
    fn add(&mut self, outcome: Outcome, count: u64) {
        match outcome.status() {
            Status::Accepted => self.accepted += count,
            Status::Filtered => self.filtered += count,
            Status::Rejected | Status::Skipped => self.refused += count,
        }
    }

    /// All of them.
    pub fn total(self) -> u64 {
        self.accepted + self.filtered + self.refused
    }

    /// Parts of all: accepted, filtered, refused; nothing of nothing.
    pub fn shares(self) -> Option<[f64; 3]> {
        let total = self.total();
        let share = |count: u64| count as f64 / total as f64;
        (total > 0).then(|| [self.accepted, self.filtered, self.refused].map(share))
    }
}

/// All of an answer.
pub fn totals(answer: &LedgerAnswer) -> Kinds {
    let mut kinds = Kinds::default();
    for (outcome, count) in &answer.totals {
        kinds.add(*outcome, *count);
    }
    kinds
}

/// A bar for each `step` hours from `from` to `to`, Unix milliseconds, with the moment each begins at. `from` is the
/// beginning of an hour.
pub fn bars(answer: &LedgerAnswer, from: u64, to: u64, step: u64) -> Vec<(u64, Kinds)> {
    let width = step.max(1) * HOUR;
    let mut bars: Vec<(u64, Kinds)> =
        (from..to).step_by(width as usize).map(|at| (at, Kinds::default())).collect();
    for hour in &answer.hours {
        let place = hour.at.checked_sub(from).map(|since| (since / width) as usize);
        if let Some((_, kinds)) = place.and_then(|place| bars.get_mut(place)) {
            for (outcome, count) in &hour.counts {
                kinds.add(*outcome, *count);
            }
        }
    }
    bars
}

/// Outcomes other than being stored, the most frequent first.
pub fn dropped(answer: &LedgerAnswer) -> Vec<(Outcome, u64)> {
    let mut list: Vec<_> = answer
        .totals
        .iter()
        .map(|(outcome, count)| (*outcome, *count))
        .filter(|(outcome, count)| outcome.status() != Status::Accepted && *count > 0)
        .collect();
    list.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    list
}

/// Part of what arrived that may be refused before somebody has to look: some of it always is old, or of no site's.
const REFUSED_LIMIT: f64 = 0.05;

/// How a site's events fare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// What became of them.
    pub kinds: Kinds,
    /// Events of batches that were turned away because there were too many at once.
    pub throttled: u64,
    /// Events of batches that could be neither stored nor queued; their senders try again.
    pub unstored: u64,
}

impl Health {
    /// Whether somebody has to look.
    pub fn is_bad(self) -> bool {
        let refuses = self.kinds.shares().is_some_and(|[.., refused]| refused > REFUSED_LIMIT);
        self.throttled + self.unstored > 0 || refuses
    }
}

/// How the events fared that arrived in hours which begin at `from` or later; nothing when none did.
pub fn health(answer: &LedgerAnswer, from: u64) -> Option<Health> {
    let mut health = Health { kinds: Kinds::default(), throttled: 0, unstored: 0 };
    for (outcome, count) in answer.hours.iter().filter(|hour| hour.at >= from).flat_map(|hour| &hour.counts) {
        health.kinds.add(*outcome, *count);
        match outcome {
            Outcome::RateLimited => health.throttled += count,
            Outcome::StoreUnavailable => health.unstored += count,
            _ => {}
        }
    }
    (health.kinds.total() > 0).then_some(health)
}

#[cfg(test)]
mod tests {
    use protocol::report::LedgerHour;

    use super::*;

    fn answer() -> LedgerAnswer {
        let hour = |at: u64, counts: &[(Outcome, u64)]| LedgerHour {
            at: at * HOUR,
            counts: counts.iter().copied().collect(),
        };
        let totals =
            [(Outcome::Accepted, 90), (Outcome::Bot, 6), (Outcome::TooOld, 1), (Outcome::UnknownType, 3)];
        LedgerAnswer {
            generated_at: 0,
            totals: totals.into_iter().collect(),
            hours: vec![
                hour(24, &[(Outcome::Accepted, 40), (Outcome::Bot, 6)]),
                hour(47, &[(Outcome::Accepted, 50), (Outcome::TooOld, 1)]),
                hour(49, &[(Outcome::UnknownType, 3)]),
            ],
            explanations: [].into(),
        }
    }

    #[test]
    fn bars_add_up_to_the_whole_and_quiet_ones_are_there() {
        let bars = bars(&answer(), 0, 72 * HOUR, 24);
        assert_eq!(bars.iter().map(|(_, kinds)| kinds.total()).collect::<Vec<_>>(), [0, 97, 3]);
        assert_eq!(bars[1].1, Kinds { accepted: 90, filtered: 6, refused: 1 });
        assert_eq!(totals(&answer()).total(), 100);
    }

    #[test]
    fn shares_are_of_all_that_arrived() {
        assert_eq!(totals(&answer()).shares(), Some([0.9, 0.06, 0.04]));
        assert_eq!(Kinds::default().shares(), None);
    }

    #[test]
    fn few_refusals_are_healthy_and_throttling_never_is() {
        assert_eq!(health(&answer(), 50 * HOUR), None);
        let healthy = health(&answer(), 24 * HOUR).unwrap();
        assert_eq!((healthy.kinds.total(), healthy.is_bad()), (100, false));
        assert!(health(&answer(), 48 * HOUR).unwrap().is_bad(), "all were refused");
        let mut throttled = answer();
        throttled.hours[1].counts.insert(Outcome::RateLimited, 1);
        let throttled = health(&throttled, 0).unwrap();
        assert!(throttled.is_bad() && throttled.throttled == 1);
    }

    #[test]
    fn most_frequent_reason_comes_first() {
        let found = dropped(&answer());
        assert_eq!(found, [(Outcome::Bot, 6), (Outcome::UnknownType, 3), (Outcome::TooOld, 1)]);
    }
}
