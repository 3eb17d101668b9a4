//! What the worker needs of its platform beyond HTTP and the store. The Workers implementation is in `shell`;
//! tests bring their own.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use protocol::SiteId;
use protocol::alert::MessageLanguage;
use protocol::live::Resume;

use crate::live::view::Viewer;

/// A future of the isolate's one thread.
pub type LocalFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Seconds that a local time is ahead of UTC at a moment in Unix milliseconds.
pub type Clock = Box<dyn Fn(u64) -> i32>;

/// What is counted by the platform's rate limiter. The limits themselves are in `wrangler.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Requests that bring events, by the sender's address.
    Client,
    /// Batches, by site.
    Site,
    /// Attempts to sign in, by address.
    SignIn,
}

/// A queue that messages wait in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backlog {
    /// Batches that the store did not take.
    Overflow,
    /// Jobs of compaction.
    Jobs,
}

impl Backlog {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Overflow, Self::Jobs];

    /// Its name among the metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Overflow => "overflow",
            Self::Jobs => "jobs",
        }
    }
}

/// Why a queue did not take a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// There is none: the installation does without.
    #[error("there is no such queue")]
    Absent,
    /// It did not take the message.
    #[error("the queue does not take messages")]
    Refused,
}

/// How long another host may take to answer.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// A `POST` to another host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The address.
    pub url: String,
    /// Names in lower case, with values.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

/// Why there is no status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// The host does not answer, or there is none.
    #[error("no connection")]
    NoAnswer,
    /// It does not answer in time.
    #[error("no answer within 10 seconds")]
    TimedOut,
}

/// The platform, for the time of one request.
pub trait Platform {
    /// The clock, Unix milliseconds.
    fn now(&self) -> u64;

    /// The clock of an IANA time zone: seconds that its local time is ahead of UTC at a moment in Unix milliseconds.
    /// `None` for a zone that is not known.
    fn clock(&self, zone: &str) -> Option<Clock>;

    /// Fills bytes from a cryptographically secure source.
    fn random(&self, bytes: &mut [u8]);

    /// Counts one more of `limit` under `key` and says whether it is within the limit. `true` when there is no
    /// limiter or it does not answer: it protects, it does not decide.
    fn allows<'a>(&'a self, limit: Limit, key: &'a str) -> LocalFuture<'a, bool>;

    /// Puts a message into the overflow queue; done when the queue has it.
    fn enqueue<'a>(&'a self, message: &'a str) -> LocalFuture<'a, Result<(), QueueError>>;

    /// Puts at most a hundred jobs into the queue of jobs; done when the queue has them.
    fn enqueue_jobs<'a>(&'a self, jobs: &'a [String]) -> LocalFuture<'a, Result<(), QueueError>>;

    /// Sends a request to another host, without following redirects, and gives back the status of what is answered. What
    /// it says is not read. Patience ends after [`PATIENCE`].
    fn post<'a>(&'a self, request: &'a Outgoing) -> LocalFuture<'a, Result<u16, PostError>> {
        let _ = request;
        Box::pin(std::future::ready(Err(PostError::NoAnswer)))
    }

    /// The name of a country by its code, in a language; the code where the platform knows no names.
    fn country(&self, code: &str, language: MessageLanguage) -> String {
        let _ = language;
        code.to_owned()
    }

    /// How many messages wait in a queue; `None` where that is not to be known.
    fn backlog(&self, _: Backlog) -> LocalFuture<'static, Option<u32>> {
        Box::pin(std::future::ready(None))
    }

    /// Lets something go on after the answer has been given. The platform grants it 30 seconds.
    fn background(&self, work: LocalFuture<'static, ()>);

    /// Waits.
    fn sleep(&self, duration: Duration) -> LocalFuture<'static, ()>;

    /// The way to a site's hub; `None` where there are no hubs.
    fn hub(&self, site: &SiteId) -> Option<Box<dyn HubDoor>> {
        let _ = site;
        None
    }

    /// Connects a reader with a site's hub. After this the answer to the request has the status 101, and the platform
    /// gives the connection.
    fn watch<'a>(
        &'a self,
        site: &'a SiteId,
        viewer: &'a Viewer,
        after: Option<Resume>,
    ) -> LocalFuture<'a, Result<(), HubRefusal>> {
        let _ = (site, viewer, after);
        Box::pin(std::future::ready(Err(HubRefusal::Absent)))
    }
}

/// Why a hub does not take a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HubRefusal {
    /// There are none: the installation does without.
    #[error("there are no hubs")]
    Absent,
    /// It has as many as it may.
    #[error("there are too many connections")]
    Full,
    /// It does not answer.
    #[error("the hub does not answer")]
    Failed,
}

/// The way to a site's hub. It outlives the request it was made for as long as the platform grants.
pub trait HubDoor {
    /// Tells it something. Gives back for how many milliseconds it need not be told anything, 0 when it is watched;
    /// `None` when it fails.
    fn tell(&self, message: Vec<u8>) -> LocalFuture<'static, Option<u64>>;

    /// The clock, Unix milliseconds.
    fn now(&self) -> u64;

    /// Waits.
    fn sleep(&self, duration: Duration) -> LocalFuture<'static, ()>;
}

#[cfg(test)]
pub(crate) mod testing {
    //! A platform for tests: dice that fall the same every time, nothing else.

    use std::cell::Cell;

    use super::{Clock, Duration, Limit, LocalFuture, Platform, QueueError};

    /// The same numbers for the same seed.
    pub(crate) struct Dice(Cell<u64>);

    impl Dice {
        pub(crate) fn new(seed: u64) -> Self {
            Self(Cell::new(seed))
        }
    }

    impl Platform for Dice {
        fn now(&self) -> u64 {
            1_763_866_800_000
        }

        fn clock(&self, _: &str) -> Option<Clock> {
            None
        }

        fn random(&self, bytes: &mut [u8]) {
            for byte in bytes {
                // Knuth's MMIX constants.
                let next = self
                    .0
                    .get()
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                self.0.set(next);
                *byte = (next >> 56) as u8;
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

        fn sleep(&self, _: Duration) -> LocalFuture<'static, ()> {
            Box::pin(std::future::ready(()))
        }
    }
}
