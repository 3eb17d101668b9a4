//! What the worker needs of its platform beyond HTTP and the store. The Workers implementation is in `shell`;
//! tests bring their own.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// A future of the isolate's one thread.
pub type LocalFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

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

/// Why the queue did not take a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// There is none: the installation does without.
    #[error("there is no overflow queue")]
    Absent,
    /// It did not take the message.
    #[error("the overflow queue does not take messages")]
    Refused,
}

/// The platform, for the time of one request.
pub trait Platform {
    /// The clock, Unix milliseconds.
    fn now(&self) -> u64;

    /// Fills bytes from a cryptographically secure source.
    fn random(&self, bytes: &mut [u8]);

    /// Counts one more of `limit` under `key` and says whether it is within the limit. `true` when there is no
    /// limiter or it does not answer: it protects, it does not decide.
    fn allows<'a>(&'a self, limit: Limit, key: &'a str) -> LocalFuture<'a, bool>;

    /// Puts a message into the overflow queue; done when the queue has it.
    fn enqueue<'a>(&'a self, message: &'a str) -> LocalFuture<'a, Result<(), QueueError>>;

    /// Lets something go on after the answer has been given. The platform grants it 30 seconds.
    fn background(&self, work: LocalFuture<'static, ()>);

    /// Waits.
    fn sleep(&self, duration: Duration) -> LocalFuture<'static, ()>;
}
