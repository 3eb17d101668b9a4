//! `GET /api/sites/{site_id}/ledger?from=…&to=…`: what became of the events of a range of days.

use std::collections::BTreeMap;

use analytics::DAY_MS;
use protocol::report::{LedgerAnswer, MAX_LEDGER_DAYS};

use super::{Answer, Call, day, invalid};
use crate::http::Response;

pub(super) async fn get(call: &Call<'_>) -> Answer {
    let (now, site) = (call.now(), call.site_id()?);
    let bound = |name| day(call.request.parameter(name).as_deref(), now);
    let (from, to) = (bound("from")?, bound("to")?);
    if from > to || (to - from) / DAY_MS >= MAX_LEDGER_DAYS {
        return Err(invalid(format!(
            "`from` and `to` are days, in order, at most {MAX_LEDGER_DAYS} of them"
        )));
    }
    let hours = call.app.store.ledger(site, (from..=to).step_by(DAY_MS as usize)).await?;
    let mut totals = BTreeMap::new();
    for (outcome, count) in hours.iter().flat_map(|hour| &hour.counts) {
        *totals.entry(*outcome).or_insert(0) += count;
    }
    let explanations = totals.keys().map(|outcome| (*outcome, outcome.explanation().to_owned())).collect();
    Ok(Response::json(200, &LedgerAnswer { generated_at: now, totals, hours, explanations }))
}
