//! The worker's clock, guessed from its answers: a computer whose clock is wrong must still ask for the right
//! range and show the right ages.

/// Differences up to here are the network's, not the clock's.
const TOLERANCE: i64 = 1_500;

/// Milliseconds to add to the computer's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Skew(i64);

impl Skew {
    /// The worker's time when the computer's is `local`.
    pub fn apply(self, local: u64) -> u64 {
        local.saturating_add_signed(self.0)
    }

    /// What is known after an answer stamped `generated_at` to a request sent and answered at these local
    /// times. Stays as it is within the tolerance, so that ages do not jump back and forth.
    #[must_use]
    pub fn learn(self, sent: u64, answered: u64, generated_at: u64) -> Self {
        let middle = sent + answered.saturating_sub(sent) / 2;
        let seen = generated_at as i64 - middle as i64;
        if (seen - self.0).abs() > TOLERANCE { Self(seen) } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_clock_is_corrected() {
        let skew = Skew::default().learn(1_000_000, 1_000_200, 4_600_100);
        assert_eq!(skew.apply(1_000_300), 4_600_300);
    }

    #[test]
    fn network_noise_is_not_taken_for_a_wrong_clock() {
        assert_eq!(Skew::default().learn(1_000_000, 1_002_000, 1_001_900), Skew::default());
    }
}
