use proptest::prelude::*;

use super::*;
use crate::core::testing::Lab;

const NOW: u64 = 1_763_866_800_000;

fn ids(visit: u8) -> (UserId, SessionId) {
    (UserId::new(NOW, &[0; 10]), SessionId::new(NOW, &[visit; 10]))
}

fn event(number: u64, padding: usize) -> String {
    let mut json = String::from("{\"id\":\"");
    let mut random = [0; 10];
    random[2..].copy_from_slice(&number.to_be_bytes());
    EventId::new(NOW, &random).write_to(&mut json);
    json.push('"');
    json.push_str(&" ".repeat(padding));
    json.push('}');
    json
}

fn push(queue: &mut Queue, number: u64, visit: u8) {
    let (user, session) = ids(visit);
    queue.push(user, session, event(number, 0));
}

/// Takes a batch; gives its number, or 0, and its events.
fn sent(queue: &mut Queue, all_told: bool) -> (u32, Vec<String>) {
    queue.take(all_told).map_or((0, Vec::new()), |batch| {
        (batch.request, queue.events(batch.request).map(String::from).collect())
    })
}

#[test]
fn batch_holds_no_more_events_than_the_wire_allows() {
    let mut queue = Queue::default();
    (0..limits::MAX_EVENTS as u64 + 6).for_each(|i| push(&mut queue, i, 1));
    assert_eq!(sent(&mut queue, false).1.len(), limits::MAX_EVENTS);
    assert_eq!(sent(&mut queue, false).1.len(), 6);
    assert!(queue.take(false).is_none());
}

#[test]
fn largest_event_fits_a_body_by_itself() {
    let mut queue = Queue::default();
    let (user, session) = ids(1);
    let empty = event(1, 0).len();
    queue.push(user, session, event(1, MAX_EVENT_BYTES - empty));
    assert_eq!(sent(&mut queue, false).1.len(), 1);
}

#[test]
fn last_words_find_room_beside_many_small_events_under_way() {
    let mut queue = Queue::default();
    (0..50).for_each(|i| push(&mut queue, i, 1));
    assert_eq!(sent(&mut queue, false).1.len(), 50);
    push(&mut queue, 51, 1);
    assert_eq!(sent(&mut queue, true).1.len(), 1);
}

#[test]
fn batch_holds_events_of_one_visit_only() {
    let mut queue = Queue::default();
    for (number, visit) in [(0, 1), (1, 1), (2, 2), (3, 1)] {
        push(&mut queue, number, visit);
    }
    let sizes: Vec<_> = (0..3).map(|_| sent(&mut queue, false).1.len()).collect();
    assert_eq!(sizes, [2, 1, 1]);
}

#[test]
fn body_stays_below_the_keepalive_limit() {
    let mut queue = Queue::default();
    let (user, session) = ids(1);
    (0..5).for_each(|i| queue.push(user, session, event(i, 20_000)));
    assert_eq!(sent(&mut queue, false).1.len(), 2);
}

#[test]
fn last_words_of_a_page_share_one_keepalive_allowance() {
    let mut queue = Queue::default();
    let (user, session) = ids(1);
    (0..5).for_each(|i| queue.push(user, session, event(i, 20_000)));
    assert_eq!(sent(&mut queue, true).1.len(), 2);
    assert!(queue.take(true).is_none());
    assert!(queue.take(false).is_some());
}

#[test]
fn unsent_events_are_taken_up_by_the_next_page() {
    let lab = Lab::new();
    let mut queue = Queue::default();
    (0..3).for_each(|i| push(&mut queue, i, 1));
    let (_, first) = sent(&mut queue, false);
    queue.persist(&lab);
    let mut next = Queue::restore(NOW, &lab);
    let (request, second) = sent(&mut next, false);
    assert_eq!(first, second);
    next.finish(request, &lab);
    assert_eq!(lab.read(Key::Unsent), None);
}

#[test]
fn tabs_do_not_overwrite_each_others_unsent_events() {
    let lab = Lab::new();
    let (mut one, mut two) = (Queue::default(), Queue::default());
    push(&mut one, 1, 1);
    push(&mut two, 2, 1);
    one.persist(&lab);
    two.persist(&lab);
    one.persist(&lab);
    assert_eq!(Queue::restore(NOW, &lab).waiting(), 2);
    let (request, _) = sent(&mut one, false);
    one.finish(request, &lab);
    assert_eq!(sent(&mut Queue::restore(NOW, &lab), false).1, [event(2, 0)]);
}

#[test]
fn stored_nonsense_and_week_old_events_are_left_out() {
    let lab = Lab::new();
    let mut queue = Queue::default();
    push(&mut queue, 1, 1);
    queue.persist(&lab);
    let line = lab.read(Key::Unsent).unwrap();
    lab.write(Key::Unsent, &format!("x\n\n{}\n{line}", &line[..line.len() - 2]));
    assert_eq!(Queue::restore(NOW, &lab).waiting(), 1);
    assert_eq!(Queue::restore(NOW + limits::MAX_EVENT_AGE_MS, &lab).waiting(), 0);
}

#[test]
fn storage_is_bounded_like_the_queue() {
    let lab = Lab::new();
    for tab in 0..3 {
        let mut queue = Queue::default();
        (0..200).for_each(|i| push(&mut queue, tab * 1_000 + i, 1));
        queue.persist(&lab);
    }
    let lines = lab.read(Key::Unsent).unwrap();
    assert_eq!(lines.lines().count(), MAX_EVENTS_QUEUED);
    assert!(lines.trim_end().ends_with(&event(2_199, 0)));
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
    proptest::collection::vec(step, 0..200)
}

proptest! {
    /// Under the bound, every event arrives, unchanged, whatever fails in between; and each batch is in
    /// the order of events.
    #[test]
    fn events_are_neither_lost_nor_reordered_nor_changed(steps in steps()) {
        let lab = Lab::new();
        let mut queue = Queue::default();
        let mut under_way: Vec<(u32, Vec<String>)> = Vec::new();
        let (mut pushed, mut arrived) = (Vec::new(), Vec::new());
        for step in steps {
            match step {
                Step::Push(visit) => {
                    let number = pushed.len() as u64;
                    push(&mut queue, number, visit);
                    pushed.push(event(number, 0));
                }
                Step::Take(all_told) => under_way.extend(Some(sent(&mut queue, all_told)).filter(|s| s.0 != 0)),
                Step::Arrive(which) if !under_way.is_empty() => {
                    let (request, events) = under_way.remove(usize::from(which) % under_way.len());
                    prop_assert!(events.is_sorted());
                    arrived.extend(events);
                    queue.finish(request, &lab);
                }
                Step::Fail(which) if !under_way.is_empty() => {
                    let (request, _) = under_way.remove(usize::from(which) % under_way.len());
                    queue.release(request);
                    queue.persist(&lab);
                }
                Step::Reload => {
                    queue.persist(&lab);
                    under_way.clear();
                    queue = Queue::restore(NOW, &lab);
                }
                Step::Arrive(_) | Step::Fail(_) => {}
            }
        }
        under_way.iter().for_each(|(request, _)| queue.release(*request));
        loop {
            let (request, events) = sent(&mut queue, false);
            if events.is_empty() {
                break;
            }
            prop_assert!(events.is_sorted());
            arrived.extend(events);
            queue.finish(request, &lab);
        }
        arrived.sort();
        prop_assert_eq!(arrived, pushed);
        prop_assert_eq!(lab.read(Key::Unsent), None);
    }

    #[test]
    fn only_the_oldest_are_dropped_over_the_bound(count in 0..600_u64) {
        let mut queue = Queue::default();
        (0..count).for_each(|i| push(&mut queue, i, 1));
        let kept = count.min(MAX_EVENTS_QUEUED as u64);
        prop_assert_eq!(queue.waiting() as u64, kept);
        let oldest = sent(&mut queue, false).1.first().cloned();
        prop_assert_eq!(oldest, (kept > 0).then(|| event(count - kept, 0)));
    }
}
