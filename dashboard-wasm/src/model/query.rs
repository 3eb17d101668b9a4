//! Addresses of the API.

use super::params::encode;

/// Where the session lives.
pub const SESSION: &str = "/api/session";

/// Where questions of a kind are asked.
pub fn ask(kind: &str) -> String {
    format!("/api/v2/{kind}")
}

/// Where a site's data begins.
pub fn began(site: &str) -> String {
    format!("/api/v2/began?site_id={}", encode(site))
}

/// Where what is saved at a site is listed: its `goals`, `segments`, `funnels` or `annotations`.
pub fn saved(site: &str, kind: &str) -> String {
    format!("/api/sites/{}/{kind}", encode(site))
}

/// Address of the active sessions of a site.
pub fn active(site: &str) -> String {
    format!("/api/sessions/active?site_id={}", encode(site))
}

/// Address over which what happens at a site is pushed; from what was received last on, if anything was.
pub fn live(site: &str, after: Option<&str>) -> String {
    let after = after.map(|after| format!("&after={after}")).unwrap_or_default();
    format!("/api/live?site_id={}{after}", encode(site))
}
