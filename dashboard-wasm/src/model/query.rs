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

/// Address over which what happens at a site is pushed; from what was received last on, if anything was.
pub fn live(site: &str, after: Option<&str>) -> String {
    let after = after.map(|after| format!("&after={after}")).unwrap_or_default();
    format!("/api/live?site_id={}{after}", encode(site))
}
