//! How long, and how far down, a page was really looked at.

use protocol::limits;

use super::Scroll;

/// Somebody who did nothing for this long is not reading any more.
pub(super) const ACTIVE_FOR_MS: u64 = 30 * 1_000;

/// A clock that runs while the page is visible and focused and the visitor active.
#[derive(Debug, Clone, Copy)]
pub(super) struct Engagement {
    total: u64,
    counted_until: u64,
    active_until: u64,
    watched: bool,
    deepest: u32,
    height: u32,
}

impl Engagement {
    /// A clock at zero; opening a page is activity.
    pub(super) fn new(now: u64, watched: bool) -> Self {
        Self {
            total: 0,
            counted_until: now,
            active_until: now + ACTIVE_FOR_MS,
            watched,
            deepest: 0,
            height: 0,
        }
    }

    /// Notes that the visitor did something.
    pub(super) fn activity(&mut self, now: u64) {
        self.advance(now);
        self.active_until = now + ACTIVE_FOR_MS;
    }

    /// Notes whether the page is visible and focused.
    pub(super) fn watch(&mut self, now: u64, watched: bool) {
        self.advance(now);
        self.watched = watched;
    }

    /// Notes how far down the visitor sees, and how high the page is by now: pages grow while they load.
    pub(super) fn saw(&mut self, scroll: Scroll) {
        self.deepest = self.deepest.max(scroll.bottom);
        if scroll.height > 0 {
            self.height = scroll.height;
        }
    }

    /// Engaged time so far, in milliseconds.
    pub(super) fn total(&mut self, now: u64) -> u64 {
        self.advance(now);
        self.total.min(limits::SESSION_MAX_MS)
    }

    /// Deepest point so far in per cent of the page's height as last seen.
    pub(super) fn percent(&self) -> u64 {
        (u64::from(self.deepest) * 100 / u64::from(self.height.max(1))).min(100)
    }

    fn advance(&mut self, now: u64) {
        if self.watched {
            self.total += now.min(self.active_until).saturating_sub(self.counted_until);
        }
        self.counted_until = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_counts_while_watched_and_active() {
        let mut clock = Engagement::new(0, true);
        assert_eq!(clock.total(10_000), 10_000);
        clock.watch(10_000, false);
        assert_eq!(clock.total(20_000), 10_000);
        clock.watch(20_000, true);
        assert_eq!(clock.total(25_000), 15_000);
    }

    #[test]
    fn clock_stops_thirty_seconds_after_the_last_activity() {
        let mut clock = Engagement::new(0, true);
        assert_eq!(clock.total(600_000), 30_000);
        clock.activity(600_000);
        assert_eq!(clock.total(610_000), 40_000);
        assert_eq!(clock.total(700_000), 60_000);
    }

    #[test]
    fn activity_outside_the_page_does_not_count() {
        let mut clock = Engagement::new(0, false);
        clock.activity(5_000);
        assert_eq!(clock.total(9_000), 0);
    }

    #[test]
    fn clock_set_back_takes_nothing_away() {
        let mut clock = Engagement::new(100_000, true);
        assert_eq!(clock.total(105_000), 5_000);
        assert_eq!(clock.total(50_000), 5_000);
        assert_eq!(clock.total(51_000), 6_000);
    }

    #[test]
    fn depth_is_the_deepest_point_against_the_height_of_now() {
        let mut clock = Engagement::new(0, true);
        clock.saw(Scroll { bottom: 800, height: 800 });
        clock.saw(Scroll { bottom: 700, height: 1_600 });
        assert_eq!(clock.percent(), 50);
        clock.saw(Scroll { bottom: 0, height: 0 });
        assert_eq!(clock.percent(), 50, "a height that was not asked for changes nothing");
        clock.saw(Scroll { bottom: 5_000, height: 1_600 });
        assert_eq!(clock.percent(), 100);
    }
}
