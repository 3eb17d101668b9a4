//! What lies before a site was made, and ranges that nobody has compacted.

use analytics::{Bucket, Columns, Dataset, Span};
use edge_worker::compact::{self, build};
use edge_worker::site::Site;
use edge_worker::store::segments::Limits;
use edge_worker::store::{Store, StoreError};

use crate::fixture::{NOW, Tables};
use crate::history::{DAY_MS, HOUR_MS, MINUTE_MS, hour, store_batch, two_hours, visit_at};

const LATER: u64 = NOW + 4 * HOUR_MS;

/// The site, made at that time.
fn made(at: u64) -> Site {
    Site { created_at: Some(at), ..crate::history::site() }
}

fn all(now: u64) -> std::ops::Range<u64> {
    now - 400 * DAY_MS..now
}

async fn loaded(store: &Store, site: &Site, now: u64) -> Dataset {
    store.load(site, &all(now), Columns::ALL, now).await.unwrap().data.as_ref().clone()
}

/// What the rows of these days say, whatever segments there are.
async fn from_rows(tables: &Tables, site: &Site, days: &[u64]) -> Dataset {
    let mut parts = Vec::new();
    for day in days {
        for hour in Bucket::touching(Span::Hour, Bucket::of(Span::Day, *day).range()) {
            parts.push(tables.at(LATER).store.rows_of_hour(site, hour).await.unwrap());
        }
    }
    analytics::merge(&parts.iter().collect::<Vec<_>>())
}

#[tokio::test]
async fn all_that_may_be_kept_of_a_new_site_is_read_in_a_few_calls() {
    let tables = Tables::make().await;
    two_hours(&tables).await;
    let (site, store) = (made(NOW), tables.at(LATER).store);
    let cover = store.cover(&site, &all(LATER), LATER).await.unwrap();
    let today: Vec<Bucket> =
        Bucket::touching(Span::Hour, Bucket::of(Span::Day, NOW).start()..LATER + 1).collect();
    assert_eq!((cover.sealed.len(), &cover.rows), (0, &today));
    let read = store.read_units();
    assert_eq!(loaded(&store, &site, LATER).await.event_count(), 21 * 6);
    assert!(store.read_units() - read < 60.0, "{}", store.read_units() - read);

    let due = compact::due(&store, &site, &compact::plan::range(LATER, &site), LATER).await.unwrap();
    assert_eq!(due.all(), today[..6], "nothing is built of the days before");
}

#[tokio::test]
async fn event_from_before_the_site_was_made_shows_at_once_and_for_ever() {
    let tables = Tables::make().await;
    two_hours(&tables).await;
    let site = made(NOW);
    // As late as a tracker may be; as old as what is imported.
    let old = [NOW - 5 * DAY_MS, NOW - 200 * DAY_MS];
    let late = tables.at(LATER).store;
    for (visitor, at) in (40_u8..).zip(old) {
        store_batch(&late, &visit_at(visitor, at)).await;
    }
    let expected = from_rows(&tables, &site, &[NOW, old[0], old[1]]).await;
    let read = async |now| loaded(&tables.at(now).store, &site, now).await;
    assert!(read(LATER).await == expected);

    for at in old {
        build(&late, &site, hour(at), false).await.unwrap();
        assert!(read(LATER).await == expected);
    }
    assert!(late.marks(&site.id, &(0..LATER)).await.unwrap().is_empty());
    // The segment of an hour of long ago would be no more.
    for at in old {
        let day = late.sealed_of(&site.id, Bucket::of(Span::Day, at)).await.unwrap().unwrap();
        assert_eq!((day.manifest.events, late.sealed_of(&site.id, hour(at)).await.unwrap()), (6, None));
    }
    // Another of the same day, and one of the same hour.
    store_batch(&late, &visit_at(42, old[1] + 3 * HOUR_MS)).await;
    store_batch(&late, &visit_at(43, old[1] + MINUTE_MS)).await;
    let expected = from_rows(&tables, &site, &[NOW, old[0], old[1]]).await;
    assert!(read(LATER).await == expected);
    compact::run(&late, &site, &all(LATER), LATER, false).await.unwrap();
    assert!(read(LATER).await == expected);
    let month = |at| Bucket::of(Span::Month, at);
    // Nothing more comes to the month of old; the one it was made in is not over.
    let sealed = async |at| late.sealed_of(&site.id, month(at)).await.unwrap();
    assert_eq!(sealed(old[1]).await.unwrap().manifest.events, 18);
    assert_eq!(sealed(NOW).await, None);

    let now = month(NOW).end() + 2 * DAY_MS;
    compact::run(&tables.at(now).store, &site, &all(now), now, false).await.unwrap();
    assert_eq!(sealed(NOW).await.unwrap().manifest.events, 22 * 6);
    assert!(read(now).await == expected);
    // Into a day of those months that has no segment.
    let last = tables.at(now).store;
    for (visitor, at) in [(50, NOW - 12 * DAY_MS), (51, old[1] + 4 * DAY_MS)] {
        store_batch(&last, &visit_at(visitor, at)).await;
    }
    let days = [NOW, old[0], old[1], NOW - 12 * DAY_MS, old[1] + 4 * DAY_MS];
    let expected = from_rows(&tables, &site, &days).await;
    assert!(read(now).await == expected);
    compact::run(&last, &site, &all(now), now, false).await.unwrap();
    assert!(read(now).await == expected);
    assert!(last.marks(&site.id, &(0..now)).await.unwrap().is_empty());
    // A part of the month is read from its days.
    let part = Bucket::of(Span::Day, NOW - 12 * DAY_MS);
    let data = last.load(&site, &(part.start()..part.end() + DAY_MS), Columns::ALL, now).await.unwrap().data;
    assert_eq!(data.event_count(), 6);
}

#[tokio::test]
async fn day_of_before_that_is_too_large_to_be_held_is_built_of_hours_and_keeps_its_marks_until_then() {
    let tables = Tables::make().await;
    let site = made(NOW);
    let low = Limits { building: 5, rows: 1_000, ..Limits::default() };
    let late = tables.at(LATER).store.with_limits(low);
    let old = NOW - 100 * DAY_MS;
    for visitor in 0..4_u8 {
        store_batch(&late, &visit_at(visitor, old + u64::from(visitor % 2) * HOUR_MS)).await;
    }
    let expected = from_rows(&tables, &site, &[old]).await;
    build(&late, &site, hour(old), false).await.unwrap();
    let left: Vec<Bucket> =
        late.marks(&site.id, &(0..NOW)).await.unwrap().iter().map(|mark| mark.hour).collect();
    assert_eq!(left, [hour(old + HOUR_MS)]);
    let day = late.sealed_of(&site.id, Bucket::of(Span::Day, old)).await.unwrap().unwrap();
    assert_eq!(day.manifest.events, 24);
    assert!(loaded(&tables.at(LATER).store, &site, LATER).await == expected);
}

#[tokio::test]
async fn range_that_nobody_has_compacted_is_refused_when_it_is_too_long_or_too_full() {
    let tables = Tables::make().await;
    two_hours(&tables).await;
    let site = crate::history::site();
    let store = tables.at(LATER).store;
    let refused = store.load(&site, &all(LATER), Columns::ALL, LATER).await;
    assert!(matches!(refused, Err(StoreError::NotCompacted { hours }) if hours > 9_000), "{refused:?}");
    // Hours that are full are read a few at a time, and all of them are not held.
    let range = NOW..LATER;
    let full = tables.at(LATER).store.with_limits(Limits { rows: 100, ..Limits::default() });
    let refused = full.load(&site, &range, Columns::ALL, LATER).await;
    assert!(matches!(refused, Err(StoreError::NotCompacted { .. })), "{refused:?}");
    compact::run(&full, &site, &range, LATER, false).await.unwrap();
    assert_eq!(full.load(&site, &range, Columns::ALL, LATER).await.unwrap().data.event_count(), 21 * 6);
}

#[tokio::test]
async fn once_all_days_are_built_a_long_range_is_a_few_reads() {
    let tables = Tables::make().await;
    two_hours(&tables).await;
    let site = Site { retention_days: 70, ..crate::history::site() };
    let (now, store) = (LATER, tables.at(LATER).store);
    let before = from_rows(&tables, &site, &[NOW]).await;
    compact::run(&store, &site, &compact::plan::range(now, &site), now, false).await.unwrap();
    let cover = store.cover(&site, &all(now), now).await.unwrap();
    let names: Vec<String> = cover.sealed.iter().map(|sealed| sealed.bucket.to_string()).collect();
    // The days of a month that is half gone, a month, the days and hours of this one.
    assert!(names.contains(&"2025-10".to_owned()) && !names.contains(&"2025-09".to_owned()), "{names:?}");
    assert!(names.contains(&"2025-09-30".to_owned()), "{names:?}");
    // This hour and the last; and the day that is half gone, which had a segment if the site were older.
    assert_eq!(cover.rows.len(), 24 + 2);
    assert!(loaded(&tables.at(now).store, &site, now).await == before);
}
