//! Who is here now, as one batch tells it.

use protocol::clock::Source;
use protocol::limits::FIRST_INTERVAL_S;
use protocol::{Batch, Event, EventKind};

/// A browser's clock is believed to this grain: the offset between its `sent_at` and our arrival time is
/// rounded to it. Network delay then never moves a row, so a replayed batch writes the same one, and a
/// clock that is minutes off still counts as here.
const CLOCK_GRAIN_MS: i64 = 30_000;

/// A batch whose last event is older than this says nothing of who is here.
pub(super) const STALE_MS: u64 = 30 * 60 * 1_000;

/// The newest sign of life of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// When, by the worker's clock, Unix milliseconds.
    pub last_seen: u64,
    /// Seconds within which the next one is to be expected.
    pub interval_s: u32,
    /// Whether the visitor left the page and nothing followed.
    pub left: bool,
    /// Path of the page on show.
    pub page: String,
}

/// What a sender without heartbeats is judged by: doubled, the five minutes for which others call a visitor
/// current (Plausible, metrics definitions).
const WITHOUT_HEARTBEATS_S: u32 = 150;

/// Reads the presence out of a batch; `None` when it is too old. `is_single`: its sender sends no heartbeats.
pub(super) fn of(batch: &Batch, received_at: u64, source: Source, is_single: bool) -> Option<Presence> {
    // A page left for another one of the site ends in the millisecond in which the other begins.
    let last = batch.events.iter().max_by_key(|event| (event.at, !is_farewell(event), event.id))?;
    let clock = |ms: u64| i64::try_from(ms).ok();
    // A server may have kept the batch for a while; its clock is believed.
    let sent_at = if source == Source::Server { received_at } else { batch.sent_at };
    let offset = clock(received_at)?.checked_sub(clock(sent_at)?)?.checked_add(CLOCK_GRAIN_MS / 2)?;
    let offset = offset.div_euclid(CLOCK_GRAIN_MS) * CLOCK_GRAIN_MS;
    let last_seen = u64::try_from(clock(last.at)?.checked_add(offset)?).ok()?;
    // What would lie in the future was sent with a `sent_at` that is not the clock the events have.
    if last_seen + STALE_MS < received_at || last_seen > received_at + CLOCK_GRAIN_MS as u64 {
        return None;
    }
    let (interval_s, left) = match &last.kind {
        EventKind::Heartbeat(beat) => (beat.interval_s, beat.last),
        _ if is_single => (WITHOUT_HEARTBEATS_S, false),
        _ => (FIRST_INTERVAL_S, false),
    };
    let viewed = batch.events.iter().filter_map(|event| match &event.kind {
        EventKind::PageView(view) => Some((event.at, &view.url)),
        _ => None,
    });
    // The context's URL is the page at sending time; a page view is only asked when there is none.
    let page = batch.context.url.as_ref().or(viewed.max_by_key(|(at, _)| *at).map(|(_, url)| url));
    Some(Presence { last_seen, interval_s, left, page: page.map_or("", |url| url.path()).to_owned() })
}

fn is_farewell(event: &Event) -> bool {
    matches!(&event.kind, EventKind::Heartbeat(beat) if beat.last)
}

#[cfg(test)]
mod tests {
    use protocol::event::{Name, Props, Url};
    use protocol::{Context, Custom, EventId, Heartbeat, PageId, SessionId, SiteId, UserId};

    use super::*;

    const NOW: u64 = 1_763_866_800_000;

    fn batch(at: u64, sent_at: u64, beats: &[(u64, bool)]) -> Batch {
        let event = |offset: u64, last| Event {
            id: EventId::new(at + offset, &[1; 10]),
            at: at + offset,
            page_id: PageId::new(at, &[1; 10]),
            kind: EventKind::Heartbeat(Heartbeat { engaged_ms: 1, scroll_percent: 1, interval_s: 30, last }),
        };
        Batch {
            site_id: SiteId::parse("shop").unwrap(),
            user_id: UserId::new(1, &[1; 10]),
            person_id: None,
            session_id: SessionId::new(1, &[1; 10]),
            cookieless: false,
            sent_at,
            dropped: 0,
            faults: 0,
            context: Context { url: Url::parse("https://shop.example/cart?x=1"), ..Context::default() },
            events: beats.iter().map(|(offset, last)| event(*offset, *last)).collect(),
        }
    }

    #[test]
    fn newest_event_decides_whether_the_visitor_left() {
        let presence = |beats| of(&batch(NOW, NOW, beats), NOW, Source::Browser, false).unwrap();
        assert!(presence(&[(0, false), (5, true)]).left);
        assert!(!presence(&[(9, false), (5, true)]).left);
        assert!(!presence(&[(5, true), (5, false)]).left, "one page ends as the next begins");
        assert!(!presence(&[(5, false), (5, true)]).left);
        assert_eq!(presence(&[(9, false)]).page, "/cart");
    }

    #[test]
    fn custom_event_is_a_sign_of_life() {
        let mut sent = batch(NOW, NOW, &[(0, true), (5, false)]);
        let custom = Custom { name: Name::parse("video_play").unwrap(), props: Props::default() };
        sent.events[1].kind = EventKind::Custom(custom);
        let presence = of(&sent, NOW, Source::Browser, false).unwrap();
        assert_eq!((presence.left, presence.interval_s), (false, FIRST_INTERVAL_S));
    }

    #[test]
    fn delivery_delay_does_not_move_the_row() {
        let sent = batch(NOW, NOW, &[(0, false)]);
        assert_eq!(of(&sent, NOW, Source::Browser, false), of(&sent, NOW + 14_000, Source::Browser, false));
    }

    #[test]
    fn wrong_clock_still_counts_as_here() {
        let slow = batch(NOW - 600_000, NOW - 600_000, &[(0, false)]);
        assert_eq!(of(&slow, NOW, Source::Browser, false).unwrap().last_seen, NOW);
    }

    #[test]
    fn clocks_that_contradict_each_other_say_nothing_of_now() {
        for sent_at in [0, NOW - 480_000, u64::MAX, i64::MAX as u64, i64::MAX as u64 + 1] {
            assert_eq!(
                of(&batch(NOW, sent_at, &[(0, false)]), NOW, Source::Browser, false),
                None,
                "{sent_at}"
            );
        }
    }

    #[test]
    fn old_events_say_nothing_of_now() {
        assert_eq!(of(&batch(NOW - STALE_MS - 1, NOW, &[(0, false)]), NOW, Source::Browser, false), None);
    }
}
