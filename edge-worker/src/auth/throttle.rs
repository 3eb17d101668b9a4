//! How long somebody has to wait after wrong attempts.
//!
//! Two measures protect a password: the platform's limiter counts attempts by address, and a row in the store
//! counts wrong ones by account, whoever makes them. The row is charged before the password is looked at and
//! cleared when it was right, so that a thousand attempts at once cost as much as one after the other.

/// Wrong attempts without a delay: people mistype.
const FREE: u32 = 4;

/// The first delay, doubled with each further attempt.
const FIRST_MS: u64 = 5_000;

/// The longest. At four guesses an hour a password of [`protocol::account::MIN_PASSWORD_CHARS`] characters is safe,
/// and its owner, whom somebody may lock out in this way, waits no longer.
const LONGEST_MS: u64 = 15 * 60_000;

/// After this long without an attempt it all begins anew.
pub const FORGOTTEN_MS: u64 = 24 * 3_600_000;

/// What is known about attempts at an account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attempts {
    /// Attempts that were not followed by a right one.
    pub count: u32,
    /// When the last one was, Unix milliseconds.
    pub last: u64,
}

impl Attempts {
    /// When the next attempt is let through, Unix milliseconds.
    pub fn next_at(self) -> u64 {
        match self.count.checked_sub(FREE) {
            None | Some(0) => 0,
            Some(over) => self.last + FIRST_MS.saturating_mul(1 << (over - 1).min(20)).min(LONGEST_MS),
        }
    }

    /// With one more attempt at `now`.
    pub fn charged(self, now: u64) -> Self {
        let count = if now > self.last + FORGOTTEN_MS { 0 } else { self.count };
        Self { count: count.saturating_add(1), last: now }
    }
}

/// Milliseconds as whole seconds, rounded up: a `Retry-After` that is too short would only be refused again.
pub fn seconds(ms: u64) -> u64 {
    ms.div_ceil(1_000).max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: u64 = 1_763_866_800_000;

    #[test]
    fn delay_begins_after_four_attempts_and_doubles_to_a_quarter_of_an_hour() {
        let delay = |count| Attempts { count, last: NOW }.next_at().saturating_sub(NOW) / 1_000;
        let delays: Vec<u64> = (0..15).map(delay).collect();
        assert_eq!(delays, [0, 0, 0, 0, 0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900]);
        assert_eq!(delay(u32::MAX), 900);
    }

    #[test]
    fn attempts_of_yesterday_are_forgotten() {
        let many = Attempts { count: 50, last: NOW };
        assert_eq!(many.charged(NOW + FORGOTTEN_MS), Attempts { count: 51, last: NOW + FORGOTTEN_MS });
        assert_eq!(many.charged(NOW + FORGOTTEN_MS + 1).count, 1);
    }

    proptest! {
        #[test]
        fn one_more_attempt_never_shortens_the_wait(count in 0_u32..100, wait in 0_u64..3_600_000) {
            let before = Attempts { count, last: NOW };
            prop_assert!(before.charged(NOW + wait).next_at() >= before.next_at().min(NOW + wait));
        }
    }
}
