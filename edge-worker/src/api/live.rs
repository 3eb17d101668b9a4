//! `GET /api/live`: a connection over which what happens is pushed. See [`protocol::live`].

use protocol::live::Resume;
use protocol::problem::Code;

use super::{Answer, Call, invalid, refused};
use crate::auth::csrf;
use crate::http::Response;
use crate::live::RENEW_MS;
use crate::live::view::Viewer;
use crate::platform::HubRefusal;

pub(super) async fn get(call: &Call<'_>) -> Answer {
    let site = call.site().await?;
    let upgrade = call.request.header("upgrade").unwrap_or_default();
    if !upgrade.eq_ignore_ascii_case("websocket") {
        return Err(refused(Code::UpgradeRequired).with("upgrade", "websocket"));
    }
    // Browsers let pages of any site open a connection, and send the cookie along; but they say where the page is from.
    if call.request.header("authorization").is_none() && !csrf::from_own_page(call.request) {
        return Err(refused(Code::CrossSite));
    }
    let after = match call.request.parameter("after") {
        Some(text) => Some(Resume::parse(&text).ok_or_else(|| invalid("`after` must be `epoch.seq`"))?),
        None => None,
    };
    let viewer =
        Viewer::of(&call.principal, call.now() + RENEW_MS).ok_or_else(|| refused(Code::SignInRequired))?;
    match call.platform.watch(&site.id, &viewer, after).await {
        Ok(()) => Ok(Response::empty(101)),
        Err(HubRefusal::Full) => Err(refused(Code::TooManyRequests).with("retry-after", "30")),
        // Readers ask again and again meanwhile, as they do where there are no hubs.
        Err(HubRefusal::Absent) => Err(refused(Code::LiveUnavailable).with("retry-after", "300")),
        Err(HubRefusal::Failed) => Err(refused(Code::LiveUnavailable).with("retry-after", "10")),
    }
}
