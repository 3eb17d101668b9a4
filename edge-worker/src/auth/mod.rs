//! Who may do what: passwords, second factors, sessions, tokens, share links, and the decision.

pub mod access;
pub mod cookie;
pub mod csrf;
pub(crate) mod gate;
pub mod password;
pub mod secret;
pub mod throttle;
pub mod totp;

pub use cookie::Cookie;

use subtle::ConstantTimeEq;

/// How long a session lasts without being used, in days.
pub const SESSION_IDLE_DAYS: u64 = 7;

/// How long a session lasts at most, in days.
pub const SESSION_MAX_DAYS: u64 = 30;

/// Whether two secrets are equal, in time that depends on their lengths alone.
pub fn same_secret(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}
