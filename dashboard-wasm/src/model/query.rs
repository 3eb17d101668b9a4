//! Addresses of the API.

use super::params::encode;

/// Where the session lives.
pub const SESSION: &str = "/api/session";

/// Where questions are asked.
pub const QUERY: &str = "/api/v2/query";

/// Address of the active sessions of a site.
pub fn active(site: &str) -> String {
    format!("/api/sessions/active?site_id={}", encode(site))
}
