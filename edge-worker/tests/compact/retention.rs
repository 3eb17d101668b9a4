//! A retention that becomes shorter: what is older goes, and what is kept is answered as before.

use std::ops::Range;

use analytics::{Bucket, Columns, Span};
use edge_worker::care::{self, Progress, advance};
use edge_worker::compact;
use edge_worker::site::Site;
use edge_worker::store::Store;
use edge_worker::store::accounts::TaskRow;

use crate::fixture::{NOW, Tables};
use crate::history::{DAY_MS, HOUR_MS, print, site, store_batch, visit_at};

/// In the middle of the next month.
const LATER: u64 = NOW + 25 * DAY_MS;

/// A visit a day for twenty days, compacted, and what the whole of it is answered from.
async fn twenty_days(tables: &Tables, site: &Site) -> Range<u64> {
    for day in 0..20_u8 {
        let at = NOW + u64::from(day) * DAY_MS;
        store_batch(&tables.at(at).store, &visit_at(day, at)).await;
    }
    // The month before is whole, so it has a segment of its own as well.
    let all = Bucket::of(Span::Month, NOW).start()..LATER;
    compact::run(&tables.at(LATER).store, site, &all, LATER, false).await.unwrap();
    all
}

async fn finish(store: &Store, row: &mut TaskRow, site: &Site) {
    assert!(store.accounts().keep_task(row).await.unwrap());
    loop {
        match advance(store, row, Some(site), LATER).await.unwrap() {
            Progress::Going => {}
            other => {
                assert_eq!(other, Progress::Done);
                break;
            }
        }
    }
}

#[tokio::test]
async fn shorter_retention_deletes_rows_and_segments_and_keeps_the_rest_as_it_was() {
    let tables = Tables::make().await;
    let before = Site { retention_days: 60, ..site() };
    let all = twenty_days(&tables, &before).await;
    let store = tables.at(LATER).store;
    assert!(store.sealed_of(&before.id, Bucket::of(Span::Month, NOW)).await.unwrap().is_some());

    let after = Site { retention_days: 20, longest_retention_days: 60, ..site() };
    let oldest = Bucket::of(Span::Day, LATER - 20 * DAY_MS).start();
    let kept = store.load(&after, &(oldest..LATER), Columns::ALL, LATER).await.unwrap().data;
    let mut row: TaskRow = care::retention(&after, &before, "00112233445566aa".into(), LATER).unwrap();
    finish(&store, &mut row, &after).await;
    // Five visits of six events and a row each; a day's segment for each of those days, and the month's.
    assert_eq!(row.task.rows_deleted, 5 * 7);
    for span in [Span::Month, Span::Day, Span::Hour] {
        let left = store.sealed(&after.id, span, &(all.start..oldest)).await.unwrap();
        assert!(left.iter().all(|it| it.bucket.start() >= oldest), "{left:?}");
    }
    for table in ["Events", "Sessions"] {
        let rows = tables.dump(table).await;
        assert!(
            !rows.is_empty()
                && rows.iter().all(
                    |row| row["pk"].as_s().unwrap() >= &format!("shop#{}", Bucket::of(Span::Day, oldest))
                )
        );
    }
    let store = tables.at(LATER).store;
    let left = store.load(&after, &(oldest..LATER), Columns::ALL, LATER).await.unwrap();
    assert_eq!(print(&left.data), print(&kept));
    assert!(left.cover.sealed.iter().all(|it| it.bucket.span() != Span::Month));
    // Compaction does not bring back what is no longer kept.
    compact::run(&store, &after, &compact::plan::range(LATER, &after), LATER, false).await.unwrap();
    let months = store.sealed(&after.id, Span::Month, &all).await.unwrap();
    assert!(months.is_empty(), "{months:?}");
}

#[tokio::test]
async fn segments_outlive_the_rows_they_were_built_of_and_answer_as_before() {
    let tables = Tables::make().await;
    let before = Site { retention_days: 60, ..site() };
    let all = twenty_days(&tables, &before).await;
    // A visit that came late, in no segment yet, and one of a day that has none.
    let late = NOW + DAY_MS + 2 * HOUR_MS;
    store_batch(&tables.at(LATER).store, &visit_at(40, late)).await;
    store_batch(&tables.at(LATER).store, &visit_at(41, all.start + 3 * HOUR_MS)).await;
    let load = async |site: &Site, now| {
        let loaded = tables.at(now).store.load(site, &all, Columns::ALL, now).await.unwrap();
        (print(&loaded.data), loaded.cover)
    };
    let (expected, _) = load(&before, LATER).await;

    let after = Site { retention_days: 14, segment_retention_days: Some(60), ..before.clone() };
    let after = Site { longest_retention_days: 60, ..after };
    let store = tables.at(LATER).store;
    let mut row = care::retention(&after, &before, "00112233445566aa".into(), LATER).unwrap();
    finish(&store, &mut row, &after).await;
    let oldest = Bucket::of(Span::Day, after.rows_from(LATER));
    for table in ["Events", "Sessions"] {
        let rows = tables.dump(table).await;
        let first = format!("shop#{oldest}");
        assert!(!rows.is_empty() && rows.iter().all(|row| row["pk"].as_s().unwrap() >= &first));
    }
    let (answered, cover) = load(&after, LATER).await;
    assert_eq!(answered, expected);
    assert!(cover.rows.iter().all(|hour| hour.start() >= oldest.start()), "{:?}", cover.rows);

    // Neither compaction, nor building all anew, asks rows for what they no longer hold.
    let range = compact::plan::range(LATER, &after);
    for anew in [false, true] {
        compact::run(&tables.at(LATER).store, &after, &range, LATER, anew).await.unwrap();
        assert_eq!(load(&after, LATER).await.0, expected);
    }
    // The policy's end is the end.
    let shorter = Site { segment_retention_days: None, ..after.clone() };
    let mut row = care::retention(&shorter, &after, "00112233445566ab".into(), LATER).unwrap();
    finish(&store, &mut row, &shorter).await;
    assert_eq!(row.task.rows_deleted, 0);
    let left = store.sealed(&site().id, Span::Day, &all).await.unwrap();
    assert!(left.iter().all(|day| day.bucket.start() >= oldest.start()), "{left:?}");
}
