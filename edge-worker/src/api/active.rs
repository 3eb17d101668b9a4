//! `GET /api/sessions/active`: who is here now.

use protocol::api::{ActiveSession, ActiveSessions, MAX_ACTIVE_SESSIONS};
use protocol::limits::PRESENCE_INTERVALS;

use super::{site, unavailable};
use crate::config::Config;
use crate::http::{Request, Response};
use crate::store::{ActiveRow, Store};

const MINUTE_MS: u64 = 60_000;

pub(crate) async fn get(config: &Config, store: &Store, request: &Request) -> Response {
    let site = match site(config, request) {
        Ok(site) => site,
        Err(response) => return response,
    };
    let now = request.received_at;
    match store.active_sessions(&site.id, now.saturating_sub(30 * MINUTE_MS), now).await {
        Ok(rows) => Response::json(200, &summary(rows, now)),
        Err(error) => unavailable(&error),
    }
}

/// Counts and lists the sessions of the last 30 minutes, one row for each.
fn summary(mut rows: Vec<ActiveRow>, now: u64) -> ActiveSessions {
    // A session leaves a row in each time bucket it was seen in, and one when it left: the newest counts,
    // and of two at the same time the one that says it left.
    rows.sort_by(|a, b| {
        a.session_id.cmp(&b.session_id).then((b.last_seen, b.left).cmp(&(a.last_seen, a.left)))
    });
    rows.dedup_by(|later, first| later.session_id == first.session_id);
    rows.sort_by(|a, b| b.last_seen.cmp(&a.last_seen).then_with(|| a.session_id.cmp(&b.session_id)));

    let within =
        |minutes: u64| rows.iter().filter(|row| row.last_seen + minutes * MINUTE_MS >= now).count() as u64;
    ActiveSessions {
        generated_at: now,
        visitors_now: rows.iter().filter(|row| is_here(row, now)).count() as u64,
        last_5_minutes: within(5),
        last_30_minutes: within(30),
        sessions: rows.iter().take(MAX_ACTIVE_SESSIONS).map(|row| session(row, now)).collect(),
    }
}

fn is_here(row: &ActiveRow, now: u64) -> bool {
    !row.left && row.last_seen + PRESENCE_INTERVALS * u64::from(row.interval_s) * 1_000 >= now
}

fn session(row: &ActiveRow, now: u64) -> ActiveSession {
    ActiveSession {
        session_id: row.session_id.clone(),
        user_id: row.user_id.clone(),
        page: row.page.clone(),
        country: row.country.clone(),
        city: row.city.clone(),
        device: row.device,
        browser: row.browser.clone(),
        os: row.os.clone(),
        started_at: row.started_at,
        last_seen: row.last_seen,
        now: is_here(row, now),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_763_866_800_000;

    fn row(session: &str, age_s: u64, interval_s: u32, left: bool) -> ActiveRow {
        ActiveRow {
            session_id: session.into(),
            last_seen: NOW - age_s * 1_000,
            interval_s,
            left,
            ..ActiveRow::default()
        }
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
    fn newest_row_of_a_session_counts() {
        let summary =
            summary(vec![row("a", 400, 15, false), row("a", 2, 15, true), row("a", 700, 15, false)], NOW);
        assert_eq!((summary.visitors_now, summary.last_30_minutes), (0, 1));
    }
}
