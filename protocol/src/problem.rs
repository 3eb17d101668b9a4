//! Problem documents (RFC 9457): how a request as a whole is refused.

use serde::{Deserialize, Serialize};

/// The media type of a problem document.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Writes the codes once: variant, name, status, title.
macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident => $name:literal $status:literal $title:literal,)*) => {
        /// Every way a request can be refused; one name for the document, the log and the metric.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum Code {
            $($(#[$doc])* $variant,)*
        }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// HTTP status of the answer.
            pub fn status(self) -> u16 {
                match self {
                    $(Self::$variant => $status,)*
                }
            }

            /// One line for people.
            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$variant => $title,)*
                }
            }

            /// The name used in documents, logs and metrics.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

codes! {
    /// The body is not JSON.
    InvalidJson => "invalid_json" 400 "The body is not valid JSON",
    /// The body is JSON, but not a batch.
    InvalidBatch => "invalid_batch" 400 "The body is not a batch of events",
    /// The batch is of a version this worker does not speak.
    UnsupportedVersion => "unsupported_version" 400 "This version of the batch format is not supported",
    /// The batch holds no event.
    EmptyBatch => "empty_batch" 400 "The batch holds no events",
    /// A parameter of the request, or a field of its body, is missing or malformed.
    InvalidParameter => "invalid_parameter" 400 "A parameter is missing or malformed",
    /// Not signed in.
    SignInRequired => "sign_in_required" 401 "Sign in to see this",
    /// E-mail address and password do not belong together; which of them is wrong is not said.
    WrongCredentials => "wrong_credentials" 401 "The e-mail address or the password is not right",
    /// The password is right, and a second factor is on.
    TotpRequired => "totp_required" 401 "Enter the code of your authenticator app as well",
    /// The page's origin is not one of the site's domains.
    OriginNotAllowed => "origin_not_allowed" 403 "This origin is not one of the site's domains",
    /// The ingest key is not the right one.
    InvalidIngestKey => "invalid_ingest_key" 403 "The ingest key is not valid",
    /// Signed in, but without the right to do this.
    Forbidden => "forbidden" 403 "Your role does not allow this",
    /// A page of another site tries to act for the person.
    CrossSite => "cross_site" 403 "This request does not come from a page of this dashboard",
    /// The password that had to confirm something is wrong.
    WrongPassword => "wrong_password" 403 "The password is not right",
    /// The code of the second factor is wrong, or was used already.
    WrongCode => "wrong_code" 403 "The code is not right, or was used already",
    /// The share link asks for its password.
    SharePasswordRequired => "share_password_required" 403 "This link asks for a password",
    /// The set-up token is not the one the worker was given.
    InvalidSetupToken => "invalid_setup_token" 403 "The set-up token is not valid",
    /// No site of that id.
    UnknownSite => "unknown_site" 404 "There is no site with this id",
    /// No person of that id or address.
    UnknownPerson => "unknown_person" 404 "There is no such person",
    /// An invitation or share link that does not exist, or no longer.
    UnknownLink => "unknown_link" 404 "This link is not valid, or no longer",
    /// Nothing lives at this address.
    NotFound => "not_found" 404 "There is nothing at this address",
    /// The address exists, the method does not.
    MethodNotAllowed => "method_not_allowed" 405 "This address does not take this method",
    /// Something of that name is there already.
    AlreadyExists => "already_exists" 409 "There is one of this name already",
    /// What is to be changed was changed by somebody else meanwhile.
    Conflict => "conflict" 409 "Somebody changed this meanwhile; load it again",
    /// There would be nobody left who may appoint others.
    LastOwner => "last_owner" 409 "The last owner cannot be removed",
    /// There is an owner already.
    AlreadySetUp => "already_set_up" 409 "There is an owner already",
    /// The site is given by the worker's environment.
    FixedSite => "fixed_site" 409 "This site is set by the server's configuration and cannot be changed here",
    /// There are as many of these as there may be.
    LimitReached => "limit_reached" 409 "There are as many of these as there may be",
    /// No second factor waits to be confirmed.
    TotpNotStarted => "totp_not_started" 409 "No second factor waits to be confirmed",
    /// The body is over [`crate::limits::MAX_BODY_BYTES`].
    BodyTooLarge => "body_too_large" 413 "The body is too large",
    /// The batch holds more than [`crate::limits::MAX_EVENTS`] events.
    TooManyEvents => "too_many_events" 413 "The batch holds too many events",
    /// Neither `text/plain` nor `application/json`.
    UnsupportedMediaType => "unsupported_media_type" 415
        "The body must be JSON, sent as text/plain or application/json",
    /// The address is for WebSockets.
    UpgradeRequired => "upgrade_required" 426 "This address is for WebSockets",
    /// Too many attempts to sign in.
    TooManyAttempts => "too_many_attempts" 429 "Too many attempts; wait a moment",
    /// Too many requests at once.
    TooManyRequests => "too_many_requests" 429 "Too many requests at once; wait and try again",
    /// The worker is not configured; the log says what is missing.
    NotConfigured => "not_configured" 500
        "The server is not configured completely; its log says what is missing",
    /// The store does not answer; try again later.
    StoreUnavailable => "store_unavailable" 503
        "The store does not answer at the moment; keep the data and try again",
    /// There is no live push here, or not at the moment.
    LiveUnavailable => "live_unavailable" 503
        "There is no live push at the moment; ask from time to time instead",
}

/// A problem document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
        for code in Code::ALL.iter().copied() {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
            assert!((400..600).contains(&code.status()) && !code.title().ends_with('.'));
        }
    }
}
