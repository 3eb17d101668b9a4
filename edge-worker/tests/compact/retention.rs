//! A retention that becomes shorter: what is older goes, and what is kept is answered as before.

use analytics::{Bucket, Columns, Span};
use edge_worker::care::{self, Progress, advance};
use edge_worker::compact;
use edge_worker::site::Site;
use edge_worker::store::accounts::TaskRow;

use crate::fixture::{NOW, Tables};
use crate::history::{DAY_MS, print, site, store_batch, visit_at};

/// In the middle of the next month.
const LATER: u64 = NOW + 25 * DAY_MS;

#[tokio::test]
async fn shorter_retention_deletes_rows_and_segments_and_keeps_the_rest_as_it_was() {
    let tables = Tables::make().await;
    let before = Site { retention_days: 60, ..site() };
    for day in 0..20_u8 {
        let at = NOW + u64::from(day) * DAY_MS;
        store_batch(&tables.at(at).store, &visit_at(day, at)).await;
    }
    let store = tables.at(LATER).store;
    // The month before is whole, so it has a segment of its own as well.
    let all = Bucket::of(Span::Month, NOW).start()..LATER;
    compact::run(&store, &before, &all, LATER, false).await.unwrap();
    assert!(store.sealed_of(&before.id, Bucket::of(Span::Month, NOW)).await.unwrap().is_some());

    let after = Site { retention_days: 20, longest_retention_days: 60, ..site() };
    let oldest = Bucket::of(Span::Day, LATER - 20 * DAY_MS).start();
    let kept = store.load(&after, &(oldest..LATER), Columns::ALL, LATER).await.unwrap().data;
    let mut row: TaskRow = care::retention(&after, 60, "00112233445566aa".into(), LATER).unwrap();
    assert!(store.accounts().keep_task(&mut row).await.unwrap());
    loop {
        match advance(&store, &mut row, Some(&after), LATER).await.unwrap() {
            Progress::Going => {}
            other => {
                assert_eq!(other, Progress::Done);
                break;
            }
        }
    }
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
    compact::run(&store, &after, &compact::plan::range(LATER, 20), LATER, false).await.unwrap();
    let months = store.sealed(&after.id, Span::Month, &all).await.unwrap();
    assert!(months.is_empty(), "{months:?}");
}
