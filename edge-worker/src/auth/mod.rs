//! Who may read: one admin password, checked against its argon2id hash, and a signed session cookie.

mod cookie;
mod password;

pub use cookie::{COOKIE, SESSION_DAYS, clear, issue, valid};
pub use password::matches;

use subtle::ConstantTimeEq;

/// Whether two secrets are equal, in time that depends on their lengths alone.
pub fn same_secret(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}
