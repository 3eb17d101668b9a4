//! Parcels delivered to a real DynamoDB API: visitors whose ids are derived, wrong clocks, the quarantine, and the law
//! that the order, the splits and the repetitions of batches change nothing.

use edge_worker::ingest::{Clock, From, Identity, Outcome, Parcel, deliver};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use protocol::{Batch, Event, EventId, SessionId, UserId};

use crate::fixture::{NOW, Tables, batch, beat, click, custom, purchase, rules, s, view, visit};

const MINUTE: u64 = 60_000;

fn parcel(batch: Batch, identity: Identity) -> Parcel {
    Parcel {
        batch,
        visit: visit(),
        identity,
        clock: Clock::Browser,
        received_at: NOW + 10_000,
        rules: rules(),
        quarantine: None,
    }
}

fn user(n: u8) -> UserId {
    UserId::new(NOW - NOW % 86_400_000, &[n; 10])
}

fn derived(today: u8, before: Option<u8>) -> Identity {
    Identity::Derived { today: user(today), before: before.map(user), page_has_id: true }
}

/// A page opened `minutes` after [`NOW`]: its own ids, one page view.
fn page(n: u8, minutes: u64) -> Batch {
    let at = NOW + minutes * MINUTE;
    let mut event = view(n, "https://shop.example/a", None);
    event.id = EventId::new(at, &[n; 10]);
    event.at = at;
    Batch {
        user_id: UserId::new(at, &[n; 10]),
        session_id: SessionId::new(at, &[n; 10]),
        sent_at: at,
        cookieless: true,
        ..batch(n, &[event])
    }
}

async fn send(tables: &Tables, batch: Batch, identity: Identity) {
    let received_at = batch.sent_at;
    deliver(&tables.store, &Parcel { received_at, ..parcel(batch, identity) }, From::Door).await.unwrap();
}

/// Users and sessions of the stored events, in the order of time.
async fn whose(tables: &Tables) -> Vec<(UserId, SessionId)> {
    let mut events = tables.dump("Events").await;
    events.sort_by_key(|item| item["at"].as_n().unwrap().parse::<u64>().unwrap());
    let id = |item: &crate::fixture::Item, name: &str| item[name].as_s().unwrap().clone();
    events
        .iter()
        .map(|item| (id(item, "user_id").parse().unwrap(), id(item, "session_id").parse().unwrap()))
        .collect()
}

#[tokio::test]
async fn derived_visitor_who_was_just_seen_is_not_written_again() {
    let tables = Tables::make().await;
    let first = page(1, 0);
    send(&tables, first.clone(), derived(9, None)).await;
    for (n, seconds, units) in [(2, 30, 3.0), (3, 61, 4.0), (4, 90, 3.0)] {
        let mut next = page(n, 0);
        next.session_id = first.session_id;
        next.sent_at = NOW + seconds * 1_000;
        for event in &mut next.events {
            event.at = next.sent_at;
            event.id = EventId::new(next.sent_at, &[n; 10]);
        }
        let parcel = Parcel { received_at: next.sent_at, ..parcel(next, derived(9, None)) };
        let stored = deliver(&tables.store, &parcel, From::Door).await.unwrap();
        assert_eq!(stored.write_units, units, "after {seconds} s");
    }
}

#[tokio::test]
async fn pages_of_a_derived_visitor_are_one_visit_until_half_an_hour_passes() {
    let tables = Tables::make().await;
    for (n, minutes) in [(1, 0), (2, 20), (3, 45), (4, 80)] {
        send(&tables, page(n, minutes), derived(9, None)).await;
    }
    let first = (user(9), page(1, 0).session_id);
    assert_eq!(whose(&tables).await, [first, first, first, (user(9), page(4, 80).session_id)]);
    assert_eq!(tables.dump("Sessions").await.len(), 2);
}

#[tokio::test]
async fn visit_that_is_going_on_at_midnight_keeps_its_visitor() {
    let tables = Tables::make().await;
    send(&tables, page(1, 0), derived(8, None)).await;
    // The day has changed: the same browser has another id, and yesterday's beside it.
    send(&tables, page(2, 10), derived(9, Some(8))).await;
    send(&tables, page(3, 60), derived(9, Some(8))).await;
    let (yesterday, today) = ((user(8), page(1, 0).session_id), (user(9), page(3, 60).session_id));
    assert_eq!(whose(&tables).await, [yesterday, yesterday, today]);
}

#[tokio::test]
async fn batches_of_an_open_page_keep_to_what_was_decided_for_it() {
    let tables = Tables::make().await;
    let opened = page(1, 0);
    send(&tables, opened.clone(), derived(9, None)).await;
    // An hour later the page is still open, and its last words come; then they are sent again.
    let mut last = beat(7, 9_000, true);
    last.id = EventId::new(NOW + 61 * MINUTE, &[7; 10]);
    last.at = last.id.unix_ms();
    let words = Batch { events: vec![last], sent_at: NOW + 61 * MINUTE, ..opened.clone() };
    send(&tables, words.clone(), derived(9, None)).await;
    let before = tables.state().await;
    send(&tables, words, derived(9, None)).await;
    send(&tables, opened.clone(), derived(9, None)).await;
    assert_eq!(tables.state().await[..2], before[..2]);
    assert_eq!(whose(&tables).await, [(user(9), opened.session_id); 2]);
}

#[tokio::test]
async fn page_that_is_open_when_its_site_becomes_cookieless_keeps_no_id_of_the_browser() {
    let tables = Tables::make().await;
    // Its clock is wrong, so something is decided for it while its ids are the browser's.
    let mut first = page(1, 0);
    first.cookieless = false;
    let parcel_of = |batch: &Batch, identity| Parcel {
        received_at: NOW + 20 * MINUTE,
        ..parcel(batch.clone(), identity)
    };
    deliver(&tables.store, &parcel_of(&first, Identity::Given), From::Door).await.unwrap();
    let mut later = page(2, 1);
    (later.user_id, later.session_id) = (first.user_id, first.session_id);
    // In this isolate and in one that knows nothing.
    deliver(&tables.store, &parcel_of(&later, derived(9, None)), From::Door).await.unwrap();
    let mut last = page(3, 2);
    (last.user_id, last.session_id) = (first.user_id, first.session_id);
    deliver(&tables.at(NOW + 20 * MINUTE).store, &parcel_of(&last, derived(9, None)), From::Door)
        .await
        .unwrap();
    let users: Vec<UserId> = whose(&tables).await.into_iter().map(|(user, _)| user).collect();
    assert_eq!(users, [first.user_id, user(9), user(9)]);
}

#[tokio::test]
async fn another_isolate_finds_the_same_visit() {
    let tables = Tables::make().await;
    send(&tables, page(1, 0), derived(9, None)).await;
    let other = tables.another();
    send(&other, page(1, 0), derived(9, None)).await;
    send(&other, page(2, 5), derived(9, None)).await;
    let first = (user(9), page(1, 0).session_id);
    assert_eq!(whose(&tables).await, [first, first]);
}

#[tokio::test]
async fn pages_that_open_at_the_same_time_are_one_visit() {
    let tables = Tables::make().await;
    // Isolates that know nothing of each other.
    let others: Vec<Tables> = (0..4).map(|_| tables.another()).collect();
    let all = others.iter().zip(1_u8..).map(|(tables, n)| send(tables, page(n, 0), derived(9, None)));
    futures_util::future::join_all(all).await;
    let whose = whose(&tables).await;
    assert_eq!(whose.len(), 4);
    assert!(whose.iter().all(|one| *one == whose[0]), "{whose:?}");
    assert_eq!(tables.dump("Sessions").await.len(), 1);
}

#[tokio::test]
async fn page_that_was_left_open_does_not_bring_an_ended_visit_back() {
    let tables = Tables::make().await;
    let open = page(1, 0);
    send(&tables, open.clone(), derived(9, None)).await;
    send(&tables, page(2, 60), derived(9, None)).await;
    let mut last = beat(7, 9_000, true);
    last.id = EventId::new(NOW + 65 * MINUTE, &[7; 10]);
    last.at = last.id.unix_ms();
    send(&tables, Batch { events: vec![last], sent_at: NOW + 65 * MINUTE, ..open.clone() }, derived(9, None))
        .await;
    send(&tables, page(3, 70), derived(9, None)).await;
    let (first, second) = ((user(9), open.session_id), (user(9), page(2, 60).session_id));
    assert_eq!(whose(&tables).await, [first, second, first, second]);
}

#[tokio::test]
async fn page_that_was_kept_for_long_does_not_end_the_visit_that_has_begun_since() {
    let tables = Tables::make().await;
    send(&tables, page(2, 120), derived(9, None)).await;
    let kept = Parcel { received_at: NOW, ..parcel(page(1, 0), derived(9, None)) };
    deliver(&tables.another().store, &kept, From::Keeping).await.unwrap();
    send(&tables.another(), page(3, 125), derived(9, None)).await;
    let (kept, current) = ((user(9), page(1, 0).session_id), (user(9), page(2, 120).session_id));
    assert_eq!(whose(&tables).await, [kept, current, current]);
}

#[tokio::test]
async fn single_event_that_the_queue_gives_back_twice_is_stored_once() {
    let tables = Tables::make().await;
    let identity = Identity::Derived { today: user(9), before: None, page_has_id: false };
    let queued = Parcel { received_at: NOW, ..parcel(page(1, 0), identity) };
    deliver(&tables.store, &queued, From::Keeping).await.unwrap();
    // In the meantime the visit has ended and another one begun.
    send(&tables, page(2, 120), identity).await;
    let before = tables.state().await;
    deliver(&tables.another().store, &queued, From::Keeping).await.unwrap();
    assert_eq!(tables.state().await[..2], before[..2]);
}

#[tokio::test]
async fn visit_that_never_stops_fills_its_row_and_no_more() {
    let tables = Tables::make().await;
    for round in 0..4_u8 {
        let events: Vec<_> = (0..100)
            .map(|n| {
                let mut event = view(n, "https://shop.example/a", None);
                event.id = EventId::new(event.at, &[round; 10]);
                event
            })
            .collect();
        deliver(&tables.store, &parcel(batch(7, &events), Identity::Given), From::Door).await.unwrap();
    }
    let [session] = tables.dump("Sessions").await.try_into().unwrap();
    assert_eq!(session["views"].as_ss().unwrap().len(), 300, "full above 250, in steps of a batch");
    assert_eq!(tables.dump("Events").await.len(), 400);
}

#[tokio::test]
async fn events_of_a_wrong_clock_are_stored_at_their_arrival_and_only_once() {
    for error in [-400 * 86_400_000_i64, -40 * 60_000, 40 * 60_000, 400 * 86_400_000] {
        let tables = Tables::make().await;
        let wrong = |ms: u64| ms.saturating_add_signed(error);
        let mut sent = page(1, 0);
        for event in &mut sent.events {
            event.at = wrong(event.at);
            event.id = EventId::new(event.at, &event.id.random());
        }
        sent.session_id = SessionId::new(wrong(NOW), &[1; 10]);
        sent.sent_at = wrong(NOW + 2_000);
        let first = Parcel { received_at: NOW + 2_000, ..parcel(sent.clone(), Identity::Given) };
        deliver(&tables.store, &first, From::Door).await.unwrap();
        let [events, sessions, _] = tables.state().await;
        assert_eq!((events.len(), sessions.len()), (1, 1), "{error}");
        assert_eq!(events[0]["at"].as_n().unwrap(), &NOW.to_string(), "{error}");
        assert_eq!(events[0]["clock"], s("corrected"));
        assert_eq!(events[0]["pk"], s("shop#2025-11-23T03#0"));
        // The answer was lost and the batch comes again, an hour later and through another isolate.
        sent.sent_at += 60 * MINUTE;
        let again = Parcel { batch: sent, received_at: NOW + 60 * MINUTE + 2_700, ..first };
        deliver(&tables.another().store, &again, From::Keeping).await.unwrap();
        let [events_again, sessions_again, _] = tables.state().await;
        assert_eq!((events_again, sessions_again), (events, sessions), "{error}");
    }
}

#[tokio::test]
async fn events_that_stand_alone_say_themselves_which_page_they_were_on() {
    let tables = Tables::make().await;
    let mut sent = page(1, 0);
    sent.context.url = protocol::event::Url::parse("https://shop.example/pricing?x=1");
    sent.events = vec![beat(1, 9_000, true), purchase(2)];
    let identity = Identity::Derived { today: user(9), before: None, page_has_id: false };
    send(&tables, sent, identity).await;
    for event in tables.dump("Events").await {
        assert_eq!((&event["host"], &event["path"]), (&s("shop.example"), &s("/pricing")));
    }
}

#[tokio::test]
async fn quarantined_batch_is_in_no_table_of_visitors_and_the_same_row_when_it_comes_again() {
    let tables = Tables::make().await;
    let kept = Parcel {
        quarantine: Some(Outcome::Bot),
        visit: edge_worker::ingest::Visit {
            bot: "Googlebot".into(),
            user_agent: "Googlebot/2.1".into(),
            ..visit()
        },
        ..parcel(
            batch(7, &[view(1, "https://shop.example/a", Some("https://spam.example/x"))]),
            Identity::Given,
        )
    };
    deliver(&tables.store, &kept, From::Door).await.unwrap();
    deliver(&tables.store, &Parcel { received_at: NOW + 99_000, ..kept.clone() }, From::Keeping)
        .await
        .unwrap();
    let [events, sessions, active] = tables.state().await;
    assert!(sessions.is_empty() && active.is_empty());
    let [row] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(row["pk"], s("shop#quarantine#2025-11-23"));
    assert_eq!((&row["reason"], &row["bot"], &row["path"]), (&s("bot"), &s("Googlebot"), &s("/a")));
    let read = Parcel::read(row["parcel"].as_s().unwrap()).unwrap();
    assert_eq!(Parcel { received_at: kept.received_at, ..read }, kept);
}

/// Events of one visit, some of them more than once, cut into batches in any order.
fn history() -> impl Strategy<Value = Vec<Vec<Event>>> {
    let event = (0..6_u8, 0..40_u8).prop_map(|(kind, n)| match kind {
        0 | 1 => view(n, if n % 2 == 0 { "https://shop.example/a" } else { "https://shop.example/b" }, None),
        2 => click(n),
        3 => purchase(n),
        4 => custom(n),
        _ => beat(n, u64::from(n) * 500, n % 3 == 0),
    });
    // One id is one event: what a tracker made once it never changes.
    let events = proptest::collection::vec(event, 1..24).prop_map(|mut events| {
        events.sort_by_key(|event| event.id);
        events.dedup_by_key(|event| event.id);
        events
    });
    (events, any::<prop::sample::Index>(), 1..6_usize).prop_flat_map(|(events, again, size)| {
        let mut all = events.clone();
        all.push(events[again.index(events.len())].clone());
        Just(all).prop_shuffle().prop_map(move |all| all.chunks(size).map(<[Event]>::to_vec).collect())
    })
}

#[test]
fn order_splits_and_repetitions_of_batches_change_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut runner = TestRunner::new(Config { cases: 24, ..Config::default() });
    let outcome = runner.run(&history(), |batches| {
        runtime.block_on(async {
            let (whole, parts) = (Tables::make().await, Tables::make().await);
            let mut all: Vec<Event> = batches.concat();
            all.sort_by_key(|event| event.id);
            all.dedup_by_key(|event| event.id);
            deliver(&whole.store, &parcel(batch(7, &all), Identity::Given), From::Door).await.unwrap();
            for events in &batches {
                deliver(&parts.store, &parcel(batch(7, events), Identity::Given), From::Door).await.unwrap();
            }
            let ([events, sessions, _], [events_of_parts, sessions_of_parts, _]) =
                (whole.state().await, parts.state().await);
            prop_assert_eq!(events_of_parts, events);
            // A batch of heartbeats on the way makes no visit's row, so parts may know no more than the whole.
            prop_assert_eq!(sessions_of_parts, sessions);
            Ok(())
        })
    });
    outcome.unwrap();
}
