//! Whether an answer says anything new: only then does anything on the page have to be looked at again.

use protocol::api::ActiveSessions;

/// Whether two lists of active sessions differ in nothing but the time of their making.
pub fn is_same_presence(a: &ActiveSessions, b: &ActiveSessions) -> bool {
    (a.visitors_now, a.last_5_minutes, a.last_30_minutes)
        == (b.visitors_now, b.last_5_minutes, b.last_30_minutes)
        && a.sessions == b.sessions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_answer_with_the_same_numbers_is_nothing_new() {
        let first = ActiveSessions {
            generated_at: 1,
            visitors_now: 3,
            last_5_minutes: 4,
            last_30_minutes: 9,
            sessions: Vec::new(),
        };
        assert!(is_same_presence(&first, &ActiveSessions { generated_at: 2, ..first.clone() }));
        assert!(!is_same_presence(&first, &ActiveSessions { visitors_now: 4, ..first.clone() }));
    }
}
