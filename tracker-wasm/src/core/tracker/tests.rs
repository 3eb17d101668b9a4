use protocol::event::{EventKind, PageView, PersonId};

use crate::core::testing::{Lab, Post, types};
use crate::core::{Dice, Op};

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;

fn views(posts: &[Post]) -> Vec<PageView> {
    let events = posts.iter().flat_map(|post| &post.batch.events);
    events
        .filter_map(
            |event| if let EventKind::PageView(view) = &event.kind { Some(view.clone()) } else { None },
        )
        .collect()
}

fn engaged(posts: &[Post]) -> Vec<u64> {
    let events = posts.iter().flat_map(|post| &post.batch.events);
    events
        .filter_map(
            |event| if let EventKind::Heartbeat(beat) = &event.kind { Some(beat.engaged_ms) } else { None },
        )
        .collect()
}

#[test]
fn page_view_leaves_within_a_quarter_second_and_heartbeats_within_five() {
    let mut lab = Lab::started();
    assert!(lab.posts.is_empty());
    assert_eq!(types(&lab.pass(250)), ["page_view"]);
    assert_eq!(types(&lab.pass(19 * SECOND)), [""; 0]);
    assert_eq!(types(&lab.pass(SECOND)), ["heartbeat"]);
}

#[test]
fn page_that_is_never_seen_sends_nothing_and_keeps_nobody_alive() {
    let mut lab = Lab::new();
    (lab.visible, lab.focused) = (false, false);
    lab.start();
    assert!(lab.pass(MINUTE).is_empty());
    assert_eq!(lab.writes, 0);
    lab.show(true);
    assert_eq!(types(&lab.pass(SECOND)), ["page_view"]);
}

#[test]
fn navigation_ends_the_page_and_waits_for_the_title() {
    let mut lab = Lab::started();
    lab.go_to("https://shop.example/beans", false);
    lab.now += 50;
    lab.title = "Beans".into();
    lab.say(Op::Look);
    let sent = lab.flush();
    assert_eq!(types(&sent), ["page_view", "final", "page_view"]);
    let view = views(&sent).pop().unwrap();
    assert_eq!(view.title.as_str(), "Beans");
    assert_eq!(view.referrer.unwrap().as_str(), "https://shop.example/");
}

#[test]
fn another_query_is_another_page_only_when_pushed() {
    let mut lab = Lab::started();
    lab.flush();
    lab.go_to("https://shop.example/?q=1", true);
    assert!(lab.flush().is_empty());
    lab.go_to("https://shop.example/?q=1", false);
    assert!(lab.flush().is_empty());
    lab.go_to("https://shop.example/?q=2", false);
    assert_eq!(types(&lab.pass(SECOND)), ["final", "page_view"]);
}

#[test]
fn page_the_site_asks_for_carries_its_properties_once() {
    let mut lab = Lab::started();
    lab.tell(Op::PageView, 0, 0, 0, r#","props":{"plan":"basic"}"#);
    lab.go_to("https://shop.example/next", false);
    let views = views(&lab.pass(SECOND));
    let props: Vec<_> = views.iter().map(|view| view.props.iter().count()).collect();
    assert_eq!(props, [0, 1, 0]);
}

#[test]
fn navigation_out_of_sight_counts_when_the_page_is_shown_again() {
    let mut lab = Lab::started();
    lab.flush();
    lab.show(false);
    lab.go_to("https://shop.example/beans", false);
    assert_eq!(types(&lab.flush()), ["final"]);
    lab.show(true);
    assert_eq!(types(&lab.pass(SECOND)), ["page_view"]);
}

#[test]
fn hiding_sends_one_final_heartbeat_however_often_it_is_said() {
    let mut lab = Lab::started();
    lab.visible = false;
    lab.say(Op::Go);
    lab.say(Op::Look);
    assert_eq!(types(&lab.flush()), ["page_view", "final"]);
    assert_eq!(lab.wake_at, None);
}

#[test]
fn page_that_comes_back_from_the_cache_is_another_page_view() {
    let mut lab = Lab::started();
    lab.say(Op::Go);
    lab.say(Op::Look);
    lab.say(Op::Look);
    assert_eq!(types(&lab.flush()), ["page_view", "final", "page_view"]);
}

#[test]
fn visit_that_was_over_begins_anew_with_a_page_view_before_the_click() {
    let mut lab = Lab::started();
    lab.show(false);
    let before = lab.flush();
    lab.now += 31 * MINUTE;
    lab.show(true);
    assert!(lab.flush().is_empty(), "looking alone begins no visit");
    lab.click();
    let after = lab.flush();
    assert_eq!(types(&after), ["page_view", "click"]);
    let (before, after) = (&before[0].batch, &after[0].batch);
    assert_ne!(before.session_id, after.session_id);
    assert_eq!(before.user_id, after.user_id);
    assert_ne!(before.events[0].page_id, after.events[0].page_id);
}

#[test]
fn visit_that_ends_while_its_page_is_open_keeps_the_engaged_time() {
    let mut lab = Lab::started();
    lab.pass(10 * SECOND);
    lab.focused = false;
    lab.say(Op::Look);
    // The machine sleeps: no timer fires, and the visitor comes back with a click.
    lab.now += 40 * MINUTE;
    lab.focused = true;
    lab.wake_at = None;
    lab.click();
    let sent = lab.flush();
    assert_eq!(types(&sent), ["final", "page_view", "click"]);
    assert_eq!(engaged(&sent), [10 * SECOND]);
    assert_ne!(sent[0].batch.session_id, sent[1].batch.session_id);
    let end = sent[0].batch.events[0].at;
    assert!(lab.now - end > 39 * MINUTE, "the end of a visit noticed late does not prolong it");
}

#[test]
fn who_stays_after_coming_back_begins_a_visit_with_the_next_heartbeat() {
    let mut lab = Lab::started();
    lab.show(false);
    lab.flush();
    lab.now += 31 * MINUTE;
    lab.show(true);
    assert_eq!(types(&lab.pass(61 * SECOND)), ["page_view"]);
}

#[test]
fn heartbeats_without_focus_keep_no_visit_alive_and_end_with_it() {
    let mut lab = Lab::started();
    lab.focused = false;
    lab.say(Op::Look);
    let sent = lab.pass(40 * MINUTE);
    let sent = types(&sent);
    assert_eq!(sent.last(), Some(&"final"));
    assert_eq!(sent.iter().filter(|kind| **kind == "final").count(), 1);
    assert!(sent.iter().filter(|kind| **kind == "heartbeat").count() >= 30);
}

#[test]
fn focused_heartbeats_keep_the_visit_alive() {
    let mut lab = Lab::started();
    let sent = lab.pass(40 * MINUTE);
    assert!(!types(&sent).contains(&"final"));
    assert!(sent.iter().all(|post| post.batch.session_id == sent[0].batch.session_id));
}

#[test]
fn ids_survive_retries_and_a_failed_batch_is_stored_until_it_has_arrived() {
    let mut lab = Lab::started();
    lab.now += SECOND;
    lab.say(Op::Look);
    lab.say(Op::Look);
    assert_eq!(lab.posts.len(), 1, "one request at a time");
    let first = lab.answer(503, 7);
    assert!(!lab.unsent.is_empty());
    lab.now += 6 * SECOND;
    lab.say(Op::Flush);
    assert!(lab.posts.is_empty(), "Retry-After is kept");
    lab.now += SECOND;
    let again = lab.flush();
    assert_eq!(first[0].batch.events, again[0].batch.events);
    assert_eq!(lab.unsent, "");
}

#[test]
fn request_that_fails_on_a_hidden_page_is_not_repeated_at_once() {
    let mut lab = Lab::started();
    lab.visible = false;
    lab.say(Op::Go);
    lab.answer(0, 0);
    assert!(lab.posts.is_empty());
    assert!(lab.wake_at.is_some());
}

#[test]
fn what_had_to_be_thrown_away_is_counted_until_the_count_has_arrived() {
    let mut lab = Lab::started();
    lab.say(Op::Flush);
    lab.answer(503, 5);
    (0..crate::core::MAX_EVENTS_QUEUED + 4).for_each(|_| lab.click());
    lab.now += 5 * SECOND;
    let counts: Vec<_> = lab.flush().iter().map(|post| post.dropped).collect();
    assert_eq!(counts, [5, 0, 0]);
}

#[test]
fn browser_that_is_back_online_sends_at_once() {
    let mut lab = Lab::started();
    for _ in 0..8 {
        lab.say(Op::Flush);
        lab.answer(0, 0);
    }
    lab.say(Op::Online);
    assert_eq!(lab.posts.len(), 1);
}

#[test]
fn refused_batch_is_given_up() {
    for status in [400, 403, 404, 413] {
        let mut lab = Lab::started();
        lab.say(Op::Flush);
        lab.answer(status, 0);
        assert!(lab.flush().is_empty(), "{status}");
    }
}

#[test]
fn next_page_sends_what_the_last_one_could_not() {
    let mut lab = Lab::started();
    lab.show(false);
    lab.answer(0, 0);
    lab.now += SECOND;
    let mut next = lab.next();
    next.start();
    next.tell(Op::Adopt, 1, 0, 0, &lab.unsent);
    let sent = next.pass(SECOND);
    assert_eq!(sent.len(), 1);
    assert_eq!(types(&sent), ["page_view", "page_view", "final"]);
    assert_eq!(next.unsent, "");
}

#[test]
fn clock_that_is_set_back_stops_neither_heartbeats_nor_sending() {
    let mut lab = Lab::started();
    lab.pass(SECOND);
    lab.click();
    lab.now -= 4 * MINUTE;
    lab.say(Op::Look);
    assert!(types(&lab.pass(21 * SECOND)).contains(&"heartbeat"));
}

#[test]
fn without_consent_nothing_is_kept_or_sent_and_then_all_of_it_belongs_to_the_known_visitor() {
    let mut known = Lab::started();
    known.flush();
    let user = known.flush().first().map(|post| post.batch.user_id);
    let mut lab = known.next();
    lab.consent = 2;
    lab.start();
    lab.click();
    assert!(lab.pass(MINUTE).is_empty());
    assert_eq!(lab.writes, 0);
    lab.consent = 0;
    lab.say(Op::Consent);
    let sent = lab.flush();
    assert_eq!(types(&sent)[..2], ["page_view", "click"]);
    assert!(known.identity.starts_with(&sent[0].batch.user_id.to_string()));
    assert!(known.identity.contains(&sent[0].batch.session_id.to_string()));
    assert!(user.is_none_or(|user| user == sent[0].batch.user_id));
}

#[test]
fn cookieless_tracker_sends_and_keeps_nothing_until_consent() {
    let mut lab = Lab::new();
    lab.consent = 1;
    lab.start();
    assert_eq!(types(&lab.pass(SECOND)), ["page_view"]);
    lab.show(false);
    assert_eq!((lab.writes, lab.unsent.as_str()), (0, ""));
    lab.show(true);
    lab.consent = 0;
    lab.say(Op::Consent);
    assert_eq!(lab.writes, 1);
}

#[test]
fn denied_consent_forgets_what_waits_and_a_later_grant_begins_anew() {
    let mut lab = Lab::started();
    lab.click();
    lab.consent = 3;
    lab.say(Op::Consent);
    assert!(lab.pass(MINUTE).is_empty());
    lab.consent = 0;
    lab.say(Op::Consent);
    assert_eq!(types(&lab.pass(SECOND)), ["page_view"]);
}

#[test]
fn person_is_told_from_the_moment_the_site_says_it_until_it_says_otherwise() {
    let mut lab = Lab::started();
    lab.tell(Op::Identify, 0, 0, 0, "customer-1042");
    lab.click();
    let sent = lab.flush();
    let persons: Vec<_> =
        sent.iter().map(|post| post.batch.person_id.as_ref().map(PersonId::as_str)).collect();
    assert_eq!(persons, [None, Some("customer-1042")]);

    let mut next = lab.next();
    next.start();
    let told = next.flush();
    assert_eq!(told[0].batch.person_id.as_ref().unwrap().as_str(), "customer-1042");
    next.say(Op::Reset);
    let reset = next.flush();
    assert_eq!(types(&reset), ["final", "page_view"]);
    let after = &reset.last().unwrap().batch;
    assert_eq!(after.person_id, None);
    assert_ne!(after.user_id, told[0].batch.user_id);
    assert_ne!(after.session_id, told[0].batch.session_id);
}

#[test]
fn reset_in_one_tab_is_followed_by_the_others() {
    let mut one = Lab::started();
    one.flush();
    let mut two = one.next();
    two.start();
    two.say(Op::Reset);
    one.identity = two.identity.clone();
    one.click();
    let sent = one.flush();
    assert!(two.identity.starts_with(&sent.last().unwrap().batch.user_id.to_string()));
}

#[test]
fn events_of_a_site_with_a_hook_wait_until_they_are_given_back() {
    let mut lab = Lab::new();
    lab.hooked = true;
    lab.start();
    lab.click();
    assert!(lab.flush().is_empty());
    let shown = std::mem::take(&mut lab.shown);
    assert_eq!(shown.len(), 2);
    lab.tell(Op::Adopt, 0, 0, 0, &shown[1].replace("marked", "outbound"));
    assert_eq!(types(&lab.flush()), ["click"]);
}

#[test]
fn no_two_ids_are_equal() {
    let (mut one, mut two) = (Dice(1), Dice(2));
    let ids: std::collections::HashSet<_> =
        (0..2_000).flat_map(|_| [one.id(1_763_866_800_000), two.id(1_763_866_800_000)]).collect();
    assert_eq!(ids.len(), 4_000);
}

#[test]
fn address_that_is_none_is_not_tracked() {
    let mut lab = Lab::new();
    lab.url = String::new();
    lab.start();
    lab.click();
    assert!(lab.pass(10 * MINUTE).is_empty());
}
