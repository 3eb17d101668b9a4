//! Whether a request that changes something was made by a page of this dashboard.

use crate::http::Request;
use crate::site::host_of_origin;

/// Whether the browser says that the request comes from a page of this very host. Every browser sends `Origin`
/// with requests that change something; those that are too old for it send `Sec-Fetch-Site`. A request with
/// neither was made by a program, and has no business with a cookie.
pub fn from_own_page(request: &Request) -> bool {
    match request.header("origin") {
        Some(origin) => is_own(origin, request),
        None => request.header("sec-fetch-site") == Some("same-origin"),
    }
}

/// Whether the browser says that the request comes from elsewhere. Without a cookie there is nothing to abuse but
/// signing somebody in under another name, so programs need not say where they come from.
pub fn from_elsewhere(request: &Request) -> bool {
    match request.header("origin") {
        Some(origin) => !is_own(origin, request),
        None => request.header("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none")),
    }
}

fn is_own(origin: &str, request: &Request) -> bool {
    host_of_origin(origin).is_some_and(|host| !host.is_empty() && host.eq_ignore_ascii_case(&request.host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_host_act_for_the_person() {
        for (headers, own, elsewhere) in [
            (&[("origin", "https://stats.example")][..], true, false),
            (&[("origin", "https://evil.example")], false, true),
            (&[("origin", "https://stats.example.evil")], false, true),
            (&[("origin", "https://stats.example:8443")], false, true),
            (&[("origin", "null")], false, true),
            (&[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")], false, true),
            (&[("sec-fetch-site", "same-origin")], true, false),
            (&[("sec-fetch-site", "same-site")], false, true),
            (&[("sec-fetch-site", "cross-site")], false, true),
            (&[], false, false),
        ] {
            let headers = headers.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            let request = Request { host: "stats.example".into(), headers, ..Request::default() };
            assert_eq!(from_own_page(&request), own, "{:?}", request.headers);
            assert_eq!(from_elsewhere(&request), elsewhere, "{:?}", request.headers);
        }
    }
}
