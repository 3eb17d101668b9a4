//! What arrives, stage by stage, one file each: decode → authorise → validate → filter → enrich → deliver → ledger.
//!
//! | door | who comes through it |
//! |---|---|
//! | `POST /events` | the tracker; servers with the ingest key |
//! | `GET /p.gif` | pages without scripts, by an image |
//! | `POST /api/event` | Plausible's script, unchanged |
//! | `POST /api/send`, `POST /api/batch` | Umami's script, unchanged |

mod authorise;
mod compat;
mod cors;
mod decode;
mod deliver;
mod enrich;
mod filter;
mod gzip;
pub(crate) mod identity;
mod ledger;
mod overflow;
mod parcel;
mod pixel;
mod presence;
mod quota;
mod take;
mod validate;

use protocol::receipt::BatchAnswer;
use protocol::{Batch, Event, EventKind};

pub use cors::preflight;
pub(crate) use deliver::deliver_and_tell;
pub use deliver::{From, deliver};
pub use enrich::{Landing, Visit};
pub use identity::Identity;
pub use ledger::Counts;
pub(crate) use ledger::Ledger;
pub use overflow::{Drained, Message};
pub(crate) use overflow::{Health, drain};
pub use parcel::{Parcel, Rules};
pub use presence::Presence;
pub use protocol::clock::Source as Clock;
pub use protocol::outcome::Outcome;

pub(crate) use compat::{plausible, umami, umami_batch};
pub(crate) use pixel::pixel;
pub(crate) use quota::Quota;

use crate::app::App;
use crate::http::{Request, Response};
use crate::log::{self, Level};
use crate::platform::Platform;

/// A batch with all that is stored of it, its ids and times those that it is stored under.
#[derive(Debug, Clone)]
pub struct Ingest<'a> {
    /// The checked events.
    pub batch: &'a Batch,
    /// What is known of the visit: place, device, browser.
    pub visit: &'a Visit,
    /// What the site says about storing.
    pub rules: &'a Rules,
    /// Who is here now, unless the batch is too old to say.
    pub presence: Option<Presence>,
    /// Whether the browser's clock was wrong and the events have the time of their arrival.
    pub corrected: bool,
    /// Whether each event stands alone: its page id is its own, so it has to say itself which page it was on.
    pub is_single: bool,
    landings: Vec<Option<Landing>>,
}

impl<'a> Ingest<'a> {
    /// Puts together what is to be stored.
    pub fn new(batch: &'a Batch, visit: &'a Visit, rules: &'a Rules, presence: Option<Presence>) -> Self {
        let landings = batch.events.iter().map(|event| match &event.kind {
            EventKind::PageView(view) => Some(enrich::landing(view, rules)),
            _ => None,
        });
        let landings = landings.collect();
        Self { batch, visit, rules, presence, corrected: false, is_single: false, landings }
    }

    /// The events, with what the address and referrer of page views say.
    pub fn events(&self) -> impl Iterator<Item = (&'a Event, Option<&Landing>)> {
        self.batch.events.iter().zip(self.landings.iter().map(Option::as_ref))
    }
}

/// What is due once an hour: secrets that are not needed any more are forgotten.
pub(crate) async fn tidy(app: &App, platform: &dyn Platform) {
    if let Err(error) = app.store.forget_salts(platform.now()).await {
        log::write(Level::Error, "old secrets not deleted", &[("error", error.to_string().into())]);
    }
}

/// `POST /events`: takes a batch. `200` is answered only after everything is stored, `202` after the queue has it.
pub(crate) async fn events(app: &App, request: &Request, platform: &dyn Platform) -> Response {
    let response = match take_events(app, request, platform).await {
        Ok(response) | Err(response) => response,
    };
    cors::readable(app, request, response).await
}

async fn take_events(app: &App, request: &Request, platform: &dyn Platform) -> Result<Response, Response> {
    take::within_limit(app, request, platform).await?;
    let decoded = decode::batch(request).map_err(|error| Response::problem(error.code, error.detail))?;
    let unknown_fields = decoded.unknown_fields;
    let site = take::site(app, &decoded.batch.site_id).await?;
    let taken = take::batch(app, &site, request, platform, take::Arrival::events(decoded)).await?;
    let status = if taken.is_queued { 202 } else { 200 };
    let answer = BatchAnswer {
        server_time: request.received_at,
        request_id: request.id.clone(),
        receipts: taken.receipts,
        unknown_fields,
    };
    Ok(Response::json(status, &answer))
}
