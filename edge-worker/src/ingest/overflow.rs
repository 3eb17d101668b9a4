//! When the store fails: the overflow queue takes validated parcels, and its consumer stores them later. Their order
//! is free, because the writes commute.

use std::cell::Cell;

use super::deliver::deliver;
use super::parcel::Parcel;
use crate::app::App;
use crate::log::{self, Level};
use crate::platform::{Platform, QueueError};
use crate::store::StoreError;

/// How long the store is left alone after a failure. Each attempt would keep a visitor waiting for seconds, and
/// hundreds of attempts at once are no help to a store that is throttled.
const PAUSE_MS: u64 = 5_000;

/// First and longest delay of a parcel that could not be stored, in seconds. The platform keeps a message for up to
/// fourteen days and takes delays of up to twelve hours (Cloudflare Queues, limits).
const FIRST_DELAY_S: u32 = 5;
const LONGEST_DELAY_S: u32 = 600;

/// Whether this isolate has lately found the store in trouble.
#[derive(Debug, Default)]
pub(crate) struct Health {
    paused_until: Cell<u64>,
    failures: Cell<u32>,
}

impl Health {
    fn is_paused(&self, now: u64) -> bool {
        now < self.paused_until.get()
    }

    fn failed(&self, now: u64) {
        self.paused_until.set(now + PAUSE_MS);
        self.failures.set(self.failures.get().saturating_add(1));
    }

    fn worked(&self) {
        self.paused_until.set(0);
        self.failures.set(0);
    }

    /// How long a parcel waits before its next attempt: longer the more of them have failed in a row, and never
    /// the same as another's.
    fn delay_s(&self, dice: f64) -> u32 {
        let doubled = FIRST_DELAY_S.saturating_mul(1 << self.failures.get().min(10));
        let longest = f64::from(doubled.min(LONGEST_DELAY_S));
        (longest / 2.0 + longest / 2.0 * dice) as u32
    }
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
    match deliver(&app.store, parcel).await {
        Ok(stored) => {
            app.health.worked();
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
        Err(store) => {
            app.health.failed(platform.now());
            match enqueue(parcel, platform).await {
                Ok(()) => {
                    let fields = [
                        ("site_id", parcel.batch.site_id.as_str().into()),
                        ("error", store.to_string().into()),
                    ];
                    log::write(Level::Error, "batch queued, because the store failed", &fields);
                    Ok(true)
                }
                Err(queue) => Err(Lost::Both { store, queue }),
            }
        }
    }
}

async fn enqueue(parcel: &Parcel, platform: &dyn Platform) -> Result<(), QueueError> {
    let message = parcel.print().ok_or(QueueError::Refused)?;
    platform.enqueue(&message).await
}

/// What is to be done with a message of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drained {
    /// It is stored: take it off the queue.
    Stored,
    /// Give it back, to be delivered again after so many seconds.
    Later(u32),
    /// Not a parcel this worker can read. A newer worker may have written it: it is kept, not thrown away.
    Unreadable,
}

/// Stores a parcel that the queue gives back.
pub(crate) async fn drain(app: &App, message: &str, platform: &dyn Platform) -> Drained {
    let mut dice = [0];
    platform.random(&mut dice);
    let dice = f64::from(dice[0]) / 256.0;
    if app.health.is_paused(platform.now()) {
        return Drained::Later(app.health.delay_s(dice));
    }
    let Some(parcel) = Parcel::read(message) else {
        log::write(Level::Error, "queued batch cannot be read; is an older worker running?", &[]);
        return Drained::Unreadable;
    };
    match deliver(&app.store, &parcel).await {
        Ok(_) => {
            app.health.worked();
            Drained::Stored
        }
        Err(error) => {
            app.health.failed(platform.now());
            let fields = [("error", error.to_string().into())];
            log::write(Level::Error, "queued batch not stored yet", &fields);
            Drained::Later(app.health.delay_s(dice))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn store_in_trouble_is_left_alone_and_asked_again() {
        let health = Health::default();
        assert!(!health.is_paused(1_000));
        health.failed(1_000);
        assert!(health.is_paused(1_000 + PAUSE_MS - 1));
        assert!(!health.is_paused(1_000 + PAUSE_MS));
        health.failed(1_000);
        health.worked();
        assert!(!health.is_paused(1_000));
    }

    #[test]
    fn delay_grows_with_failures_to_its_limit() {
        let health = Health::default();
        let mut last = 0;
        for _ in 0..40 {
            let longest = health.delay_s(1.0);
            assert!(longest >= last && longest <= LONGEST_DELAY_S);
            assert!(health.delay_s(0.0) >= FIRST_DELAY_S / 2);
            last = longest;
            health.failed(0);
        }
        assert_eq!(last, LONGEST_DELAY_S);
    }
}
