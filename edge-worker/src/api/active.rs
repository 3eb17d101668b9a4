//! `GET /api/sessions/active`: who is here now.

use std::collections::HashMap;

use protocol::api::{ActiveSession, ActiveSessions, MAX_ACTIVE_SESSIONS};
use protocol::limits;

use super::{Answer, Call};
use crate::auth::access::Principal;
use crate::auth::secret;
use crate::http::Response;
use crate::order;
use crate::store::ActiveRow;

const MINUTE_MS: u64 = 60_000;

pub(super) async fn get(call: &Call<'_>) -> Answer {
    let site = call.site().await?;
    let now = call.now();
    let mut rows = call.app.store.active_sessions(&site.id, now.saturating_sub(30 * MINUTE_MS), now).await?;
    if let Some(filter) = call.principal.filter() {
        rows.retain(|ActiveRow { session, .. }| {
            filter.matches(&session.page, &session.country, session.device)
        });
    }
    let mut summary = summary(rows, now);
    if let Principal::Share { id, .. } = &call.principal {
        hide_people(&mut summary.sessions, &call.app.config.session_secret, id);
    }
    Ok(Response::json(200, &summary))
}

/// Readers of a share link see no people, and whoever knows the ids of a visit could send events in its name: what is
/// left is a name of each visit that is the same for this link from one answer to the next.
fn hide_people(sessions: &mut [ActiveSession], key: &str, share: &str) {
    for session in sessions {
        session.user_id.clear();
        session.session_id = secret::keyed_hex(key, "shown", &[share, &session.session_id]);
    }
}

/// Counts and lists the sessions of the last 30 minutes, one row for each.
fn summary(rows: Vec<ActiveRow>, now: u64) -> ActiveSessions {
    // A session leaves a row in each time bucket it was seen in, and one when it left: the newest counts.
    // Of two at the same time it is the one that says it is here: a page left for another of the site ends
    // in the millisecond in which the other begins.
    let mut newest: HashMap<String, ActiveRow> = HashMap::with_capacity(rows.len());
    for row in rows {
        let age = |row: &ActiveRow| (row.session.last_seen, !row.left);
        match newest.get(&row.session.session_id) {
            Some(known) if age(known) >= age(&row) => {}
            _ => {
                newest.insert(row.session.session_id.clone(), row);
            }
        }
    }
    let mut sessions = Vec::with_capacity(newest.len());
    for mut row in newest.into_values() {
        row.session.now = limits::is_here(row.session.last_seen, row.interval_s, row.left, now);
        sessions.push(row.session);
    }
    let sessions = order::by_text(sessions, |session: &ActiveSession| {
        order::newest_first(session.last_seen) + &session.session_id
    });

    let within =
        |minutes: u64| sessions.iter().filter(|s| s.last_seen + minutes * MINUTE_MS >= now).count() as u64;
    ActiveSessions {
        generated_at: now,
        visitors_now: sessions.iter().filter(|session| session.now).count() as u64,
        last_5_minutes: within(5),
        last_30_minutes: within(30),
        sessions: sessions.into_iter().take(MAX_ACTIVE_SESSIONS).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_763_866_800_000;

    fn row(session: &str, age_s: u64, interval_s: u32, left: bool) -> ActiveRow {
        let session = ActiveSession {
            session_id: session.into(),
            last_seen: NOW - age_s * 1_000,
            ..ActiveSession::default()
        };
        ActiveRow { session, interval_s, left }
    }

    #[test]
    fn visitor_is_here_within_two_announced_intervals_and_not_gone() {
        let rows = vec![
            row("just", 0, 15, false),
            row("edge", 30, 15, false),
            row("silent", 31, 15, false),
            row("slow beat", 119, 60, false),
            row("left", 1, 15, true),
        ];
        let summary = summary(rows, NOW);
        assert_eq!((summary.visitors_now, summary.last_5_minutes, summary.last_30_minutes), (3, 5, 5));
        let here: Vec<_> = summary.sessions.iter().filter(|s| s.now).map(|s| s.session_id.as_str()).collect();
        assert_eq!(here, ["just", "edge", "slow beat"]);
    }

    #[test]
    fn readers_of_a_link_see_visits_without_the_ids_of_visitors() {
        let shown = |share: &str| {
            let mut sessions = summary(vec![row("visit", 0, 15, false)], NOW).sessions;
            sessions[0].user_id = "visitor".into();
            hide_people(&mut sessions, "secret", share);
            (sessions[0].user_id.clone(), sessions[0].session_id.clone())
        };
        let (user, session) = shown("a");
        assert_eq!(user, "");
        assert!(!session.is_empty() && session != "visit");
        assert_eq!(shown("a").1, session);
        assert_ne!(shown("b").1, session);
    }

    #[test]
    fn newest_row_of_a_session_counts() {
        let here = |rows| summary(rows, NOW).visitors_now;
        let all =
            summary(vec![row("a", 400, 15, false), row("a", 2, 15, true), row("a", 700, 15, false)], NOW);
        assert_eq!((all.visitors_now, all.last_30_minutes), (0, 1));
        assert_eq!(here(vec![row("a", 2, 15, true), row("a", 1, 15, false)]), 1);
        assert_eq!(here(vec![row("a", 1, 15, false), row("a", 1, 15, true)]), 1);
        assert_eq!(here(vec![row("a", 1, 15, true), row("a", 1, 15, false)]), 1);
        assert_eq!(here(vec![row("a", 1, 15, true), row("a", 2, 15, false)]), 0);
    }
}
