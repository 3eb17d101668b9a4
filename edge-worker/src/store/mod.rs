//! The store: the only place that names DynamoDB.
//!
//! | table | partition key `pk` | sort key `sk` | holds |
//! |---|---|---|---|
//! | Events | `site#YYYY-MM-DDTHH#shard`, from the event id's own time | event id | the enriched event |
//! | Sessions | `site#YYYY-MM-DD`, from the session id's own time | session id | one row a visit |
//! | ActiveSessions | `site#YYYY-MM-DDTHH:MM`, a bucket of five minutes | session id, or session id and `#left` | the visit's newest sign of life, or that it left |
//! | Segments | see [`segments`] | | the events of closed hours, days and months as columns |
//! | Accounts | see [`accounts`] | | sites, people, and what they may do |
//!
//! Beside them Events has the quarantine (`quarantine`), ActiveSessions what was decided for a visit (`claim`), and
//! Accounts the ledger (`ledger`) and the daily secrets (`salt`).
//!
//! What is stored of visitors may be written again without effect. An event's row is a pure function of the batch, so a replay
//! overwrites it with itself. A visit's row takes only `ADD`s to sets and `SET`s of values that are the
//! same in every batch of the visit: such updates commute and repeat freely, whereas a counter does neither.

pub mod accounts;
mod calls;
mod claim;
mod client;
mod cloudwatch;
pub(crate) mod erased;
pub(crate) mod export;
#[cfg(feature = "native")]
pub(crate) mod import;
mod items;
mod keys;
mod ledger;
pub(crate) mod live;
mod meter;
mod otlp;
mod quarantine;
mod read;
mod rows;
mod salt;
pub mod segments;
mod ses;
mod session;
mod signed;
pub(crate) mod sweep;
#[cfg(feature = "native")]
mod tables;
mod write;

#[cfg(target_arch = "wasm32")]
mod fetch;

use std::cell::RefCell;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_async::time::SharedTimeSource;

use crate::config::StoreConfig;
use crate::ingest::identity::Salt;
use crate::metrics::Metrics;

pub(crate) use claim::{Begun, Claim, Visitor};
pub use read::ActiveRow;
#[cfg(feature = "native")]
pub use tables::Created;
pub use write::Stored;

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It did not answer, or not with success, within the attempts and the time it is given.
    #[error("{operation} failed: {cause}")]
    Unavailable {
        /// DynamoDB's name of the operation.
        operation: &'static str,
        /// What the SDK says; holds no item content.
        cause: String,
    },
    /// It understood what it was asked and will never do it: trying again does not help.
    #[error("{operation} was refused: {cause}")]
    Refused {
        /// DynamoDB's name of the operation.
        operation: &'static str,
        /// The error's code.
        cause: String,
    },
    /// It kept handing items back.
    #[error("{0} items were still unprocessed after the last attempt")]
    Unprocessed(usize),
    /// A segment is not the one that was written.
    #[error("segment {bucket}: {cause}")]
    Damaged {
        /// Name of its hour, day or month.
        bucket: String,
        /// What is wrong with it.
        cause: analytics::segment::SegmentError,
    },
    /// So many hours of a range, or their events, have no segment that they cannot be read for one question.
    #[error("{hours} hours of the range are not compacted yet, more than can be read for one question")]
    NotCompacted {
        /// How many hours.
        hours: usize,
    },
    /// A range holds more events than the caller can hold.
    #[error("the range holds too many events")]
    TooManyEvents,
    /// An hour has more events than can be held at once.
    #[error("{0}")]
    TooLarge(#[from] analytics::TooLarge),
}

impl StoreError {
    /// Whether the store works and the request is at fault.
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }

    pub(crate) fn unbuildable(operation: &'static str) -> Self {
        Self::Unavailable { operation, cause: "request could not be built".into() }
    }

    fn from_sdk<E, R>(operation: &'static str) -> impl Fn(SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata,
        R: std::fmt::Debug,
    {
        move |error| {
            let cause = match &error {
                // The raw answer in the other forms may quote the request: the kind alone is enough.
                SdkError::TimeoutError(_) => "timed out".to_owned(),
                SdkError::DispatchFailure(failure) if failure.is_timeout() => "timed out".to_owned(),
                SdkError::DispatchFailure(_) => "no connection".to_owned(),
                SdkError::ResponseError(_) => "unreadable answer".to_owned(),
                // Its message may quote what was signed: the code alone is enough.
                SdkError::ServiceError(service) => service.err().code().unwrap_or("unknown error").to_owned(),
                _ => "request could not be built".to_owned(),
            };
            match cause.as_str() {
                "ValidationException" | "ItemCollectionSizeLimitExceededException" => {
                    Self::Refused { operation, cause }
                }
                _ => Self::Unavailable { operation, cause },
            }
        }
    }
}

/// The day, UTC, of a time, as `YYYY-MM-DD`.
pub(crate) fn day_of(unix_ms: u64) -> String {
    keys::day(unix_ms)
}

/// The tables' names without their prefix, in the order of [`Tables`].
const TABLES: [&str; 5] = ["Events", "Sessions", "ActiveSessions", "Accounts", "Segments"];

/// The names of the tables.
#[derive(Debug, Clone)]
struct Tables {
    events: String,
    sessions: String,
    active: String,
    accounts: String,
    segments: String,
}

impl Tables {
    fn new(prefix: &str) -> Self {
        let name = |table| format!("{prefix}{table}");
        Self {
            events: name("Events"),
            sessions: name("Sessions"),
            active: name("ActiveSessions"),
            accounts: name("Accounts"),
            segments: name("Segments"),
        }
    }
}

/// A connection to the store. Holds no object of the platform, so an isolate keeps it between requests.
pub struct Store {
    calls: calls::Calls,
    signed: signed::Signed,
    metrics_endpoint: String,
    metrics: Metrics,
    tables: Tables,
    time: SharedTimeSource,
    claims: RefCell<claim::Claims>,
    salts: RefCell<Vec<Salt>>,
    segments: RefCell<segments::Cache>,
    pub(crate) limits: segments::Limits,
}

impl Store {
    /// Prepares a connection; nothing is sent yet.
    pub fn new(config: &StoreConfig) -> Self {
        let metrics = Metrics::default();
        let client::Parts { client, signed, sleep, time } = client::build(config, &metrics);
        Self {
            calls: calls::Calls { client, sleep },
            signed,
            metrics_endpoint: cloudwatch::endpoint(config),
            metrics,
            tables: Tables::new(&config.table_prefix),
            time,
            claims: RefCell::default(),
            salts: RefCell::default(),
            segments: RefCell::default(),
            limits: segments::Limits::default(),
        }
    }

    /// The same store under another clock: tests live in a time of their own.
    #[cfg(feature = "native")]
    #[must_use]
    pub fn with_time(mut self, time: impl aws_smithy_async::time::TimeSource + 'static) -> Self {
        self.time = SharedTimeSource::new(time);
        self
    }

    /// The same store with other limits: tests have few events.
    #[cfg(feature = "native")]
    #[must_use]
    pub fn with_limits(mut self, limits: segments::Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What is measured here, to which everybody adds.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The platform's clock, Unix milliseconds.
    pub(crate) fn now(&self) -> u64 {
        let since = self.time.now().duration_since(std::time::SystemTime::UNIX_EPOCH);
        since.map_or(0, |time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }

    /// The table of sites, people and what they may do.
    pub fn accounts(&self) -> accounts::Accounts {
        accounts::Accounts::new(self.calls.clone(), &self.tables.accounts, self.time.clone())
    }

    /// The client itself: tests look at the tables with it.
    #[cfg(feature = "native")]
    pub fn client(&self) -> &aws_sdk_dynamodb::Client {
        &self.calls.client
    }
}
