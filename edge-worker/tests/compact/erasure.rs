//! Erasing: what is gone is in no table, and all that others are told of stays as it is.

use analytics::ask::{Asking, RowsOf};
use analytics::{Bucket, Columns, Span, user_hash};
use edge_worker::care::{self, Progress, Subject, advance};
use edge_worker::compact;
use edge_worker::ingest::{Clock, Identity, Outcome, Parcel, Rules, deliver};
use edge_worker::site::Site;
use edge_worker::store::Store;
use edge_worker::store::accounts::TaskRow;
use edge_worker::store::segments::Limits;
use protocol::care::TaskState;
use protocol::query::{Metric, Query};
use protocol::{Batch, SessionId, UserId};

use crate::fixture::{NOW, Tables, of_person, rules, visit};
use crate::history::{self, DAY_MS, HOUR_MS, MINUTE_MS, print, store_batch, visit_at};

/// The month is over, and everything of it is built.
const LATER: u64 = NOW + 10 * DAY_MS;

fn site() -> Site {
    Site { retention_days: 20, ..history::site() }
}

const TABLES: [&str; 5] = ["Events", "Sessions", "ActiveSessions", "Accounts", "Segments"];

/// Shards of a month of so few events.
fn small() -> Limits {
    Limits { day_shard: 20, month_shard: 40, building: 100, ..Limits::default() }
}

fn person(n: u8) -> String {
    format!("customer-{n}@mail.example")
}

fn parcel(batch: &Batch, quarantine: Option<Outcome>) -> Parcel {
    let newest = batch.events.iter().map(|event| event.at).max().unwrap() + 1_000;
    Parcel {
        batch: Batch { sent_at: newest, ..batch.clone() },
        visit: visit(),
        identity: Identity::Given,
        clock: Clock::Browser,
        received_at: newest,
        rules: Rules { shards: 2, ..rules() },
        quarantine,
    }
}

/// A history over some days: visitors, one of whom signs in on one day of two; a bot's batch; a claim; presence.
async fn history(tables: &Tables) {
    for visitor in 0..20_u8 {
        let at = NOW + u64::from(visitor) * 6 * MINUTE_MS;
        store_batch(&tables.store, &visit_at(visitor, at)).await;
        let again = visit_at(visitor + 100, at + 3 * DAY_MS + HOUR_MS);
        store_batch(&tables.at(at + 3 * DAY_MS + HOUR_MS).store, &of_person(&person(visitor % 5), again))
            .await;
    }
    let mut odd = visit_at(200, NOW + 20 * MINUTE_MS);
    odd.user_id = user(3);
    deliver(&tables.store, &parcel(&odd, Some(Outcome::Bot)), edge_worker::ingest::From::Door).await.unwrap();
    // A derived visitor, whose page has a claim.
    let mut derived = parcel(&visit_at(210, NOW + 30 * MINUTE_MS), None);
    derived.identity = Identity::Derived { today: user(9), before: None, page_has_id: true };
    deliver(&tables.store, &derived, edge_worker::ingest::From::Door).await.unwrap();
}

fn user(n: u8) -> UserId {
    UserId::new(NOW, &[n; 10])
}

fn months() -> std::ops::Range<u64> {
    NOW - 2 * DAY_MS..LATER
}

async fn compacted(tables: &Tables) -> Store {
    let store = tables.at(LATER).store.with_limits(small());
    compact::run(&store, &site(), &months(), LATER, false).await.unwrap();
    store
}

/// Goes on with a task until it waits or is done.
async fn go_on(store: &Store, row: &mut TaskRow, site: Option<&Site>, now: u64) -> Progress {
    loop {
        match advance(store, row, site, now).await.unwrap() {
            Progress::Going => {}
            other => return other,
        }
    }
}

async fn erase(store: &Store, subject: &Subject) -> TaskRow {
    erase_of(store, &site(), subject).await
}

async fn erase_of(store: &Store, site: &Site, subject: &Subject) -> TaskRow {
    let mut row = care::erasure(site, subject, "00112233445566aa".into(), LATER);
    assert!(store.accounts().keep_task(&mut row).await.unwrap());
    let Progress::Waiting(due) = go_on(store, &mut row, Some(site), LATER).await else {
        panic!("it has to look once more")
    };
    assert_eq!(row.task.state, TaskState::Settling);
    assert_eq!(go_on(store, &mut row, Some(site), due).await, Progress::Done);
    assert_eq!((row.task.state, &row.work), (TaskState::Done, &None));
    row
}

/// Every row of every table, printed.
async fn everything(tables: &Tables) -> String {
    let mut all = String::new();
    for table in TABLES {
        all.push_str(&format!("{:?}\n", tables.dump(table).await));
    }
    all
}

/// All events of all segments, and what the rows say: the same, without these visitors.
async fn segments_hold_none_of(tables: &Tables, users: &[UserId]) {
    let store = &tables.at(LATER).store;
    let mut count = 0;
    for span in [Span::Hour, Span::Day, Span::Month] {
        for sealed in store.sealed(&site().id, span, &months()).await.unwrap() {
            let segments: Vec<_> = sealed.segments().filter(|it| it.pieces.events > 0).collect();
            for bytes in store.segment_bytes(&site().id, &segments).await.unwrap().unwrap() {
                let data = analytics::segment::read(&bytes, Columns::ALL).unwrap();
                count += data.event_count();
                assert!(
                    users.iter().all(|user| !data.users().contains(&user_hash(user))),
                    "{}",
                    sealed.bucket
                );
            }
        }
    }
    assert!(count > 100);
}

async fn metrics(store: &Store) -> String {
    let metrics = vec![Metric::Visitors, Metric::Visits, Metric::PageViews, Metric::Events];
    let query = Query::new(metrics, Vec::new(), NOW - DAY_MS..LATER);
    let mut asking = Asking::new(RowsOf { query: &query });
    store.ask(&site(), &mut asking, LATER).await.unwrap();
    format!("{:?}", asking.finish().unwrap().results)
}

#[tokio::test]
async fn erased_visitor_is_in_no_table_and_what_others_did_stays_as_it_is() {
    let tables = Tables::make().await;
    history(&tables).await;
    let store = compacted(&tables).await;
    let gone = user(3);
    assert!(everything(&tables).await.contains(&gone.to_string()));
    let all = store.load(&site(), &months(), Columns::ALL, LATER).await.unwrap().data;
    let expected = all.without(|user, _| user == user_hash(&gone)).unwrap();

    let row = erase(&store, &Subject::Visitor(gone)).await;
    // Eight visits of six events and their rows, and the bot's batch.
    assert_eq!((row.task.rows_deleted, row.task.visitors), (8 * 7 + 1, 1));
    assert!(row.task.segments_changed > 4, "{:?}", row.task);

    let left = everything(&tables).await;
    assert!(!left.contains(&gone.to_string()));
    segments_hold_none_of(&tables, &[gone]).await;
    // A new isolate, and the one that remembers segments and hours.
    for store in [&tables.at(LATER).store, &store] {
        let data = store.load(&site(), &months(), Columns::ALL, LATER).await.unwrap().data;
        assert_eq!(print(&data), print(&expected));
    }
    // Built anew of the rows that are left the segments are the same.
    let states = |store: Store| async move {
        let mut all = Vec::new();
        for span in [Span::Hour, Span::Day, Span::Month] {
            let sealed = store.sealed(&site().id, span, &months()).await.unwrap();
            all.extend(sealed.iter().map(|it| (it.bucket, it.hash())));
        }
        all
    };
    let before = states(tables.at(LATER).store).await;
    compact::run(&store, &site(), &months(), LATER, true).await.unwrap();
    assert_eq!(states(tables.at(LATER).store).await, before);
    for day in [NOW, NOW + 3 * DAY_MS] {
        let day = Bucket::of(Span::Day, day);
        let store = &tables.at(LATER).store;
        let done = compact::verify::verify(store, &site(), &day.range(), LATER, u64::MAX).await.unwrap();
        assert!(done.compared > 8 && done.differences.is_empty(), "{:?}", done.differences);
    }
}

#[tokio::test]
async fn erased_person_takes_along_the_visits_before_signing_in() {
    let tables = Tables::make().await;
    history(&tables).await;
    let store = compacted(&tables).await;
    let before = metrics(&store).await;
    let subject = Subject::Person(protocol::PersonId::parse(&person(2)).unwrap());
    let row = erase(&store, &subject).await;
    assert_eq!((row.task.rows_deleted, row.task.visitors), (8 * 7, 1));
    let left = everything(&tables).await;
    assert!(!left.contains(&person(2)) && !left.contains(&user(2).to_string()));
    assert!(left.contains(&person(1)));
    segments_hold_none_of(&tables, &[user(2)]).await;
    assert_ne!(metrics(&store).await, before);
}

#[tokio::test]
async fn erased_visit_leaves_the_visitors_others() {
    let tables = Tables::make().await;
    history(&tables).await;
    let store = compacted(&tables).await;
    let all = store.load(&site(), &months(), Columns::ALL, LATER).await.unwrap().data;
    let gone = SessionId::new(NOW + 7 * 6 * MINUTE_MS, &[7; 10]);
    let expected =
        all.without(|user_of, start| user_of == user_hash(&user(2)) && start == gone.unix_ms()).unwrap();
    let row = erase(&store, &Subject::Session(gone)).await;
    assert_eq!(row.task.rows_deleted, 7);
    assert!(!everything(&tables).await.contains(&gone.to_string()));
    let data = tables.at(LATER).store.load(&site(), &months(), Columns::ALL, LATER).await.unwrap().data;
    assert_eq!(print(&data), print(&expected));
}

#[tokio::test]
async fn derived_visitor_goes_with_what_was_decided_for_the_page() {
    let tables = Tables::make().await;
    history(&tables).await;
    let store = compacted(&tables).await;
    let of_page = SessionId::new(NOW + 30 * MINUTE_MS, &[210; 10]).to_string();
    assert!(everything(&tables).await.contains(&format!("claim#{of_page}")));
    erase(&store, &Subject::Visitor(user(9))).await;
    let left = everything(&tables).await;
    assert!(!left.contains(&user(9).to_string()) && !left.contains(&of_page));
}

#[tokio::test]
async fn erasure_that_is_interrupted_anywhere_is_completed_by_whoever_goes_on() {
    let tables = Tables::make().await;
    history(&tables).await;
    let store = compacted(&tables).await;
    let gone = user(4);
    let subject = Subject::Person(protocol::PersonId::parse(&person(4)).unwrap());
    let mut row = care::erasure(&site(), &subject, "00112233445566aa".into(), LATER);
    assert!(store.accounts().keep_task(&mut row).await.unwrap());
    let mut steps = 0;
    let mut now = LATER;
    loop {
        // Each step is done by another isolate, which knows what is written down and no more.
        let store = tables.at(now).store.with_limits(small());
        let mut kept = store.accounts().task("shop", "00112233445566aa").await.unwrap().unwrap();
        // Done, and the note of it lost: it is done again.
        advance(&store, &mut kept.clone(), Some(&site()), now).await.unwrap();
        match advance(&store, &mut kept, Some(&site()), now).await.unwrap() {
            Progress::Going | Progress::Taken => {}
            Progress::Waiting(due) => now = due,
            Progress::Done => break,
        }
        steps += 1;
        assert!(steps < 200);
    }
    let left = everything(&tables).await;
    assert!(!left.contains(&gone.to_string()) && !left.contains(&person(4)));
    segments_hold_none_of(&tables, &[gone]).await;
}

#[tokio::test]
async fn what_was_built_of_rows_that_were_being_erased_is_found_by_the_second_pass() {
    let tables = Tables::make().await;
    history(&tables).await;
    let store = tables.at(LATER).store;
    let gone = user(1);
    let mut row = care::erasure(&site(), &Subject::Visitor(gone), "00112233445566aa".into(), LATER);
    assert!(store.accounts().keep_task(&mut row).await.unwrap());
    let Progress::Waiting(due) = go_on(&store, &mut row, Some(&site()), LATER).await else { panic!() };
    // An isolate that was slow stores what it had taken before, and a job builds its segments.
    store_batch(&tables.at(LATER).store, &visit_at(6, NOW + 36 * MINUTE_MS)).await;
    compact::run(&store, &site(), &months(), LATER, false).await.unwrap();
    assert!(everything(&tables).await.contains(&gone.to_string()));
    assert_eq!(go_on(&tables.at(due).store, &mut row, Some(&site()), due).await, Progress::Done);
    assert!(!everything(&tables).await.contains(&gone.to_string()));
    segments_hold_none_of(&tables, &[gone]).await;
}

#[tokio::test]
async fn person_whose_rows_are_gone_is_erased_from_the_segments_that_are_kept() {
    let tables = Tables::make().await;
    history(&tables).await;
    let store = compacted(&tables).await;
    let longer = Site { retention_days: 5, segment_retention_days: Some(20), ..site() };
    let longer = Site { longest_retention_days: 20, ..longer };
    let mut row = care::retention(&longer, &site(), "00112233445566ab".into(), LATER).unwrap();
    assert!(store.accounts().keep_task(&mut row).await.unwrap());
    assert_eq!(go_on(&store, &mut row, Some(&longer), LATER).await, Progress::Done);
    let id = protocol::PersonId::parse(&person(2)).unwrap();
    let rows = format!("{:?}", tables.dump("Events").await);
    assert!(row.task.rows_deleted > 0 && !rows.contains(id.as_str()), "the rows are gone");

    let erased = erase_of(&store, &longer, &Subject::Person(id)).await;
    assert!(erased.task.segments_changed > 0 && erased.task.rows_deleted == 0);
    assert_eq!(erased.task.visitors, 1, "found in segments alone");
    segments_hold_none_of(&tables, &[user(2)]).await;
}
