//! The read API: `GET /api/…`.

pub(crate) mod active;
pub(crate) mod overview;
pub(crate) mod session;

use std::rc::Rc;

use protocol::SiteId;
use protocol::problem::Code;

use crate::app::App;
use crate::http::{Request, Response};
use crate::log::{self, Level};
use crate::site::Site;
use crate::store::StoreError;

/// The site a request asks for.
async fn site(app: &App, request: &Request) -> Result<Rc<Site>, Response> {
    let id = request.parameter("site_id").unwrap_or_default();
    let id = SiteId::parse(&id).map_err(|error| invalid(format!("`site_id`: {error}")))?;
    let site = app.sites.by_id(&id).await.map_err(|error| unavailable(&error))?;
    site.ok_or_else(|| Response::problem(Code::UnknownSite, None))
}

fn invalid(detail: String) -> Response {
    Response::problem(Code::InvalidParameter, detail)
}

fn unavailable(error: &StoreError) -> Response {
    log::write(Level::Error, "read failed", &[("error", error.to_string().into())]);
    Response::problem(Code::StoreUnavailable, None).with("retry-after", "5")
}
