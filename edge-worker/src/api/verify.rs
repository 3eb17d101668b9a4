//! `POST /api/sites/{site_id}/verify`: counts the rows of a day one by one and compares them with the answers.

use analytics::DAY_MS;
use protocol::limits::MAX_VERIFIED_EVENTS;
use protocol::report::{VerifyAnswer, VerifyDay};

use super::{Answer, Call, day, invalid};
use crate::compact::verify::verify;
use crate::http::Response;
use crate::store::StoreError;
use crate::store::segments::AskError;

/// Why there is nothing to be counted.
const NO_ROWS: &str = "`day`: its rows are no longer kept, so there is nothing to compare its segments with";

pub(super) async fn post(call: &Call<'_>) -> Answer {
    let site = call.site().await?;
    let asked: VerifyDay = call.body()?;
    let start = day(Some(&asked.day), call.now())?;
    let range = start..start + DAY_MS;
    if start < site.rows_from(call.now()) {
        return Err(invalid(NO_ROWS));
    }
    let done = verify(&call.app.store, &site, &range, call.now(), MAX_VERIFIED_EVENTS).await;
    let done = done.map_err(|error| match error {
        AskError::Store(StoreError::TooManyEvents) => invalid(format!(
            "`day`: it has more than {MAX_VERIFIED_EVENTS} events; use `cargo xtask verify` on the command line"
        )),
        error => error.into(),
    })?;
    let answer =
        VerifyAnswer { day: asked.day, compared: done.compared as u64, differences: done.differences };
    Ok(Response::json(200, &answer))
}
