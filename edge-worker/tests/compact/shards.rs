//! Buckets of more events than are held at once, and questions over them: with limits so low that a few visits exceed
//! them.

use analytics::ask::{Asking, Kind, RetentionOf, RowsOf};
use analytics::{Bucket, Columns, Span};
use edge_worker::compact::{self, build};
use edge_worker::store::Store;
use edge_worker::store::segments::{Limits, Sealed};
use protocol::query::{Dimension, Metric, Query, Step};

use crate::fixture::{Item, NOW, Tables};
use crate::history::{DAY_MS, MINUTE_MS, from_rows, hour, print, site, store_batch, visit_at};

const LOW: Limits = Limits { day_shard: 20, month_shard: 40, building: 50, asking: 1_000, rows: 1_000 };

fn month() -> Bucket {
    Bucket::of(Span::Month, NOW)
}

fn after() -> u64 {
    month().end() + DAY_MS
}

fn low(tables: &Tables) -> Store {
    tables.at(after()).store.with_limits(LOW)
}

/// Visits of two days of one month.
async fn two_days(tables: &Tables) {
    for visitor in 0..20_u8 {
        let day = u64::from(visitor % 2) * 2 * DAY_MS;
        store_batch(&tables.store, &visit_at(visitor, NOW - day + u64::from(visitor) * MINUTE_MS)).await;
    }
}

async fn compacted(tables: &Tables) {
    compact::run(&low(tables), &site(), &month().range(), after(), false).await.unwrap();
}

async fn sealed(tables: &Tables, span: Span) -> Sealed {
    tables.store.sealed_of(&site().id, Bucket::of(span, NOW)).await.unwrap().unwrap()
}

async fn loaded(store: &Store) -> Vec<u8> {
    print(&store.load(&site(), &month().range(), Columns::ALL, after()).await.unwrap().data)
}

/// Answers of several kinds as text.
async fn answers(store: &Store) -> Vec<String> {
    let range = month().start()..month().end();
    let metrics =
        vec![Metric::Visitors, Metric::Visits, Metric::Events, Metric::BounceRate, Metric::TotalRevenue];
    let mut query = Query::new(metrics, vec![Dimension::Page, Dimension::Time(Step::Day)], range.clone());
    query.period.edges = query.zone.edges(Step::Day, range).unwrap();
    query.include.total_rows = true;
    let by = |dimension| {
        let mut by = Query { dimensions: vec![dimension], ..query.clone() };
        by.order = Query::new(by.metrics.clone(), by.dimensions.clone(), 0..1).order;
        by
    };
    vec![
        ask(store, RowsOf { query: &query }).await,
        ask(store, RowsOf { query: &by(Dimension::EventName) }).await,
        ask(store, RowsOf { query: &by(Dimension::EntryPage) }).await,
        ask(store, RetentionOf { query: &query }).await,
    ]
}

async fn ask<K: Kind>(store: &Store, kind: K) -> String
where
    K::Answer: std::fmt::Debug,
{
    let mut asking = Asking::new(kind);
    store.ask(&site(), &mut asking, after()).await.unwrap();
    format!("{:#?}", asking.finish().unwrap())
}

#[tokio::test]
async fn bucket_of_many_events_is_kept_in_shards_and_reads_as_its_rows_do() {
    let tables = Tables::make().await;
    two_days(&tables).await;
    let rows = print(&from_rows(&tables, NOW - 3 * DAY_MS..NOW + DAY_MS).await);
    compacted(&tables).await;
    let (day, month) = (sealed(&tables, Span::Day).await, sealed(&tables, Span::Month).await);
    assert_eq!((day.manifest.bits(), day.manifest.events), (2, 60));
    assert_eq!((month.manifest.bits(), month.manifest.events), (2, 120));
    assert_eq!(loaded(&low(&tables)).await, rows);
    assert_eq!(loaded(&tables.at(after()).store).await, rows);
    // Once more nothing is written, and built anew the bytes are the same.
    let state = tables.dump("Segments").await;
    compacted(&tables).await;
    assert_eq!(tables.dump("Segments").await, state);
    compact::run(&low(&tables), &site(), &self::month().range(), after(), true).await.unwrap();
    assert_eq!(sealed(&tables, Span::Month).await.hash(), month.hash());
    assert_eq!(loaded(&low(&tables)).await, rows);
}

#[tokio::test]
async fn question_in_parts_is_answered_as_at_once_whatever_is_built() {
    let tables = Tables::make().await;
    two_days(&tables).await;
    let at_once = || tables.at(after()).store;
    let expected = answers(&at_once()).await;
    // Rows; days that are not sharded; a sharded month; a late event beside it.
    assert_eq!(answers(&low(&tables)).await, expected);
    let day = Bucket::of(Span::Day, NOW);
    build(&at_once(), &site(), day, false).await.unwrap();
    assert_eq!(sealed(&tables, Span::Day).await.manifest.bits(), 0);
    let in_parts = low(&tables);
    assert_eq!(answers(&in_parts).await, expected);
    assert_eq!(answers(&in_parts).await, expected, "out of the cache");
    compacted(&tables).await;
    assert_eq!(answers(&low(&tables)).await, expected);
    store_batch(&tables.at(after()).store, &visit_at(40, NOW + MINUTE_MS)).await;
    let expected = answers(&at_once()).await;
    assert_eq!(answers(&low(&tables)).await, expected);
    let verified =
        compact::verify::verify(&low(&tables), &site(), &day.range(), after(), u64::MAX).await.unwrap();
    assert!(verified.differences.is_empty() && verified.compared > 0, "{:?}", verified.differences);
}

#[tokio::test]
async fn late_event_rewrites_the_shard_of_its_visitor_alone() {
    let tables = Tables::make().await;
    two_days(&tables).await;
    compacted(&tables).await;
    let before = sealed(&tables, Span::Month).await;
    let late = visit_at(40, NOW + MINUTE_MS);
    store_batch(&tables.at(after()).store, &late).await;
    build(&low(&tables), &site(), hour(NOW), false).await.unwrap();
    let new = sealed(&tables, Span::Month).await;
    assert_eq!((new.version, new.manifest.events), (2, 126));
    for (old, new) in before.segments().zip(new.segments()) {
        let is_his = new.shard.holds(analytics::user_hash(&late.user_id));
        assert_eq!(old.hash() != new.hash(), is_his);
        assert_eq!(new.pieces.version, if is_his { 2 } else { 1 });
    }
    // No piece is left of what was replaced, and none is missing.
    let pieces = |sealed: &Sealed| -> usize {
        let kept = sealed.segments().filter(|it| it.pieces.events > 0);
        kept.map(|it| it.pieces.lengths.len()).sum()
    };
    let of_month = tables.dump("Segments").await.into_iter();
    let name = format!("{}#{}#", site().id, month());
    let count = of_month.filter(|item| item["pk"].as_s().unwrap().starts_with(&name)).count();
    assert_eq!(count, pieces(&new));
    let rows = print(&from_rows(&tables, NOW - 3 * DAY_MS..NOW + DAY_MS).await);
    assert_eq!(loaded(&low(&tables)).await, rows);
}

#[tokio::test]
async fn bucket_that_outgrows_its_shards_gets_more_of_them() {
    let tables = Tables::make().await;
    two_days(&tables).await;
    compacted(&tables).await;
    for visitor in 30..50_u8 {
        store_batch(&tables.at(after()).store, &visit_at(visitor, NOW + u64::from(visitor) * MINUTE_MS))
            .await;
    }
    build(&low(&tables), &site(), hour(NOW), false).await.unwrap();
    let (day, month) = (sealed(&tables, Span::Day).await, sealed(&tables, Span::Month).await);
    assert_eq!((day.manifest.bits(), day.manifest.events), (4, 180));
    assert_eq!((month.manifest.bits(), month.manifest.events), (3, 240));
    let rows = print(&from_rows(&tables, NOW - 3 * DAY_MS..NOW + DAY_MS).await);
    assert_eq!(loaded(&low(&tables)).await, rows);
    // Built in one go from the rows it is the same.
    compact::run(&low(&tables), &site(), &self::month().range(), after(), true).await.unwrap();
    assert_eq!(sealed(&tables, Span::Month).await.hash(), month.hash());
}

/// Puts rows of the table of segments back as they were.
async fn put_back(tables: &Tables, items: &[Item]) {
    let table = format!("{}Segments", tables.prefix);
    for item in items {
        tables.client.put_item().table_name(&table).set_item(Some(item.clone())).send().await.unwrap();
    }
}

#[tokio::test]
async fn run_that_was_killed_between_the_levels_is_made_up_for() {
    let tables = Tables::make().await;
    two_days(&tables).await;
    compacted(&tables).await;
    store_batch(&tables.at(after()).store, &visit_at(40, NOW + MINUTE_MS)).await;
    let before = tables.dump("Segments").await;
    build(&low(&tables), &site(), hour(NOW), false).await.unwrap();
    let rows = print(&from_rows(&tables, NOW - 3 * DAY_MS..NOW + DAY_MS).await);
    assert_eq!(loaded(&low(&tables)).await, rows);
    let site_id = site().id.to_string();
    let of = |what: &[&str]| -> Vec<Item> {
        let is_it = |item: &&Item| {
            let (pk, sk) = (item["pk"].as_s().unwrap(), item["sk"].as_s().unwrap());
            let of_bucket = |name: &&str| sk.starts_with(&format!("{name}#")) && pk == &site_id;
            what.iter().any(of_bucket) || pk != &site_id
        };
        before.iter().filter(is_it).cloned().collect()
    };
    // After the hour; after the month; after the day, before the mark is deleted.
    for left in [["day", "month", "dirty"].as_slice(), &["day", "dirty"], &["dirty"]] {
        put_back(&tables, &of(left)).await;
        assert_eq!(loaded(&low(&tables)).await, rows, "{left:?} is as before");
        build(&low(&tables), &site(), hour(NOW), false).await.unwrap();
        assert_eq!(loaded(&low(&tables)).await, rows, "{left:?}");
        assert!(tables.store.marks(&site().id, &month().range()).await.unwrap().is_empty());
        assert_eq!(sealed(&tables, Span::Month).await.manifest.events, 126);
        assert_eq!(sealed(&tables, Span::Day).await.manifest.events, 66);
    }
}

#[tokio::test]
async fn month_whose_building_was_killed_goes_on_where_it_was() {
    let tables = Tables::make().await;
    two_days(&tables).await;
    compacted(&tables).await;
    let rows = print(&from_rows(&tables, NOW - 3 * DAY_MS..NOW + DAY_MS).await);
    let whole = sealed(&tables, Span::Month).await;
    let table = format!("{}Segments", tables.prefix);
    let remove = async |is_it: &dyn Fn(&str, &str) -> bool| {
        for item in tables.dump("Segments").await {
            if is_it(item["pk"].as_s().unwrap(), item["sk"].as_s().unwrap()) {
                let delete = tables.client.delete_item().table_name(&table);
                delete.key("pk", item["pk"].clone()).key("sk", item["sk"].clone()).send().await.unwrap();
            }
        }
    };
    let manifest = |_: &str, sk: &str| sk == format!("month#{}", month());
    let build = async || build(&low(&tables), &site(), month(), false).await.unwrap().write_units;
    // All of it was written but the manifest, which alone is left to be.
    remove(&manifest).await;
    let units = build().await;
    assert_eq!(
        (sealed(&tables, Span::Month).await.hash(), loaded(&low(&tables)).await),
        (whole.hash(), rows.clone())
    );
    // Half of it was.
    remove(&|pk, sk| manifest(pk, sk) || sk == format!("building#{}#02#0002", month())).await;
    assert!(build().await > units);
    assert_eq!(
        (sealed(&tables, Span::Month).await.hash(), loaded(&low(&tables)).await),
        (whole.hash(), rows)
    );
    // What was written of other days is of no use.
    remove(&manifest).await;
    store_batch(&tables.at(after()).store, &visit_at(40, NOW + MINUTE_MS)).await;
    compacted(&tables).await;
    assert_eq!(sealed(&tables, Span::Month).await.manifest.events, 126);
    let rows = print(&from_rows(&tables, NOW - 3 * DAY_MS..NOW + DAY_MS).await);
    assert_eq!(loaded(&low(&tables)).await, rows);
}
