//! Who may send events: pages of the site's own domains, and servers that hold the ingest key.

use protocol::problem::Code;

use crate::app::App;
use crate::auth::same_secret;
use crate::http::{Request, Response};
use crate::site::Site;

/// Header in which a server-side sender shows the ingest key.
const KEY_HEADER: &str = "x-liveinsight-key";

/// Who sent a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sender {
    /// A page of the site: the edge itself says where the visitor is.
    Page,
    /// A server that holds the ingest key and speaks for its visitors, place included.
    Server,
}

/// The ingest key a sender shows, if it shows one: the installation's, or a token of the site that may send.
pub(super) fn key_of(request: &Request) -> Option<&str> {
    let bearer = || request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    request.header(KEY_HEADER).or_else(bearer)
}

/// Whether a sender shows the key that opens all sites.
pub(super) fn has_main_key(app: &App, request: &Request) -> bool {
    key_of(request)
        .is_some_and(|given| app.config.ingest_key.as_deref().is_some_and(|key| same_secret(key, given)))
}

/// Scheme, host and port of an address.
pub(super) fn origin_of(url: &str) -> &str {
    let Some((scheme, rest)) = url.split_once("://") else { return "" };
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    &url[..scheme.len() + 3 + host.len()]
}

/// Decides whether this sender may write to `site`.
pub(super) async fn sender(app: &App, site: &Site, request: &Request) -> Result<Sender, Response> {
    if let Some(key) = key_of(request) {
        let allowed = app.ingest_allowed(&site.id, key).await?;
        return if allowed {
            Ok(Sender::Server)
        } else {
            Err(Response::problem(Code::InvalidIngestKey, None))
        };
    }
    page(site, request.header("origin"))
        .map_err(|detail| Response::problem(Code::OriginNotAllowed, detail.to_owned()))
}

fn page(site: &Site, origin: Option<&str>) -> Result<Sender, &'static str> {
    match origin {
        Some(origin) if site.allows_origin(origin) => Ok(Sender::Page),
        Some("null") => Err("the page has no origin of its own; the site can allow that in its settings"),
        Some(_) => Err("add the page's host, with its port, to the site's domains"),
        None => Err("a browser sends the Origin header; servers send the ingest key as x-liveinsight-key"),
    }
}

#[cfg(test)]
mod tests {
    use protocol::SiteId;

    use super::*;

    #[test]
    fn page_of_another_site_is_refused() {
        let mut site = Site::new(SiteId::parse("shop").unwrap());
        site.domains = vec!["shop.example".into()];
        assert_eq!(page(&site, Some("https://shop.example")), Ok(Sender::Page));
        for origin in [Some("https://blog.example"), Some("null"), None] {
            assert!(page(&site, origin).is_err(), "{origin:?}");
        }
        site.allow_null_origin = true;
        assert_eq!(page(&site, Some("null")), Ok(Sender::Page));
    }

    #[test]
    fn origin_is_scheme_host_and_port() {
        for (url, origin) in [
            ("https://shop.example/a/b?c", "https://shop.example"),
            ("http://localhost:8788", "http://localhost:8788"),
            ("https://shop.example?x", "https://shop.example"),
            ("about:blank", ""),
            ("", ""),
        ] {
            assert_eq!(origin_of(url), origin);
        }
    }
}
