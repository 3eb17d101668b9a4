//! Addresses of the API.

use protocol::api::Interval;

use super::params::encode;
use super::window::Window as Period;

/// Where the session lives.
pub const SESSION: &str = "/api/session";

/// Where questions are asked.
pub const QUERY: &str = "/api/v2/query";

/// Address of the active sessions of a site.
pub fn active(site: &str) -> String {
    format!("/api/sessions/active?site_id={}", encode(site))
}

/// Address of a site's overview for the period that ends at `now`.
pub fn overview(site: &str, period: Period, now: u64) -> String {
    let (from, to) = period.range(now);
    let interval = match period.interval() {
        Interval::Minute => "minute",
        Interval::Hour => "hour",
    };
    format!("/api/overview?site_id={}&from={from}&to={to}&interval={interval}", encode(site))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overview_address_holds_an_aligned_range() {
        assert_eq!(
            overview("my site", Period::Day, 1_795_442_709_000),
            "/api/overview?site_id=my%20site&from=1795359600000&to=1795446000000&interval=hour"
        );
    }
}
