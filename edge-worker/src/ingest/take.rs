//! The way of a batch through the stages, whatever door it came by.

use std::rc::Rc;

use protocol::decode::Decoded;
use protocol::outcome::Outcome;
use protocol::problem::Code;
use protocol::receipt::{Detail, Receipt};
use protocol::{EventKind, SiteId};

use super::authorise::{self, Sender};
use super::filter::{self, Facts};
use super::parcel::{Parcel, Rules};
use super::{Identity, enrich, identity, overflow, validate};
use crate::address::Address;
use crate::app::App;
use crate::http::{Request, Response};
use crate::ingest::ledger::Counts;
use crate::log::{self, Level};
use crate::platform::{Limit, Platform};
use crate::site::{Privacy, Site};
use crate::store::StoreError;

/// Seconds after which a sender that was over a limit may try again: the limiter's window (`wrangler.toml`).
const LIMIT_WINDOW_S: &str = "10";

/// In which a server gives the address of its visitor.
const ADDRESS_HEADER: &str = "x-liveinsight-ip";

/// Longest user agent kept of a bot: enough to tell what it is.
const MAX_AGENT_BYTES: usize = 300;

/// What came through a door.
pub(super) struct Arrival {
    pub(super) decoded: Decoded,
    /// Whether the visitor and the visit are the ones that the batch names.
    pub(super) has_ids: bool,
    /// Whether a batch without kept ids at least keeps those it has while a page is open.
    pub(super) page_has_id: bool,
    /// Who sent it, where the door itself has made sure of that.
    pub(super) sender: Option<Sender>,
}

impl Arrival {
    /// A batch of the tracker's own kind.
    pub(super) fn events(decoded: Decoded) -> Self {
        let has_ids = !decoded.batch.cookieless;
        Self { decoded, has_ids, page_has_id: true, sender: None }
    }
}

/// What became of an arrival.
pub(super) struct Taken {
    pub(super) receipts: Vec<Receipt>,
    /// Whether the store has still to take it from the queue.
    pub(super) is_queued: bool,
}

/// Refuses a sender who sends too much, before anything is read.
pub(super) async fn within_limit(
    app: &App,
    request: &Request,
    platform: &dyn Platform,
) -> Result<(), Response> {
    // A server speaks for many visitors; its limit is the site's. A wrong key is nobody's.
    if authorise::has_main_key(app, request) {
        return Ok(());
    }
    let key = request.address.and_then(|address| address.keyed_hash(b"limit", "client", &[]));
    let Some(key) = key else { return Ok(()) };
    let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    if platform.allows(Limit::Client, &key).await { Ok(()) } else { Err(too_many()) }
}

fn too_many() -> Response {
    Response::problem(Code::TooManyRequests, None).with("retry-after", LIMIT_WINDOW_S)
}

fn unavailable() -> Response {
    Response::problem(Code::StoreUnavailable, None).with("retry-after", "5")
}

/// The site of that id.
pub(super) async fn site(app: &App, id: &SiteId) -> Result<Rc<Site>, Response> {
    match app.sites.by_id(id).await {
        Ok(Some(site)) => Ok(site),
        Ok(None) => {
            let detail = "no such site; check the tracker's data-site-id".to_owned();
            Err(Response::problem(Code::UnknownSite, detail))
        }
        Err(error) => {
            log::write(Level::Error, "site not read", &[("error", error.to_string().into())]);
            Err(unavailable())
        }
    }
}

/// The first of these sites that is known here; senders of other products name them by alias or domain.
pub(super) async fn named_site<'a>(
    app: &App,
    names: impl IntoIterator<Item = &'a str>,
) -> Result<Rc<Site>, Response> {
    for name in names {
        match app.sites.by_name(name).await {
            Ok(Some(site)) => return Ok(site),
            Ok(None) => {}
            Err(error) => {
                log::write(Level::Error, "site not read", &[("error", error.to_string().into())]);
                return Err(unavailable());
            }
        }
    }
    let detail = "no such site; add the name that the script sends to a site's aliases or domains".to_owned();
    Err(Response::problem(Code::UnknownSite, detail))
}

/// Takes a batch through all stages but the first.
pub(super) async fn batch(
    app: &App,
    site: &Site,
    request: &Request,
    platform: &dyn Platform,
    arrival: Arrival,
) -> Result<Taken, Response> {
    let Arrival { mut decoded, has_ids, page_has_id, sender } = arrival;
    let arrived = decoded.batch.events.len() as u64;
    let count_all = |outcome| {
        let mut counts = Counts::default();
        counts.add(outcome, arrived);
        app.count(&site.id, request.received_at, &counts, platform);
    };

    let sender = match sender {
        Some(sender) => sender,
        None => authorise::sender(app, site, request)
            .await
            .inspect_err(|refusal| count_all(outcome_of(refusal)))?,
    };
    if !platform.allows(Limit::Site, site.id.as_str()).await {
        count_all(Outcome::RateLimited);
        return Err(too_many());
    }
    let clock = validate::clock_of(sender);
    validate::times(&mut decoded, request.received_at, clock);

    let agent = enrich::agent(request, sender);
    let geo = enrich::place(request, sender, site.place);
    let address = match sender {
        Sender::Page => request.address,
        // Never a forwarded list: what stands first in it is the visitor's own to write.
        Sender::Server => request.header(ADDRESS_HEADER).and_then(Address::parse),
    };
    let facts =
        Facts { site, request, agent: &agent, geo: &geo, address, secret: &app.config.session_secret };
    let verdict = filter::judge(&facts, &mut decoded);
    let mut visit = enrich::visit(&agent, geo, decoded.batch.context.language.as_str());
    let quarantine = verdict.map(|verdict| verdict.outcome).filter(|outcome| outcome.is_quarantined());
    if quarantine.is_some() {
        visit.bot = verdict.map_or("", |verdict| verdict.bot).to_owned();
        visit.user_agent = protocol::limits::cut(agent.text, MAX_AGENT_BYTES).to_owned();
    }
    let is_kept = match quarantine {
        Some(_) => app.quarantine.has_room(&site.id, request.received_at),
        None => verdict.is_none(),
    };

    let mut is_queued = false;
    if is_kept && !decoded.batch.events.is_empty() {
        let derives = site.privacy == Privacy::Cookieless || !has_ids;
        let identity = if derives {
            let salts = salts(app, request.received_at, platform).await.map_err(|error| {
                count_all(Outcome::StoreUnavailable);
                not_stored(site, arrived, &error)
            })?;
            identity::derive(salts, site.id.as_str(), address, agent.text, page_has_id)
                .ok_or_else(unavailable)?
        } else {
            Identity::Given
        };
        let mut parcel = Parcel {
            batch: decoded.batch.clone(),
            visit: visit.clone(),
            identity,
            clock,
            received_at: request.received_at,
            rules: Rules::from(site),
            quarantine,
        };
        parcel.batch.cookieless |= derives;
        is_queued = overflow::store_or_queue(app, &parcel, platform).await.map_err(|error| {
            count_all(Outcome::StoreUnavailable);
            not_stored(site, arrived, &error)
        })?;
    }
    if let Some(verdict) = verdict {
        decoded.refuse(|_| Some(verdict.outcome));
    }
    // Only now, because a batch that is not stored comes again and would be told of twice.
    report_losses(&decoded);
    let mut counts = Counts::default();
    for receipt in &decoded.receipts {
        counts.add(receipt.outcome(), 1);
    }
    app.count(&site.id, request.received_at, &counts, platform);
    if request.header("x-liveinsight-debug") == Some("1") {
        explain(&mut decoded, &visit, &Rules::from(site));
    }
    Ok(Taken { receipts: decoded.receipts, is_queued })
}

/// The secrets for derived visitors, in time for the queue to have its turn after them.
async fn salts(
    app: &App,
    now: u64,
    platform: &dyn Platform,
) -> Result<[Option<identity::Salt>; 2], StoreError> {
    let fresh = || {
        let mut secret = [0; identity::SALT_BYTES];
        platform.random(&mut secret);
        secret
    };
    app.store.in_time(app.store.salts(now, fresh)).await
}

fn not_stored(site: &Site, events: u64, error: &dyn std::error::Error) -> Response {
    let fields = [
        ("site_id", site.id.as_str().into()),
        ("events", events.into()),
        ("error", error.to_string().into()),
    ];
    log::write(Level::Error, "batch not stored", &fields);
    unavailable()
}

/// What a tracker had to throw away and how often it failed. Counts and the site alone: nothing of the visitor.
fn report_losses(decoded: &Decoded) {
    let batch = &decoded.batch;
    if batch.dropped > 0 || batch.faults > 0 {
        let fields = [
            ("site_id", batch.site_id.as_str().into()),
            ("dropped", batch.dropped.into()),
            ("faults", batch.faults.into()),
        ];
        log::write(Level::Info, "tracker lost something", &fields);
    }
}

/// Adds to each receipt why, and what the event was enriched with.
fn explain(decoded: &mut Decoded, visit: &enrich::Visit, rules: &Rules) {
    let of_visit = [
        ("country", visit.geo.country.as_str()),
        ("region", &visit.geo.region),
        ("city", &visit.geo.city),
        ("device", visit.device.as_str()),
        ("browser", &visit.browser),
        ("browser_version", &visit.browser_version),
        ("os", &visit.os),
        ("os_version", &visit.os_version),
        ("bot", &visit.bot),
    ];
    for receipt in &mut decoded.receipts {
        let is_stored = receipt.outcome() == Outcome::Accepted;
        let event = decoded.batch.events.iter().find(|event| receipt.id == Some(event.id.to_string()));
        let landing = event.and_then(|event| match &event.kind {
            EventKind::PageView(view) => Some(enrich::landing(view, rules)),
            _ => None,
        });
        let of_view = landing.as_ref().map(super::Landing::attributes);
        let all = of_visit.iter().chain(of_view.iter().flatten());
        let enriched = all
            .filter(|(_, value)| !value.is_empty() && (is_stored || receipt.outcome().is_quarantined()))
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        receipt.detail = Some(Detail { explanation: receipt.outcome().explanation().to_owned(), enriched });
    }
}
/// What the ledger calls a refusal to hear a sender: an outage is not the sender's fault.
fn outcome_of(refusal: &Response) -> Outcome {
    match refusal.problem {
        Some(Code::StoreUnavailable) => Outcome::StoreUnavailable,
        _ => Outcome::OriginNotAllowed,
    }
}
