//! The read API: `GET /api/…`.

pub(crate) mod active;
pub(crate) mod ledger;
pub(crate) mod overview;
pub(crate) mod quarantine;
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

/// Length of a day.
const DAY_MS: u64 = 24 * 3_600_000;

/// The start of a day given as `YYYY-MM-DD`, UTC; today when not given.
fn day(text: Option<&str>, now: u64) -> Result<u64, Response> {
    let Some(text) = text else { return Ok(now - now % DAY_MS) };
    let date = (|| {
        let mut parts = text.splitn(3, '-');
        let year = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
        let month = time::Month::try_from(parts.next()?.parse::<u8>().ok()?).ok()?;
        time::Date::from_calendar_date(year, month, parts.next()?.parse().ok()?).ok()
    })();
    let seconds = date.map(|date| date.midnight().assume_utc().unix_timestamp());
    let start = seconds.and_then(|seconds| u64::try_from(seconds).ok()).map(|seconds| seconds * 1_000);
    start.ok_or_else(|| invalid("a day is written as 2026-11-23, in UTC".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_and_anything_else_refused() {
        let now = 1_763_866_800_123;
        assert_eq!(day(Some("2025-11-23"), now).ok(), Some(1_763_856_000_000));
        assert_eq!(day(None, now).ok(), Some(1_763_856_000_000));
        for text in ["", "2025-13-01", "2025-02-30", "25-11-23", "2025-11-23T00", "1969-12-31", "2025-11"] {
            assert_eq!(day(Some(text), now).err().map(|response| response.status), Some(400), "{text}");
        }
    }
}
