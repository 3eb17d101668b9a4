//! When to try again after a failure.

/// The first failure waits up to this long, each further one up to twice as long.
const FIRST_WAIT_MS: u64 = 2_000;
/// No wait of our own choosing is longer.
const LONGEST_WAIT_MS: u64 = 5 * 60 * 1_000;
/// No `Retry-After` is believed beyond this: a typing error on a server must not silence a tab for good.
const LONGEST_DEMAND_MS: u64 = 60 * 60 * 1_000;

/// Exponential back-off with full jitter; a server's `Retry-After` is never undercut.
#[derive(Debug)]
pub(super) struct Retry {
    failures: u32,
    not_before: u64,
    demanded: bool,
}

impl Retry {
    /// Nothing has failed.
    pub(super) const fn new() -> Self {
        Self { failures: 0, not_before: 0, demanded: false }
    }

    /// Notes a failure. `random` spreads the browsers of an outage, so that they do not come back at once.
    pub(super) fn failed(&mut self, now: u64, retry_after_s: u32, random: u64) {
        let ceiling = (FIRST_WAIT_MS << self.failures.min(10)).min(LONGEST_WAIT_MS);
        let wait = random % (ceiling + 1);
        let demand = (u64::from(retry_after_s) * 1_000).min(LONGEST_DEMAND_MS);
        self.failures = self.failures.saturating_add(1);
        self.demanded = demand > 0;
        self.not_before = now + wait.max(demand);
    }

    /// Notes that the server answers.
    pub(super) fn succeeded(&mut self) {
        *self = Self::new();
    }

    /// Forgets a wait of our own, because the browser is back online; what a server demanded stays.
    pub(super) fn hurry(&mut self) {
        if !self.demanded {
            self.not_before = 0;
        }
    }

    /// Whether something may be sent. When the page may be gone in a moment (`urgent`), only what the
    /// server demanded is waited for.
    pub(super) fn allows(&self, now: u64, urgent: bool) -> bool {
        // A wait longer than any we make means that the clock was set back meanwhile.
        let left = self.not_before.saturating_sub(now);
        left == 0 || left > LONGEST_DEMAND_MS || (urgent && !self.demanded)
    }

    /// From when on something may be sent.
    pub(super) fn not_before(&self) -> u64 {
        self.not_before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(failures: u32, retry_after_s: u32, random: u64) -> Retry {
        let mut retry = Retry::new();
        for _ in 0..failures {
            retry.failed(0, retry_after_s, random);
        }
        retry
    }

    #[test]
    fn waits_are_spread_below_a_ceiling_that_doubles_up_to_five_minutes() {
        let mut longest = [0; 12];
        for (index, longest) in longest.iter_mut().enumerate() {
            *longest =
                (0..=700_000).step_by(997).map(|r| after(index as u32 + 1, 0, r).not_before()).max().unwrap();
        }
        for (index, wait) in longest.iter().enumerate() {
            let ceiling = (2_000 << index).min(300_000);
            assert!(*wait <= ceiling && *wait > ceiling / 2, "{wait} of {ceiling}");
        }
    }

    #[test]
    fn retry_after_is_never_undercut_not_even_when_the_page_goes() {
        let mut retry = after(1, 7, 0);
        retry.hurry();
        assert!(!retry.allows(6_999, true));
        assert!(retry.allows(7_000, false));
    }

    #[test]
    fn our_own_wait_ends_when_the_page_goes_or_the_network_is_back() {
        let mut retry = after(1, 0, 1);
        assert!(!retry.allows(0, false));
        assert!(retry.allows(0, true));
        retry.hurry();
        assert!(retry.allows(0, false));
    }

    #[test]
    fn clock_that_was_set_back_does_not_stop_sending() {
        let mut retry = Retry::new();
        retry.failed(10_000_000_000, 1, 0);
        assert!(retry.allows(1_000, false));
    }

    #[test]
    fn absurd_retry_after_is_bounded() {
        assert!(after(1, u32::MAX, 0).allows(LONGEST_DEMAND_MS, false));
    }
}
