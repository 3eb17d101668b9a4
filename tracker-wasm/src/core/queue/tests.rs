use std::collections::BTreeMap;

use proptest::prelude::*;
use protocol::{EventId, SessionId, UserId};

use super::*;

const NOW: u64 = 1_763_866_800_000;

/// An event of a visit as a line; later numbers are later events.
fn event(number: u64, visit: u8, padding: usize) -> String {
    let (user, session) = (UserId::new(NOW, &[0; 10]), SessionId::new(NOW, &[visit; 10]));
    let id = EventId::new(NOW + number, &[7; 10]);
    let padding = " ".repeat(padding);
    format!(" {user}\t{session}\t\t{{\"id\":\"{id}\",\"at\":{},\"type\":\"x\"{padding}}}", NOW + number)
}

fn push(queue: &mut Queue, number: u64, visit: u8) {
    queue.add(NOW, event(number, visit, 0).as_bytes());
}

/// Takes a batch; gives its number, or 0, whose it is and its events.
fn sent(queue: &mut Queue, all_told: bool) -> (u8, String, Vec<String>) {
    let (mut whose, mut events) = (Box::new(Buffer::new()), Box::new(Buffer::new()));
    let request = queue.take(all_told, &mut whose, &mut events).unwrap_or(0);
    let text = |buffer: &Buffer| String::from_utf8(buffer.text().to_vec()).unwrap();
    let events = text(&events).replace("},{\"id\"", "}\n{\"id\"");
    (request, text(&whose), events.lines().map(String::from).collect())
}

fn json(line: &str) -> String {
    line.rsplit('\t').next().unwrap().into()
}

#[test]
fn batch_holds_no_more_events_than_the_wire_allows() {
    let mut queue = Queue::new();
    (0..limits::MAX_EVENTS as u64 + 6).for_each(|number| push(&mut queue, number, 1));
    assert_eq!(sent(&mut queue, false).2.len(), limits::MAX_EVENTS);
    assert_eq!(sent(&mut queue, false).2.len(), 6);
    assert_eq!(sent(&mut queue, false).0, 0);
}

#[test]
fn largest_properties_fit_a_body_by_themselves() {
    let mut queue = Queue::new();
    queue.add(NOW, event(1, 1, MAX_PROPS_BYTES + 5_000).as_bytes());
    assert_eq!(sent(&mut queue, false).2.len(), 1);
}

#[test]
fn last_words_find_room_beside_many_small_events_under_way() {
    let mut queue = Queue::new();
    (0..50).for_each(|number| push(&mut queue, number, 1));
    assert_eq!(sent(&mut queue, false).2.len(), 50);
    push(&mut queue, 51, 1);
    assert_eq!(sent(&mut queue, true).2.len(), 1);
}

#[test]
fn batch_holds_events_of_one_visit_only() {
    let mut queue = Queue::new();
    for (number, visit) in [(0, 1), (1, 1), (2, 2), (3, 1)] {
        push(&mut queue, number, visit);
    }
    let sizes: Vec<_> = (0..3).map(|_| sent(&mut queue, false).2.len()).collect();
    assert_eq!(sizes, [2, 1, 1]);
}

#[test]
fn body_stays_below_the_keepalive_limit_and_so_do_all_last_words_together() {
    for all_told in [false, true] {
        let mut queue = Queue::new();
        (0..5).for_each(|number| queue.add(NOW, event(number, 1, 20_000).as_bytes()));
        assert_eq!(sent(&mut queue, all_told).2.len(), 2);
        assert_eq!(sent(&mut queue, all_told).2.len(), if all_told { 0 } else { 2 });
    }
}

#[test]
fn stored_nonsense_and_week_old_events_are_left_out() {
    let mut queue = Queue::new();
    let line = event(1, 1, 0);
    let lines = format!("x\n\n{}\n{line}\n", &line[..line.len() - 1]);
    queue.add(NOW, lines.as_bytes());
    assert_eq!((queue.waiting(), queue.dropped), (1, 0));
    queue.clear();
    queue.add(NOW + limits::MAX_EVENT_AGE_MS + 2, lines.as_bytes());
    assert_eq!((queue.waiting(), queue.dropped), (0, 1));
}

#[test]
fn heartbeat_that_waits_is_replaced_by_the_next_of_its_page_and_by_nothing_else() {
    let beat = |number: u64, page: u64, last: bool| {
        let (id, page) = (EventId::new(NOW + number, &[7; 10]), EventId::new(NOW + page, &[8; 10]));
        let at = NOW + number;
        format!(
            " u\ts\t\t{{\"id\":\"{id}\",\"at\":{at},\"page_id\":\"{page}\",\"type\":\"heartbeat\",\"engaged_ms\":1,\"final\":{last}}}"
        )
    };
    let mut queue = Queue::new();
    let mut waiting = Vec::new();
    for line in [beat(1, 1, false), beat(2, 1, false), beat(3, 2, false), beat(4, 2, true), beat(5, 2, false)]
    {
        queue.add(NOW, line.as_bytes());
        waiting.push(queue.waiting());
    }
    assert_eq!(waiting, [1, 1, 2, 2, 3]);
    sent(&mut queue, false);
    queue.add(NOW, beat(6, 2, false).as_bytes());
    assert_eq!(queue.waiting(), 1, "what is under way stays");
}

#[test]
fn oldest_go_first_wherever_they_stand_and_never_what_is_under_way() {
    let mut queue = Queue::new();
    (10..20).for_each(|number| push(&mut queue, number, 1));
    let (request, _, under_way) = sent(&mut queue, false);
    (20..MAX_EVENTS_QUEUED as u64 + 10).for_each(|number| push(&mut queue, number, 1));
    (0..5).for_each(|number| push(&mut queue, number, 1));
    assert_eq!(queue.dropped, 5);
    queue.end(request, false);
    let text = String::from_utf8(queue.text().to_vec()).unwrap();
    assert!(under_way.iter().all(|event| text.contains(event)));
    assert!((0..5).all(|number| !text.contains(&json(&event(number, 1, 0)))));
}

#[derive(Debug, Clone)]
enum Step {
    Push(u8),
    Take(bool),
    Arrive(u8),
    Fail(u8),
    Reload,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..3_u8).prop_map(Step::Push),
        2 => any::<bool>().prop_map(Step::Take),
        1 => any::<u8>().prop_map(Step::Arrive),
        1 => any::<u8>().prop_map(Step::Fail),
        1 => Just(Step::Reload),
    ];
    proptest::collection::vec(step, 0..300)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// For any order of failures, every event that was not counted as dropped is delivered at least once,
    /// unchanged and in order within its batch, and the queue never exceeds its bounds.
    #[test]
    fn events_are_delivered_in_order_or_counted_and_the_queue_keeps_its_bounds(steps in steps()) {
        let mut queue = Queue::new();
        let mut under_way: Vec<(u8, Vec<String>)> = Vec::new();
        let mut pushed = Vec::new();
        let mut arrived: BTreeMap<String, u32> = BTreeMap::new();
        let mut dropped = 0;
        let deliver = |events: Vec<String>, arrived: &mut BTreeMap<String, u32>| {
            for event in events {
                *arrived.entry(event).or_default() += 1;
            }
        };
        for step in steps {
            match step {
                Step::Push(visit) => {
                    let line = event(pushed.len() as u64, visit, 0);
                    queue.add(NOW, line.as_bytes());
                    pushed.push(json(&line));
                }
                Step::Take(all_told) => {
                    let (request, _, events) = sent(&mut queue, all_told);
                    prop_assert!(events.is_sorted());
                    under_way.extend((request > 0).then_some((request, events)));
                }
                Step::Arrive(which) if !under_way.is_empty() => {
                    let (request, events) = under_way.remove(usize::from(which) % under_way.len());
                    deliver(events, &mut arrived);
                    queue.end(request, true);
                }
                Step::Fail(which) if !under_way.is_empty() => {
                    let (request, _) = under_way.remove(usize::from(which) % under_way.len());
                    queue.end(request, false);
                }
                Step::Reload => {
                    let stored = queue.text().to_vec();
                    dropped += queue.dropped;
                    under_way.clear();
                    queue = Queue::new();
                    queue.add(NOW, &stored);
                }
                Step::Arrive(_) | Step::Fail(_) => {}
            }
            prop_assert!(queue.text().iter().filter(|byte| **byte == b'\n').count() <= MAX_EVENTS_QUEUED);
            prop_assert!(queue.text().len() <= MAX_BYTES_QUEUED);
        }
        under_way.iter().for_each(|(request, _)| queue.end(*request, false));
        loop {
            let (request, _, events) = sent(&mut queue, false);
            if request == 0 {
                break;
            }
            prop_assert!(events.is_sorted());
            deliver(events, &mut arrived);
            queue.end(request, true);
        }
        prop_assert!(queue.is_empty());
        prop_assert!(arrived.keys().all(|event| pushed.contains(event)));
        prop_assert_eq!(arrived.len() as u64 + dropped + queue.dropped, pushed.len() as u64);
    }
}
