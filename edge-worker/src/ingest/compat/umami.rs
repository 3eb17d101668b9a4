//! `POST /api/send` and `POST /api/batch`: what Umami's script sends.
//!
//! | theirs | ours |
//! |---|---|
//! | `event` without a name | page view |
//! | `event` with a name, and `revenue` and `currency` in its data | conversion |
//! | `event` with a name | custom event |
//! | `identify` | custom event `identify`, and the person's id |
//! | `performance` | custom event `web_vitals` |
//!
//! `website` is an id, alias or domain of a site here. The answer is theirs: the texts it names mean nothing here,
//! because nothing has to be handed back; a bot is told `beep boop`.

use protocol::problem::Code;
use protocol::receipt::Receipt;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Wire, flat, revenue};
use crate::app::App;
use crate::http::{Request, Response};
use crate::ingest::{cors, decode, take};
use crate::platform::Platform;

#[derive(Debug, Deserialize)]
struct Sent {
    #[serde(rename = "type")]
    kind: String,
    payload: Payload,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Payload {
    website: Value,
    hostname: Value,
    url: Value,
    referrer: Value,
    title: Value,
    screen: Value,
    language: Value,
    name: Value,
    data: Value,
    tag: Value,
    id: Value,
    lcp: Value,
    inp: Value,
    cls: Value,
    fcp: Value,
    ttfb: Value,
}

/// Takes one event.
pub(crate) async fn umami(app: &App, request: &Request, platform: &dyn Platform) -> Response {
    let response = match one(app, request, platform).await {
        Ok(answer) => Response::json(200, &answer),
        Err(response) => response,
    };
    cors::readable(app, request, response).await
}

async fn one(app: &App, request: &Request, platform: &dyn Platform) -> Result<Value, Response> {
    take::within_limit(app, request, platform).await?;
    let sent = read::<Sent>(request)?;
    take_sent(app, request, platform, &sent).await
}

/// Takes a list of events, and says of each what became of it.
pub(crate) async fn umami_batch(app: &App, request: &Request, platform: &dyn Platform) -> Response {
    let response = match many(app, request, platform).await {
        Ok(answer) => Response::json(200, &answer),
        Err(response) => response,
    };
    cors::readable(app, request, response).await
}

async fn many(app: &App, request: &Request, platform: &dyn Platform) -> Result<Value, Response> {
    take::within_limit(app, request, platform).await?;
    let list = read::<Vec<Sent>>(request)?;
    let most = protocol::limits::MAX_EVENTS;
    if list.len() > most {
        return Err(Response::problem(Code::TooManyEvents, format!("at most {most} are taken at once")));
    }
    let size = list.len();
    let mut details = Vec::new();
    for (index, sent) in list.iter().enumerate() {
        // Each counts against the sender's rate as if it had come alone.
        let allowed = if index == 0 { Ok(()) } else { take::within_limit(app, request, platform).await };
        let outcome = match allowed {
            Ok(()) => take_sent(app, request, platform, sent).await,
            Err(response) => Err(response),
        };
        match outcome {
            Ok(_) => {}
            // Those before it are stored, and would be again if all were sent again: only this one is reported.
            Err(response) => {
                let code = response.problem.map(Code::as_str);
                details.push(json!({ "index": index, "response": { "error": code } }));
            }
        }
    }
    let errors = details.len();
    Ok(json!({ "size": size, "processed": size - errors, "errors": errors, "details": details, "cache": "" }))
}

fn read<T: serde::de::DeserializeOwned>(request: &Request) -> Result<T, Response> {
    let refuse = |error: protocol::decode::BatchError| Response::problem(error.code, error.detail);
    decode::content_type(request).map_err(refuse)?;
    let body = decode::body(request).map_err(refuse)?;
    serde_json::from_slice(&body).map_err(|_| {
        let detail = "send JSON with `type` and a `payload` that names its `website`".to_owned();
        Response::problem(Code::InvalidJson, detail)
    })
}

async fn take_sent(
    app: &App,
    request: &Request,
    platform: &dyn Platform,
    sent: &Sent,
) -> Result<Value, Response> {
    let site = take::named_site(app, sent.payload.website.as_str()).await?;
    let event = event(sent).ok_or_else(|| {
        let detail = "`type` must be event, identify or performance".to_owned();
        Response::problem(Code::InvalidBatch, detail)
    })?;
    let person = sent.payload.id.as_str().unwrap_or("");
    let arrival = Wire::new(request, platform)
        .arrival_of(&site, event, &context(&sent.payload), None, person)
        .map_err(|error| Response::problem(error.code, error.detail))?;
    let taken = take::batch(app, &site, request, platform, arrival).await?;
    match taken.receipts.first().map(Receipt::outcome) {
        Some(outcome) if outcome.is_quarantined() => Ok(json!({ "beep": "boop" })),
        Some(outcome) if outcome.status() == protocol::outcome::Status::Rejected => {
            Err(Response::problem(Code::InvalidBatch, outcome.explanation().to_owned()))
        }
        _ => Ok(json!({ "cache": "", "sessionId": "", "visitId": "" })),
    }
}

/// The page's whole address: the script sends the path, and the host beside it.
fn address(payload: &Payload) -> String {
    let url = payload.url.as_str().unwrap_or("/");
    if url.contains("://") {
        return url.to_owned();
    }
    let slash = if url.starts_with('/') { "" } else { "/" };
    format!("https://{}{slash}{url}", payload.hostname.as_str().unwrap_or(""))
}

fn context(payload: &Payload) -> Value {
    let screen: Vec<u64> =
        payload.screen.as_str().unwrap_or("").split('x').filter_map(|edge| edge.parse().ok()).collect();
    json!({ "url": address(payload), "language": payload.language, "screen": screen })
}

fn event(sent: &Sent) -> Option<Value> {
    let payload = &sent.payload;
    let mut props = flat(Some(&payload.data));
    if let Some(tag) = payload.tag.as_str().filter(|tag| !tag.is_empty()) {
        props.insert("tag".into(), tag.into());
    }
    let name = payload.name.as_str().filter(|name| !name.trim().is_empty());
    Some(match (sent.kind.as_str(), name) {
        ("event", None) => json!({
            "type": "page_view",
            "url": address(payload),
            "referrer": payload.referrer.as_str(),
            "title": payload.title.as_str(),
            "props": props,
        }),
        ("event", Some(name)) => {
            let revenue = revenue(payload.data.get("revenue"), payload.data.get("currency"));
            let kind = if revenue.is_some() { "conversion" } else { "custom" };
            json!({ "type": kind, "name": name, "revenue": revenue, "props": props })
        }
        ("identify", _) => json!({ "type": "custom", "name": "identify", "props": props }),
        ("performance", _) => {
            let measured = [
                ("lcp", &payload.lcp),
                ("inp", &payload.inp),
                ("cls", &payload.cls),
                ("fcp", &payload.fcp),
                ("ttfb", &payload.ttfb),
            ];
            props.extend(
                measured.into_iter().filter(|(_, v)| v.is_number()).map(|(k, v)| (k.to_owned(), v.clone())),
            );
            json!({ "type": "custom", "name": "web_vitals", "props": props })
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(kind: &str, fields: &str) -> Sent {
        let text = format!(
            r#"{{"type":"{kind}","payload":{{"website":"w","hostname":"a.example","url":"/pricing?x=1#h","screen":"1920x1080","language":"en-US"{fields}}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn each_kind_of_event_has_its_own() {
        let of = |kind, fields| event(&sent(kind, fields)).unwrap();
        let view = of("event", r#","title":"Pricing","referrer":"https://x.example/""#);
        assert_eq!(
            (&view["type"], &view["url"]),
            (&json!("page_view"), &json!("https://a.example/pricing?x=1#h"))
        );
        let sale = of(
            "event",
            r#","name":"signup","data":{"plan":"pro","revenue":9.99,"currency":"USD"},"tag":"v2""#,
        );
        assert_eq!((&sale["type"], &sale["revenue"]["amount"]), (&json!("conversion"), &json!("9.99")));
        assert_eq!((&sale["props"]["plan"], &sale["props"]["tag"]), (&json!("pro"), &json!("v2")));
        assert_eq!(
            of("event", r#","name":"play","data":{"film":{"id":7}}"#)["props"],
            json!({ "film.id": 7 })
        );
        assert_eq!(of("identify", r#","id":"user-42""#)["name"], "identify");
        assert_eq!(
            of("performance", r#","lcp":2500,"cls":0.1"#)["props"],
            json!({ "lcp": 2500, "cls": 0.1 })
        );
        assert_eq!(event(&sent("hologram", "")), None);
    }

    #[test]
    fn page_and_screen_are_put_together() {
        let context = context(&sent("event", "").payload);
        assert_eq!(
            context,
            json!({ "url": "https://a.example/pricing?x=1#h", "language": "en-US", "screen": [1920, 1080] })
        );
        assert_eq!(address(&sent("event", r#","x":1"#).payload), "https://a.example/pricing?x=1#h");
    }
}
