//! The quarantine: looking at it, releasing what does not belong there, purging what does.

use protocol::outcome::Outcome;
use protocol::problem::Code;
use protocol::report::{QuarantineAnswer, QuarantineDone, QuarantineSelection};

use super::{day, invalid, unavailable};
use crate::app::App;
use crate::http::{Request, Response};
use crate::ingest::{self, Counts};
use crate::platform::Platform;
use crate::site::Site;
use crate::store::StoreError;

/// Most batches one request releases or purges: each takes some calls of the store, and a request may make a
/// thousand and lasts as long as the person waits.
const MAX_AT_ONCE: usize = 100;

/// What is done to the batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// They are counted as if they had not been kept apart.
    Release,
    /// They are gone.
    Purge,
}

/// `GET …/quarantine?day=…&after=…`
pub(crate) async fn list(app: &App, site: &Site, request: &Request) -> Response {
    let asked = request.parameter("day");
    let start = match day(asked.as_deref(), request.received_at) {
        Ok(start) => start,
        Err(response) => return response,
    };
    let after = request.parameter("after");
    match app.store.quarantined(&site.id, start, after.as_deref()).await {
        Ok((batches, next)) => {
            let day = asked.unwrap_or_else(|| crate::store::day_of(start));
            Response::json(200, &QuarantineAnswer { day, batches, next })
        }
        Err(error) => unavailable(&error),
    }
}

/// `POST …/quarantine/release` and `…/quarantine/purge`
pub(crate) async fn apply(
    app: &App,
    site: &Site,
    request: &Request,
    platform: &dyn Platform,
    action: Action,
) -> Response {
    let body = request.body.as_deref().unwrap_or_default();
    let Ok(selection) = serde_json::from_slice::<QuarantineSelection>(body) else {
        let detail =
            "send {\"day\": \"2026-11-23\"}, and \"ids\" or a \"reason\" to mean only some".to_owned();
        return Response::problem(Code::InvalidJson, detail);
    };
    let start = match day(Some(&selection.day), request.received_at) {
        Ok(start) => start,
        Err(response) => return response,
    };
    if selection.ids.as_ref().is_some_and(|ids| ids.len() > MAX_AT_ONCE) {
        return invalid(format!("at most {MAX_AT_ONCE} ids are taken at once"));
    }
    match run(app, site, start, &selection, action).await {
        Ok((done, events)) => {
            if action == Action::Release {
                let mut counts = Counts::default();
                counts.add(Outcome::Accepted, events);
                app.count(&site.id, request.received_at, &counts, platform);
            }
            Response::json(200, &done)
        }
        Err(error) => unavailable(&error),
    }
}

/// Does it to each batch. After an error those done are done; asking again goes on with the rest.
async fn run(
    app: &App,
    site: &Site,
    day: u64,
    selection: &QuarantineSelection,
    action: Action,
) -> Result<(QuarantineDone, u64), StoreError> {
    let (ids, more) = match &selection.ids {
        Some(ids) => (ids.clone(), false),
        None => {
            let mut ids = Vec::new();
            let mut after = None;
            loop {
                let (batches, next) = app.store.quarantined(&site.id, day, after.as_deref()).await?;
                let meant = batches.into_iter().filter(|b| selection.reason.is_none_or(|r| r == b.reason));
                ids.extend(meant.map(|batch| batch.id));
                if next.is_none() || ids.len() >= MAX_AT_ONCE {
                    let more = next.is_some() || ids.len() > MAX_AT_ONCE;
                    ids.truncate(MAX_AT_ONCE);
                    break (ids, more);
                }
                after = next;
            }
        }
    };
    let (mut batches, mut events) = (0, 0);
    for id in &ids {
        if action == Action::Release {
            let Some(mut parcel) = app.store.quarantined_parcel(&site.id, day, id).await? else { continue };
            parcel.quarantine = None;
            ingest::deliver(&app.store, &parcel).await?;
            events += parcel.batch.events.len() as u64;
        }
        app.store.delete_quarantined(&site.id, day, id).await?;
        batches += 1;
    }
    Ok((QuarantineDone { batches, more }, events))
}
