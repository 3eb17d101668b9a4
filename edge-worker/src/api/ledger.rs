//! `GET /api/sites/{site_id}/ledger?from=…&to=…`: what became of the events of a range of days.

use std::collections::BTreeMap;

use protocol::report::{LedgerAnswer, MAX_LEDGER_DAYS};

use super::{DAY_MS, day, invalid, unavailable};
use crate::app::App;
use crate::http::{Request, Response};
use crate::site::Site;

pub(crate) async fn get(app: &App, site: &Site, request: &Request) -> Response {
    let now = request.received_at;
    let bounds = day(request.parameter("from").as_deref(), now)
        .and_then(|from| Ok((from, day(request.parameter("to").as_deref(), now)?)));
    let (from, to) = match bounds {
        Ok(bounds) => bounds,
        Err(response) => return response,
    };
    if from > to || (to - from) / DAY_MS >= MAX_LEDGER_DAYS {
        return invalid(format!("`from` and `to` are days, in order, at most {MAX_LEDGER_DAYS} of them"));
    }
    let mut hours = Vec::new();
    for start in (from..=to).step_by(DAY_MS as usize) {
        match app.store.ledger(&site.id, start).await {
            Ok(day) => hours.extend(day),
            Err(error) => return unavailable(&error),
        }
    }
    let mut totals = BTreeMap::new();
    for (outcome, count) in hours.iter().flat_map(|hour| &hour.counts) {
        *totals.entry(*outcome).or_insert(0) += count;
    }
    let explanations = totals.keys().map(|outcome| (*outcome, outcome.explanation().to_owned())).collect();
    Response::json(200, &LedgerAnswer { generated_at: now, totals, hours, explanations })
}
