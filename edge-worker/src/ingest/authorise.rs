//! Who may send events: pages of the site's own domains, and servers that hold the ingest key.

use protocol::problem::Code;

use crate::auth::same_secret;
use crate::config::Config;
use crate::http::Request;
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

type Refusal = (Code, Option<String>);

/// Refuses bodies of another media type. `text/plain` keeps the request CORS-simple: no preflight.
pub(super) fn content_type(request: &Request) -> Result<(), Refusal> {
    let given = request.header("content-type").unwrap_or("");
    let media_type = given.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    if matches!(media_type.as_str(), "text/plain" | "application/json") {
        return Ok(());
    }
    Err((Code::UnsupportedMediaType, None))
}

/// Decides whether this sender may write to `site`.
pub(super) fn sender(config: &Config, site: &Site, request: &Request) -> Result<Sender, Refusal> {
    if let Some(given) = request.header(KEY_HEADER) {
        let right = config.ingest_key.as_deref().is_some_and(|key| same_secret(key, given));
        return if right { Ok(Sender::Server) } else { Err((Code::InvalidIngestKey, None)) };
    }
    match request.header("origin") {
        Some(origin) if site.allows_origin(origin) => Ok(Sender::Page),
        Some(_) => {
            let detail = "add the page's host, with its port, to the site's domains";
            Err((Code::OriginNotAllowed, Some(detail.into())))
        }
        None => {
            let detail =
                format!("a browser sends the Origin header; servers send the ingest key as {KEY_HEADER}");
            Err((Code::OriginNotAllowed, Some(detail)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config::read(&|name| {
            Some(match name {
                "SITES" => {
                    r#"[{"id":"shop","domains":["shop.example"]},{"id":"blog","domains":["blog.example"]}]"#
                        .into()
                }
                _ => "0123456789abcdef0123456789abcdef".into(),
            })
        })
        .unwrap()
    }

    fn request(headers: &[(&str, &str)]) -> Request {
        let headers = headers.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        Request { headers, ..Request::default() }
    }

    #[test]
    fn page_of_another_site_is_refused() {
        let config = config();
        let decide =
            |headers: &[(&str, &str)]| sender(&config, &config.sites[0], &request(headers)).map_err(|e| e.0);
        assert_eq!(decide(&[("origin", "https://shop.example")]), Ok(Sender::Page));
        assert_eq!(decide(&[("origin", "https://blog.example")]), Err(Code::OriginNotAllowed));
        assert_eq!(decide(&[("origin", "null")]), Err(Code::OriginNotAllowed));
        assert_eq!(decide(&[]), Err(Code::OriginNotAllowed));
    }

    #[test]
    fn ingest_key_stands_in_for_the_origin() {
        let mut config = config();
        let key = "0123456789abcdef0123456789abcdef";
        let decide = |config: &Config, key| {
            sender(config, &config.sites[0], &request(&[(KEY_HEADER, key)])).map_err(|e| e.0)
        };
        assert_eq!(decide(&config, key), Ok(Sender::Server));
        assert_eq!(decide(&config, "0123"), Err(Code::InvalidIngestKey));
        config.ingest_key = None;
        assert_eq!(decide(&config, key), Err(Code::InvalidIngestKey));
        assert_eq!(decide(&config, ""), Err(Code::InvalidIngestKey));
    }

    #[test]
    fn body_has_to_be_called_text_or_json() {
        for (value, ok) in [
            ("text/plain;charset=UTF-8", true),
            ("Application/JSON", true),
            ("text/html", false),
            ("", false),
        ] {
            assert_eq!(content_type(&request(&[("content-type", value)])).is_ok(), ok, "{value}");
        }
    }
}
