//! Which times of a batch can be believed, and what is done about the others.
//!
//! An event's key comes from its time, so the same event must get the same time however often it is sent. A tracker
//! never corrects its clock: events, ids and the `sent_at` of every attempt have the same error, and the difference
//! between `sent_at` and the time of arrival is that error, within the time a request takes. What was decided for the
//! first batch of a visit is kept by the store (a [`Correction`]) and holds for all of its batches.
//!
//! A clock that is set right in the midst of a visit is the one case in which two attempts of a batch may be judged
//! differently: if the answer to the first was lost besides, its events are stored twice.

use crate::event::Batch;
use crate::ids::{EventId, SessionId};
use crate::limits;
use crate::outcome::Outcome;

/// Whose clock a batch has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A browser's, whose `sent_at` is new in every attempt.
    Browser,
    /// A server's, which may have kept the batch for a while and is believed within a week.
    Server,
}

/// Whether the store has to be asked what was decided for the visit.
pub fn is_suspect(batch: &Batch, received_at: u64, source: Source) -> bool {
    let session = batch.session_id.unix_ms();
    let oldest_visit = limits::MAX_EVENT_AGE_MS + limits::SESSION_MAX_MS;
    is_off(batch, received_at, source)
        || session.saturating_add(oldest_visit) < received_at
        || session > received_at.saturating_add(limits::MAX_FUTURE_MS)
}

/// Whether the clock that sent this very batch is off.
fn is_off(batch: &Batch, received_at: u64, source: Source) -> bool {
    offset(batch.sent_at, received_at, source).unsigned_abs() > limits::SUSPECT_CLOCK_MS
}

/// How far a clock is behind ours, milliseconds.
fn offset(sent_at: u64, received_at: u64, source: Source) -> i64 {
    let behind = i64::try_from(received_at).unwrap_or(i64::MAX) - i64::try_from(sent_at).unwrap_or(i64::MAX);
    match source {
        Source::Server if (0..=limits::MAX_EVENT_AGE_MS as i64).contains(&behind) => 0,
        _ => behind,
    }
}

/// What was decided about the clock of a visit when its first suspect batch arrived.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Correction {
    /// What is added to the times of events; 0 for a clock that is a little off.
    pub shift_ms: i64,
}

impl Correction {
    /// Decides. A clock that is off by no more than [`limits::MAX_FUTURE_MS`] is left alone.
    pub fn decide(batch: &Batch, received_at: u64, source: Source) -> Self {
        let offset = offset(batch.sent_at, received_at, source);
        let shift_ms = if offset.unsigned_abs() > limits::MAX_FUTURE_MS { offset } else { 0 };
        Self { shift_ms }
    }

    /// Corrects a batch. Ids move with their times and stay unique: only their time changes. A clock that has been set
    /// right since tells the right time of its events; their visit is still the one that began before.
    pub fn apply(self, batch: &mut Batch, received_at: u64, source: Source) {
        if self.shift_ms == 0 {
            return;
        }
        let moved = |at: u64| at.saturating_add_signed(self.shift_ms);
        if is_off(batch, received_at, source) {
            batch.sent_at = moved(batch.sent_at);
            for event in &mut batch.events {
                event.at = moved(event.at);
                event.id = EventId::new(moved(event.id.unix_ms()), &event.id.random());
            }
        }
        batch.session_id = SessionId::new(moved(batch.session_id.unix_ms()), &batch.session_id.random());
    }
}

/// Whether an event with this time in its id can be stored under it, once corrected.
///
/// # Errors
/// [`Outcome::TooOld`] or [`Outcome::InTheFuture`].
pub fn check_at(at: u64, correction: Correction, received_at: u64) -> Result<(), Outcome> {
    let at = at.saturating_add_signed(correction.shift_ms);
    if at.saturating_add(limits::MAX_EVENT_AGE_MS) < received_at {
        return Err(Outcome::TooOld);
    }
    if at > received_at.saturating_add(limits::MAX_FUTURE_MS) {
        return Err(Outcome::InTheFuture);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::event::{Context, Event, EventKind, Heartbeat};
    use crate::ids::{PageId, SiteId, UserId};

    const NOW: u64 = 1_763_866_800_000;
    const MINUTE: i64 = 60_000;
    const DAY: i64 = 24 * 60 * MINUTE;

    /// A batch of one event that happened two seconds before it was sent, by a clock with this error.
    fn sent(error: i64) -> Batch {
        let at = NOW.saturating_add_signed(error) - 2_000;
        let beat = Heartbeat { engaged_ms: 1, scroll_percent: 1, interval_s: 15, last: false };
        let event = Event {
            id: EventId::new(at, &[7; 10]),
            at,
            page_id: PageId::new(at, &[7; 10]),
            kind: EventKind::Heartbeat(beat),
        };
        Batch {
            site_id: SiteId::parse("shop").unwrap(),
            user_id: UserId::new(at, &[7; 10]),
            person_id: None,
            session_id: SessionId::new(at, &[7; 10]),
            cookieless: false,
            sent_at: NOW.saturating_add_signed(error),
            dropped: 0,
            faults: 0,
            context: Context::default(),
            events: vec![event],
        }
    }

    fn taken(mut batch: Batch, correction: Correction, received_at: u64) -> (u64, u64, u64) {
        correction.apply(&mut batch, received_at, Source::Browser);
        (batch.events[0].at, batch.events[0].id.unix_ms(), batch.session_id.unix_ms())
    }

    #[test]
    fn clocks_that_are_right_are_not_asked_about() {
        for error in [-3 * MINUTE, 0, 3 * MINUTE] {
            assert!(!is_suspect(&sent(error), NOW, Source::Browser), "{error}");
        }
        for error in [-20_000 * DAY, -400 * DAY, -10 * MINUTE, 6 * MINUTE, 400 * DAY] {
            assert!(is_suspect(&sent(error), NOW, Source::Browser), "{error}");
        }
        assert!(!is_suspect(&sent(-3 * DAY), NOW, Source::Server));
        assert!(is_suspect(&sent(-9 * DAY), NOW, Source::Server));
        assert!(is_suspect(&sent(10 * MINUTE), NOW, Source::Server));
    }

    #[test]
    fn clock_that_is_a_little_off_is_left_alone() {
        let batch = sent(5 * MINUTE);
        assert_eq!(Correction::decide(&batch, NOW, Source::Browser), Correction::default());
        assert_eq!(taken(batch, Correction::default(), NOW).0, NOW + 298_000);
    }

    #[test]
    fn events_of_a_wrong_clock_get_the_time_they_arrived() {
        for error in [-400 * DAY, -2 * 60 * MINUTE, 6 * MINUTE, 400 * DAY] {
            let batch = sent(error);
            let correction = Correction::decide(&batch, NOW, Source::Browser);
            assert_eq!(taken(batch, correction, NOW), (NOW - 2_000, NOW - 2_000, NOW - 2_000), "{error}");
        }
    }

    #[test]
    fn clock_that_was_set_right_tells_the_right_time_of_the_same_visit() {
        let first = sent(10 * MINUTE);
        let correction = Correction::decide(&first, NOW, Source::Browser);
        let visit = first.session_id;
        let later = NOW + 60_000;
        let mut second = Batch { session_id: visit, ..sent(60_000) };
        second.sent_at = later;
        assert!(is_suspect(&second, later, Source::Browser));
        let (at, id, session) = taken(second, correction, later);
        assert_eq!((at, id, session), (NOW + 58_000, NOW + 58_000, NOW - 2_000));
    }

    #[test]
    fn event_outside_the_week_is_named() {
        let check = |error| check_at(sent(error).events[0].id.unix_ms(), Correction::default(), NOW);
        assert_eq!(check(0), Ok(()));
        assert_eq!(check(-8 * DAY), Err(Outcome::TooOld));
        assert_eq!(check(6 * MINUTE), Err(Outcome::InTheFuture));
    }

    proptest! {
        #[test]
        fn second_attempt_gets_the_same_times(error in -40_000_000_000_i64..40_000_000_000, later in 0_u64..7 * 86_400_000) {
            // Sent again later by the same clock: `sent_at` moves on, the decision is kept.
            let first = sent(error);
            let correction = Correction::decide(&first, NOW, Source::Browser);
            let suspect = is_suspect(&first, NOW, Source::Browser);
            let again = Batch { sent_at: first.sent_at + later, ..sent(error) };
            let correction_again = if is_suspect(&again, NOW + later, Source::Browser) {
                correction
            } else {
                Correction::default()
            };
            let first = taken(first, if suspect { correction } else { Correction::default() }, NOW);
            prop_assert_eq!(first, taken(again, correction_again, NOW + later));
        }

        #[test]
        fn no_time_overflows(sent_at: u64, received_at in 0..1_u64 << 48, shift: i64) {
            let mut batch = Batch { sent_at, ..sent(0) };
            for source in [Source::Browser, Source::Server] {
                is_suspect(&batch, received_at, source);
                Correction::decide(&batch, received_at, source).apply(&mut batch, received_at, source);
            }
            Correction { shift_ms: shift }.apply(&mut batch, received_at, Source::Browser);
            let _ = check_at(sent_at, Correction { shift_ms: shift }, received_at);
        }
    }
}
