//! When the store fails: the overflow queue takes validated parcels, and its consumer stores them later. Their order
//! is free: rows of events and visits are the same in any order, and a late parcel never brings an ended visit back.

use std::cell::Cell;

use super::deliver::{From, deliver_and_tell};
use super::parcel::Parcel;
use crate::app::App;
use crate::care;
use crate::log::{self, Level};
use crate::platform::{Platform, QueueError};
use crate::store::{StoreError, Stored};

/// How long the store is left alone after a failure. Each attempt would keep a visitor waiting for seconds, and
/// hundreds of attempts at once are no help to a store that is throttled.
const PAUSE_MS: u64 = 5_000;

/// Shortest and longest delay of a parcel that could not be stored, in seconds. A hundred attempts (`wrangler.toml`) at
/// the longest are two days; then the parcel goes round through the dead-letter queue.
const SHORTEST_DELAY_S: u64 = 5;
const LONGEST_DELAY_S: u64 = 1_800;

/// How long a parcel that this worker cannot read is put aside, in seconds: until a newer one is deployed.
const UNREADABLE_DELAY_S: u32 = 3_600;

/// Whether this isolate has lately found the store in trouble.
#[derive(Debug, Default)]
pub(crate) struct Health {
    paused_until: Cell<u64>,
}

impl Health {
    pub(crate) fn is_paused(&self, now: u64) -> bool {
        now < self.paused_until.get()
    }

    /// Notes how it went. What is the request's own fault says nothing of the store.
    fn note<T>(&self, outcome: &Result<T, StoreError>, now: u64) {
        match outcome {
            Ok(_) => self.paused_until.set(0),
            Err(error) if !error.is_permanent() => self.paused_until.set(now + PAUSE_MS),
            Err(_) => {}
        }
    }
}

/// How long a parcel of that age waits before its next attempt: a quarter of its age, and never the same as another's.
fn delay_s(age_ms: u64, dice: u8) -> u32 {
    let longest = (age_ms / 4_000).clamp(SHORTEST_DELAY_S, LONGEST_DELAY_S);
    let shortest = longest - longest / 3;
    u32::try_from(shortest + (longest - shortest) * u64::from(dice) / 255).unwrap_or(u32::MAX)
}

/// Why a parcel is neither stored nor queued.
#[derive(Debug, thiserror::Error)]
pub(super) enum Lost {
    /// Nothing took it.
    #[error("{store}; {queue}")]
    Both {
        /// Why the store did not.
        store: StoreError,
        /// Why the queue did not.
        queue: QueueError,
    },
    /// The store is left alone after a failure, and the queue did not take it.
    #[error("the store has just failed; {0}")]
    Paused(QueueError),
}

/// Stores a parcel, or hands it to the queue if the store does not take it. Whether it is in the queue.
pub(super) async fn store_or_queue(
    app: &App,
    parcel: &Parcel,
    platform: &dyn Platform,
) -> Result<bool, Lost> {
    let now = platform.now();
    if app.health.is_paused(now) {
        match enqueue(parcel, platform).await {
            Ok(()) => return Ok(true),
            // Without a queue the store is all there is.
            Err(QueueError::Absent) => {}
            Err(queue) => return Err(Lost::Paused(queue)),
        }
    }
    let outcome = deliver_unless_erased(app, parcel, now, platform).await;
    // Whoever floods the quarantine must not make the store seem down for visitors.
    if parcel.quarantine.is_none() {
        app.health.note(&outcome, platform.now());
    }
    match outcome {
        Ok(stored) => {
            if app.config.debug {
                let fields = [
                    ("site_id", parcel.batch.site_id.as_str().into()),
                    ("events", parcel.batch.events.len().into()),
                    ("write_units", stored.write_units.into()),
                ];
                log::write(Level::Info, "batch stored", &fields);
            }
            Ok(false)
        }
        Err(store) => match enqueue(parcel, platform).await {
            Ok(()) => {
                let fields =
                    [("site_id", parcel.batch.site_id.as_str().into()), ("error", store.to_string().into())];
                log::write(Level::Error, "batch queued, because the store failed", &fields);
                Ok(true)
            }
            Err(queue) => Err(Lost::Both { store, queue }),
        },
    }
}

/// Stores a parcel from a door. While the site has somebody who was lately erased, what a browser had kept of them
/// before is left out; at any other time this costs nothing.
async fn deliver_unless_erased(
    app: &App,
    parcel: &Parcel,
    now: u64,
    platform: &dyn Platform,
) -> Result<Stored, StoreError> {
    let site = app.sites.by_id(&parcel.batch.site_id).await?;
    if site.is_none_or(|site| site.erased_until <= now) {
        return deliver_and_tell(app, parcel, From::Door, platform).await;
    }
    let mut parcel = parcel.clone();
    match care::may_be_stored(app, &mut parcel).await? {
        true => deliver_and_tell(app, &parcel, From::Door, platform).await,
        false => Ok(Stored::default()),
    }
}

async fn enqueue(parcel: &Parcel, platform: &dyn Platform) -> Result<(), QueueError> {
    let message = parcel.print().ok_or(QueueError::Refused)?;
    platform.enqueue(&message).await
}

/// What is to be done with a message of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drained {
    /// It is stored, or in the queue again: take it off this one.
    Done,
    /// Give it back, to be delivered again after so many seconds.
    Later(u32),
}

/// A message of a queue.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// The printed parcel.
    pub body: &'a str,
    /// When it was put into the queue, Unix milliseconds.
    pub queued_at: u64,
    /// Whether it has been tried as often as the queue allows and lies in the dead-letter queue.
    pub is_dead: bool,
}

/// Whether a parcel that waited is still to be stored: its site may be gone by now, or its visitor erased.
async fn keepable(app: &App, parcel: &mut Parcel) -> Result<bool, StoreError> {
    if app.sites.by_id(&parcel.batch.site_id).await?.is_none() {
        return Ok(false);
    }
    care::may_be_stored(app, parcel).await
}

/// Stores a parcel that the queue gives back.
pub(crate) async fn drain(app: &App, message: Message<'_>, platform: &dyn Platform) -> Drained {
    let now = platform.now();
    let mut dice = [0];
    platform.random(&mut dice);
    let later = Drained::Later(delay_s(now.saturating_sub(message.queued_at), dice[0]));
    if message.is_dead {
        // What alarms watch for: a batch that was tried for days. The dead-letter queue has none of its own, so what
        // is tried there too often would be deleted: it goes round instead.
        log::write(Level::Error, "dead letter", &[("queued_at", message.queued_at.into())]);
        return if platform.enqueue(message.body).await.is_ok() { Drained::Done } else { later };
    }
    if app.health.is_paused(now) {
        return later;
    }
    let Some(mut parcel) = Parcel::read(message.body) else {
        log::write(Level::Error, "queued batch cannot be read; is an older worker running?", &[]);
        return Drained::Later(UNREADABLE_DELAY_S);
    };
    let outcome = match keepable(app, &mut parcel).await {
        Ok(true) => deliver_and_tell(app, &parcel, From::Keeping, platform).await,
        Ok(false) => Ok(Stored::default()),
        Err(error) => Err(error),
    };
    app.health.note(&outcome, platform.now());
    match outcome {
        Ok(_) => Drained::Done,
        Err(error) => {
            log::write(Level::Error, "queued batch not stored yet", &[("error", error.to_string().into())]);
            later
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNAVAILABLE: StoreError = StoreError::Unprocessed(1);

    #[test]
    fn store_in_trouble_is_left_alone_and_asked_again() {
        let health = Health::default();
        assert!(!health.is_paused(1_000));
        health.note(&Err::<(), _>(UNAVAILABLE), 1_000);
        assert!(health.is_paused(1_000 + PAUSE_MS - 1));
        assert!(!health.is_paused(1_000 + PAUSE_MS));
        health.note(&Ok(()), 1_000);
        assert!(!health.is_paused(1_000));
    }

    #[test]
    fn request_that_is_at_fault_itself_says_nothing_of_the_store() {
        let health = Health::default();
        let refused = StoreError::Refused { operation: "PutItem", cause: "ValidationException".into() };
        health.note(&Err::<(), _>(refused), 1_000);
        assert!(!health.is_paused(1_000));
    }

    #[test]
    fn delay_grows_with_the_age_of_a_parcel_to_its_limit() {
        assert!((3..=5).contains(&delay_s(0, 0)) && delay_s(0, 255) == 5);
        assert_eq!(delay_s(400_000, 255), 100);
        assert_eq!(delay_s(u64::MAX, 255), 1_800);
        assert!(delay_s(400_000, 0) >= 66 && delay_s(400_000, 0) < delay_s(400_000, 128));
    }
}
