//! Laws of the hub, held against a reader's state.

use analytics::{Kind, segment};
use proptest::prelude::*;
use protocol::account::ShareFilter;
use protocol::live::{Applied, Frame, LiveState, Resume, Visit, VisitKey, WINDOW, Word};
use protocol::{EventId, PageId, SessionId, UserId};

use super::hub::{Hub, Loaded};
use super::pump::{Frames, Place, Pumped};
use super::told::{Event, Told};
use super::view::{Shown, View, Viewer};

const NOW: u64 = 1_763_866_800_000;
const MINUTE: u64 = 60_000;
const SECRET: &str = "secret";
const PAGES: [&str; 3] = ["/", "/products/guji", "/cart"];

fn viewer(filter: Option<ShareFilter>) -> Viewer {
    let share = filter.map(|filter| Shown { id: "00112233445566aa".into(), filter });
    Viewer { actor: "person:1".into(), share, until: u64::MAX }
}

fn products() -> ShareFilter {
    ShareFilter { page: Some("/products/*".into()), ..ShareFilter::default() }
}

fn session(number: u8) -> SessionId {
    SessionId::new(NOW - 20 * MINUTE, &[number; 10])
}

fn seen(number: u8, page: usize, last_seen: u64, left: bool) -> Visit {
    let none = Word::from("");
    Visit {
        key: VisitKey::Session(session(number)),
        user: Some(UserId::new(NOW, &[number; 10])),
        page: PAGES[page].into(),
        country: if number.is_multiple_of(2) { "KR".into() } else { "DE".into() },
        city: none.clone(),
        device: "desktop".into(),
        browser: none.clone(),
        os: none,
        started_at: session(number).unix_ms(),
        last_seen,
        interval_s: 15,
        left,
    }
}

fn event(number: u16, visit: u8, page: usize, at: u64, kind: Kind) -> Event {
    let random = std::array::from_fn(|place| number.to_be_bytes()[place % 2]);
    let row = analytics::Row::new(
        EventId::new(at, &random),
        at,
        UserId::new(NOW, &[visit; 10]),
        session(visit),
        PageId::new(NOW, &[visit; 10]),
        kind,
    );
    Event::of(&row, PAGES[page])
}

fn of_visits(visits: Vec<Visit>) -> Told {
    Told { visits, ..Told::default() }
}

fn of_events(events: Vec<Event>) -> Told {
    Told { events, ..Told::default() }
}

fn empty_hub(epoch: u64) -> Hub {
    Hub::new(epoch, Loaded { told: Told::default(), known_from: NOW - 30 * MINUTE }, NOW)
}

/// What a reader of a view knows who comes now.
fn fresh(hub: &Hub, view: &View<'_>, now: u64) -> LiveState {
    let mut state = LiveState::default();
    state.apply(hub.snapshot(view, now, false));
    state
}

#[derive(Debug, Clone)]
enum Step {
    Seen(u8, usize, i64, bool),
    Happened(u16, u8, usize, i64, Kind),
    Wait(u64),
    Flush,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let ago = -40 * 60_000_i64..60_000;
    let step = prop_oneof![
        4 => (0..6_u8, 0..3_usize, ago.clone(), any::<bool>())
            .prop_map(|(visit, page, ago, left)| Step::Seen(visit, page, ago, left)),
        4 => (0..300_u16, 0..6_u8, 0..3_usize, ago, prop::sample::select(&Kind::ALL[..]))
            .prop_map(|(id, visit, page, ago, kind)| Step::Happened(id, visit, page, ago, kind)),
        1 => (0..20 * MINUTE).prop_map(Step::Wait),
        3 => Just(Step::Flush),
    ];
    prop::collection::vec(step, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whoever applies all that changes knows what a newcomer is told.
    #[test]
    fn deltas_after_a_snapshot_make_the_later_snapshot(steps in steps(), is_part in any::<bool>()) {
        let viewer = viewer(is_part.then(products));
        let view = View::new(&viewer, SECRET);
        let (mut hub, mut now) = (empty_hub(1), NOW);
        let mut state = fresh(&hub, &view, now);
        for step in steps {
            let at = |ago: i64| now.saturating_add_signed(ago);
            match step {
                Step::Seen(visit, page, ago, left) => hub.tell(of_visits(vec![seen(visit, page, at(ago), left)]), now),
                Step::Happened(id, visit, page, ago, kind) => {
                    hub.tell(of_events(vec![event(id, visit, page, at(ago), kind)]), now);
                }
                Step::Wait(time) => now += time,
                Step::Flush => {
                    if hub.flush(now) && let Some(frame) = hub.delta(hub.seq(), &view) {
                        state.apply(Frame::decode(&frame.encode()).unwrap());
                    }
                }
            }
        }
        if hub.flush(now) && let Some(frame) = hub.delta(hub.seq(), &view) {
            state.apply(frame);
        }
        state.advance(now);
        let fresh = fresh(&hub, &view, now);
        prop_assert!(state.visits().eq(fresh.visits()));
        prop_assert_eq!(state.minutes(now), fresh.minutes(now));
        prop_assert!(state.conversions().eq(fresh.conversions()));
        // Of a feed of which a part is shown, a reader who was there from the start knows more.
        let older = state.feed().len() - fresh.feed().len();
        prop_assert!(is_part || older == 0);
        prop_assert!(state.feed().skip(older).eq(fresh.feed()));
    }

    /// In whatever order and however often things are told: a hub that was rebuilt knows the same.
    #[test]
    fn rebuilt_hub_knows_what_the_old_one_knew(steps in steps(), swap in any::<prop::sample::Index>()) {
        let viewer = viewer(None);
        let view = View::new(&viewer, SECRET);
        let mut all = Told::default();
        for step in steps {
            match step {
                // The visits of one moment differ in nothing but whether they left.
                Step::Seen(visit, _, ago, left) => {
                    all.visits.push(seen(visit, 0, NOW.saturating_add_signed(ago), left));
                }
                Step::Happened(id, visit, page, ago, kind) => {
                    all.events.push(event(id, visit, page, NOW.saturating_add_signed(ago), kind));
                }
                Step::Wait(_) | Step::Flush => {}
            }
        }
        all.events.dedup_by_key(|event| event.id);
        all.events.sort_by_key(|event| event.id);
        all.events.dedup_by_key(|event| event.id);
        let mut told = empty_hub(1);
        for _ in 0..2 {
            told.tell(all.clone(), NOW);
            told.flush(NOW);
        }
        if !all.visits.is_empty() {
            let middle = swap.index(all.visits.len());
            all.visits.rotate_left(middle);
        }
        let mut rebuilt = Hub::new(2, Loaded { told: all, known_from: NOW - 30 * MINUTE }, NOW);
        rebuilt.flush(NOW);
        let (told, rebuilt) = (fresh(&told, &view, NOW), fresh(&rebuilt, &view, NOW));
        prop_assert!(told.visits().eq(rebuilt.visits()));
        prop_assert_eq!(told.minutes(NOW), rebuilt.minutes(NOW));
        prop_assert_eq!(told.feed().len(), rebuilt.feed().len());
    }
}

#[test]
fn rows_of_a_delta_are_the_events_that_came() {
    let mut hub = empty_hub(1);
    let events = vec![
        event(1, 1, 0, NOW, Kind::PageView),
        event(2, 1, 0, NOW + 5, Kind::Heartbeat),
        // A phone that was without a network comes with what is two days old.
        event(3, 2, 1, NOW - 48 * 60 * MINUTE, Kind::Conversion),
    ];
    hub.tell(of_events(events.clone()), NOW);
    hub.tell(of_events(events.clone()), NOW);
    assert!(hub.flush(NOW));
    let mut builder = analytics::Builder::default();
    for event in &events {
        builder.push(&event.row(&event.props())).unwrap();
    }
    let viewer = viewer(None);
    let Some(Frame::Delta(delta)) = hub.delta(1, &View::new(&viewer, SECRET)) else { panic!("no delta") };
    let read = segment::read(&delta.rows, analytics::Columns::ALL).unwrap();
    assert_eq!(read, builder.finish());
    // What is old is not in the feed.
    assert_eq!(delta.feed.len(), 1);
    hub.tell(of_events(events[..2].to_vec()), NOW);
    assert!(!hub.flush(NOW), "nothing of it is new");
}

#[test]
fn readers_of_a_link_get_neither_ids_nor_rows_nor_what_it_does_not_show() {
    let mut hub = empty_hub(1);
    let reader = viewer(Some(products()));
    let view = View::new(&reader, SECRET);
    hub.tell(of_visits(vec![seen(1, 0, NOW, false), seen(2, 1, NOW, false)]), NOW);
    hub.tell(of_events(vec![event(1, 1, 0, NOW, Kind::Click), event(2, 2, 1, NOW, Kind::Click)]), NOW);
    hub.flush(NOW);
    let Some(Frame::Delta(delta)) = hub.delta(1, &view) else { panic!("no delta") };
    assert!(delta.rows.is_empty());
    assert_eq!((delta.changes.len(), delta.feed.len(), delta.minutes[0].events), (1, 1, 1));
    assert_eq!(
        delta.feed[0].visit.to_string(),
        crate::auth::secret::keyed_hex(SECRET, "shown", &["00112233445566aa", &session(2).to_string()],)
    );
    let Frame::Snapshot(snapshot) = hub.snapshot(&view, NOW, true) else { panic!("no snapshot") };
    assert!(snapshot.rows.is_empty() && snapshot.visits.iter().all(|visit| visit.user.is_none()));
    let printed = format!("{delta:?} {snapshot:?}");
    assert!(!printed.contains("Session(") && !printed.contains("\"/\""), "{printed}");
    // Nothing that the link shows has changed.
    hub.tell(of_visits(vec![seen(1, 2, NOW + 1, false)]), NOW);
    hub.flush(NOW);
    assert_eq!(hub.delta(2, &view), None);
    // A visitor who goes elsewhere is gone.
    hub.tell(of_visits(vec![seen(2, 0, NOW + 1, false)]), NOW);
    hub.flush(NOW);
    let Some(Frame::Delta(delta)) = hub.delta(3, &view) else { panic!("no delta") };
    assert!(matches!(delta.changes[..], [protocol::live::Change::Gone(VisitKey::Alias(_))]));
}

/// A connection and what its reader knows.
struct Line {
    place: Place,
    state: LiveState,
    kinds: Vec<&'static str>,
}

impl Line {
    fn new(place: Place) -> Self {
        Self { place, state: LiveState::default(), kinds: Vec::new() }
    }

    fn pump(&mut self, hub: &Hub, now: u64) -> Pumped {
        let viewer = viewer(None);
        let view = View::new(&viewer, SECRET);
        let (state, kinds) = (&mut self.state, &mut self.kinds);
        self.place.pump(hub, &view, &mut Frames::default(), now, |bytes| {
            let frame = Frame::decode(bytes).unwrap();
            kinds.push(match &frame {
                Frame::Hello(_) => "hello",
                Frame::Snapshot(_) => "snapshot",
                Frame::Delta(_) => "delta",
                Frame::Resync => "resync",
                Frame::Ping { .. } => "ping",
            });
            state.apply(frame);
            true
        })
    }
}

fn happen(hub: &mut Hub, number: u16, now: u64) {
    let at = now + u64::from(number);
    hub.tell(of_events(vec![event(number, 1, 0, at, Kind::Click)]), at);
    assert!(hub.flush(at));
}

#[test]
fn slow_reader_is_sent_a_window_and_then_what_follows() {
    let mut hub = empty_hub(1);
    let mut line = Line::new(Place::new(None, Some(&hub)));
    line.pump(&hub, NOW);
    for number in 0..100 {
        happen(&mut hub, number, NOW);
        line.pump(&hub, NOW);
    }
    assert_eq!(line.kinds.len() as u64, WINDOW);
    // What it was not sent is still remembered.
    while line.kinds.len() < 101 {
        line.place.acknowledge(line.state.resume().unwrap().seq, NOW);
        line.pump(&hub, NOW);
    }
    assert!(line.kinds[1..].iter().all(|kind| *kind == "delta"));
    assert_eq!((line.state.feed().len(), line.state.resume().unwrap().seq), (100, 100));
}

#[test]
fn reader_who_fell_behind_the_log_starts_anew_and_one_who_says_nothing_is_given_up() {
    let mut hub = empty_hub(1);
    let mut line = Line::new(Place::new(None, Some(&hub)));
    line.pump(&hub, NOW);
    for number in 0..1_000 {
        happen(&mut hub, number, NOW);
        line.pump(&hub, NOW);
    }
    assert_eq!(line.kinds.len() as u64, WINDOW);
    line.kinds.clear();
    line.place.acknowledge(line.state.resume().unwrap().seq, NOW);
    assert_eq!(line.pump(&hub, NOW), Pumped::Fine);
    assert_eq!(line.kinds, ["hello", "resync", "snapshot"]);
    assert_eq!(line.state.resume(), Some(Resume { epoch: 1, seq: 1_000 }));
    for number in 1_000..1_100 {
        happen(&mut hub, number, NOW);
        line.pump(&hub, NOW);
    }
    assert_eq!(line.pump(&hub, NOW + 10 * MINUTE), Pumped::TooSlow);
}

#[test]
fn who_comes_back_is_sent_what_was_missed_or_all_there_is() {
    let mut hub = empty_hub(1);
    for number in 0..10 {
        happen(&mut hub, number, NOW);
    }
    let kinds = |after| {
        let mut line = Line::new(Place::new(after, Some(&hub)));
        line.pump(&hub, NOW);
        line.kinds
    };
    assert_eq!(kinds(None), ["snapshot"]);
    assert_eq!(kinds(Some(Resume { epoch: 1, seq: 8 })), ["delta", "delta"]);
    assert!(kinds(Some(Resume { epoch: 1, seq: 10 })).is_empty());
    for after in
        [Resume { epoch: 2, seq: 8 }, Resume { epoch: 1, seq: 99 }, Resume { epoch: 1, seq: u64::MAX }]
    {
        assert_eq!(kinds(Some(after)), ["hello", "resync", "snapshot"]);
    }
}

#[test]
fn reader_who_stayed_while_the_hub_was_rebuilt_misses_no_event() {
    let mut old = empty_hub(1);
    happen(&mut old, 1, NOW);
    let mut line = Line::new(Place::new(None, Some(&old)));
    line.pump(&old, NOW + 2);
    // The hub sleeps; what happens wakes it, and it reads the tables.
    let later = NOW + 5 * MINUTE;
    let events = vec![event(1, 1, 0, NOW + 1, Kind::Click), event(2, 1, 0, later, Kind::Click)];
    let hub = Hub::new(2, Loaded { told: of_events(events), known_from: later - 30 * MINUTE }, later);
    let viewer = viewer(None);
    line.state.apply(Frame::Hello(protocol::live::Hello { epoch: 2, seq: 0, time: later }));
    let applied = line.state.apply(hub.snapshot(&View::new(&viewer, SECRET), later, true));
    let Applied::Changed { rows } = applied else { panic!("{applied:?}") };
    assert_eq!(segment::read(&rows, analytics::Columns::ALL).unwrap().event_count(), 2);
    assert_eq!(line.state.feed().len(), 2);
}
