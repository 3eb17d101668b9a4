//! Stage 6: from a parcel to rows. Runs when a batch arrives, and again when the queue or the quarantine gives a
//! parcel back; both may happen more than once, and the rows stay the same.

use protocol::clock::{self, Correction};
use protocol::limits::{SESSION_IDLE_MS, SESSION_MAX_MS};
use protocol::{SessionId, UserId};

use super::identity::Identity;
use super::parcel::Parcel;
use super::{Ingest, presence};
use crate::store::{Claim, Store, StoreError, Stored, Visitor};

/// A visitor's row is written again when it is behind by this much. A visit may so seem to end up to a minute
/// early, and a page that is read for an hour costs sixty units less.
const VISITOR_GRAIN_MS: u64 = 60_000;

/// Stores a parcel.
///
/// # Errors
/// [`StoreError`] when not everything is stored; some of it may be, and the next attempt completes it.
pub async fn deliver(store: &Store, parcel: &Parcel) -> Result<Stored, StoreError> {
    if parcel.quarantine.is_some() {
        return store.put_quarantined(parcel).await;
    }
    let mut batch = parcel.batch.clone();
    let sent_session = batch.session_id;
    let suspect = clock::is_suspect(&batch, parcel.received_at, parcel.clock);
    let correct = |claim: &Claim, batch: &mut protocol::Batch| {
        Correction { shift_ms: claim.shift_ms }.apply(batch);
    };
    let proposal = || {
        let shift_ms = if suspect {
            Correction::decide(&parcel.batch, parcel.received_at, parcel.clock).shift_ms
        } else {
            0
        };
        Claim { shift_ms, whose: None }
    };

    let mut visitor = None;
    let claim = match parcel.identity {
        Identity::Given if !suspect => Claim::default(),
        Identity::Given => store.claim(&batch.site_id, &sent_session, proposal()).await?,
        Identity::Derived { today, before, page_has_id } => {
            let users: Vec<UserId> = [Some(today), before].into_iter().flatten().collect();
            let asked = page_has_id.then_some(&sent_session);
            let known = store.look_up(&batch.site_id, asked, &users).await?;
            let claim = match known.claim {
                Some(claim) => claim,
                None => {
                    let mut claim = proposal();
                    let mut corrected = batch.clone();
                    correct(&claim, &mut corrected);
                    claim.whose =
                        Some(choose(&users, &known.visitors, corrected.session_id, newest(&corrected)));
                    if page_has_id { store.claim(&batch.site_id, &sent_session, claim).await? } else { claim }
                }
            };
            visitor = claim.whose.map(|whose| (whose, known.visitors));
            claim
        }
    };
    correct(&claim, &mut batch);
    if let Some((user, session)) = claim.whose {
        batch.user_id = user;
        batch.session_id = session;
    }
    let visitor = visitor.and_then(|((user, session), known)| {
        let seen = newest(&batch);
        let before = known.into_iter().flatten().find(|row| row.user == user && row.session == session);
        let behind = before.as_ref().is_none_or(|row| row.last_seen + VISITOR_GRAIN_MS <= seen);
        behind.then_some(Visitor { user, session, last_seen: seen })
    });

    let is_single = matches!(parcel.identity, Identity::Derived { page_has_id: false, .. });
    let presence = presence::of(&batch, parcel.received_at, parcel.clock, is_single);
    let mut ingest = Ingest::new(&batch, &parcel.visit, &parcel.rules, presence);
    ingest.visitor = visitor;
    ingest.corrected = claim.shift_ms != 0;
    ingest.is_single = is_single;
    store.write(&ingest).await
}

fn newest(batch: &protocol::Batch) -> u64 {
    batch.events.iter().map(|event| event.id.unix_ms()).max().unwrap_or(0)
}

/// Which visit a page belongs to: one of the visitor's that is still going on, today's before the one that began
/// under yesterday's id, or else a new one with the id that the page brought.
fn choose(users: &[UserId], known: &[Option<Visitor>], fresh: SessionId, at: u64) -> (UserId, SessionId) {
    let going_on = |row: &&Visitor| {
        let begun = row.session.unix_ms();
        at <= row.last_seen.saturating_add(SESSION_IDLE_MS)
            && at.saturating_add(SESSION_IDLE_MS) >= begun
            && at < begun.saturating_add(SESSION_MAX_MS)
    };
    match known.iter().flatten().find(going_on) {
        Some(row) => (row.user, row.session),
        None => (users.first().copied().unwrap_or(UserId::NIL), fresh),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_763_866_800_000;
    const MINUTE: u64 = 60_000;

    fn user(n: u8) -> UserId {
        UserId::new(NOW, &[n; 10])
    }

    fn row(n: u8, begun: u64, last_seen: u64) -> Option<Visitor> {
        Some(Visitor { user: user(n), session: SessionId::new(begun, &[n; 10]), last_seen })
    }

    fn chosen(known: &[Option<Visitor>], at: u64) -> u8 {
        let (user, session) = choose(&[user(1), user(2)], known, SessionId::new(at, &[9; 10]), at);
        assert!(session.random()[1] == 9 || user.random() == session.random());
        session.random()[1]
    }

    #[test]
    fn visit_goes_on_for_half_an_hour_and_ends_then() {
        let known = [row(1, NOW - 50 * MINUTE, NOW - 30 * MINUTE), None];
        assert_eq!(chosen(&known, NOW), 1);
        assert_eq!(chosen(&known, NOW + 1), 9);
    }

    #[test]
    fn visit_survives_midnight_under_the_id_it_began_with() {
        assert_eq!(chosen(&[None, row(2, NOW - 40 * MINUTE, NOW - MINUTE)], NOW), 2);
        let ended = [None, row(2, NOW - 90 * MINUTE, NOW - 31 * MINUTE)];
        assert_eq!(chosen(&ended, NOW), 9);
        let both = [row(1, NOW - MINUTE, NOW), row(2, NOW - 40 * MINUTE, NOW - MINUTE)];
        assert_eq!(chosen(&both, NOW), 1);
    }

    #[test]
    fn late_batch_joins_the_visit_it_belongs_to_and_not_a_later_one() {
        let known = [row(1, NOW - 50 * MINUTE, NOW), None];
        assert_eq!(chosen(&known, NOW - 60 * MINUTE), 1);
        assert_eq!(chosen(&known, NOW - 3 * 60 * MINUTE), 9);
    }

    #[test]
    fn no_visit_lasts_longer_than_a_day() {
        assert_eq!(chosen(&[row(1, NOW - SESSION_MAX_MS, NOW), None], NOW), 9);
    }
}
