//! Who is here now, as rows of a table.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use protocol::api::ActiveSession;

/// The order of the rows: those who are here now, the newest visit first, then those who left, the latest first.
/// Ordering by the last sign of life alone would shuffle the table with every heartbeat.
pub fn in_order(sessions: &[ActiveSession]) -> Vec<&ActiveSession> {
    let mut sessions: Vec<&ActiveSession> = sessions.iter().collect();
    sessions.sort_by(|a, b| {
        let rank = |session: &ActiveSession| {
            let latest = if session.now { session.started_at } else { session.last_seen };
            (Reverse(session.now), Reverse(latest))
        };
        rank(a).cmp(&rank(b)).then_with(|| a.session_id.cmp(&b.session_id))
    });
    sessions
}

/// The rows while the reader points at one: none comes, goes or moves, but what they say still changes. Who is no longer
/// listed has left.
pub fn held(shown: &[ActiveSession], new: &[ActiveSession]) -> Vec<ActiveSession> {
    let now = |old: &ActiveSession| {
        let found = new.iter().find(|session| session.session_id == old.session_id);
        found.cloned().unwrap_or_else(|| ActiveSession { now: false, ..old.clone() })
    };
    shown.iter().map(now).collect()
}

/// The pages on show and how many look at each, the most looked at first.
pub fn pages(sessions: &[ActiveSession]) -> Vec<(String, usize)> {
    let mut pages: BTreeMap<&str, usize> = BTreeMap::new();
    for session in sessions.iter().filter(|session| session.now) {
        *pages.entry(&session.page).or_default() += 1;
    }
    let mut pages: Vec<_> = pages.into_iter().map(|(page, count)| (page.to_owned(), count)).collect();
    pages.sort_by_key(|(_, count)| Reverse(*count));
    pages
}

/// How many of the visits were going on in each of the last 30 minutes, the running one last.
pub fn minutes(sessions: &[ActiveSession], now: u64) -> Vec<u32> {
    const MINUTE: u64 = 60_000;
    let last = now / MINUTE;
    let is_there = |session: &ActiveSession, minute: u64| {
        let end = if session.now { now } else { session.last_seen };
        (session.started_at / MINUTE..=end / MINUTE).contains(&minute)
    };
    let count = |minute| sessions.iter().filter(|session| is_there(session, minute)).count() as u32;
    (last.saturating_sub(29)..=last).map(count).collect()
}

/// Whether something happened that is worth a glance: another page, or the visitor is back. A heartbeat is not.
pub fn is_news(before: &ActiveSession, after: &ActiveSession) -> bool {
    before.page != after.page || (!before.now && after.now)
}

/// How long the visit has lasted at `now`, or lasted until its last sign of life, milliseconds.
pub fn length(session: &ActiveSession, now: u64) -> u64 {
    let end = if session.now { now.max(session.last_seen) } else { session.last_seen };
    end.saturating_sub(session.started_at)
}

/// How long ago the visitor was last seen, milliseconds.
pub fn seen(session: &ActiveSession, now: u64) -> u64 {
    now.saturating_sub(session.last_seen)
}

/// City and country: `Seoul, South Korea`. What is unknown is left out, and so is a city that is its country:
/// Singapore, Luxembourg, Monaco.
pub fn place(city: &str, country: &str) -> String {
    or_unknown(city, country) + &country_after(city, country)
}

/// The first half of [`place`]: the city, or else the country.
pub fn or_unknown(city: &str, country: &str) -> String {
    let known = [city, country].into_iter().find(|name| !name.is_empty());
    known.unwrap_or_default().into()
}

/// The second half of [`place`], which a narrow screen leaves out: the country, if a city comes before it.
pub fn country_after(city: &str, country: &str) -> String {
    if city.is_empty() || country.is_empty() || city == country {
        String::new()
    } else {
        format!(", {country}")
    }
}

/// Browser and system: `Safari · iOS`; what is unknown is left out.
pub fn client(session: &ActiveSession) -> String {
    match (session.browser.as_str(), session.os.as_str()) {
        ("", "") => String::new(),
        ("", only) | (only, "") => only.into(),
        (browser, os) => format!("{browser} · {os}"),
    }
}

#[cfg(test)]
mod tests {
    use protocol::api::Device;

    use super::*;

    fn session(id: &str, started_at: u64, last_seen: u64, now: bool) -> ActiveSession {
        ActiveSession {
            session_id: id.into(),
            user_id: "u".into(),
            page: "/".into(),
            country: "KR".into(),
            city: "Seoul".into(),
            device: Device::Desktop,
            browser: "Safari".into(),
            os: "macOS".into(),
            started_at,
            last_seen,
            now,
        }
    }

    #[test]
    fn visitors_here_come_first_and_heartbeats_do_not_move_them() {
        let sessions = vec![
            session("left", 900, 950, false),
            session("old", 100, 999, true),
            session("new", 500, 600, true),
            session("left later", 100, 960, false),
        ];
        let order: Vec<_> = in_order(&sessions).into_iter().map(|session| &session.session_id).collect();
        assert_eq!(order, ["new", "old", "left later", "left"]);
    }

    #[test]
    fn rows_that_are_pointed_at_change_but_do_not_move() {
        let shown = [session("b", 200, 300, true), session("a", 100, 300, true)];
        let moved = ActiveSession { page: "/new".into(), ..session("a", 100, 400, true) };
        let rows = held(&shown, &[session("c", 350, 400, true), moved.clone()]);
        assert_eq!(rows, [ActiveSession { now: false, ..shown[0].clone() }, moved]);
    }

    #[test]
    fn pages_count_who_is_here() {
        let at = |id: &str, page: &str, now| ActiveSession { page: page.into(), ..session(id, 0, 0, now) };
        let all = [at("a", "/b", true), at("b", "/a", true), at("c", "/b", true), at("d", "/a", false)];
        assert_eq!(pages(&all), [("/b".to_owned(), 2), ("/a".to_owned(), 1)]);
    }

    #[test]
    fn heartbeat_is_no_news_but_another_page_is() {
        let before = session("a", 0, 10, true);
        assert!(!is_news(&before, &session("a", 0, 25, true)));
        assert!(!is_news(&before, &session("a", 0, 10, false)));
        assert!(is_news(&before, &ActiveSession { page: "/pricing".into(), ..before.clone() }));
        assert!(is_news(&session("a", 0, 10, false), &before));
    }

    #[test]
    fn visit_counts_in_every_minute_it_lasted() {
        let now = 100 * 60_000;
        let visits = [
            session("here", now - 120_000, now - 30_000, true),
            session("left", now - 600_000, now - 540_000, false),
        ];
        let counts = minutes(&visits, now);
        assert_eq!((counts.len(), counts.iter().sum::<u32>()), (30, 5));
        assert_eq!(counts[27..], [1, 1, 1]);
        assert_eq!(counts[19..21], [1, 1]);
    }

    #[test]
    fn length_stops_when_the_visitor_leaves() {
        assert_eq!(length(&session("a", 0, 60_000, true), 125_000), 125_000);
        assert_eq!(length(&session("a", 0, 60_000, false), 125_000), 60_000);
    }

    #[test]
    fn unknown_parts_are_left_out() {
        assert_eq!(place("Seoul", "South Korea"), "Seoul, South Korea");
        assert_eq!(place("", "South Korea"), "South Korea");
        assert_eq!(place("Singapore", "Singapore"), "Singapore");
        assert_eq!(place("", ""), "");
        assert_eq!(client(&session("a", 0, 0, true)), "Safari · macOS");
    }
}
