//! One page view, from its beginning to its final heartbeat.

use protocol::{ids, limits};

use super::buffer::number;
use super::engagement::Engagement;
use super::{Buffer, Dice, Moment, NEVER};

/// A page view. Its texts are kept apart, by the tracker.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    pub(super) id: [u8; ids::ID_BYTES],
    pub(super) started: u64,
    pub(super) engagement: Engagement,
    /// When the page view is to be recorded; [`NEVER`] once it is.
    pub(super) view_at: u64,
    /// When the next heartbeat is due; [`NEVER`] once the page was left.
    pub(super) beat_at: u64,
    /// Whether the final heartbeat was sent, and none after it.
    pub(super) left: bool,
}

impl Page {
    /// A page view that begins now and is recorded `wait` milliseconds later.
    pub(super) fn new(moment: &Moment<'_>, dice: &mut Dice, wait: u64) -> Self {
        let now = moment.now;
        let mut page = Self {
            id: dice.id(now),
            started: now,
            engagement: Engagement::new(now, moment.visible && moment.focused),
            view_at: now + wait,
            beat_at: NEVER,
            left: false,
        };
        page.expect_beat(now);
        page
    }

    /// Prints the values of a heartbeat; the last one ends the page until another follows.
    pub(super) fn beat(&mut self, now: u64, last: bool, out: &mut Buffer) {
        self.expect_beat(now);
        let engaged = self.engagement.total(now);
        out.put(b"\"type\":\"heartbeat\",\"engaged_ms\":");
        number(out, engaged);
        out.put(b",\"scroll_percent\":");
        number(out, self.engagement.percent());
        out.put(b",\"interval_s\":");
        number(out, self.interval(now));
        out.put(if last { b",\"final\":true" } else { b",\"final\":false" });
        self.left = last;
        if last {
            self.beat_at = NEVER;
        }
    }

    /// Puts the next heartbeat where the schedule wants it, seen from now.
    pub(super) fn expect_beat(&mut self, now: u64) {
        self.beat_at = now + self.interval(now) * 1_000;
    }

    /// Heartbeats come this often in seconds: often while the visitor may leave any moment, then rarely.
    fn interval(&self, now: u64) -> u64 {
        match now.saturating_sub(self.started) {
            0..60_000 => limits::FIRST_INTERVAL_S.into(),
            60_000..300_000 => 30,
            _ => 60,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: u64 = 1_763_866_800_000;

    fn page() -> Page {
        let moment = Moment { now: START, visible: true, focused: true, ..Moment::default() };
        Page::new(&moment, &mut Dice(1), 0)
    }

    fn beat(page: &mut Page, now: u64, last: bool) -> String {
        let mut out = Buffer::new();
        page.beat(now, last, &mut out);
        String::from_utf8(out.text().into()).unwrap()
    }

    #[test]
    fn heartbeats_come_every_15_then_30_then_60_seconds_and_say_so() {
        let mut page = page();
        let mut ages = Vec::new();
        while ages.len() < 15 {
            let due = page.beat_at;
            let text = beat(&mut page, due, false);
            let announced = (page.beat_at - due) / 1_000;
            assert!(text.contains(&format!("\"interval_s\":{announced},\"final\":false")), "{text}");
            ages.push((due - page.started) / 1_000);
        }
        assert_eq!(ages, [15, 30, 45, 60, 90, 120, 150, 180, 210, 240, 270, 300, 360, 420, 480]);
    }

    #[test]
    fn page_is_left_after_its_last_heartbeat_until_another_follows() {
        let mut page = page();
        assert!(beat(&mut page, START, true).ends_with("\"final\":true"));
        assert!(page.left && page.beat_at == NEVER);
        beat(&mut page, START, false);
        assert!(!page.left && page.beat_at != NEVER);
    }
}
