//! Letting pages of the sites' own origins, and no others, read the answers.

use protocol::problem::Code;

use crate::app::App;
use crate::http::{Request, Response};

/// Headers a sender may set: its own of this product, and those of the scripts that are understood as well.
const ALLOWED_HEADERS: &str = "content-type, content-encoding, x-liveinsight-debug, x-umami-cache";

/// Lets a page of any site here read the answer, why it was refused included; nobody else's may. Credentials
/// are allowed because `sendBeacon` always sends them; no cookie of ours means anything to these routes.
pub(super) async fn readable(app: &App, request: &Request, response: Response) -> Response {
    readable_by(known_origin(app, request).await, response)
}

/// The origin a page names, if it is one of a site here.
async fn known_origin<'a>(app: &App, request: &'a Request) -> Option<&'a str> {
    let origin = request.header("origin")?;
    // A site that cannot be looked up now leaves the page without an answer it could read: it tries again.
    app.sites.knows_origin(origin).await.unwrap_or(false).then_some(origin)
}

fn readable_by(origin: Option<&str>, response: Response) -> Response {
    let response = response
        // Nothing in an answer is for anyone but the sender, but scripts of the site must be able to read it.
        .with("cross-origin-resource-policy", "cross-origin")
        .with("vary", "origin");
    match origin {
        Some(origin) => response
            .with("access-control-allow-origin", origin)
            .with("access-control-allow-credentials", "true")
            .with("access-control-expose-headers", "retry-after, x-plausible-dropped"),
        None => response,
    }
}

/// Answers the preflight that browsers send ahead of anything but plain text.
pub async fn preflight(app: &App, request: &Request) -> Response {
    let Some(origin) = known_origin(app, request).await else {
        return Response::problem(Code::OriginNotAllowed, None).with("vary", "origin");
    };
    readable_by(Some(origin), Response::empty(204))
        .with("access-control-allow-methods", "POST")
        .with("access-control-allow-headers", ALLOWED_HEADERS)
        .with("access-control-max-age", "86400")
}
