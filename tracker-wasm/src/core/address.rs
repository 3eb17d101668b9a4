//! Addresses, as they are sent.

use protocol::event::Url;

use super::text::take;

/// Endings that make a link a download.
const DOWNLOADS: &str = "7z avi csv dmg doc docx exe gz hwp hwpx key mov mp3 mp4 mpeg msi pdf pkg pps ppt pptx \
    rar rtf txt wav wma wmv xls xlsx zip";

/// An address as it is sent: without its fragment, which is the page's own business and may hold secrets
/// (OAuth answers with tokens there), and without its query if it is too long with it. `None` for what is
/// no web address.
pub(super) fn tidy(href: &str) -> Option<Url> {
    Url::parse(before(href, b'#')).or_else(|| Url::parse(without_query(href)))
}

/// The address up to its query.
pub(super) fn without_query(href: &str) -> &str {
    before(before(href, b'#'), b'?')
}

/// Whether both show the same page to the eye: all but the query is equal.
pub(super) fn same_path(one: &Url, other: &Url) -> bool {
    without_query(one.as_str()) == without_query(other.as_str())
}

/// Whether an address without query ends like a file to be kept.
pub(super) fn is_download(address: &str) -> bool {
    let address = address.as_bytes();
    let dot = address.iter().rposition(|byte| matches!(byte, b'.' | b'/'));
    let Some((b'.', ending)) = dot.and_then(|dot| address[dot..].split_first()) else { return false };
    let mut endings = DOWNLOADS;
    while let Some(known) = take(&mut endings, b' ') {
        if ending.eq_ignore_ascii_case(known.as_bytes()) {
            return true;
        }
    }
    false
}

fn before(mut text: &str, stop: u8) -> &str {
    take(&mut text, stop).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragment_is_never_sent() {
        let url = tidy("https://shop.example/a?b=1#access_token=x").unwrap();
        assert_eq!(url.as_str(), "https://shop.example/a?b=1");
    }

    #[test]
    fn address_that_is_too_long_loses_its_query_before_it_is_given_up() {
        let query = "x".repeat(protocol::limits::MAX_URL_BYTES);
        assert_eq!(tidy(&format!("https://a/b?{query}")).unwrap().as_str(), "https://a/b");
        assert_eq!(tidy(&format!("https://a/{query}")), None);
        assert_eq!(tidy("about:blank"), None);
    }

    #[test]
    fn download_is_known_by_its_ending() {
        for path in ["/price.pdf", "/a/b.tar.gz", "/%EA%B0%80.HWP"] {
            assert!(is_download(path), "{path}");
        }
        for path in ["/", "", "/pdf", "/a.pdf/b", "/a.", "/a.html", "/a.d", "/a.pdf zip"] {
            assert!(!is_download(path), "{path}");
        }
    }

    #[test]
    fn query_does_not_make_another_path() {
        let url = |text| tidy(text).unwrap();
        assert!(same_path(&url("https://a/b?x"), &url("https://a/b")));
        assert!(!same_path(&url("https://a/b"), &url("https://a/c")));
    }
}
