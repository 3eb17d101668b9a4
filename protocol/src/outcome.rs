//! What can become of an event: one enumeration for its receipt, the metric's label and the ledger's key.

use serde::{Deserialize, Serialize};

/// What kind of end an event came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Status {
    /// Stored, or taken by the queue that stores it. Sending it again changes nothing.
    Accepted,
    /// Understood, but not counted: by its nature, or by a rule of the site.
    Filtered,
    /// Not stored; sending it again will not help.
    Rejected,
    /// Not understood and passed over.
    Skipped,
}

macro_rules! outcomes {
    ($($(#[$doc:meta])* $name:ident => $code:literal $status:ident),+ $(,)?) => {
        /// What became of one event. Its code never holds data of the visitor, so it may be a metric's label.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum Outcome {
            $($(#[$doc])* $name),+
        }

        impl Outcome {
            /// All of them, in the order in which a report lists them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The name in receipts, metrics, logs and the ledger.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// What kind of end it is.
            pub fn status(self) -> Status {
                match self { $(Self::$name => Status::$status),+ }
            }
        }
    };
}

outcomes! {
    /// Stored, or taken by the queue that stores it.
    Accepted => "accepted" Accepted,
    /// Sent by a program that says so, or that is known: a crawler, a monitor, an AI's reader. Quarantined.
    Bot => "bot" Filtered,
    /// Sent by a browser without a screen, which a test or a scraper drives. Quarantined.
    Headless => "headless" Filtered,
    /// Its referrer is known for nothing but sending false visits. Quarantined.
    Spam => "spam" Filtered,
    /// The visitor asked not to be counted (Global Privacy Control, Do Not Track).
    OptedOut => "opted_out" Filtered,
    /// A rule of the site leaves it out: its path, its country or the sender's address.
    Excluded => "excluded" Filtered,
    /// The page was being loaded ahead and may never be seen.
    Prerender => "prerender" Filtered,
    /// Not an object, or without an id of version 7.
    InvalidEvent => "invalid_event" Rejected,
    /// The id of the page view is missing or malformed.
    InvalidPageId => "invalid_page_id" Rejected,
    /// `at` differs from the time in the id by more than [`crate::limits::MAX_ID_SKEW_MS`].
    TimeMismatch => "time_mismatch" Rejected,
    /// Older than [`crate::limits::MAX_EVENT_AGE_MS`].
    TooOld => "too_old" Rejected,
    /// Further ahead than [`crate::limits::MAX_FUTURE_MS`] of a clock that is otherwise right.
    InTheFuture => "in_the_future" Rejected,
    /// A page view without an absolute URL within the limit.
    InvalidUrl => "invalid_url" Rejected,
    /// A click without a known kind of target.
    InvalidTarget => "invalid_target" Rejected,
    /// A conversion or a custom event without a name within the limit.
    InvalidName => "invalid_name" Rejected,
    /// A conversion whose revenue is not a decimal string and a currency.
    InvalidRevenue => "invalid_revenue" Rejected,
    /// A heartbeat with a value missing or out of range.
    InvalidHeartbeat => "invalid_heartbeat" Rejected,
    /// Its batch came from a page of another origin than the site's.
    OriginNotAllowed => "origin_not_allowed" Rejected,
    /// Its batch came when the site or its sender had sent too many.
    RateLimited => "rate_limited" Rejected,
    /// Its batch could be neither stored nor queued; the sender was asked to keep it.
    StoreUnavailable => "store_unavailable" Rejected,
    /// An event of a type this worker does not know: a newer tracker's.
    UnknownType => "unknown_type" Skipped,
}

impl Outcome {
    /// The outcome of that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|outcome| outcome.code() == code)
    }

    /// Whether events of this outcome are kept in the quarantine, to be looked at, released or purged.
    pub fn is_quarantined(self) -> bool {
        matches!(self, Self::Bot | Self::Headless | Self::Spam)
    }

    /// One line for a person who asks why, and what to do about it.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::Accepted => "stored",
            Self::Bot => {
                "the user agent is a program's; kept in the quarantine, from where it can be released"
            }
            Self::Headless => "the browser has no screen, as in tests and scrapers; kept in the quarantine",
            Self::Spam => "the referrer is a known spammer; kept in the quarantine",
            Self::OptedOut => {
                "the browser asks not to be tracked (Sec-GPC or DNT), and the site honours that"
            }
            Self::Excluded => "a rule of the site leaves out this path, country or address",
            Self::Prerender => "the page was loaded ahead of a visit that may never happen",
            Self::InvalidEvent => "not an object with an `id` that is a uuid of version 7 and a `type`",
            Self::InvalidPageId => "`page_id` must be a uuid of version 7",
            Self::TimeMismatch => "`at` must lie within a minute of the time in `id`",
            Self::TooOld => "more than 7 days old",
            Self::InTheFuture => "later than the batch that brought it was sent",
            Self::InvalidUrl => "`url` must be an absolute http or https address of at most 2,048 bytes",
            Self::InvalidTarget => "`target.kind` must be marked, outbound, download or button",
            Self::InvalidName => "`name` must have 1 to 120 bytes, without control characters",
            Self::InvalidRevenue => {
                "`revenue` must be a decimal string `amount` and a three-letter `currency`"
            }
            Self::InvalidHeartbeat => {
                "`engaged_ms`, `scroll_percent` or `interval_s` is missing or out of range"
            }
            Self::OriginNotAllowed => "the page's host is not among the site's domains",
            Self::RateLimited => "too many requests at once",
            Self::StoreUnavailable => "not stored; the sender keeps it and tries again",
            Self::UnknownType => "this type of event is not known here; the sender is newer than the worker",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_the_same_in_receipts_ledger_and_back() {
        for outcome in Outcome::ALL.iter().copied() {
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.code());
            assert_eq!(Outcome::from_code(outcome.code()), Some(outcome));
            assert!(!outcome.explanation().is_empty());
        }
        assert_eq!(Outcome::from_code("hologram"), None);
    }
}
