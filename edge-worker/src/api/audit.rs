//! The audit log: `/api/audit`, `/api/sites/{site_id}/audit`.

use super::{Answer, Call, invalid};
use crate::http::Response;

/// Entries of a page.
const PAGE: usize = 50;

/// Most entries of a page.
const MAX_PAGE: usize = 200;

/// `GET /api/audit`.
pub(super) async fn all(call: &Call<'_>) -> Answer {
    page(call, None).await
}

/// `GET /api/sites/{site_id}/audit`.
pub(super) async fn of_site(call: &Call<'_>) -> Answer {
    let site = call.site().await?;
    page(call, Some(site.id.as_str())).await
}

async fn page(call: &Call<'_>, site: Option<&str>) -> Answer {
    let limit = match call.request.parameter("limit") {
        Some(text) => text.parse().ok().filter(|limit| (1..=MAX_PAGE).contains(limit)),
        None => Some(PAGE),
    };
    let limit = limit.ok_or_else(|| invalid(format!("`limit` must be 1 to {MAX_PAGE}")))?;
    let before = call.request.parameter("before");
    if before.as_deref().is_some_and(|text| protocol::ids::time_of(text.as_bytes()).is_none()) {
        return Err(invalid("`before` must be the `next` of the page before"));
    }
    let log = call.accounts().audit(site, before.as_deref(), limit).await?;
    Ok(Response::json(200, &log))
}
