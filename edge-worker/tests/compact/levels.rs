//! Hours, days and months: what is read never depends on what was built.

use analytics::{Bucket, Columns, Span};
use edge_worker::compact::{self, build};
use edge_worker::store::segments::CLOSING_MS;
use protocol::{EventId, SessionId};

use crate::fixture::{NOW, Tables, batch, view};
use crate::history::{
    DAY_MS, HOUR_MS, MINUTE_MS, from_rows, hour, loaded, print, site, store_batch, two_hours, visit_at,
};

const LATER: u64 = NOW + 4 * HOUR_MS;

#[tokio::test]
async fn what_is_read_is_the_same_before_and_after_compaction() {
    let tables = Tables::make().await;
    two_hours(&tables).await;
    let before = loaded(&tables, LATER).await;
    assert_eq!(before.event_count(), 21 * 6);
    assert_eq!(print(&before), print(&from_rows(&tables, NOW..LATER).await));

    let range = NOW..LATER;
    let done = compact::run(&tables.store, &site(), &range, LATER, false).await.unwrap();
    assert_eq!(done.events, 21 * 6);
    let cover = tables.store.cover(&site(), &range, LATER).await.unwrap();
    let sealed: Vec<String> = cover.sealed.iter().map(|it| it.bucket.to_string()).collect();
    // The hours before are closed as well; the day is not over.
    assert_eq!(sealed.len(), 6, "{sealed:?}");
    assert_eq!(cover.rows, [hour(LATER - 1), hour(LATER)]);
    assert_eq!(print(&loaded(&tables, LATER).await), print(&before));
}

#[tokio::test]
async fn columns_that_are_not_asked_for_are_not_read_and_the_others_are_the_same() {
    let tables = Tables::make().await;
    two_hours(&tables).await;
    compact::run(&tables.store, &site(), &(NOW..LATER), LATER, false).await.unwrap();
    let columns = [analytics::Column::Event(analytics::EventDim::Path)].into_iter().collect();
    let store = &tables.at(LATER).store;
    let few = store.load(&site(), &(NOW..LATER), columns, LATER).await.unwrap().data;
    assert_eq!(few.loaded(), columns);
    let all = store.load(&site(), &(NOW..LATER), Columns::ALL, LATER).await.unwrap().data;
    let mut kept = all.as_ref().clone();
    kept.keep(columns);
    assert!(*few == kept);
}

#[tokio::test]
async fn hour_that_is_still_open_is_left_alone() {
    let tables = Tables::make().await;
    two_hours(&tables).await;
    let now = NOW + HOUR_MS + CLOSING_MS - 1;
    compact::run(&tables.store, &site(), &(NOW..now), now, false).await.unwrap();
    assert_eq!(tables.store.sealed_of(&site().id, hour(NOW)).await.unwrap(), None);
}

#[tokio::test]
async fn days_and_months_hold_what_their_hours_hold() {
    let tables = Tables::make().await;
    two_hours(&tables).await;
    // Another day of the month, whose hours never get a segment.
    let other = NOW - 3 * DAY_MS;
    store_batch(&tables.store, &visit_at(30, other)).await;
    let month = Bucket::of(Span::Month, NOW);
    let now = month.end() + DAY_MS;
    let before = from_rows(&tables, other - HOUR_MS..LATER).await;
    compact::run(&tables.store, &site(), &month.range(), now, false).await.unwrap();
    let cover = tables.store.cover(&site(), &month.range(), now).await.unwrap();
    assert_eq!(cover.sealed.iter().map(|it| it.bucket).collect::<Vec<_>>(), [month]);
    assert_eq!((cover.sealed[0].manifest.events, cover.rows.len()), (22 * 6, 0));
    let read =
        async |bucket: Bucket| tables.store.load(&site(), &bucket.range(), Columns::ALL, now).await.unwrap();
    assert_eq!(print(&read(month).await.data), print(&before));
    // A range that does not hold the month is read from days.
    let day = Bucket::of(Span::Day, NOW);
    let part = read(day).await;
    assert_eq!(part.cover.sealed.iter().map(|it| it.bucket).collect::<Vec<_>>(), [day]);
    assert_eq!(part.data.event_count(), 21 * 6);
}

#[tokio::test]
async fn late_event_shows_at_once_and_is_built_into_every_level() {
    let tables = Tables::make().await;
    two_hours(&tables).await;
    let month = Bucket::of(Span::Month, NOW);
    let now = month.end() + DAY_MS;
    compact::run(&tables.store, &site(), &month.range(), now, false).await.unwrap();
    let read = async || {
        let store = tables.at(now).store;
        let loaded = store.load(&site(), &month.range(), Columns::ALL, now).await.unwrap();
        (loaded.data.event_count(), loaded.cover.rows.len(), print(&loaded.data))
    };
    let (events, rows, before) = read().await;
    assert_eq!((events, rows), (21 * 6, 0));

    let late = tables.at(now);
    let units = store_batch(&late.store, &visit_at(40, NOW + 17 * MINUTE_MS)).await;
    // One unit an event and one for the visit, and two for the mark.
    assert!((units - 9.0).abs() < 0.5, "{units}");
    let (events, rows, marked) = read().await;
    assert_eq!((events, rows), (22 * 6, 1));
    assert_ne!(marked, before);

    // Whatever columns are asked for, no event of the marked hour is taken twice.
    let few = [analytics::Column::Event(analytics::EventDim::Path)].into_iter().collect();
    let few = tables.at(now).store.load(&site(), &month.range(), few, now).await.unwrap();
    assert_eq!(few.data.event_count(), 22 * 6);

    let due = compact::due(&tables.store, &site(), &(now - 1..now), now).await.unwrap();
    assert!(due.marked.contains(&hour(NOW)), "{due:?}");
    build(&tables.store, &site(), hour(NOW), false).await.unwrap();
    assert_eq!(read().await, (22 * 6, 0, marked));
    for span in [Span::Day, Span::Month] {
        let sealed = tables.store.sealed_of(&site().id, Bucket::of(span, NOW)).await.unwrap().unwrap();
        assert_eq!((sealed.version, sealed.manifest.events), (2, 22 * 6));
    }
    // Sent again it marks the hour again, and nothing changes.
    store_batch(&late.store, &visit_at(40, NOW + 17 * MINUTE_MS)).await;
    let again = build(&tables.store, &site(), hour(NOW), false).await.unwrap();
    assert_eq!((again.written, read().await), (0, read().await));
    assert!(tables.store.marks(&site().id, &month.range()).await.unwrap().is_empty());
}

#[tokio::test]
async fn event_that_comes_in_time_leaves_no_mark() {
    let tables = Tables::make().await;
    let prompt = tables.at(NOW + HOUR_MS + 4 * MINUTE_MS);
    let units = store_batch(&prompt.store, &visit_at(1, NOW + 59 * MINUTE_MS)).await;
    assert!((units - 7.0).abs() < 0.5, "{units}");
    assert!(tables.store.marks(&site().id, &(0..LATER)).await.unwrap().is_empty());
}

#[tokio::test]
async fn event_belongs_to_the_hour_of_its_time_wherever_its_row_lies() {
    let tables = Tables::make().await;
    let border = NOW + HOUR_MS;
    let mut sent =
        batch(7, &[view(1, "https://shop.example/", None), view(2, "https://shop.example/", None)]);
    sent.session_id = SessionId::new(border - MINUTE_MS, &[7; 10]);
    // Ids and times lie on different sides of the hour's end.
    (sent.events[0].at, sent.events[0].id) = (border - 1, EventId::new(border + 59_000, &[1; 10]));
    (sent.events[1].at, sent.events[1].id) = (border, EventId::new(border - 59_000, &[2; 10]));
    store_batch(&tables.store, &sent).await;
    compact::run(&tables.store, &site(), &(NOW..LATER), LATER, false).await.unwrap();
    for at in [border - 1, border] {
        let sealed = tables.store.sealed_of(&site().id, hour(at)).await.unwrap().unwrap();
        assert_eq!(sealed.manifest.events, 1);
    }
    assert_eq!(loaded(&tables, LATER).await.event_count(), 2);
}

#[tokio::test]
async fn running_twice_writes_nothing_and_building_anew_gives_the_same_bytes() {
    let tables = Tables::make().await;
    two_hours(&tables).await;
    let run =
        async |anew| compact::run(&tables.store, &site(), &(NOW..LATER), LATER, anew).await.unwrap().written;
    run(false).await;
    let hash = async || tables.store.sealed_of(&site().id, hour(NOW)).await.unwrap().unwrap().hash();
    let first = hash().await;
    let state = tables.dump("Segments").await;
    assert_eq!(run(false).await, 0);
    assert_eq!(tables.dump("Segments").await, state);
    assert!(run(true).await > 0);
    assert_eq!(hash().await, first);
}

#[tokio::test]
async fn day_is_verified_against_its_rows_and_a_segment_that_lacks_some_is_found() {
    let tables = Tables::make().await;
    two_hours(&tables).await;
    let day = Bucket::of(Span::Day, NOW);
    let now = day.end() + DAY_MS;
    let check = async || {
        let store = tables.at(now).store;
        compact::verify::verify(&store, &site(), &day.range(), now, u64::MAX).await.unwrap()
    };
    let raw = check().await;
    assert_eq!((raw.compared, &raw.differences[..]), (20, &[][..]));
    compact::run(&tables.store, &site(), &day.range(), now, false).await.unwrap();
    assert_eq!(check().await, raw);
    // A row that no mark tells of.
    let mut lost = visit_at(40, NOW + MINUTE_MS);
    lost.events.truncate(1);
    store_batch(&tables.at(NOW + 2 * MINUTE_MS).store, &lost).await;
    let found = check().await;
    let what: Vec<&str> = found.differences.iter().map(|it| it.what.as_str()).collect();
    assert!(what.contains(&"pageviews") && what.contains(&"visits page /"), "{what:?}");
    compact::run(&tables.store, &site(), &day.range(), now, true).await.unwrap();
    assert!(check().await.differences.is_empty());
}
