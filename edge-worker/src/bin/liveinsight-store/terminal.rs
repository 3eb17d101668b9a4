//! The machine the command is typed on, as a platform.

use std::time::Duration;

use edge_worker::platform::{Clock, Limit, LocalFuture, Platform, QueueError};

/// Whoever may type here holds the store's credentials: nothing is limited.
pub(crate) struct Terminal;

impl Platform for Terminal {
    fn now(&self) -> u64 {
        let since = std::time::SystemTime::UNIX_EPOCH.elapsed();
        since.map_or(0, |time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }

    fn clock(&self, zone: &str) -> Option<Clock> {
        edge_worker::zones::native(zone)
    }

    fn random(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            // Nothing secret can be made without.
            eprintln!("error: the system gives no random numbers: {error}");
            std::process::exit(1);
        }
    }

    fn allows<'a>(&'a self, _: Limit, _: &'a str) -> LocalFuture<'a, bool> {
        Box::pin(std::future::ready(true))
    }

    fn enqueue<'a>(&'a self, _: &'a str) -> LocalFuture<'a, Result<(), QueueError>> {
        Box::pin(std::future::ready(Err(QueueError::Absent)))
    }

    fn enqueue_jobs<'a>(&'a self, _: &'a [String]) -> LocalFuture<'a, Result<(), QueueError>> {
        Box::pin(std::future::ready(Err(QueueError::Absent)))
    }

    fn background(&self, _: LocalFuture<'static, ()>) {}

    fn sleep(&self, duration: Duration) -> LocalFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}
