//! Histories of visits, and what is known of them without segments.

use analytics::segment;
use analytics::{Bucket, Columns, Dataset, Span};
use edge_worker::ingest::{Ingest, Rules};
use edge_worker::site::Site;
use edge_worker::store::Store;
use protocol::{Batch, Event, EventId, PageId, SessionId, SiteId, UserId};

use crate::fixture::{NOW, Tables, batch, rules, visit, whole_visit};

pub(crate) const HOUR_MS: u64 = 3_600_000;
pub(crate) const DAY_MS: u64 = 24 * HOUR_MS;
pub(crate) const MINUTE_MS: u64 = 60_000;

pub(crate) fn site() -> Site {
    Site { shards: 2, ..Site::new(SiteId::parse("shop").unwrap()) }
}

/// A visit of six events that begins then.
pub(crate) fn visit_at(visitor: u8, at: u64) -> Batch {
    let events = whole_visit().into_iter().map(|event| {
        let then = event.at - NOW + at;
        let random = [visitor, event.id.as_bytes()[15], 1, 2, 3, 4, 5, 6, 7, 8];
        Event { id: EventId::new(then, &random), at: then, page_id: PageId::new(at, &random), ..event }
    });
    Batch {
        user_id: UserId::new(NOW, &[visitor % 5; 10]),
        session_id: SessionId::new(at, &[visitor; 10]),
        ..batch(visitor, &events.collect::<Vec<_>>())
    }
}

pub(crate) async fn store_batch(store: &Store, batch: &Batch) -> f64 {
    let rules = Rules { shards: 2, ..rules() };
    store.write(&Ingest::new(batch, &visit(), &rules, None)).await.unwrap().write_units
}

/// Visits of two hours, some of which go on into the next.
pub(crate) async fn two_hours(tables: &Tables) {
    for visitor in 0..20_u8 {
        store_batch(&tables.store, &visit_at(visitor, NOW + u64::from(visitor) * 6 * MINUTE_MS)).await;
    }
    store_batch(&tables.store, &visit_at(21, NOW + HOUR_MS - 3_000)).await;
}

pub(crate) fn hour(at: u64) -> Bucket {
    Bucket::of(Span::Hour, at)
}

/// All events as bytes, so that two states can be compared: what an isolate that knows nothing loads.
pub(crate) async fn loaded(tables: &Tables, now: u64) -> Dataset {
    let range = NOW - DAY_MS..now;
    let loaded = tables.at(now).store.load(&site(), &range, Columns::ALL, now).await.unwrap();
    loaded.data.as_ref().clone()
}

pub(crate) fn print(data: &Dataset) -> Vec<u8> {
    segment::write(data, Bucket::of(Span::Month, NOW)).unwrap()
}

/// What the rows alone say, whatever segments there are: built in one piece.
pub(crate) async fn from_rows(tables: &Tables, hours: std::ops::Range<u64>) -> Dataset {
    let store = &tables.at(NOW).store;
    let mut parts = Vec::new();
    for hour in Bucket::touching(Span::Hour, hours) {
        parts.push(store.rows_of_hour(&site(), hour).await.unwrap());
    }
    analytics::merge(&parts.iter().collect::<Vec<_>>())
}
