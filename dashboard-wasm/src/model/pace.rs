//! How often to ask, and what to make of no answer.

use super::failure::Failure;

/// The shortest wait, milliseconds.
pub const SHORTEST: u32 = 1_000;
/// The shortest time from one answering to the next of what is pushed, milliseconds: that between two frames.
pub const SHORTEST_PUSHED: u32 = 250;
const LONGEST: u32 = 10_000;

/// The pace of one poll: as fast as a second, never faster than half of what the worker can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pace {
    failures: u32,
}

impl Pace {
    /// Milliseconds to wait after an answer that took `took` milliseconds. Twice the time an answer takes
    /// leaves a slow worker idle for two thirds of the time, whatever slows it.
    pub fn after_answer(&mut self, took: f64) -> u32 {
        self.failures = 0;
        ((took * 2.0) as u32).clamp(SHORTEST, LONGEST)
    }

    /// Milliseconds from one beginning to the next of what took from `began` to `ended`, `shortest` at least: never more
    /// than half of the time is spent on it.
    pub fn between(shortest: u32, began: u64, ended: u64) -> u32 {
        (ended.saturating_sub(began).saturating_mul(2) as u32).clamp(shortest, LONGEST)
    }

    /// Milliseconds to wait after a failure: 1, 2, 4, 8 and then 10 seconds.
    pub fn after_failure(&mut self) -> u32 {
        let wait = SHORTEST << self.failures.min(4);
        self.failures += 1;
        wait.min(LONGEST)
    }
}

/// Whether the worker answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Link {
    /// Nothing has come yet.
    #[default]
    Waiting,
    /// The last request was answered.
    Live,
    /// The last request was not answered; what is on show is old.
    Lost(Failure),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wait_grows_with_the_time_an_answer_takes() {
        let mut pace = Pace::default();
        assert_eq!(
            [20.0, 499.0, 900.0, 60_000.0].map(|took| pace.after_answer(took)),
            [1_000, 1_000, 1_800, 10_000]
        );
    }

    #[test]
    fn what_is_pushed_takes_half_of_the_time_at_most() {
        assert_eq!(
            [5, 100, 400, 60_000].map(|took| Pace::between(250, 7, 7 + took)),
            [250, 250, 800, 10_000]
        );
    }

    #[test]
    fn failures_back_off_to_ten_seconds_and_an_answer_forgives() {
        let mut pace = Pace::default();
        assert_eq!([(); 6].map(|()| pace.after_failure()), [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
        pace.after_answer(10.0);
        assert_eq!(pace.after_failure(), 1_000);
    }
}
