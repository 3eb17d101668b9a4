//! The quarantine: looking at it, releasing what does not belong there, purging what does.

use protocol::SiteId;
use protocol::outcome::Outcome;
use protocol::report::{QuarantineAnswer, QuarantineDone, QuarantineSelection};

use super::{Answer, Call, day, invalid};
use crate::http::Response;
use crate::ingest::{self, Counts};
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
pub(super) async fn list(call: &Call<'_>) -> Answer {
    let start = day(call.request.parameter("day").as_deref(), call.now())?;
    let after = call.request.parameter("after");
    if after.as_deref().is_some_and(|after| !is_id(after)) {
        return Err(invalid("`after` is the `next` of the page before"));
    }
    let (batches, next) = call.app.store.quarantined(call.site_id()?, start, after.as_deref()).await?;
    Ok(Response::json(200, &QuarantineAnswer { day: crate::store::day_of(start), batches, next }))
}

/// Whether a text can name a batch: two ids with `#` between.
fn is_id(text: &str) -> bool {
    text.split_once('#').is_some_and(|(session, event)| {
        protocol::SessionId::parse(session).is_ok() && protocol::EventId::parse(event).is_ok()
    })
}

/// `POST …/quarantine/release` and `…/quarantine/purge`
pub(super) async fn apply(call: &Call<'_>, action: Action) -> Answer {
    let selection: QuarantineSelection = call.body()?;
    let start = day(Some(&selection.day), call.now())?;
    if let Some(ids) = &selection.ids {
        if ids.len() > MAX_AT_ONCE {
            return Err(invalid(format!("at most {MAX_AT_ONCE} ids are taken at once")));
        }
        if ids.iter().any(|id| !is_id(id)) {
            return Err(invalid("`ids` holds what is no batch's id"));
        }
    }
    let site = call.site_id()?;
    let (done, events) = run(call, site, start, &selection, action).await?;
    let what = if action == Action::Release { "quarantine.release" } else { "quarantine.purge" };
    call.note(what, &format!("{} batches of {}", done.batches, selection.day)).await;
    if action == Action::Release {
        let mut counts = Counts::default();
        counts.add(Outcome::Accepted, events);
        call.app.count(site, call.now(), &counts, call.platform);
    }
    Ok(Response::json(200, &done))
}

/// Does it to each batch. After an error those done are done; asking again goes on with the rest.
async fn run(
    call: &Call<'_>,
    site: &SiteId,
    day: u64,
    selection: &QuarantineSelection,
    action: Action,
) -> Result<(QuarantineDone, u64), StoreError> {
    let app = call.app;
    let (ids, more) = match &selection.ids {
        Some(ids) => (ids.clone(), false),
        None => {
            let mut ids = Vec::new();
            let mut after = None;
            loop {
                let (batches, next) = app.store.quarantined(site, day, after.as_deref()).await?;
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
            let Some(mut parcel) = app.store.quarantined_parcel(site, day, id).await? else { continue };
            parcel.quarantine = None;
            ingest::deliver_and_tell(app, &parcel, ingest::From::Keeping, call.platform).await?;
            events += parcel.batch.events.len() as u64;
        }
        app.store.delete_quarantined(site, day, id).await?;
        batches += 1;
    }
    Ok((QuarantineDone { batches, more }, events))
}
