//! Problem documents (RFC 9457): how a request as a whole is refused.

use serde::{Deserialize, Serialize};

/// The media type of a problem document.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Every way a request can be refused; one name for the document, the log and the metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The body is not JSON.
    InvalidJson,
    /// The body is JSON, but not a batch.
    InvalidBatch,
    /// The batch is of a version this worker does not speak.
    UnsupportedVersion,
    /// The batch holds no event.
    EmptyBatch,
    /// The batch holds more than [`crate::limits::MAX_EVENTS`] events.
    TooManyEvents,
    /// The body is over [`crate::limits::MAX_BODY_BYTES`].
    BodyTooLarge,
    /// Neither `text/plain` nor `application/json`.
    UnsupportedMediaType,
    /// No site of that id.
    UnknownSite,
    /// The page's origin is not one of the site's domains.
    OriginNotAllowed,
    /// The ingest key is not the right one.
    InvalidIngestKey,
    /// A parameter of the request is missing or malformed.
    InvalidParameter,
    /// Not signed in.
    SignInRequired,
    /// The password is wrong.
    WrongPassword,
    /// Too many requests at once.
    TooManyRequests,
    /// Nothing lives at this address.
    NotFound,
    /// The address exists, the method does not.
    MethodNotAllowed,
    /// The store does not answer; try again later.
    StoreUnavailable,
    /// The worker is not configured; the log says what is missing.
    NotConfigured,
}

impl Code {
    /// HTTP status of the answer.
    pub fn status(self) -> u16 {
        match self {
            Self::InvalidJson
            | Self::InvalidBatch
            | Self::UnsupportedVersion
            | Self::EmptyBatch
            | Self::InvalidParameter => 400,
            Self::SignInRequired | Self::WrongPassword => 401,
            Self::OriginNotAllowed | Self::InvalidIngestKey => 403,
            Self::UnknownSite | Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::BodyTooLarge | Self::TooManyEvents => 413,
            Self::UnsupportedMediaType => 415,
            Self::TooManyRequests => 429,
            Self::NotConfigured => 500,
            Self::StoreUnavailable => 503,
        }
    }

    /// One line for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::InvalidJson => "The body is not valid JSON",
            Self::InvalidBatch => "The body is not a batch of events",
            Self::UnsupportedVersion => "This version of the batch format is not supported",
            Self::EmptyBatch => "The batch holds no events",
            Self::TooManyEvents => "The batch holds too many events",
            Self::BodyTooLarge => "The body is too large",
            Self::UnsupportedMediaType => "The body must be JSON, sent as text/plain or application/json",
            Self::UnknownSite => "There is no site with this id",
            Self::OriginNotAllowed => "This origin is not one of the site's domains",
            Self::InvalidIngestKey => "The ingest key is not valid",
            Self::InvalidParameter => "A parameter is missing or malformed",
            Self::SignInRequired => "Sign in to see this",
            Self::WrongPassword => "The password is not right",
            Self::TooManyRequests => "Too many requests at once; wait and try again",
            Self::NotFound => "There is nothing at this address",
            Self::MethodNotAllowed => "This address does not take this method",
            Self::StoreUnavailable => "The store does not answer at the moment; keep the data and try again",
            Self::NotConfigured => "The server is not configured completely; its log says what is missing",
        }
    }

    /// The name used in documents, logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidJson => "invalid_json",
            Self::InvalidBatch => "invalid_batch",
            Self::UnsupportedVersion => "unsupported_version",
            Self::EmptyBatch => "empty_batch",
            Self::TooManyEvents => "too_many_events",
            Self::BodyTooLarge => "body_too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::UnknownSite => "unknown_site",
            Self::OriginNotAllowed => "origin_not_allowed",
            Self::InvalidIngestKey => "invalid_ingest_key",
            Self::InvalidParameter => "invalid_parameter",
            Self::SignInRequired => "sign_in_required",
            Self::WrongPassword => "wrong_password",
            Self::TooManyRequests => "too_many_requests",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::StoreUnavailable => "store_unavailable",
            Self::NotConfigured => "not_configured",
        }
    }
}

/// A problem document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A URI that names the problem: `urn:liveinsight:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The HTTP status once more.
    pub status: u16,
    /// One line for people, the same for every occurrence.
    pub title: String,
    /// What is wrong with this very request; never holds data of the visitor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The short name, for programs.
    pub code: Code,
}

impl Problem {
    /// A document for `code` with an optional explanation.
    pub fn new(code: Code, detail: Option<String>) -> Self {
        Self {
            kind: format!("urn:liveinsight:problem:{}", code.as_str()),
            status: code.status(),
            title: code.title().into(),
            detail,
            code,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problem_is_printed_as_rfc_9457_asks() {
        let problem = Problem::new(Code::UnknownSite, Some("site `x` is not configured".into()));
        assert_eq!(
            serde_json::to_string(&problem).unwrap(),
            "{\"type\":\"urn:liveinsight:problem:unknown_site\",\"status\":404,\
             \"title\":\"There is no site with this id\",\
             \"detail\":\"site `x` is not configured\",\"code\":\"unknown_site\"}"
        );
    }

    #[test]
    fn code_prints_the_same_in_documents_and_logs() {
        for code in [Code::InvalidJson, Code::StoreUnavailable, Code::OriginNotAllowed] {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}
