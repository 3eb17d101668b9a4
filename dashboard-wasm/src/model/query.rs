//! Addresses: of the API, and of the page itself, which remembers what was chosen.

use protocol::api::Interval;

use super::period::Period;

/// Where the session lives.
pub const SESSION: &str = "/api/session";

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

/// The query part of the page's address for a choice.
pub fn page(site: &str, period: Period) -> String {
    format!("?site={}&period={}", encode(site), period.key())
}

/// One parameter of a query part such as `?site=a&period=7d`.
pub fn parameter(search: &str, name: &str) -> Option<String> {
    let pairs = search.trim_start_matches('?').split('&');
    pairs
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .and_then(|(_, value)| decode(value))
}

fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(if byte == b'%' {
            let digits = [bytes.next()?, bytes.next()?];
            u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
        } else {
            byte
        });
    }
    String::from_utf8(decoded).ok()
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

    #[test]
    fn page_address_gives_back_what_was_chosen() {
        let search = page("가게&co", Period::Week);
        assert_eq!(parameter(&search, "site").as_deref(), Some("가게&co"));
        assert_eq!(parameter(&search, "period").as_deref(), Some("7d"));
        assert_eq!(parameter(&search, "other"), None);
        assert_eq!(parameter("?site=%zz", "site"), None);
    }
}
