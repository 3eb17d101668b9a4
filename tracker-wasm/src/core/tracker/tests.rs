use protocol::Context;
use protocol::event::ClickKind;

use super::*;
use crate::core::testing::Lab;
use crate::core::{Key, World};

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;

fn start(lab: &Lab) -> Core {
    Core::start(&mut lab.moment(), SiteId::parse("demo").unwrap(), true, true)
}

/// Everything that is due, as the types of the events in each request; each is answered with 200.
fn send(core: &mut Core, lab: &Lab, urgent: bool) -> Vec<String> {
    let mut sent = Vec::new();
    while let Some(request) = core.outgoing(lab.now(), urgent, &Context::default) {
        sent.push(request.body);
        core.answered(&mut lab.moment(), request.number, 200, 0);
    }
    sent
}

/// Types of the events in some bodies, final heartbeats as `final`.
fn types(bodies: &[String]) -> Vec<&str> {
    let events = bodies.iter().flat_map(|body| body.split("{\"id\":\"").skip(1));
    let kind = |event: &'static str| move |text: &&str| text.contains(event);
    events
        .map(|event| match event {
            e if kind("\"final\":true")(&e) => "final",
            e if kind("\"type\":\"heartbeat\"")(&e) => "heartbeat",
            e if kind("\"type\":\"page_view\"")(&e) => "page_view",
            e if kind("\"type\":\"click\"")(&e) => "click",
            _ => "conversion",
        })
        .collect()
}

fn field<'a>(body: &'a str, name: &str) -> &'a str {
    let start = body.find(&format!("\"{name}\":\"")).map(|at| at + name.len() + 4).unwrap();
    &body[start..start + body[start..].find('"').unwrap()]
}

/// Lets time pass, ticking whenever the tracker wants to be woken; returns what was sent meanwhile.
fn pass(core: &mut Core, lab: &Lab, ms: u64) -> Vec<String> {
    let end = lab.now() + ms;
    let mut sent = Vec::new();
    while let Some(at) = core.wake_at().filter(|at| *at <= end) {
        lab.set(at.max(lab.now()));
        core.tick(&mut lab.moment());
        sent.extend(send(core, lab, false));
    }
    lab.set(end);
    sent
}

fn click() -> Click {
    Click {
        kind: ClickKind::Marked,
        name: None,
        text: protocol::event::Text::cut("x"),
        href: None,
        selector: protocol::event::Text::cut("a"),
    }
}

fn go(lab: &Lab, core: &mut Core, url: &str, replaced: bool) {
    lab.url.replace(url.into());
    core.navigated(&mut lab.moment(), replaced);
}

#[test]
fn page_view_leaves_within_a_quarter_second_and_heartbeats_within_five() {
    let lab = Lab::new();
    let mut core = start(&lab);
    assert!(send(&mut core, &lab, false).is_empty());
    assert_eq!(types(&pass(&mut core, &lab, 250)), ["page_view"]);
    assert_eq!(types(&pass(&mut core, &lab, 19 * SECOND)), [""; 0]);
    assert_eq!(types(&pass(&mut core, &lab, SECOND)), ["heartbeat"]);
}

#[test]
fn page_that_is_never_seen_sends_nothing() {
    let lab = Lab::new();
    let mut core = Core::start(&mut lab.moment(), SiteId::parse("demo").unwrap(), false, false);
    assert!(pass(&mut core, &lab, MINUTE).is_empty());
    core.set_visible(&mut lab.moment(), true);
    assert_eq!(types(&pass(&mut core, &lab, SECOND)), ["page_view"]);
}

#[test]
fn navigation_ends_the_page_and_waits_for_the_title() {
    let lab = Lab::new();
    let mut core = start(&lab);
    go(&lab, &mut core, "https://shop.example/beans", false);
    lab.pass(TITLE_WAIT_MS);
    lab.title.replace("Beans".into());
    core.tick(&mut lab.moment());
    let sent = send(&mut core, &lab, true);
    assert_eq!(types(&sent), ["page_view", "final", "page_view"]);
    let view = sent[0].rsplit("{\"id\"").next().unwrap();
    assert_eq!(field(view, "title"), "Beans");
    assert_eq!(field(view, "referrer"), "https://shop.example/");
}

#[test]
fn another_query_is_another_page_only_when_pushed() {
    let lab = Lab::new();
    let mut core = start(&lab);
    send(&mut core, &lab, true);
    go(&lab, &mut core, "https://shop.example/?q=1", true);
    assert!(send(&mut core, &lab, true).is_empty());
    go(&lab, &mut core, "https://shop.example/?q=1#part", false);
    assert!(send(&mut core, &lab, true).is_empty());
    go(&lab, &mut core, "https://shop.example/?q=2", false);
    assert_eq!(types(&pass(&mut core, &lab, SECOND)), ["final", "page_view"]);
}

#[test]
fn hiding_sends_one_final_heartbeat_however_often_it_is_said() {
    let lab = Lab::new();
    let mut core = start(&lab);
    core.gone(&mut lab.moment());
    core.set_visible(&mut lab.moment(), false);
    assert_eq!(types(&send(&mut core, &lab, true)), ["page_view", "final"]);
    assert_eq!(core.wake_at(), None);
}

#[test]
fn page_that_comes_back_from_the_cache_is_another_page_view() {
    let lab = Lab::new();
    let mut core = start(&lab);
    core.gone(&mut lab.moment());
    core.set_visible(&mut lab.moment(), true);
    core.set_visible(&mut lab.moment(), true);
    assert_eq!(types(&send(&mut core, &lab, true)), ["page_view", "final", "page_view"]);
}

#[test]
fn visit_that_was_over_begins_anew_with_a_page_view_before_the_click() {
    let lab = Lab::new();
    let mut core = start(&lab);
    core.set_visible(&mut lab.moment(), false);
    let before = send(&mut core, &lab, true);
    lab.pass(31 * MINUTE);
    core.set_visible(&mut lab.moment(), true);
    assert!(send(&mut core, &lab, true).is_empty(), "looking alone begins no visit");
    core.click(&mut lab.moment(), click());
    let after = send(&mut core, &lab, true);
    assert_eq!(types(&after), ["page_view", "click"]);
    assert_ne!(field(&before[0], "session_id"), field(&after[0], "session_id"));
    assert_ne!(field(&before[0], "page_id"), field(&after[0], "page_id"));
    assert_eq!(field(&before[0], "user_id"), field(&after[0], "user_id"));
}

#[test]
fn who_stays_after_coming_back_begins_a_visit_with_the_next_heartbeat() {
    let lab = Lab::new();
    let mut core = start(&lab);
    core.set_visible(&mut lab.moment(), false);
    send(&mut core, &lab, true);
    lab.pass(31 * MINUTE);
    core.set_visible(&mut lab.moment(), true);
    assert_eq!(types(&pass(&mut core, &lab, 61 * SECOND)), ["page_view"]);
}

#[test]
fn heartbeats_without_focus_keep_no_visit_alive_and_end_with_it() {
    let lab = Lab::new();
    let mut core = start(&lab);
    core.set_focused(&mut lab.moment(), false);
    let sent = pass(&mut core, &lab, 40 * MINUTE);
    let sent = types(&sent);
    assert_eq!(sent.last(), Some(&"final"));
    assert_eq!(sent.iter().filter(|kind| **kind == "final").count(), 1);
    assert!(sent.iter().filter(|kind| **kind == "heartbeat").count() >= 30);
}

#[test]
fn focused_heartbeats_keep_the_visit_alive() {
    let lab = Lab::new();
    let mut core = start(&lab);
    let sent = pass(&mut core, &lab, 40 * MINUTE);
    assert!(!types(&sent).contains(&"final"));
    let session = field(&sent[0], "session_id");
    assert!(sent.iter().all(|body| field(body, "session_id") == session));
}

#[test]
fn ids_survive_retries_and_a_failed_batch_is_stored_until_it_has_arrived() {
    let lab = Lab::new();
    let mut core = start(&lab);
    lab.pass(SECOND);
    let first = core.outgoing(lab.now(), false, &Context::default).unwrap();
    assert_eq!(core.outgoing(lab.now(), false, &Context::default), None, "one request at a time");
    core.answered(&mut lab.moment(), first.number, 503, 7);
    assert!(lab.read(Key::Unsent).is_some());
    lab.pass(6 * SECOND);
    assert_eq!(core.outgoing(lab.now(), true, &Context::default), None, "Retry-After is kept");
    lab.pass(SECOND);
    let again = send(&mut core, &lab, false);
    let events = |body: &str| body[body.find("\"events\"").unwrap()..].to_owned();
    assert_eq!(events(&first.body), events(&again[0]));
    assert_eq!(lab.read(Key::Unsent), None);
}

#[test]
fn request_that_fails_on_a_hidden_page_is_not_repeated_at_once() {
    let lab = Lab::new();
    let mut core = start(&lab);
    core.gone(&mut lab.moment());
    let request = core.outgoing(lab.now(), false, &Context::default).unwrap();
    assert_eq!(core.outgoing(lab.now(), false, &Context::default), None);
    core.answered(&mut lab.moment(), request.number, 0, 0);
    core.retry.failed(lab.now(), 0, [1; 10]);
    assert_eq!(core.outgoing(lab.now(), false, &Context::default), None);
    assert!(core.wake_at().is_some_and(|at| at > lab.now()));
}

#[test]
fn refused_batch_is_given_up() {
    for status in [400, 403, 404, 413] {
        let lab = Lab::new();
        let mut core = start(&lab);
        let request = core.outgoing(lab.now(), true, &Context::default).unwrap();
        core.answered(&mut lab.moment(), request.number, status, 0);
        assert_eq!(core.outgoing(lab.now(), true, &Context::default), None, "{status}");
    }
}

#[test]
fn next_page_sends_what_the_last_one_could_not() {
    let lab = Lab::new();
    let mut core = start(&lab);
    core.set_visible(&mut lab.moment(), false);
    core.persist(&lab);
    lab.pass(SECOND);
    let mut next = start(&lab);
    let sent = pass(&mut next, &lab, SECOND);
    assert_eq!(sent.len(), 1);
    assert_eq!(types(&sent), ["page_view", "final", "page_view"]);
}

#[test]
fn conversion_with_more_properties_than_fit_is_sent_without_them() {
    let lab = Lab::new();
    let mut core = start(&lab);
    let mut props = Props::default();
    (0..30).for_each(|i| assert!(props.push(&format!("k{i}"), &"v".repeat(2_000))));
    assert!(core.conversion(&mut lab.moment(), "big", Some(("1", "KRW")), props));
    let sent = send(&mut core, &lab, true);
    assert_eq!(types(&sent), ["page_view", "conversion"]);
    assert!(sent[0].contains("\"KRW\"") && !sent[0].contains("props"));
    assert!(!core.conversion(&mut lab.moment(), "odd", Some(("1,0", "KRW")), Props::default()));
    assert!(!core.conversion(&mut lab.moment(), "  ", None, Props::default()));
    assert_eq!(types(&send(&mut core, &lab, true)), ["conversion"]);
}

#[test]
fn address_that_is_none_is_not_tracked() {
    let lab = Lab::new();
    lab.url.replace("file:///tmp/a.html".into());
    let mut core = start(&lab);
    core.click(&mut lab.moment(), click());
    assert!(pass(&mut core, &lab, 10 * MINUTE).is_empty());
}
