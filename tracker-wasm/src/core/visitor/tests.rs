use crate::core::Op;
use crate::core::testing::Lab;

const MINUTE: u64 = 60 * 1_000;

/// User and session as they are stored.
fn ids(lab: &Lab) -> (String, String) {
    let mut parts = lab.identity.split('\t').map(String::from);
    (parts.next().unwrap(), parts.next().unwrap())
}

/// Two tabs share what is stored: `to` sees what `from` wrote.
fn share(from: &Lab, to: &mut Lab) {
    to.identity.clone_from(&from.identity);
    to.now = from.now;
}

#[test]
fn ids_are_kept_from_page_to_page() {
    let mut lab = Lab::started();
    lab.now += 10 * MINUTE;
    let mut next = lab.next();
    next.start();
    assert_eq!(ids(&lab), ids(&next));
}

#[test]
fn visit_ends_after_thirty_idle_minutes_and_the_person_stays() {
    let mut lab = Lab::started();
    lab.show(false);
    lab.now += 31 * MINUTE;
    let mut next = lab.next();
    next.start();
    let ((user, session), (next_user, next_session)) = (ids(&lab), ids(&next));
    assert_eq!(user, next_user);
    assert_ne!(session, next_session);
    assert_eq!(protocol::ids::time_of(next_session.as_bytes()), Some(next.now));
}

#[test]
fn visit_ends_after_a_day_of_activity() {
    let mut lab = Lab::started();
    let mut sessions = vec![ids(&lab).1];
    for _ in 0..25 * 6 {
        lab.now += 10 * MINUTE;
        lab.click();
        lab.flush();
        sessions.push(ids(&lab).1);
    }
    sessions.dedup();
    assert_eq!(sessions.len(), 2);
}

#[test]
fn visit_another_tab_kept_alive_goes_on() {
    let mut idle = Lab::started();
    idle.show(false);
    let mut busy = idle.next();
    busy.start();
    busy.now += 20 * MINUTE;
    busy.click();
    busy.now += 20 * MINUTE;
    share(&busy, &mut idle);
    idle.visible = true;
    idle.click();
    assert_eq!(ids(&idle), ids(&busy));
}

#[test]
fn visit_another_tab_began_is_joined() {
    let mut idle = Lab::started();
    idle.show(false);
    let before = ids(&idle);
    idle.now += 40 * MINUTE;
    let mut other = idle.next();
    other.start();
    other.now += MINUTE;
    share(&other, &mut idle);
    idle.visible = true;
    idle.click();
    assert_ne!(ids(&idle).1, before.1);
    assert_eq!(ids(&idle), ids(&other));
}

#[test]
fn tab_that_goes_leaves_the_newer_activity_of_another_in_place() {
    let mut idle = Lab::started();
    idle.focused = false;
    idle.say(Op::Look);
    idle.now += 20 * MINUTE;
    let mut busy = idle.next();
    busy.start();
    share(&busy, &mut idle);
    idle.show(false);
    assert_eq!(idle.identity, busy.identity);
}

#[test]
fn storage_that_holds_nonsense_is_replaced() {
    for text in ["x", "a\tb\tc\t1", "0193573d-1e7b-4000-8000-000000000000\t\t\t"] {
        let mut lab = Lab::new();
        lab.identity = text.into();
        lab.start();
        let (user, session) = ids(&lab);
        assert!(protocol::UserId::parse(&user).is_ok() && protocol::SessionId::parse(&session).is_ok());
    }
}

#[test]
fn clock_set_back_by_hours_ends_the_visit() {
    let mut lab = Lab::started();
    let before = ids(&lab);
    lab.now -= 120 * MINUTE;
    lab.click();
    assert_ne!(ids(&lab).1, before.1);
}

#[test]
fn storage_is_not_written_at_every_move() {
    let mut lab = Lab::started();
    let writes = lab.writes;
    for _ in 0..10 {
        lab.now += 1_000;
        lab.click();
    }
    assert_eq!(lab.writes - writes, 2);
}
