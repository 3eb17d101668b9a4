//! One page view, from its beginning to its final heartbeat.

use protocol::event::{Heartbeat, PageView, Text, Url};
use protocol::{PageId, Props, limits};

use super::engagement::Engagement;
use super::{Moment, Scroll};

/// Heartbeats come this often in seconds: often while the visitor may leave any moment, then rarely.
const INTERVALS: [(u64, u32); 3] = [(60_000, limits::FIRST_INTERVAL_S), (300_000, 30), (u64::MAX, 60)];

/// A page view.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) id: PageId,
    pub(super) url: Url,
    pub(super) started: u64,
    pub(super) engagement: Engagement,
    /// When the next heartbeat is due; `None` once the page was left.
    pub(super) beat_at: Option<u64>,
    /// When the page view is to be recorded; `None` once it is.
    pub(super) view_at: Option<u64>,
    referrer: Option<Url>,
    props: Props,
}

impl Page {
    /// A page view that begins now and is recorded `wait` milliseconds later.
    pub(super) fn new(
        moment: &mut Moment<'_>,
        url: Url,
        referrer: Option<Url>,
        props: Props,
        watched: bool,
        wait: u64,
    ) -> Self {
        let now = moment.now;
        let mut page = Self {
            id: PageId::new(now, &(moment.random)()),
            url,
            started: now,
            engagement: Engagement::new(now, watched),
            beat_at: None,
            view_at: Some(now + wait),
            referrer,
            props,
        };
        page.expect_beat(now);
        page
    }

    /// The page view as an event. The title is asked for now, when the router has set it.
    pub(super) fn view(&mut self, title: &str) -> PageView {
        self.view_at = None;
        PageView {
            url: self.url.clone(),
            referrer: self.referrer.take(),
            title: Text::cut(title),
            props: core::mem::take(&mut self.props),
        }
    }

    /// A heartbeat as an event; the last one ends the page until it is resumed.
    pub(super) fn beat(&mut self, now: u64, scroll: Scroll, last: bool) -> Heartbeat {
        self.expect_beat(now);
        let heartbeat = Heartbeat {
            engaged_ms: self.engagement.total(now),
            scroll_percent: self.engagement.percent(scroll),
            interval_s: self.interval(now),
            last,
        };
        if last {
            self.beat_at = None;
        }
        heartbeat
    }

    /// Puts the next heartbeat where the schedule wants it, seen from now.
    pub(super) fn expect_beat(&mut self, now: u64) {
        self.beat_at = Some(now + u64::from(self.interval(now)) * 1_000);
    }

    /// Whether the final heartbeat was sent.
    pub(super) fn is_left(&self) -> bool {
        self.beat_at.is_none()
    }

    fn interval(&self, now: u64) -> u32 {
        let age = now.saturating_sub(self.started);
        INTERVALS.iter().find(|(until, _)| age < *until).map_or(limits::FIRST_INTERVAL_S, |(_, s)| *s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::address::tidy;
    use crate::core::testing::Lab;

    fn page(lab: &Lab) -> Page {
        let url = tidy("https://shop.example/").unwrap();
        Page::new(&mut lab.moment(), url, None, Props::default(), true, 0)
    }

    #[test]
    fn heartbeats_come_every_15_then_30_then_60_seconds_and_say_so() {
        let lab = Lab::new();
        let mut page = page(&lab);
        let mut ages = Vec::new();
        let mut announced = page.beat_at.unwrap();
        while ages.len() < 15 {
            let due = page.beat_at.unwrap();
            assert_eq!(due, announced);
            let beat = page.beat(due, Scroll::default(), false);
            announced = due + u64::from(beat.interval_s) * 1_000;
            ages.push((due - page.started) / 1_000);
        }
        assert_eq!(ages, [15, 30, 45, 60, 90, 120, 150, 180, 210, 240, 270, 300, 360, 420, 480]);
    }

    #[test]
    fn page_is_left_after_its_last_heartbeat() {
        let lab = Lab::new();
        let mut page = page(&lab);
        assert!(page.beat(lab.now(), Scroll::default(), true).last);
        assert!(page.is_left());
        assert!(!page.beat(lab.now(), Scroll::default(), false).last);
        assert!(!page.is_left());
    }
}
