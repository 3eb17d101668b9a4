//! `GET /p.gif`: a page view of a page without scripts, told by an image.
//!
//! | parameter | meaning |
//! |---|---|
//! | `site_id` | the site |
//! | `url` | the page; the `Referer` header when absent, which browsers cut to the origin |
//! | `referrer`, `title` | as in a page view |
//!
//! An image has no `Origin`, so the `Referer` has to be one of the site's pages. The visitor's id is derived.

use protocol::SiteId;
use protocol::problem::Code;
use protocol::receipt::Receipt;
use serde_json::json;

use super::authorise::{self, Sender};
use super::compat::Wire;
use super::take;
use crate::app::App;
use crate::http::{Request, Response};
use crate::platform::Platform;

/// A transparent picture of one pixel (GIF89a).
const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// Takes the page view. The picture is the answer to all that was taken, stored or filtered.
pub(crate) async fn pixel(app: &App, request: &Request, platform: &dyn Platform) -> Response {
    let response = match take_pixel(app, request, platform).await {
        Ok(()) => {
            let mut picture = Response::empty(200).with("content-type", "image/gif");
            picture.body = GIF.to_vec();
            picture
        }
        Err(response) => response,
    };
    response.with("cross-origin-resource-policy", "cross-origin")
}

async fn take_pixel(app: &App, request: &Request, platform: &dyn Platform) -> Result<(), Response> {
    take::within_limit(app, request, platform).await?;
    let invalid = |detail: String| Response::problem(Code::InvalidParameter, detail);
    let id = request.parameter("site_id").unwrap_or_default();
    let id = SiteId::parse(&id).map_err(|error| invalid(format!("`site_id`: {error}")))?;
    let site = take::site(app, &id).await?;
    let referer = request.header("referer").unwrap_or("");
    let sender = match authorise::key_of(request) {
        Some(_) => authorise::sender(app, &site, request).await?,
        None if site.allows_origin(authorise::origin_of(referer)) => Sender::Page,
        None => {
            let detail = "the Referer header must be a page of one of the site's domains".to_owned();
            return Err(Response::problem(Code::OriginNotAllowed, detail));
        }
    };
    let parameter = |name| request.parameter(name).unwrap_or_default();
    let url = request.parameter("url").unwrap_or_else(|| referer.to_owned());
    let event = json!({
        "type": "page_view",
        "url": url,
        "referrer": parameter("referrer"),
        "title": parameter("title"),
    });
    let arrival = Wire::new(request, platform)
        .arrival(&site, event, &json!({ "url": url }), Some(sender))
        .map_err(|error| Response::problem(error.code, error.detail))?;
    let taken = take::batch(app, &site, request, platform, arrival).await?;
    match taken.receipts.first().map(Receipt::outcome) {
        Some(outcome) if outcome.status() == protocol::outcome::Status::Rejected => {
            Err(invalid(outcome.explanation().to_owned()))
        }
        _ => Ok(()),
    }
}
