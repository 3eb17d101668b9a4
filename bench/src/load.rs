//! Visitors as the worker sees them: batches as a tracker sends them, headers as browsers and the edge set them.

use std::time::{SystemTime, UNIX_EPOCH};

use protocol::event::{Text, Url};
use protocol::{
    Batch, Click, ClickKind, Context, Event, EventId, EventKind, Heartbeat, PageId, PageView, Props,
    SessionId, SiteId, Size, UserId, encode,
};

use crate::browsers::{BROWSERS, Browser};

fn random() -> [u8; 10] {
    std::array::from_fn(|_| fastrand::u8(..))
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64)
}

/// One person at one browser, and one visit.
pub(crate) struct Visitor {
    site: SiteId,
    user_id: UserId,
    /// Names the visit.
    pub(crate) session_id: SessionId,
    /// What the person looks at the site with.
    pub(crate) browser: &'static Browser,
    /// Where the connection comes from: one of the networks reserved for benchmarks (RFC 2544).
    pub(crate) address: String,
}

/// A batch that is ready to be sent.
pub(crate) struct Sent {
    /// What is posted.
    pub(crate) body: String,
    /// The ids of its events.
    pub(crate) ids: Vec<EventId>,
    /// How many of them are page views.
    pub(crate) views: usize,
    /// How many of them are clicks.
    pub(crate) clicks: usize,
}

impl Visitor {
    /// Somebody who comes to `site` now.
    pub(crate) fn new(site: &SiteId) -> Self {
        Self {
            site: site.clone(),
            user_id: UserId::new(now(), &random()),
            session_id: SessionId::new(now(), &random()),
            browser: &BROWSERS[fastrand::usize(..BROWSERS.len())],
            address: format!("198.{}.{}.{}", fastrand::u8(18..20), fastrand::u8(..), fastrand::u8(1..)),
        }
    }

    /// The first `events` events of the visit: three page views, a click and a page's last heartbeat among every
    /// five.
    pub(crate) fn batch(&self, events: usize) -> Sent {
        self.later_batch(0, events)
    }

    /// As [`Visitor::batch`], after `earlier` other events.
    pub(crate) fn later_batch(&self, earlier: usize, events: usize) -> Sent {
        let at = now();
        let mut page_id = PageId::new(at, &random());
        let (mut views, mut clicks) = (0, 0);
        let mut event = |n: usize| {
            let kind = match n % 5 {
                3 => EventKind::Click(Click {
                    kind: ClickKind::Outbound,
                    name: None,
                    text: Text::cut("Our roastery"),
                    href: Url::parse("https://roastery.example/"),
                    selector: Text::cut("main>a.outbound"),
                }),
                4 => EventKind::Heartbeat(Heartbeat {
                    engaged_ms: 15_000,
                    scroll_percent: 70,
                    interval_s: 15,
                    last: true,
                }),
                _ => {
                    page_id = PageId::new(at, &random());
                    EventKind::PageView(PageView {
                        url: product(fastrand::usize(..40))?,
                        referrer: Url::parse("https://www.google.com/"),
                        title: Text::cut("Ethiopia Guji, 250 g"),
                        props: Props::default(),
                    })
                }
            };
            views += usize::from(matches!(kind, EventKind::PageView(_)));
            clicks += usize::from(matches!(kind, EventKind::Click(_)));
            Some(Event { id: EventId::new(at, &random()), at, page_id, kind })
        };
        let events: Vec<Event> = (earlier..earlier + events).filter_map(&mut event).collect();
        let ids = events.iter().map(|event| event.id).collect();
        Sent { body: self.print(at, events), ids, views, clicks }
    }

    /// A batch of nothing but a sign of life.
    pub(crate) fn heartbeat(&self) -> String {
        let (at, page_id) = (now(), PageId::new(now(), &random()));
        let beat = Heartbeat { engaged_ms: 15_000, scroll_percent: 70, interval_s: 15, last: false };
        let kind = EventKind::Heartbeat(beat);
        self.print(at, vec![Event { id: EventId::new(at, &random()), at, page_id, kind }])
    }

    fn print(&self, at: u64, events: Vec<Event>) -> String {
        let context = Context {
            language: Text::cut("ko-KR"),
            time_zone: Text::cut("Asia/Seoul"),
            screen: Some(Size { width: 1920, height: 1080 }),
            viewport: Some(Size { width: 1280, height: 720 }),
            url: product(1),
            tab: Text::cut("k3x9"),
        };
        encode::batch(&Batch {
            site_id: self.site.clone(),
            user_id: self.user_id,
            person_id: None,
            session_id: self.session_id,
            cookieless: false,
            sent_at: at,
            dropped: 0,
            faults: 0,
            context,
            events,
        })
    }
}

fn product(number: usize) -> Option<Url> {
    Url::parse(&format!("https://shop.example/products/{number}?utm_source=newsletter"))
}
