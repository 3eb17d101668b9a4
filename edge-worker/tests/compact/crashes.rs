//! Compaction that is killed, run twice at once, or meets damage.

use analytics::{Bucket, Shard, Span};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use edge_worker::compact::{self, build};
use edge_worker::ingest::{Ingest, Rules};
use edge_worker::store::StoreError;
use edge_worker::store::segments::{Guard, Sealed, Sealing};

use crate::fixture::{NOW, Tables, rules, visit};
use crate::history::{
    DAY_MS, HOUR_MS, MINUTE_MS, hour, loaded, print, site, store_batch, two_hours, visit_at,
};

const LATER: u64 = NOW + 4 * HOUR_MS;

/// Enough events that the segment of the hour has pieces.
async fn busy_hour(tables: &Tables) {
    for n in 0..200_u8 {
        let mut batch = visit_at(n, NOW + u64::from(n) * 15_000);
        for event in &mut batch.events {
            if let protocol::EventKind::PageView(view) = &mut event.kind {
                view.title = protocol::event::Text::cut(&format!("{:?}{n}", event.id));
            }
        }
        let rules = Rules { shards: 2, ..rules() };
        tables.store.write(&Ingest::new(&batch, &visit(), &rules, None)).await.unwrap();
    }
}

/// How many pieces a state has.
fn count(sealed: &Sealed) -> usize {
    sealed.segments().map(|segment| segment.pieces.lengths.len()).sum()
}

async fn pieces(tables: &Tables) -> Vec<crate::fixture::Item> {
    let all = tables.dump("Segments").await;
    all.into_iter().filter(|item| item.contains_key("bytes")).collect()
}

#[tokio::test]
async fn run_that_was_killed_between_pieces_and_manifest_leaves_nothing_that_is_read() {
    let tables = Tables::make().await;
    busy_hour(&tables).await;
    let before = print(&loaded(&tables, LATER).await);
    let data = tables.store.rows_of_hour(&site(), hour(NOW)).await.unwrap();
    let bytes = analytics::segment::write(&data, hour(NOW)).unwrap();
    let sealing = Sealing { expires_at: LATER, ..Sealing::new(hour(NOW)) };
    // The first half of what building does.
    tables.store.put_pieces(&site().id, &sealing, Shard::ALL, &bytes, &mut 0.0).await.unwrap();
    let left = pieces(&tables).await;
    assert!(!left.is_empty(), "the hour must not fit its manifest, or this proves nothing");
    assert_eq!(print(&loaded(&tables, LATER).await), before);

    compact::run(&tables.store, &site(), &(NOW..LATER), LATER, false).await.unwrap();
    assert_eq!(print(&loaded(&tables, LATER).await), before);
    // What was left is what the next run writes.
    assert_eq!(pieces(&tables).await.len(), left.len());
}

#[tokio::test]
async fn two_runs_at_once_leave_one_segment_of_all_events() {
    let tables = Tables::make().await;
    busy_hour(&tables).await;
    let other = tables.another();
    let before = print(&loaded(&tables, LATER).await);
    let (site, range) = (site(), NOW..LATER);
    let run = |tables: &'_ Tables| {
        let store = tables.at(LATER).store;
        let (site, range) = (&site, &range);
        async move { compact::run(&store, site, range, LATER, false).await }
    };
    let (first, second) = futures_util::future::join(run(&tables), run(&other)).await;
    // Whoever gave way says so or found it done.
    assert!(first.is_ok() || second.is_ok(), "{first:?} {second:?}");
    run(&tables).await.unwrap();
    assert_eq!(print(&loaded(&tables, LATER).await), before);
    let sealed = tables.store.sealed_of(&site.id, hour(NOW)).await.unwrap().unwrap();
    assert_eq!((sealed.version, pieces(&tables).await.len()), (1, count(&sealed)));
}

#[tokio::test]
async fn segment_is_not_written_over_another_that_came_meanwhile() {
    let tables = Tables::make().await;
    two_hours(&tables).await;
    compact::run(&tables.store, &site(), &(NOW..LATER), LATER, false).await.unwrap();
    let data = tables.store.rows_of_hour(&site(), hour(NOW)).await.unwrap();
    let bytes = analytics::segment::write(&data, hour(NOW)).unwrap();
    let old = tables.store.sealed_of(&site().id, hour(NOW)).await.unwrap().unwrap();
    let id = site().id;
    let seal = async |sealing: Sealing<'_>, bytes: &[u8]| {
        let written = tables.store.put_pieces(&id, &sealing, Shard::ALL, bytes, &mut 0.0).await.unwrap();
        tables.store.seal(&id, &sealing, vec![written], &mut 0.0).await.unwrap()
    };
    let sealing = Sealing { replaces: Some(&old), expires_at: LATER, ..Sealing::new(hour(NOW)) };
    assert_eq!(seal(sealing, &bytes).await.unwrap().version, 2);
    assert_eq!(seal(sealing, &bytes).await, None);
    assert_eq!(seal(Sealing { replaces: None, ..sealing }, &bytes).await, None);
    // Nor when a part of it was.
    let day = Bucket::of(Span::Day, NOW);
    let bytes = analytics::segment::write(&data, day).unwrap();
    for (version, written) in [(Some(1), false), (None, false), (Some(2), true)] {
        let guards = [Guard { bucket: hour(NOW), version }];
        let sealing = Sealing { guards: &guards, expires_at: LATER, ..Sealing::new(day) };
        assert_eq!(seal(sealing, &bytes).await.is_some(), written, "{version:?}");
    }
}

#[tokio::test]
async fn event_that_is_stored_while_its_hour_is_built_is_not_lost() {
    let tables = Tables::make().await;
    two_hours(&tables).await;
    compact::run(&tables.store, &site(), &(NOW..LATER), LATER, false).await.unwrap();
    let late = tables.at(LATER);
    store_batch(&late.store, &visit_at(40, NOW + MINUTE_MS)).await;
    // The run has read the mark; before it reads the rows and after it another event comes.
    let mark = tables.store.marks(&site().id, &(NOW..LATER)).await.unwrap().pop().unwrap();
    store_batch(&late.store, &visit_at(41, NOW + 2 * MINUTE_MS)).await;
    tables.store.clear_mark(&site().id, &mark).await.unwrap();
    assert_eq!(tables.store.marks(&site().id, &(NOW..LATER)).await.unwrap().len(), 1);
    assert_eq!(loaded(&tables, LATER).await.event_count(), 23 * 6);
}

#[tokio::test]
async fn late_event_between_the_hour_and_its_day_is_in_both() {
    let tables = Tables::make().await;
    two_hours(&tables).await;
    let day = Bucket::of(Span::Day, NOW);
    let now = day.end() + 12 * MINUTE_MS;
    let range = day.range();
    // Hours only.
    compact::run(&tables.store, &site(), &range, day.end() - MINUTE_MS, false).await.unwrap();
    store_batch(&tables.at(now).store, &visit_at(40, NOW + MINUTE_MS)).await;
    // The day is built of an hour that lacks the event, then the hour is.
    for hour in Bucket::touching(Span::Hour, day.end() - HOUR_MS..day.end()) {
        build(&tables.store, &site(), hour, false).await.unwrap();
    }
    build(&tables.store, &site(), day, false).await.unwrap();
    let old = tables.store.sealed_of(&site().id, day).await.unwrap().unwrap();
    assert_eq!(old.manifest.events, 21 * 6);
    assert_eq!(loaded(&tables, now).await.event_count(), 22 * 6);
    build(&tables.store, &site(), hour(NOW), false).await.unwrap();
    let new = tables.store.sealed_of(&site().id, day).await.unwrap().unwrap();
    assert_eq!((new.version, new.manifest.events), (2, 22 * 6));
    assert_eq!(loaded(&tables, now).await.event_count(), 22 * 6);
}

#[tokio::test]
async fn damaged_piece_gives_an_error_until_it_is_built_anew() {
    let tables = Tables::make().await;
    busy_hour(&tables).await;
    let before = print(&loaded(&tables, LATER).await);
    compact::run(&tables.store, &site(), &(NOW..LATER), LATER, false).await.unwrap();
    let table = format!("{}Segments", tables.prefix);
    for damage in ["a bit", "missing"] {
        let mut item = pieces(&tables).await.into_iter().next().unwrap();
        if damage == "missing" {
            let delete = tables.client.delete_item().table_name(&table);
            delete.key("pk", item["pk"].clone()).key("sk", item["sk"].clone()).send().await.unwrap();
        } else {
            let mut bytes = item["bytes"].as_b().unwrap().as_ref().to_vec();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            item.insert("bytes".into(), AttributeValue::B(Blob::new(bytes)));
            tables.client.put_item().table_name(&table).set_item(Some(item)).send().await.unwrap();
        }
        let range = NOW - DAY_MS..LATER;
        let read = tables.another().store.load(&site(), &range, analytics::Columns::ALL, LATER).await;
        assert!(matches!(&read, Err(StoreError::Damaged { bucket, .. }) if *bucket == hour(NOW).to_string()));
        compact::run(&tables.store, &site(), &(NOW..LATER), LATER, true).await.unwrap();
        assert_eq!(print(&loaded(&tables, LATER).await), before, "{damage}");
    }
}
