//! The store against a real DynamoDB API. `npm test -- store` starts the embedded one. Another one is tested
//! with `LIVEINSIGHT_DYNAMODB_ENDPOINT=… cargo test -p edge-worker --features native --test store`. Each test
//! has tables of its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

mod deliver;
mod fixture;

use analytics::Columns;
use analytics::query::{Index, run};
use edge_worker::ingest::Ingest;
use edge_worker::site::Site;
use edge_worker::store::{Store, StoreError};
use fixture::{
    NOW, Tables, batch, beat, config, custom, of_person, purchase, rules, s, ss, view, visit, whole_visit,
    write,
};
use protocol::event::Text;
use protocol::query::{AnswerRow, Dimension, Metric, Query, Value};
use protocol::{Batch, Event, EventId, SessionId, SiteId};

#[tokio::test]
async fn visit_is_stored_as_the_documented_rows() {
    let tables = Tables::make().await;
    write(&tables, &batch(7, &whole_visit())).await.unwrap();
    let [events, sessions, active] = tables.state().await;

    let types: Vec<_> = events.iter().map(|item| item["type"].as_s().unwrap().as_str()).collect();
    assert_eq!(types, ["page_view", "click", "heartbeat", "page_view", "conversion", "heartbeat"]);
    let first = &events[0];
    assert_eq!(first["pk"], s("shop#2025-11-23T03#0"));
    assert_eq!(first["sk"], s(&EventId::new(NOW + 1_000, &[1; 10]).to_string()));
    assert_eq!((&first["path"], &first["query"], &first["source"]), (&s("/"), &s("q=tea"), &s("Google")));
    assert_eq!((&first["channel"], &first["utm_medium"]), (&s("Organic Search"), &s("x")));
    assert_eq!(first["expires_at"].as_n().unwrap(), &(NOW / 1000 + 1 + 30 * 86_400).to_string());
    assert_eq!((&events[4]["amount"], &events[4]["currency"]), (&s("49000"), &s("KRW")));

    let [session] = sessions.as_slice() else { panic!("{sessions:?}") };
    assert_eq!(
        (&session["pk"], &session["countries"], &session["devices"]),
        (&s("shop#2025-11-23"), &ss(&["KR"]), &ss(&["mobile"]))
    );
    let key = |n: u8| format!("{:012x}{:02x}{n:02x}{n:02x}", NOW + u64::from(n) * 1_000, n);
    assert_eq!(session["views"], ss(&[&format!("{} /\tGoogle", key(1)), &format!("{} /cart", key(4))]));
    assert_eq!(session["conversions"], ss(&[&format!("{} purchase\t49000 KRW", key(5))]));

    let [row] = active.as_slice() else { panic!("{active:?}") };
    assert_eq!((&row["pk"], &row["page"]), (&s("shop#2025-11-23T03:00"), &s("/cart")));
    assert_eq!(row["sk"], s(&format!("{}#left", SessionId::new(NOW, &[7; 10]))));
}

#[tokio::test]
async fn replayed_batch_changes_nothing() {
    let tables = Tables::make().await;
    let batch = batch(7, &whole_visit());
    write(&tables, &batch).await.unwrap();
    let before = tables.state().await;
    write(&tables, &batch).await.unwrap();
    write(&tables, &batch).await.unwrap();
    assert_eq!(tables.state().await, before);
}

#[tokio::test]
async fn any_split_order_and_repetition_of_a_visit_gives_the_same_events_and_visit() {
    let whole = Tables::make().await;
    let events = [whole_visit(), vec![custom(7)]].concat();
    let identified = |events: &[Event]| Batch { cookieless: true, ..of_person("anna", batch(7, events)) };
    write(&whole, &identified(&events)).await.unwrap();
    let [expected_events, expected_sessions, _] = whole.state().await;

    for order in [[6, 5, 4, 3, 2, 1, 0], [2, 0, 4, 1, 5, 3, 6], [3, 5, 0, 6, 4, 2, 1]] {
        let parts = Tables::make().await;
        for chunk in order.chunks(2) {
            let chunk: Vec<_> = chunk.iter().map(|index| events[*index].clone()).collect();
            for _ in 0..2 {
                write(&parts, &identified(&chunk)).await.unwrap();
            }
        }
        let [stored_events, stored_sessions, _] = parts.state().await;
        assert_eq!(stored_events, expected_events);
        assert_eq!(stored_sessions, expected_sessions);
    }
}

#[tokio::test]
async fn people_of_a_visit_are_the_same_in_whatever_order_and_however_often_they_come() {
    // A visitor who signs in, signs out and lets someone else sign in.
    let batches = [
        batch(7, &[view(1, "https://shop.example/", None)]),
        of_person("anna", batch(7, &[custom(2)])),
        of_person("ben", batch(7, &[purchase(3)])),
        of_person("anna", batch(7, &[beat(4, 9_000, true)])),
    ];
    let mut states = Vec::new();
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
        let tables = Tables::make().await;
        for index in order.into_iter().chain(order) {
            write(&tables, &batches[index]).await.unwrap();
        }
        let [events, sessions, _] = tables.state().await;
        let [session] = sessions.as_slice() else { panic!("{sessions:?}") };
        assert_eq!(session["person_ids"], ss(&["anna", "ben"]));
        let people: Vec<_> = events.iter().map(|item| item.get("person_id").cloned()).collect();
        assert_eq!(people, [None, Some(s("anna")), Some(s("ben")), Some(s("anna"))]);
        states.push((events, sessions));
    }
    assert!(states.iter().all(|state| *state == states[0]));
}

#[tokio::test]
async fn custom_event_has_its_row_and_counts_as_nothing_else() {
    let tables = Tables::make().await;
    let stored = write(&tables, &batch(7, &[custom(1), custom(2)])).await.unwrap();
    assert_eq!(stored.write_units, 4.0);
    let [events, sessions, active] = tables.state().await;
    let props = events[0]["props"].as_m().unwrap();
    assert_eq!(
        (&events[0]["type"], &events[0]["name"], &props["film"]),
        (&s("custom"), &s("video_play"), &s("guji"))
    );
    assert!(!events[0].contains_key("amount"));
    let [session] = sessions.as_slice() else { panic!("{sessions:?}") };
    let mut kept: Vec<_> = session.keys().map(String::as_str).collect();
    kept.sort_unstable();
    assert_eq!(
        kept,
        ["browsers", "countries", "devices", "expires_at", "languages", "pk", "sk", "systems", "user_id"]
    );
    assert_eq!(active.len(), 1);
}

#[tokio::test]
async fn what_a_batch_says_of_its_visitor_stands_on_each_event_and_only_then() {
    let tables = Tables::make().await;
    let mut known = batch(7, &whole_visit());
    known.context.tab = Text::cut("k3x9");
    write(&tables, &of_person("anna", Batch { cookieless: true, dropped: 2, faults: 1, ..known }))
        .await
        .unwrap();
    for event in tables.dump("Events").await {
        let Some(true) = event["cookieless"].as_bool().ok() else { panic!("{event:?}") };
        assert_eq!((&event["person_id"], &event["tab"]), (&s("anna"), &s("k3x9")));
        assert!(!event.contains_key("dropped") && !event.contains_key("faults"));
    }

    let tables = Tables::make().await;
    write(&tables, &batch(7, &whole_visit())).await.unwrap();
    let [events, sessions, _] = tables.state().await;
    for event in events {
        assert!(
            !["person_id", "cookieless", "tab"].iter().any(|name| event.contains_key(*name)),
            "{event:?}"
        );
    }
    assert!(!sessions[0].contains_key("person_ids"));
}

#[tokio::test]
async fn farewell_that_overtakes_the_batch_before_it_still_counts() {
    let tables = Tables::make().await;
    write(&tables, &batch(7, &[beat(6, 9_000, true)])).await.unwrap();
    write(&tables, &batch(7, &[purchase(5)])).await.unwrap();
    let site = SiteId::parse("shop").unwrap();
    let mut rows = tables.store.active_sessions(&site, NOW, NOW + 10_000).await.unwrap();
    rows.sort_by_key(|row| row.session.last_seen);
    let seen: Vec<_> = rows.iter().map(|row| (row.session.last_seen - NOW, row.left)).collect();
    assert_eq!(seen, [(5_000, false), (6_000, true)]);
    assert_eq!(rows[0].session.session_id, rows[1].session.session_id);
}

#[tokio::test]
async fn batch_of_n_events_costs_n_plus_two_write_units() {
    let tables = Tables::make().await;
    for n in [1_u8, 3, 10, 25] {
        let events: Vec<_> = (0..n).map(|i| view(i, "https://shop.example/a", None)).collect();
        let stored = write(&tables, &batch(n, &events)).await.unwrap();
        assert_eq!(stored.write_units, f64::from(n) + 2.0, "batch of {n}");
    }
}

#[tokio::test]
async fn batch_larger_than_one_call_takes_is_stored_whole() {
    let tables = Tables::make().await;
    let events: Vec<_> = (0..100).map(|i| view(i, "https://shop.example/a", None)).collect();
    write(&tables, &batch(7, &events)).await.unwrap();
    let [events, sessions, active] = tables.state().await;
    assert_eq!((events.len(), sessions.len(), active.len()), (100, 1, 1));
    assert_eq!(sessions[0]["views"].as_ss().unwrap().len(), 100);
}

#[tokio::test]
async fn heartbeats_alone_cost_one_write_unit_and_leave_no_event() {
    let tables = Tables::make().await;
    let stored = write(&tables, &batch(7, &[beat(1, 1_000, false), beat(2, 16_000, false)])).await.unwrap();
    assert_eq!(stored.write_units, 1.0);
    let [events, sessions, active] = tables.state().await;
    assert_eq!((events.len(), sessions.len(), active.len()), (0, 0, 1));
}

#[tokio::test]
async fn event_named_twice_in_a_batch_is_stored_once() {
    let tables = Tables::make().await;
    let event = view(1, "https://shop.example/", None);
    write(&tables, &batch(7, &[event.clone(), event])).await.unwrap();
    assert_eq!(tables.dump("Events").await.len(), 1);
}

#[tokio::test]
async fn reads_give_back_what_was_written() {
    let tables = Tables::make().await;
    write(&tables, &batch(7, &whole_visit())).await.unwrap();
    write(&tables, &batch(8, &[view(8, "https://shop.example/cart", None), custom(9)])).await.unwrap();
    // A custom event alone makes nobody a visitor.
    write(&tables, &batch(9, &[custom(7)])).await.unwrap();

    let site = Site::new(SiteId::parse("shop").unwrap());
    let hour = 3_600_000;
    let range = NOW - hour..NOW + hour;
    let loaded = tables.store.load(&site, &range, Columns::ALL, NOW).await.unwrap();
    let told = |dimensions: &[Dimension]| {
        let metrics = [Metric::Visitors, Metric::Visits, Metric::PageViews, Metric::BounceRate];
        let query = Query::new(metrics.to_vec(), dimensions.to_vec(), range.clone());
        run(&loaded.data, &Index::of(&loaded.data), &query).unwrap().results
    };
    // The visit of the custom event alone is a visit and a visitor, and no bounce.
    let numbers = |row: &AnswerRow| row.metrics.iter().map(Value::number).collect::<Vec<_>>();
    let totals = told(&[]);
    assert_eq!(numbers(&totals[0])[..3], [Some(3.0), Some(3.0), Some(3.0)]);
    let pages = told(&[Dimension::Page]);
    let views = |path: &str| pages.iter().find(|row| row.dimensions == [path]).map(|row| numbers(row)[2]);
    assert_eq!((views("/"), views("/cart")), (Some(Some(1.0)), Some(Some(2.0))));

    let rows = tables.store.active_sessions(&site.id, NOW - 60_000, NOW + 10_000).await.unwrap();
    let mut seen: Vec<_> = rows
        .iter()
        .map(|row| (row.session.last_seen - NOW, row.left, row.session.country.as_str()))
        .collect();
    seen.sort_unstable();
    assert_eq!(seen, [(6_000, true, "KR"), (7_000, false, "KR"), (9_000, false, "KR")]);
    assert_eq!(tables.store.active_sessions(&site.id, NOW + 9_000, NOW + 10_000).await.unwrap().len(), 1);
}

#[tokio::test]
async fn more_rows_than_a_page_holds_are_all_read() {
    let tables = Tables::make().await;
    let long = format!("https://shop.example/{}", "p".repeat(1_900));
    // 720 events of some 2.2 KB are over the 1 MB that one page of a query holds.
    for visitor in 0..30_u8 {
        let events: Vec<_> = (0..24)
            .map(|n| {
                let mut event = view(n, &long, None);
                event.id = EventId::new(event.at, &[visitor; 10]);
                event
            })
            .collect();
        write(&tables, &batch(visitor, &events)).await.unwrap();
    }
    assert!(
        tables.dump("Events").await.len() < 720,
        "the rows must not fit one page, or this proves nothing"
    );
    let site = Site::new(SiteId::parse("shop").unwrap());
    let loaded = tables.store.load(&site, &(NOW..NOW + 1), Columns::NONE, NOW).await.unwrap();
    assert_eq!(loaded.data.event_count(), 720);
}

#[tokio::test]
async fn tables_may_be_made_again() {
    let tables = Tables::make().await;
    let again = tables.store.create_tables().await.unwrap();
    assert!(again.iter().all(|created| !created.new), "{again:?}");
    for table in again {
        let ttl = tables.client.describe_time_to_live().table_name(table.table).send().await.unwrap();
        assert_eq!(ttl.time_to_live_description().unwrap().attribute_name(), Some("expires_at"));
    }
}

#[tokio::test]
async fn store_that_is_not_there_is_an_error_without_the_event_in_it() {
    // Port 9 (discard) is not served here, and a refused connection fails at once.
    let store = Store::new(&config("http://127.0.0.1:9", "x-"));
    let batch = batch(7, &whole_visit());
    let (visit, rules) = (visit(), rules());
    let ingest = Ingest::new(&batch, &visit, &rules, None);
    let error = store.write(&ingest).await.unwrap_err();
    assert!(matches!(&error, StoreError::Unavailable { .. }), "{error}");
    assert!(!error.to_string().contains("shop.example"), "{error}");
}
