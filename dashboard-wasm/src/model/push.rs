//! How the page stays connected to the hub, and what it makes of the hub's state.

use std::cmp::Reverse;

use protocol::api::{ActiveSession, ActiveSessions, Device, MAX_ACTIVE_SESSIONS};
use protocol::live::{CLOSE_RENEW, LiveState, REACH_MS, Visit};

/// How what happens reaches the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Push {
    /// It is being found out.
    #[default]
    Connecting,
    /// The hub says it.
    Live,
    /// There is no connection to be had at the moment: the worker is asked again and again.
    Polling,
}

/// After so many failures in a row the worker is asked meanwhile.
const PATIENCE: u32 = 2;
const FIRST_WAIT_MS: f64 = 500.0;
const LONGEST_WAIT_MS: f64 = 30_000.0;

/// When to connect again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retry {
    failures: u32,
}

impl Retry {
    /// Milliseconds to wait after a connection that ended with this code, or could not be made. `random` is in 0..1:
    /// the dashboards of a hub that ends must not all come back at the same moment.
    pub fn after_end(&mut self, code: u16, random: f64) -> u32 {
        if code == CLOSE_RENEW && self.failures == 0 {
            return (random * 250.0) as u32;
        }
        let most = (FIRST_WAIT_MS * f64::from(1_u32 << self.failures.min(6))).min(LONGEST_WAIT_MS);
        self.failures += 1;
        (most / 2.0 + random * most / 2.0) as u32
    }

    /// A connection has brought a state.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// Whether somebody else has to be asked meanwhile; at once if nothing is known yet.
    pub fn is_lost(self, is_ready: bool) -> bool {
        self.failures >= if is_ready { PATIENCE } else { 1 }
    }
}

/// Who is here at a time of the hub's clock, as `GET /api/sessions/active` says it.
pub fn active(state: &LiveState, at: u64) -> ActiveSessions {
    let is_within = |visit: &Visit, milliseconds| visit.last_seen.saturating_add(milliseconds) >= at;
    let mut visits: Vec<&Visit> = state.visits().filter(|visit| is_within(visit, REACH_MS)).collect();
    let count = |of: &dyn Fn(&Visit) -> bool| visits.iter().filter(|visit| of(visit)).count() as u64;
    let (visitors_now, last_5_minutes) =
        (count(&|visit| visit.is_here(at)), count(&|visit| is_within(visit, 300_000)));
    let last_30_minutes = visits.len() as u64;
    // Texts are made of those that are listed alone: a busy site has thousands of visits, four times a second.
    visits.sort_unstable_by_key(|visit| (Reverse(visit.last_seen), visit.key));
    visits.truncate(MAX_ACTIVE_SESSIONS);
    let sessions = visits.iter().map(|visit| session(visit, at)).collect();
    ActiveSessions { generated_at: at, visitors_now, last_5_minutes, last_30_minutes, sessions }
}

/// A visit at a time of the hub's clock, as `GET /api/sessions/active` says it.
pub fn session(visit: &Visit, at: u64) -> ActiveSession {
    ActiveSession {
        session_id: visit.key.to_string(),
        user_id: visit.user.map(|user| user.to_string()).unwrap_or_default(),
        page: visit.page.as_ref().into(),
        country: visit.country.as_ref().into(),
        city: visit.city.as_ref().into(),
        device: Device::from_name(&visit.device),
        browser: visit.browser.as_ref().into(),
        os: visit.os.as_ref().into(),
        started_at: visit.started_at,
        last_seen: visit.last_seen,
        now: visit.is_here(at),
    }
}

#[cfg(test)]
mod tests {
    use protocol::SessionId;
    use protocol::live::{Frame, Hello, Snapshot, VisitKey};

    use super::*;

    const NOW: u64 = 1_795_651_200_000;

    #[test]
    fn waits_grow_are_spread_and_end_with_a_state() {
        let mut retry = Retry::default();
        assert_eq!([0.0, 1.0].map(|random| Retry::default().after_end(1006, random)), [250, 500]);
        let waits: Vec<u32> = (0..8).map(|_| retry.after_end(1006, 1.0)).collect();
        assert_eq!(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
        retry.succeeded();
        assert_eq!(retry.after_end(1006, 1.0), 500);
    }

    #[test]
    fn connection_that_is_to_be_made_anew_is_no_failure() {
        let mut retry = Retry::default();
        assert!(retry.after_end(CLOSE_RENEW, 1.0) <= 250 && !retry.is_lost(false));
    }

    #[test]
    fn polling_takes_over_at_once_without_a_state_and_soon_with_one() {
        let mut retry = Retry::default();
        retry.after_end(1006, 0.5);
        assert!(retry.is_lost(false) && !retry.is_lost(true));
        retry.after_end(1006, 0.5);
        assert!(retry.is_lost(true));
    }

    #[test]
    fn state_says_what_the_read_api_says() {
        let visit = |number: u8, last_seen: u64, left: bool| Visit {
            key: VisitKey::Session(SessionId::new(NOW - 60_000, &[number; 10])),
            user: None,
            page: "/a".into(),
            country: "KR".into(),
            city: "Seoul".into(),
            device: "mobile".into(),
            browser: "".into(),
            os: "".into(),
            started_at: NOW - 60_000,
            last_seen,
            interval_s: 15,
            left,
        };
        let mut state = LiveState::default();
        state.apply(Frame::Hello(Hello { epoch: 1, seq: 1, time: NOW }));
        let visits = vec![visit(1, NOW, false), visit(2, NOW - 400_000, false), visit(3, NOW - 1_000, true)];
        state.apply(Frame::Snapshot(Snapshot { seq: 1, time: NOW, visits, ..Snapshot::default() }));
        let active = active(&state, NOW);
        assert_eq!((active.visitors_now, active.last_5_minutes, active.last_30_minutes), (1, 2, 3));
        assert_eq!(active.sessions.iter().map(|it| it.now).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(active.sessions[0].device, Device::Mobile);
        // Time alone makes visitors leave.
        assert_eq!(super::active(&state, NOW + 31_000).visitors_now, 0);
        assert_eq!(super::active(&state, NOW + 1_790_000).last_30_minutes, 2);
    }
}
