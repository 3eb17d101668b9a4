//! `POST /api/event`: what Plausible's script and its Events API send, by long names or short ones.
//!
//! | theirs | ours |
//! |---|---|
//! | `pageview` | page view |
//! | `engagement` with `e` and `sd` | the last heartbeat of a page |
//! | `Outbound Link: Click`, `File Download` | click on an outbound link, on a download |
//! | any other name, with revenue | conversion |
//! | any other name | custom event |
//!
//! The answer is theirs, too: `202`, and the header `x-plausible-dropped: 1` if the event is not counted.

use protocol::problem::Code;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Wire, flat, revenue};
use crate::app::App;
use crate::http::{Request, Response};
use crate::ingest::{cors, decode, take};
use crate::platform::Platform;

/// Most engaged time of one report that is believed: the script reports at least whenever the page is hidden.
const MAX_ENGAGED_MS: u64 = protocol::limits::SESSION_MAX_MS;

/// Most domains of one event that are looked for.
const MAX_DOMAINS: usize = 5;

#[derive(Debug, Deserialize)]
struct Sent {
    #[serde(alias = "n")]
    name: String,
    #[serde(alias = "u")]
    url: String,
    /// One site, or several by commas; the first that is known here counts.
    #[serde(alias = "d")]
    domain: String,
    #[serde(alias = "r", default)]
    referrer: Value,
    #[serde(alias = "p", alias = "m", alias = "meta", default)]
    props: Value,
    #[serde(alias = "$", default)]
    revenue: Value,
    #[serde(alias = "e", default)]
    engaged_ms: Value,
    #[serde(alias = "sd", default)]
    scroll_depth: Value,
}

/// Takes an event.
pub(crate) async fn plausible(app: &App, request: &Request, platform: &dyn Platform) -> Response {
    let response = match take_event(app, request, platform).await {
        Ok(is_counted) => {
            let response = Response::json(202, &json!({}));
            if is_counted { response } else { response.with("x-plausible-dropped", "1") }
        }
        Err(response) => response,
    };
    cors::readable(app, request, response).await
}

async fn take_event(app: &App, request: &Request, platform: &dyn Platform) -> Result<bool, Response> {
    take::within_limit(app, request, platform).await?;
    let refuse = |error: protocol::decode::BatchError| Response::problem(error.code, error.detail);
    decode::content_type(request).map_err(refuse)?;
    let body = decode::body(request).map_err(refuse)?;
    let sent: Sent = serde_json::from_slice(&body).map_err(|_| {
        let detail = "send JSON with the texts `name`, `url` and `domain`".to_owned();
        Response::problem(Code::InvalidJson, detail)
    })?;
    let site = take::named_site(app, sent.domain.split(',').map(str::trim).take(MAX_DOMAINS)).await?;
    let context = json!({ "url": sent.url });
    let arrival =
        Wire::new(request, platform).arrival(&site, event(&sent), &context, None).map_err(refuse)?;
    let taken = take::batch(app, &site, request, platform, arrival).await?;
    let rejected = taken.receipts.iter().find_map(|receipt| receipt.reason);
    Ok(rejected.is_none())
}

fn event(sent: &Sent) -> Value {
    let props = match &sent.props {
        // Older scripts print the properties first.
        Value::String(text) => flat(serde_json::from_str(text).ok().as_ref()),
        other => flat(Some(other)),
    };
    let href = props.get("url").cloned().unwrap_or_default();
    let link = |kind: &str| json!({ "type": "click", "target": { "kind": kind, "href": href } });
    let number = |value: &Value| value.as_f64().unwrap_or(0.0).max(0.0) as u64;
    match sent.name.as_str() {
        "pageview" => {
            json!({ "type": "page_view", "url": sent.url, "referrer": sent.referrer.as_str(), "props": props })
        }
        "engagement" => json!({
            "type": "heartbeat",
            "engaged_ms": number(&sent.engaged_ms).min(MAX_ENGAGED_MS),
            "scroll_percent": number(&sent.scroll_depth).min(100),
            "final": true,
        }),
        "Outbound Link: Click" => link("outbound"),
        "File Download" => link("download"),
        name => {
            let revenue = revenue(sent.revenue.get("amount"), sent.revenue.get("currency"));
            let kind = if revenue.is_some() { "conversion" } else { "custom" };
            json!({ "type": kind, "name": name, "revenue": revenue, "props": props })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapped(text: &str) -> Value {
        event(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn long_and_short_names_mean_the_same() {
        let long = r#"{"name":"pageview","url":"https://a.example/x","domain":"a.example","referrer":"https://b.example/","props":{"author":"Jane"}}"#;
        let short = r#"{"n":"pageview","u":"https://a.example/x","d":"a.example","r":"https://b.example/","p":{"author":"Jane"},"h":1,"i":true}"#;
        let expected = json!({ "type": "page_view", "url": "https://a.example/x", "referrer": "https://b.example/", "props": { "author": "Jane" } });
        assert_eq!((mapped(long), mapped(short)), (expected.clone(), expected));
    }

    #[test]
    fn each_kind_of_event_has_its_own() {
        let of = |fields: &str| mapped(&format!(r#"{{"u":"https://a.example/","d":"a.example",{fields}}}"#));
        let beat = of(r#""n":"engagement","e":4200.7,"sd":130"#);
        assert_eq!(
            (&beat["engaged_ms"], &beat["scroll_percent"], &beat["final"]),
            (&json!(4200), &json!(100), &json!(true))
        );
        let link = of(r#""n":"Outbound Link: Click","p":{"url":"https://docs.example/"}"#);
        assert_eq!(link["target"], json!({ "kind": "outbound", "href": "https://docs.example/" }));
        let sale = of(r#""n":"Purchase","$":{"currency":"USD","amount":"9.50"}"#);
        assert_eq!((&sale["type"], &sale["revenue"]["amount"]), (&json!("conversion"), &json!("9.50")));
        let wrong = of(r#""n":"Purchase","$":{"currency":"USD","amount":"much"}"#);
        assert_eq!((&wrong["type"], &wrong["revenue"]), (&json!("custom"), &Value::Null));
        assert_eq!(of(r#""n":"Signup","p":"{\"plan\":\"pro\"}""#)["props"], json!({ "plan": "pro" }));
    }
}
