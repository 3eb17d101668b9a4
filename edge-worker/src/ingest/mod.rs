//! `POST /events`, stage by stage: decode → authorise → enrich → store → receipts.

mod authorise;
mod cors;
mod enrich;
mod presence;
mod user_agent;

use protocol::problem::Code;
use protocol::receipt::BatchAnswer;
use protocol::{Batch, decode};
use serde_json::Value;

pub use cors::preflight;
pub use enrich::Visit;
pub use presence::Presence;

use crate::app::App;
use crate::http::{Request, Response};
use crate::log::{self, Level};
use crate::platform::Platform;

/// A batch with all that is stored of it.
#[derive(Debug, Clone)]
pub struct Ingest<'a> {
    /// The checked events.
    pub batch: &'a Batch,
    /// What is known of the visit: place, device, browser.
    pub visit: &'a Visit,
    /// Who is here now, unless the batch is too old to say.
    pub presence: Option<Presence>,
    /// Partitions an hour of this site is spread over.
    pub shards: u32,
    /// How long raw events of this site are kept, in days.
    pub retention_days: u32,
}

/// Takes a batch. `200` is answered only after everything is stored.
pub async fn events(app: &App, request: &Request, platform: &dyn Platform) -> Response {
    let response = match take(app, request, platform).await {
        Ok(response) => response,
        Err(response) => response,
    };
    cors::readable(app, request, response).await
}

async fn take(app: &App, request: &Request, _platform: &dyn Platform) -> Result<Response, Response> {
    let readable = |response: Response| response;
    let App { config, store, sites, .. } = app;
    authorise::content_type(request).map_err(|(code, detail)| readable(Response::problem(code, detail)))?;
    let body = request.body.as_deref().ok_or_else(|| {
        let limit = protocol::limits::MAX_BODY_BYTES;
        readable(Response::problem(Code::BodyTooLarge, format!("at most {limit} bytes are taken")))
    })?;
    let decoded =
        decode::batch(body).map_err(|error| readable(Response::problem(error.code, error.detail)))?;
    let batch = decoded.batch;
    let site = sites
        .by_id(&batch.site_id)
        .await
        .map_err(|_| Response::problem(Code::StoreUnavailable, None))?
        .ok_or_else(|| {
            let detail = "no such site; check the tracker's data-site-id".to_owned();
            readable(Response::problem(Code::UnknownSite, detail))
        })?;
    let sender = authorise::sender(config, &site, request)
        .map_err(|(code, detail)| readable(Response::problem(code, detail)))?;

    if !batch.events.is_empty() {
        let visit = enrich::visit(request, &sender, &batch);
        let presence = presence::of(&batch, request.received_at);
        let ingest = Ingest {
            batch: &batch,
            visit: &visit,
            presence,
            shards: site.shards,
            retention_days: site.retention_days,
        };
        let stored = store.write(&ingest).await.map_err(|error| {
            log::write(
                Level::Error,
                "batch not stored",
                &[
                    ("site_id", batch.site_id.as_str().into()),
                    ("events", batch.events.len().into()),
                    ("error", error.to_string().into()),
                ],
            );
            readable(Response::problem(Code::StoreUnavailable, None)).with("retry-after", "5")
        })?;
        if config.debug {
            log::write(
                Level::Info,
                "batch stored",
                &[
                    ("site_id", batch.site_id.as_str().into()),
                    ("events", batch.events.len().into()),
                    ("write_units", stored.write_units.into()),
                ],
            );
        }
    }
    // Only now, because a batch that is not stored comes again and would be told of twice.
    if let Some(fields) = losses(&batch) {
        log::write(Level::Info, "tracker lost something", &fields);
    }
    let answer = BatchAnswer { server_time: request.received_at, receipts: decoded.receipts };
    Ok(readable(Response::json(200, &answer)))
}

/// What a tracker had to throw away and how often it failed, as fields of a log line; `None` when all is
/// well. Counts and the site alone: nothing of the visitor.
fn losses(batch: &Batch) -> Option<[(&'static str, Value); 3]> {
    (batch.dropped > 0 || batch.faults > 0).then(|| {
        [
            ("site_id", batch.site_id.as_str().into()),
            ("dropped", batch.dropped.into()),
            ("faults", batch.faults.into()),
        ]
    })
}

#[cfg(test)]
mod tests {
    use protocol::{Context, SessionId, SiteId, UserId, event::PersonId};

    use super::*;

    #[test]
    fn losses_of_a_tracker_are_told_without_whose_they_are() {
        let batch = |dropped, faults| Batch {
            site_id: SiteId::parse("shop").unwrap(),
            user_id: UserId::new(1, &[1; 10]),
            person_id: PersonId::parse("customer-1042"),
            session_id: SessionId::new(1, &[1; 10]),
            cookieless: false,
            sent_at: 1,
            dropped,
            faults,
            context: Context::default(),
            events: Vec::new(),
        };
        let line = |dropped, faults| {
            losses(&batch(dropped, faults)).map(|fields| log::line(Level::Info, "lost", &fields))
        };
        assert_eq!(line(0, 0), None);
        for (dropped, faults) in [(3, 0), (0, 1), (u32::MAX, 2)] {
            let expected = format!(
                r#"{{"dropped":{dropped},"faults":{faults},"level":"info","message":"lost","site_id":"shop"}}"#
            );
            assert_eq!(line(dropped, faults), Some(expected));
        }
    }
}
