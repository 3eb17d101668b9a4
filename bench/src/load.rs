//! Batches as a tracker sends them, each of a new visitor, made before the clock starts.

use std::time::{SystemTime, UNIX_EPOCH};

use protocol::event::{Text, Url};
use protocol::{
    Batch, Click, ClickKind, Context, Event, EventId, EventKind, Heartbeat, PageId, PageView, Props,
    SessionId, SiteId, Size, UserId, encode,
};

fn random() -> [u8; 10] {
    std::array::from_fn(|_| fastrand::u8(..))
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64)
}

/// A batch of `events` events: page views, with a click and a final heartbeat among every five.
pub(crate) fn batch(site: &SiteId, events: usize) -> String {
    let at = now();
    let page_id = PageId::new(at, &random());
    let url =
        |n: usize| Url::parse(&format!("https://shop.example/products/{}?utm_source=newsletter", n % 40));
    let events = (0..events)
        .filter_map(|n| {
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
                _ => EventKind::PageView(PageView {
                    url: url(fastrand::usize(..40))?,
                    referrer: Url::parse("https://www.google.com/"),
                    title: Text::cut("Ethiopia Guji, 250 g"),
                    props: Props::default(),
                }),
            };
            Some(Event { id: EventId::new(at, &random()), at, page_id, kind })
        })
        .collect();
    let context = Context {
        language: Text::cut("ko-KR"),
        time_zone: Text::cut("Asia/Seoul"),
        screen: Some(Size { width: 1920, height: 1080 }),
        viewport: Some(Size { width: 1280, height: 720 }),
        url: url(1),
        ..Context::default()
    };
    encode::batch(&Batch {
        site_id: site.clone(),
        user_id: UserId::new(at, &random()),
        person_id: None,
        session_id: SessionId::new(at, &random()),
        cookieless: false,
        sent_at: at,
        dropped: 0,
        faults: 0,
        context,
        events,
    })
}
