//! Tables of a test's own, and the events that go into them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_async::time::StaticTimeSource;
use edge_worker::config::StoreConfig;
use edge_worker::http::Geo;
use edge_worker::ingest::{Ingest, Presence, Rules, Visit};
use edge_worker::store::{Store, StoreError, Stored};
use protocol::api::Device;
use protocol::event::{Name, PersonId, Text, Url};
use protocol::{
    Batch, Click, ClickKind, Context, Conversion, Custom, Event, EventId, EventKind, Heartbeat, PageId,
    PageView, Props, Revenue, SessionId, SiteId, UserId,
};

/// 2025-11-23T03:00:00Z
pub(crate) const NOW: u64 = 1_763_866_800_000;

pub(crate) struct Tables {
    pub(crate) store: Store,
    pub(crate) client: aws_sdk_dynamodb::Client,
    pub(crate) prefix: String,
}

pub(crate) type Item = HashMap<String, AttributeValue>;

impl Tables {
    pub(crate) async fn make() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let prefix = format!("test-{}-{}-", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let store = store(&prefix, NOW + 60_000);
        store.create_tables().await.unwrap();
        Self { client: store.client().clone(), store, prefix }
    }

    /// The same tables, as another isolate sees them: it remembers nothing.
    pub(crate) fn another(&self) -> Self {
        self.at(NOW + 60_000)
    }

    /// The same tables, as another isolate sees them at that time.
    pub(crate) fn at(&self, now: u64) -> Self {
        let store = store(&self.prefix, now);
        Self { client: self.client.clone(), store, prefix: self.prefix.clone() }
    }

    /// Every item of a table, sorted, so that two states can be compared.
    pub(crate) async fn dump(&self, table: &str) -> Vec<Item> {
        let answer = self.client.scan().table_name(format!("{}{table}", self.prefix)).send().await.unwrap();
        let mut items = answer.items.unwrap_or_default();
        items.sort_by_key(|item| format!("{:?}{:?}", item["pk"], item["sk"]));
        for value in items.iter_mut().flat_map(HashMap::values_mut) {
            if let AttributeValue::Ss(set) = value {
                set.sort();
            }
        }
        items
    }

    pub(crate) async fn state(&self) -> [Vec<Item>; 3] {
        [self.dump("Events").await, self.dump("Sessions").await, self.dump("ActiveSessions").await]
    }
}

/// A store whose clock stands still: the events of these tests are of another time than that of the machine.
fn store(prefix: &str, now: u64) -> Store {
    let time = StaticTimeSource::new(UNIX_EPOCH + Duration::from_millis(now));
    Store::new(&config(&endpoint(), prefix)).with_time(time)
}

pub(crate) fn endpoint() -> String {
    std::env::var("LIVEINSIGHT_DYNAMODB_ENDPOINT")
        .expect("set LIVEINSIGHT_DYNAMODB_ENDPOINT to a DynamoDB, or run `npm test -- store`")
}

pub(crate) fn config(endpoint: &str, prefix: &str) -> StoreConfig {
    let variable = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.into());
    StoreConfig {
        metrics_endpoint: None,
        endpoint: Some(endpoint.into()),
        region: variable("AWS_REGION", "us-east-1"),
        table_prefix: prefix.into(),
        access_key_id: variable("AWS_ACCESS_KEY_ID", "local"),
        secret_access_key: variable("AWS_SECRET_ACCESS_KEY", "local"),
        session_token: None,
    }
}

pub(crate) fn event(n: u8, kind: EventKind) -> Event {
    let at = NOW + u64::from(n) * 1_000;
    Event { id: EventId::new(at, &[n; 10]), at, page_id: PageId::new(NOW, &[1; 10]), kind }
}

pub(crate) fn view(n: u8, url: &str, referrer: Option<&str>) -> Event {
    event(
        n,
        EventKind::PageView(PageView {
            url: Url::parse(url).unwrap(),
            referrer: referrer.and_then(Url::parse),
            title: Text::cut("커피"),
            props: Props::default(),
        }),
    )
}

pub(crate) fn beat(n: u8, engaged_ms: u64, last: bool) -> Event {
    event(n, EventKind::Heartbeat(Heartbeat { engaged_ms, scroll_percent: 40, interval_s: 15, last }))
}

pub(crate) fn click(n: u8) -> Event {
    event(
        n,
        EventKind::Click(Click {
            kind: ClickKind::Outbound,
            name: None,
            text: Text::cut("Docs"),
            href: Url::parse("https://docs.example/"),
            selector: Text::default(),
        }),
    )
}

pub(crate) fn purchase(n: u8) -> Event {
    event(
        n,
        EventKind::Conversion(Conversion {
            name: Name::parse("purchase").unwrap(),
            revenue: Revenue::parse("49000", "KRW"),
            props: Props::default(),
        }),
    )
}

pub(crate) fn custom(n: u8) -> Event {
    let mut props = Props::default();
    props.push("film", "guji");
    event(n, EventKind::Custom(Custom { name: Name::parse("video_play").unwrap(), props }))
}

pub(crate) fn batch(visitor: u8, events: &[Event]) -> Batch {
    Batch {
        site_id: SiteId::parse("shop").unwrap(),
        user_id: UserId::new(NOW, &[visitor; 10]),
        person_id: None,
        session_id: SessionId::new(NOW, &[visitor; 10]),
        cookieless: false,
        sent_at: NOW,
        dropped: 0,
        faults: 0,
        context: Context { language: Text::cut("ko-KR"), ..Context::default() },
        events: events.to_vec(),
    }
}

/// The same batch of a visitor the site has identified.
pub(crate) fn of_person(person: &str, batch: Batch) -> Batch {
    Batch { person_id: PersonId::parse(person), ..batch }
}

pub(crate) fn visit() -> Visit {
    Visit {
        geo: Geo { country: "KR".into(), region: "Seoul".into(), city: "Seoul".into() },
        device: Device::Mobile,
        browser: "Chrome".into(),
        os: "Android".into(),
        language: "ko-KR".into(),
        ..Visit::default()
    }
}

pub(crate) fn rules() -> Rules {
    Rules { shards: 1, retention_days: 30, query_parameters: vec!["q".into()] }
}

pub(crate) async fn write(tables: &Tables, batch: &Batch) -> Result<Stored, StoreError> {
    let last = batch.events.iter().max_by_key(|event| event.at).unwrap();
    let presence = Presence {
        last_seen: last.at,
        interval_s: 15,
        left: matches!(&last.kind, EventKind::Heartbeat(beat) if beat.last),
        page: "/cart".into(),
    };
    tables.store.write(&Ingest::new(batch, &visit(), &rules(), Some(presence))).await
}

pub(crate) fn whole_visit() -> Vec<Event> {
    vec![
        view(1, "https://shop.example/?utm_medium=x&q=tea&token=1", Some("https://www.google.com/")),
        click(2),
        beat(3, 4_000, true),
        view(4, "https://shop.example/cart", Some("https://shop.example/")),
        purchase(5),
        beat(6, 9_000, true),
    ]
}

pub(crate) fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(crate) fn ss(texts: &[&str]) -> AttributeValue {
    AttributeValue::Ss(texts.iter().map(|text| (*text).to_owned()).collect())
}
