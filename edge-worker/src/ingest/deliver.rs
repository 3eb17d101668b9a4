//! Stage 6: from a parcel to rows. Runs when a batch arrives, and again when the queue or the quarantine gives a
//! parcel back; both may happen more than once, and the rows stay the same.

use protocol::clock::{self, Correction};
use protocol::limits::{SESSION_IDLE_MS, SESSION_MAX_MS};
use protocol::{Batch, SessionId, UserId};

use super::identity::Identity;
use super::parcel::Parcel;
use super::{Ingest, presence};
use crate::app::App;
use crate::platform::Platform;
use crate::store::{Begun, Claim, Store, StoreError, Stored, Visitor};

/// A visitor's row is written again when it is behind by this much. A visit may so seem to end up to a minute
/// early, and a page that is read for an hour costs sixty units less.
const VISITOR_GRAIN_MS: u64 = 60_000;

/// How often a new visit is tried to begin while others begin theirs: each loss brings a visit to join.
const BEGIN_ATTEMPTS: u32 = 3;

/// Where a parcel comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// It has just arrived.
    Door,
    /// It was kept, and may be given back more than once: what is decided for it has to be written down.
    Keeping,
}

/// Stores a parcel.
///
/// # Errors
/// [`StoreError`] when not everything is stored in time; some of it may be, and the next attempt completes it.
pub async fn deliver(store: &Store, parcel: &Parcel, from: From) -> Result<Stored, StoreError> {
    deliver_and(store, parcel, from, &|_| {}).await
}

/// [`deliver`], and gathers what was stored for the site's hub, which is told in the background.
pub(crate) async fn deliver_and_tell(
    app: &App,
    parcel: &Parcel,
    from: From,
    platform: &dyn Platform,
) -> Result<Stored, StoreError> {
    deliver_and(&app.store, parcel, from, &|ingest| app.notifier.stored(ingest, platform)).await
}

async fn deliver_and(
    store: &Store,
    parcel: &Parcel,
    from: From,
    stored: &dyn Fn(&Ingest<'_>),
) -> Result<Stored, StoreError> {
    if parcel.quarantine.is_some() {
        return store.in_time(store.put_quarantined(parcel)).await;
    }
    store.in_time(deliver_visit(store, parcel, from, stored)).await
}

async fn deliver_visit(
    store: &Store,
    parcel: &Parcel,
    from: From,
    tell: &dyn Fn(&Ingest<'_>),
) -> Result<Stored, StoreError> {
    let mut batch = parcel.batch.clone();
    let (claim, seen) = match parcel.identity {
        Identity::Given if !clock::is_suspect(&batch, parcel.received_at, parcel.clock) => {
            (Claim::default(), None)
        }
        Identity::Given => {
            let claim = store.claim(&batch.site_id, &batch.session_id, proposal(parcel)).await?;
            (claim, None)
        }
        Identity::Derived { today, before, page_has_id } => {
            let is_kept = page_has_id || from == From::Keeping;
            let (claim, seen) = derived(store, parcel, &[Some(today), before], is_kept).await?;
            if let Some(seen) = seen {
                store.note_seen(&batch.site_id, &batch.session_id, seen);
            }
            (claim, seen)
        }
    };
    Correction { shift_ms: claim.shift_ms }.apply(&mut batch, parcel.received_at, parcel.clock);
    let mut visitor = None;
    if let Some((user, session)) = claim.whose {
        batch.user_id = user;
        batch.session_id = session;
        let last_seen = newest(&batch);
        if seen.is_none_or(|seen| seen + VISITOR_GRAIN_MS <= last_seen) {
            visitor = Some(Visitor { user, session, last_seen });
        }
    }
    let is_single = matches!(parcel.identity, Identity::Derived { page_has_id: false, .. });
    let presence = presence::of(&batch, parcel.received_at, parcel.clock, is_single);
    let mut ingest = Ingest::new(&batch, &parcel.visit, &parcel.rules, presence);
    ingest.corrected = claim.shift_ms != 0;
    ingest.is_single = is_single;
    let touched = async {
        match &visitor {
            Some(visitor) => {
                store.touch_visitor(&parcel.batch.site_id, &parcel.batch.session_id, visitor).await
            }
            None => Ok(0.0),
        }
    };
    let (stored, touched) = futures_util::future::join(store.write(&ingest), touched).await;
    let stored = Stored { write_units: stored?.write_units + touched? };
    tell(&ingest);
    Ok(stored)
}

/// What is to be decided about a clock, unless it has been.
fn proposal(parcel: &Parcel) -> Claim {
    let shift_ms = if clock::is_suspect(&parcel.batch, parcel.received_at, parcel.clock) {
        Correction::decide(&parcel.batch, parcel.received_at, parcel.clock).shift_ms
    } else {
        0
    };
    Claim { shift_ms, whose: None }
}

/// Finds out whose a batch without kept ids is, and when that visitor was last seen, as far as the store knows.
/// `is_kept`: the answer is written down, for the other batches and attempts that name the same session.
async fn derived(
    store: &Store,
    parcel: &Parcel,
    users: &[Option<UserId>],
    is_kept: bool,
) -> Result<(Claim, Option<u64>), StoreError> {
    let site = &parcel.batch.site_id;
    let asked = is_kept.then_some(&parcel.batch.session_id);
    // What was decided while the browser kept ids is about the clock alone.
    let says_whose = |claim: &Claim| claim.whose.is_some();
    let remembered = asked.and_then(|session| store.remembered(site, session));
    if let Some(known) = remembered.filter(|(claim, _)| says_whose(claim)) {
        return Ok(known);
    }
    let users: Vec<UserId> = users.iter().flatten().copied().collect();
    let mut known = store.look_up(site, asked, &users).await?;
    let seen_of = |visitors: &[Option<Visitor>], whose: Option<(UserId, SessionId)>| {
        let row = visitors.iter().flatten().find(|row| Some((row.user, row.session)) == whose);
        row.map(|row| row.last_seen)
    };
    if let Some(claim) = known.claim.filter(says_whose) {
        return Ok((claim, seen_of(&known.visitors, claim.whose)));
    }
    let mut claim = known.claim.unwrap_or_else(|| proposal(parcel));
    let mut corrected = parcel.batch.clone();
    Correction { shift_ms: claim.shift_ms }.apply(&mut corrected, parcel.received_at, parcel.clock);
    let at = newest(&corrected);
    let fresh = Visitor {
        user: users.first().copied().unwrap_or(UserId::NIL),
        session: corrected.session_id,
        last_seen: at,
    };
    let mut whose = None;
    for _ in 0..BEGIN_ATTEMPTS {
        whose = going_on(&known.visitors, at);
        if whose.is_some() {
            break;
        }
        // What was kept for long must not take the place of a visit that has begun since.
        let current = known.visitors.first().and_then(Option::as_ref);
        if current.is_some_and(|row| row.session.unix_ms() > at) {
            break;
        }
        // Two pages may open at once: only one of them begins the visit, and the other one joins it.
        match store.begin_visit(site, &fresh, current).await? {
            Begun::Here => {
                whose = Some((fresh.user, fresh.session));
                known.visitors = vec![Some(fresh.clone())];
                break;
            }
            Begun::Elsewhere(row) => {
                known.visitors = std::iter::once(row).chain(known.visitors.drain(..).skip(1)).collect();
            }
        }
    }
    claim.whose = Some(whose.unwrap_or((fresh.user, fresh.session)));
    if is_kept {
        claim = store.claim(site, &parcel.batch.session_id, claim).await?;
    }
    // Another attempt's claim may hold, with another visit.
    Ok((claim, seen_of(&known.visitors, claim.whose)))
}

fn newest(batch: &Batch) -> u64 {
    batch.events.iter().map(|event| event.id.unix_ms()).max().unwrap_or(0)
}

/// The visit to which something belongs that happened at `at`: one of the visitor's that was going on then, today's
/// before the one that began under yesterday's id.
fn going_on(known: &[Option<Visitor>], at: u64) -> Option<(UserId, SessionId)> {
    let is_going_on = |row: &&Visitor| {
        let begun = row.session.unix_ms();
        at <= row.last_seen.saturating_add(SESSION_IDLE_MS)
            && at.saturating_add(SESSION_IDLE_MS) >= begun
            && at < begun.saturating_add(SESSION_MAX_MS)
    };
    known.iter().flatten().find(is_going_on).map(|row| (row.user, row.session))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_763_866_800_000;
    const MINUTE: u64 = 60_000;
    /// No visit is going on.
    const NEW: u8 = 9;

    fn user(n: u8) -> UserId {
        UserId::new(NOW, &[n; 10])
    }

    fn row(n: u8, begun: u64, last_seen: u64) -> Option<Visitor> {
        Some(Visitor { user: user(n), session: SessionId::new(begun, &[n; 10]), last_seen })
    }

    fn chosen(known: &[Option<Visitor>], at: u64) -> u8 {
        going_on(known, at).map_or(NEW, |(user, session)| {
            assert_eq!(user.random(), session.random());
            session.random()[1]
        })
    }

    #[test]
    fn visit_goes_on_for_half_an_hour_and_ends_then() {
        let known = [row(1, NOW - 50 * MINUTE, NOW - 30 * MINUTE), None];
        assert_eq!(chosen(&known, NOW), 1);
        assert_eq!(chosen(&known, NOW + 1), NEW);
    }

    #[test]
    fn visit_survives_midnight_under_the_id_it_began_with() {
        assert_eq!(chosen(&[None, row(2, NOW - 40 * MINUTE, NOW - MINUTE)], NOW), 2);
        let ended = [None, row(2, NOW - 90 * MINUTE, NOW - 31 * MINUTE)];
        assert_eq!(chosen(&ended, NOW), NEW);
        let both = [row(1, NOW - MINUTE, NOW), row(2, NOW - 40 * MINUTE, NOW - MINUTE)];
        assert_eq!(chosen(&both, NOW), 1);
    }

    #[test]
    fn late_batch_joins_the_visit_it_belongs_to_and_not_a_later_one() {
        let known = [row(1, NOW - 50 * MINUTE, NOW), None];
        assert_eq!(chosen(&known, NOW - 60 * MINUTE), 1);
        assert_eq!(chosen(&known, NOW - 3 * 60 * MINUTE), NEW);
    }

    #[test]
    fn no_visit_lasts_longer_than_a_day() {
        assert_eq!(chosen(&[row(1, NOW - SESSION_MAX_MS, NOW), None], NOW), NEW);
    }
}
