use proptest::prelude::*;

use super::*;
use crate::ids::{SessionId, UserId};

const NOW: u64 = 1_763_866_800_000;

fn word() -> impl Strategy<Value = Word> {
    prop_oneof![Just(""), Just("/"), Just("/products/guji"), Just("KR"), Just("커피")]
        .prop_map(Word::from)
        .boxed()
        .prop_union("\\PC{0,12}".prop_map(Word::from).boxed())
}

fn key() -> impl Strategy<Value = VisitKey> {
    prop_oneof![
        (0..1_u64 << 48, any::<[u8; 10]>())
            .prop_map(|(at, random)| VisitKey::Session(SessionId::new(at, &random))),
        any::<[u8; 32]>().prop_map(VisitKey::Alias),
    ]
}

prop_compose! {
    fn visit()(
        key in key(),
        user in prop::option::of((0..1_u64 << 48, any::<[u8; 10]>())),
        [page, country, city, device, browser, os] in prop::array::uniform6(word()),
        (started_at, last_seen, interval_s, left) in any::<(u64, u64, u32, bool)>(),
    ) -> Visit {
        let user = user.map(|(at, random)| UserId::new(at, &random));
        Visit { key, user, page, country, city, device, browser, os, started_at, last_seen, interval_s, left }
    }
}

prop_compose! {
    fn entry()(
        (at, kind, visit) in (any::<u64>(), prop::sample::select(&FeedKind::ALL[..]), key()),
        [page, country, city, device, source, name, amount, currency] in prop::array::uniform8(word()),
    ) -> FeedEntry {
        FeedEntry { at, kind, visit, page, country, city, device, source, name, amount, currency }
    }
}

fn minute() -> impl Strategy<Value = Minute> {
    (0..u64::MAX / MINUTE_MS, any::<[u32; 4]>()).prop_map(
        |(start, [visits, page_views, conversions, events])| Minute {
            start: start * MINUTE_MS,
            visits,
            page_views,
            conversions,
            events,
        },
    )
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        visit().prop_map(Change::Here),
        (key(), word(), any::<u64>(), any::<u32>()).prop_map(|(key, page, last_seen, interval_s)| {
            Change::Moved { key, page, last_seen, interval_s }
        }),
        (key(), any::<u64>(), any::<u32>()).prop_map(|(key, last_seen, interval_s)| Change::Seen {
            key,
            last_seen,
            interval_s
        }),
        (key(), any::<u64>()).prop_map(|(key, last_seen)| Change::Left { key, last_seen }),
        key().prop_map(Change::Gone),
    ]
}

fn list<T: std::fmt::Debug>(of: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<T>> {
    prop::collection::vec(of, 0..6)
}

fn rows() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..40)
}

fn frame() -> impl Strategy<Value = Frame> {
    prop_oneof![
        any::<[u64; 3]>().prop_map(|[epoch, seq, time]| Frame::Hello(Hello { epoch, seq, time })),
        (any::<[u64; 4]>(), list(visit()), list(minute()), list(entry()), list(entry()), rows()).prop_map(
            |([seq, time, known_from, rows_from], visits, minutes, feed, conversions, rows)| {
                Frame::Snapshot(Snapshot {
                    seq,
                    time,
                    known_from,
                    visits,
                    minutes,
                    feed,
                    conversions,
                    rows_from,
                    rows,
                })
            }
        ),
        (any::<[u64; 2]>(), list(change()), list(entry()), list(minute()), rows()).prop_map(
            |([seq, time], changes, feed, minutes, rows)| {
                Frame::Delta(Delta { seq, time, changes, feed, minutes, rows })
            }
        ),
        Just(Frame::Resync),
        any::<[u64; 2]>().prop_map(|[seq, time]| Frame::Ping { seq, time }),
    ]
}

proptest! {
    #[test]
    fn frame_comes_back_as_it_was(frame in frame()) {
        prop_assert_eq!(Frame::decode(&frame.encode()), Ok(frame));
    }

    #[test]
    fn message_of_a_reader_comes_back_as_it_was(seq in any::<u64>()) {
        for message in [ClientMessage::Ack(seq), ClientMessage::Ping] {
            prop_assert_eq!(ClientMessage::decode(&message.encode()), Ok(message));
        }
        let resume = Resume { epoch: seq, seq: seq / 3 };
        prop_assert_eq!(Resume::parse(&resume.to_string()), Some(resume));
    }

    #[test]
    fn made_up_bytes_are_refused_or_read_and_never_more(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for bytes in [bytes.clone(), [&[VERSION, 1], &bytes[..]].concat(), [&[VERSION, 2], &bytes[..]].concat()] {
            if let Ok(frame) = Frame::decode(&bytes) {
                // What was taken for a frame is one: it prints and reads the same.
                prop_assert_eq!(Frame::decode(&frame.encode()), Ok(frame));
            }
            let _ = ClientMessage::decode(&bytes);
        }
    }

    #[test]
    fn frame_that_was_cut_or_changed_never_panics(frame in frame(), place in any::<prop::sample::Index>(), byte: u8) {
        let mut bytes = frame.encode();
        let place = place.index(bytes.len());
        prop_assert!(Frame::decode(&bytes[..place]).is_err());
        bytes[place] = byte;
        let _ = Frame::decode(&bytes);
        bytes = frame.encode();
        bytes.push(byte);
        prop_assert!(Frame::decode(&bytes).is_err());
    }
}

fn somebody(number: u8, page: &str, last_seen: u64) -> Visit {
    let none = Word::from("");
    Visit {
        key: VisitKey::Session(SessionId::new(NOW, &[number; 10])),
        user: None,
        page: page.into(),
        country: none.clone(),
        city: none.clone(),
        device: none.clone(),
        browser: none.clone(),
        os: none,
        started_at: NOW,
        last_seen,
        interval_s: 15,
        left: false,
    }
}

fn told(state: &mut LiveState, seq: u64, time: u64, changes: Vec<Change>) -> Applied {
    state.apply(Frame::Delta(Delta { seq, time, changes, ..Delta::default() }))
}

fn begun(visits: Vec<Visit>) -> LiveState {
    let mut state = LiveState::default();
    state.apply(Frame::Hello(Hello { epoch: 1, seq: 5, time: NOW }));
    let snapshot = Snapshot { seq: 5, time: NOW, visits, rows_from: NOW, ..Snapshot::default() };
    assert_eq!(state.apply(Frame::Snapshot(snapshot)), Applied::Reloaded);
    state
}

#[test]
fn visitor_comes_moves_and_goes() {
    let mut state = begun(vec![somebody(1, "/a", NOW)]);
    let (first, second) = (somebody(1, "/a", NOW).key, somebody(2, "/b", NOW + 1).key);
    told(&mut state, 6, NOW + 1, vec![Change::Here(somebody(2, "/b", NOW + 1))]);
    assert_eq!(state.visitors_now(NOW + 1), 2);
    let moved = Change::Moved { key: first, page: "/b".into(), last_seen: NOW + 2, interval_s: 30 };
    told(&mut state, 7, NOW + 2, vec![moved]);
    assert_eq!(state.pages(NOW + 2), [("/b".into(), 2)]);
    told(&mut state, 8, NOW + 3, vec![Change::Left { key: second, last_seen: NOW + 3 }]);
    assert_eq!((state.visitors_now(NOW + 3), state.visitors_within(NOW + 3, 300_000)), (1, 2));
    // Nothing more comes, and time tells.
    assert_eq!(state.visitors_now(NOW + 2 + 60_000), 1);
    assert_eq!(state.visitors_now(NOW + 2 + 60_001), 0);
    state.advance(NOW + 4 + REACH_MS);
    assert_eq!(state.visits().len(), 0);
}

#[test]
fn delta_that_comes_twice_counts_once() {
    let mut state = begun(Vec::new());
    let minute = Minute { start: NOW - NOW % MINUTE_MS, page_views: 1, ..Minute::default() };
    let entry = FeedEntry {
        at: NOW,
        kind: FeedKind::Conversion,
        visit: VisitKey::Alias([7; 32]),
        page: "/".into(),
        country: "".into(),
        city: "".into(),
        device: "".into(),
        source: "".into(),
        name: "purchase".into(),
        amount: "".into(),
        currency: "".into(),
    };
    let delta = Delta { seq: 6, time: NOW, feed: vec![entry], minutes: vec![minute], ..Delta::default() };
    assert!(matches!(state.apply(Frame::Delta(delta.clone())), Applied::Changed { .. }));
    let once = state.clone();
    assert_eq!(state.apply(Frame::Delta(delta)), Applied::Nothing);
    assert_eq!((state.feed().len(), state.conversions().len()), (1, 1));
    assert_eq!(state.minutes(NOW).last().unwrap().1, Some(minute));
    assert_eq!(state.resume(), once.resume());
}

#[test]
fn frames_are_acknowledged_before_the_window_is_full() {
    let mut state = begun(Vec::new());
    assert_eq!(state.acknowledge(), None);
    for seq in 6..6 + ACK_EVERY {
        told(&mut state, seq, NOW, Vec::new());
    }
    assert_eq!(state.acknowledge(), Some(ClientMessage::Ack(5 + ACK_EVERY)));
    assert_eq!(state.acknowledge(), None);
    const { assert!(ACK_EVERY * 4 <= WINDOW) };
}

#[test]
fn state_of_another_epoch_is_void_until_a_snapshot_comes() {
    let mut state = begun(vec![somebody(1, "/a", NOW)]);
    assert_eq!(state.resume(), Some(Resume { epoch: 1, seq: 5 }));
    state.apply(Frame::Hello(Hello { epoch: 2, seq: 0, time: NOW + 9 }));
    assert_eq!((state.resume(), told(&mut state, 9, NOW + 9, Vec::new())), (None, Applied::Nothing));
    state.apply(Frame::Resync);
    // The rows of the snapshot reach back past what was known.
    let rows = vec![1, 2, 3];
    let rows_from = NOW - 3 * MINUTE_MS;
    let snapshot = Snapshot { seq: 3, time: NOW + 9, rows_from, rows: rows.clone(), ..Snapshot::default() };
    assert_eq!(state.apply(Frame::Snapshot(snapshot)), Applied::Changed { rows });
    assert_eq!(state.resume(), Some(Resume { epoch: 2, seq: 3 }));
}

#[test]
fn minutes_of_which_nothing_is_known_are_no_zeros() {
    let mut state = LiveState::default();
    let known_from = NOW - 10 * MINUTE_MS;
    state.apply(Frame::Snapshot(Snapshot { time: NOW, known_from, ..Snapshot::default() }));
    let minutes = state.minutes(NOW);
    assert_eq!(minutes.len(), 30);
    assert!(minutes.iter().all(|(start, minute)| minute.is_some() == (*start >= known_from)));
}
