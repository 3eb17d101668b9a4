//! Referrer spam: hosts that send made-up visits to be seen in reports.

use crate::table::{Table, domains};

const SPAMMERS: Table = Table::new(include_str!("../data/spammers.txt"));

/// Whether a referrer's host, or a parent domain of it, is on Matomo's list of referrer spammers.
pub fn is_spam(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    domains(&host).take(MAX_LABELS).any(|domain| SPAMMERS.find(domain).is_some())
}

/// A domain name has at most 127 labels (RFC 1035 §2.3.4); nobody's has more than this.
const MAX_LABELS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spammers_and_their_subdomains_are_known() {
        for host in [
            "semalt.com",
            "100.semalt.com",
            "SEMALT.com.",
            "buttons-for-website.com",
            "xn--80aeb6argv.xn--p1ai",
        ] {
            assert!(is_spam(host), "{host}");
        }
    }

    #[test]
    fn others_are_not() {
        for host in [
            "",
            "com",
            "shop",
            "example.shop",
            "notsemalt.com",
            "semalt.com.example.org",
            "naver.com",
            "google.com",
        ] {
            assert!(!is_spam(host), "{host}");
        }
    }

    #[test]
    fn the_list_is_sorted_and_whole() {
        let hosts: Vec<_> = SPAMMERS.lines().map(|(host, _)| host).collect();
        assert!(hosts.is_sorted_by(|a, b| a < b));
        assert!(hosts.len() > 2_000, "{}", hosts.len());
        // A suffix such as `.shop` would make spam of everybody under it.
        assert!(hosts.iter().all(|host| host.contains('.') && !host.starts_with('.')));
    }
}
