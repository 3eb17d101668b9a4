//! From a request to an answer: the routes and what each needs.

use std::rc::Rc;

use protocol::SiteId;
use protocol::account::{Role, Scope};
use protocol::metric::Metric;
use protocol::problem::Code;
use protocol::saved::SavedKind;
use serde_json::Value;

use crate::alerts;
use crate::api::{self, Call};
use crate::auth::access::{Need, Principal, decide};
use crate::auth::csrf;
use crate::auth::gate::{Gate, Trust};
use crate::care;
use crate::compact;
use crate::config::Config;
use crate::http::{Request, Response};
use crate::ingest;
use crate::live::notify::Notifier;
use crate::log::{self, Level};
use crate::metrics::{Label, Publisher};
use crate::platform::Platform;
use crate::routes::{Act, Found, Parts, Route, Run, find, route};
use crate::saved::SavedCache;
use crate::sites::Sites;
use crate::store::accounts::Accounts;
use crate::store::{Store, StoreError};
use crate::trace::{self, Tracer};
use crate::zones::Zones;

/// The worker, once per isolate.
pub struct App {
    pub(crate) config: Config,
    pub(crate) store: Rc<Store>,
    pub(crate) sites: Sites,
    pub(crate) accounts: Accounts,
    pub(crate) gate: Gate,
    pub(crate) health: ingest::Health,
    pub(crate) quarantine: ingest::Quota,
    pub(crate) zones: Zones,
    pub(crate) saved: SavedCache,
    /// Tells this isolate's measurements from those of others.
    pub(crate) isolate: String,
    /// When this isolate began, Unix milliseconds.
    pub(crate) began_at: u64,
    publisher: Rc<Publisher>,
    tracer: Tracer,
    ledger: Rc<ingest::Ledger>,
    pub(crate) notifier: Rc<Notifier>,
}

const READ: Option<Scope> = Some(Scope::Read);
const MANAGE: Option<Scope> = Some(Scope::Manage);

/// Every route there is. What is not in this table is refused.
pub const ROUTES: &[Route] = &[
    route("GET", "/health", Need::Nobody, Run::Health),
    route("GET", "/metrics", Need::Nobody, Run::Metrics),
    route("POST", "/events", Need::Sender, Run::Events),
    route("OPTIONS", "/events", Need::Sender, Run::Preflight),
    route("GET", "/p.gif", Need::Sender, Run::Pixel),
    route("POST", "/api/event", Need::Sender, Run::Plausible),
    route("OPTIONS", "/api/event", Need::Sender, Run::Preflight),
    route("POST", "/api/send", Need::Sender, Run::Umami),
    route("OPTIONS", "/api/send", Need::Sender, Run::Preflight),
    route("POST", "/api/batch", Need::Sender, Run::UmamiBatch),
    route("OPTIONS", "/api/batch", Need::Sender, Run::Preflight),
    route("GET", "/api/setup", Need::Nobody, Run::SetUpState),
    route("POST", "/api/setup", Need::Nobody, Run::SetUp),
    route("POST", "/api/session", Need::Nobody, Run::SignIn),
    route("GET", "/api/session", Need::SignedIn(None), Run::Session),
    route("DELETE", "/api/session", Need::Nobody, Run::SignOut),
    route("POST", "/api/account/password", Need::SignedIn(None), Run::ChangePassword),
    route("GET", "/api/account/sessions", Need::SignedIn(None), Run::OwnSessions),
    route("DELETE", "/api/account/sessions", Need::SignedIn(None), Run::EndSessions),
    route("DELETE", "/api/account/sessions/{session_id}", Need::SignedIn(None), Run::EndSession),
    route("POST", "/api/account/totp", Need::SignedIn(None), Run::StartTotp),
    route("POST", "/api/account/totp/confirm", Need::SignedIn(None), Run::ConfirmTotp),
    route("POST", "/api/account/totp/disable", Need::SignedIn(None), Run::DisableTotp),
    route("GET", "/api/people", Need::Everywhere(Role::Admin, None), Run::People),
    route("PUT", "/api/people/{person_id}", Need::Everywhere(Role::Admin, None), Run::ChangePerson),
    route("DELETE", "/api/people/{person_id}", Need::Everywhere(Role::Admin, None), Run::RemovePerson),
    route("GET", "/api/invitations", Need::Everywhere(Role::Admin, None), Run::Invitations),
    route("POST", "/api/invitations", Need::Everywhere(Role::Admin, None), Run::Invite),
    route(
        "DELETE",
        "/api/invitations/{invitation_id}",
        Need::Everywhere(Role::Admin, None),
        Run::TakeInvitationBack,
    ),
    route("POST", "/api/invitations/accept", Need::Nobody, Run::AcceptInvitation),
    route("GET", "/api/sites", Need::SignedIn(READ), Run::Sites),
    route("POST", "/api/sites", Need::Everywhere(Role::Admin, MANAGE), Run::CreateSite),
    route("GET", "/api/sites/{site_id}", Need::Site(Role::Viewer, READ), Run::Site),
    route("PUT", "/api/sites/{site_id}", Need::Site(Role::Editor, MANAGE), Run::ChangeSite),
    route("DELETE", "/api/sites/{site_id}", Need::Site(Role::Admin, MANAGE), Run::DeleteSite),
    route("GET", "/api/deletions", Need::Everywhere(Role::Admin, MANAGE), Run::Deletions),
    route("GET", "/api/sites/{site_id}/erasures", Need::Site(Role::Admin, MANAGE), Run::Erasures),
    route("POST", "/api/sites/{site_id}/erasures", Need::Site(Role::Admin, MANAGE), Run::Erase),
    route("GET", "/api/sites/{site_id}/erasures/{erasure_id}", Need::Site(Role::Admin, MANAGE), Run::Erasure),
    route("GET", "/api/sites/{site_id}/grants", Need::Site(Role::Admin, MANAGE), Run::Grants),
    route("POST", "/api/sites/{site_id}/grants", Need::Site(Role::Admin, MANAGE), Run::AddGrant),
    route(
        "PUT",
        "/api/sites/{site_id}/grants/{person_id}",
        Need::Site(Role::Admin, MANAGE),
        Run::ChangeGrant,
    ),
    route(
        "DELETE",
        "/api/sites/{site_id}/grants/{person_id}",
        Need::Site(Role::Admin, MANAGE),
        Run::RemoveGrant,
    ),
    route("GET", "/api/sites/{site_id}/tokens", Need::Site(Role::Admin, None), Run::SiteTokens),
    route(
        "DELETE",
        "/api/sites/{site_id}/tokens/{token_id}",
        Need::Site(Role::Admin, None),
        Run::RevokeSiteToken,
    ),
    route("GET", "/api/sites/{site_id}/shares", Need::Site(Role::Editor, MANAGE), Run::Shares),
    route("POST", "/api/sites/{site_id}/shares", Need::Site(Role::Editor, MANAGE), Run::CreateShare),
    route(
        "DELETE",
        "/api/sites/{site_id}/shares/{share_id}",
        Need::Site(Role::Editor, MANAGE),
        Run::DeleteShare,
    ),
    route(
        "GET",
        "/api/sites/{site_id}/goals",
        Need::Site(Role::Viewer, READ),
        Run::Saved(SavedKind::Goal, Act::List),
    ),
    route(
        "POST",
        "/api/sites/{site_id}/goals",
        Need::Site(Role::Editor, MANAGE),
        Run::Saved(SavedKind::Goal, Act::Add),
    ),
    route(
        "PUT",
        "/api/sites/{site_id}/goals/{goal_id}",
        Need::Site(Role::Editor, MANAGE),
        Run::Saved(SavedKind::Goal, Act::Change),
    ),
    route(
        "DELETE",
        "/api/sites/{site_id}/goals/{goal_id}",
        Need::Site(Role::Editor, MANAGE),
        Run::Saved(SavedKind::Goal, Act::Remove),
    ),
    route(
        "GET",
        "/api/sites/{site_id}/segments",
        Need::Site(Role::Viewer, READ),
        Run::Saved(SavedKind::Segment, Act::List),
    ),
    route(
        "POST",
        "/api/sites/{site_id}/segments",
        Need::Site(Role::Editor, MANAGE),
        Run::Saved(SavedKind::Segment, Act::Add),
    ),
    route(
        "PUT",
        "/api/sites/{site_id}/segments/{segment_id}",
        Need::Site(Role::Editor, MANAGE),
        Run::Saved(SavedKind::Segment, Act::Change),
    ),
    route(
        "DELETE",
        "/api/sites/{site_id}/segments/{segment_id}",
        Need::Site(Role::Editor, MANAGE),
        Run::Saved(SavedKind::Segment, Act::Remove),
    ),
    route(
        "GET",
        "/api/sites/{site_id}/funnels",
        Need::Site(Role::Viewer, READ),
        Run::Saved(SavedKind::Funnel, Act::List),
    ),
    route(
        "POST",
        "/api/sites/{site_id}/funnels",
        Need::Site(Role::Editor, MANAGE),
        Run::Saved(SavedKind::Funnel, Act::Add),
    ),
    route(
        "PUT",
        "/api/sites/{site_id}/funnels/{funnel_id}",
        Need::Site(Role::Editor, MANAGE),
        Run::Saved(SavedKind::Funnel, Act::Change),
    ),
    route(
        "DELETE",
        "/api/sites/{site_id}/funnels/{funnel_id}",
        Need::Site(Role::Editor, MANAGE),
        Run::Saved(SavedKind::Funnel, Act::Remove),
    ),
    route(
        "GET",
        "/api/sites/{site_id}/annotations",
        Need::Site(Role::Viewer, READ),
        Run::Saved(SavedKind::Annotation, Act::List),
    ),
    route(
        "POST",
        "/api/sites/{site_id}/annotations",
        Need::Site(Role::Editor, MANAGE),
        Run::Saved(SavedKind::Annotation, Act::Add),
    ),
    route(
        "PUT",
        "/api/sites/{site_id}/annotations/{annotation_id}",
        Need::Site(Role::Editor, MANAGE),
        Run::Saved(SavedKind::Annotation, Act::Change),
    ),
    route(
        "DELETE",
        "/api/sites/{site_id}/annotations/{annotation_id}",
        Need::Site(Role::Editor, MANAGE),
        Run::Saved(SavedKind::Annotation, Act::Remove),
    ),
    route("GET", "/api/sites/{site_id}/alerts", Need::Site(Role::Viewer, READ), Run::Alerts(Act::List)),
    route("POST", "/api/sites/{site_id}/alerts", Need::Site(Role::Editor, MANAGE), Run::Alerts(Act::Add)),
    route(
        "PUT",
        "/api/sites/{site_id}/alerts/{alert_id}",
        Need::Site(Role::Editor, MANAGE),
        Run::Alerts(Act::Change),
    ),
    route(
        "DELETE",
        "/api/sites/{site_id}/alerts/{alert_id}",
        Need::Site(Role::Editor, MANAGE),
        Run::Alerts(Act::Remove),
    ),
    // Not for viewers: addresses of people.
    route("GET", "/api/sites/{site_id}/channels", Need::Site(Role::Editor, MANAGE), Run::Channels(Act::List)),
    route("POST", "/api/sites/{site_id}/channels", Need::Site(Role::Editor, MANAGE), Run::Channels(Act::Add)),
    route(
        "PUT",
        "/api/sites/{site_id}/channels/{channel_id}",
        Need::Site(Role::Editor, MANAGE),
        Run::Channels(Act::Change),
    ),
    route(
        "DELETE",
        "/api/sites/{site_id}/channels/{channel_id}",
        Need::Site(Role::Editor, MANAGE),
        Run::Channels(Act::Remove),
    ),
    route(
        "POST",
        "/api/sites/{site_id}/channels/{channel_id}/test",
        Need::Site(Role::Editor, MANAGE),
        Run::TestChannel,
    ),
    route(
        "GET",
        "/api/sites/{site_id}/channels/{channel_id}/deliveries",
        Need::Site(Role::Editor, MANAGE),
        Run::Deliveries,
    ),
    route(
        "POST",
        "/api/sites/{site_id}/channels/{channel_id}/confirmation",
        Need::Site(Role::Editor, MANAGE),
        Run::Confirmation,
    ),
    // Whoever has the e-mail has the token in it.
    route("GET", "/api/confirm", Need::Nobody, Run::AskConfirm),
    route("POST", "/api/confirm", Need::Nobody, Run::Confirm),
    route("GET", "/api/unsubscribe", Need::Nobody, Run::AskUnsubscribe),
    route("POST", "/api/unsubscribe", Need::Nobody, Run::Unsubscribe),
    route("GET", "/api/sites/{site_id}/ledger", Need::Site(Role::Viewer, READ), Run::Ledger),
    route("GET", "/api/sites/{site_id}/quarantine", Need::Site(Role::Editor, MANAGE), Run::Quarantine),
    route(
        "POST",
        "/api/sites/{site_id}/quarantine/release",
        Need::Site(Role::Editor, MANAGE),
        Run::ReleaseQuarantined,
    ),
    route(
        "POST",
        "/api/sites/{site_id}/quarantine/purge",
        Need::Site(Role::Editor, MANAGE),
        Run::PurgeQuarantined,
    ),
    route("POST", "/api/sites/{site_id}/verify", Need::Site(Role::Editor, MANAGE), Run::Verify),
    route("GET", "/api/sites/{site_id}/audit", Need::Site(Role::Admin, MANAGE), Run::SiteAudit),
    route("POST", "/api/shares/open", Need::Nobody, Run::OpenShare),
    route("GET", "/api/tokens", Need::SignedIn(None), Run::Tokens),
    route("POST", "/api/tokens", Need::SignedIn(None), Run::CreateToken),
    route("DELETE", "/api/tokens/{token_id}", Need::SignedIn(None), Run::RevokeToken),
    // Not for tokens: a program reads `/metrics`.
    route("GET", "/api/operator/metrics", Need::Everywhere(Role::Admin, None), Run::OperatorMetrics),
    route("GET", "/api/audit", Need::Everywhere(Role::Admin, MANAGE), Run::Audit),
    route("GET", "/api/sessions/active", Need::Statistics, Run::ActiveSessions),
    route("GET", "/api/live", Need::Statistics, Run::Live),
    route("POST", "/api/v2/query", Need::Statistics, Run::Query),
    route("POST", "/api/v2/queries", Need::Statistics, Run::Queries),
    route("POST", "/api/v2/funnel", Need::Statistics, Run::Funnel),
    route("POST", "/api/v2/retention", Need::Statistics, Run::Retention),
    route("POST", "/api/v2/journey", Need::Statistics, Run::Journey),
    route("POST", "/api/v2/properties", Need::Statistics, Run::Properties),
    route("GET", "/api/v2/began", Need::Statistics, Run::Began),
    // Not for readers of share links: these tell of single people.
    route("POST", "/api/v2/visits", Need::Site(Role::Viewer, READ), Run::Visits),
    route("POST", "/api/v2/timeline", Need::Site(Role::Viewer, READ), Run::Timeline),
    // Nor this: every event with all it says.
    route("GET", "/api/export", Need::Site(Role::Viewer, READ), Run::Export),
    // Nor these: segments hold everything, with the site's own ids of people.
    route("GET", "/api/segments", Need::Site(Role::Viewer, READ), Run::Segments),
    route("GET", "/api/segments/tail", Need::Site(Role::Viewer, READ), Run::SegmentTail),
    route("GET", "/api/segments/{bucket}/{hash}", Need::Site(Role::Viewer, READ), Run::Segment),
];

impl App {
    /// Puts the worker together.
    pub fn new(config: Config, store: Store) -> Self {
        let accounts = store.accounts();
        let publisher = Rc::new(Publisher::new(config.environment.clone()));
        let sites = Sites::with_table(config.sites.clone(), accounts.clone());
        let tracer = Tracer::new(&config.trace, config.environment.as_deref());
        Self {
            tracer,
            config,
            began_at: store.now(),
            store: Rc::new(store),
            sites,
            accounts,
            gate: Gate::new(),
            health: ingest::Health::default(),
            quarantine: ingest::Quota::default(),
            zones: Zones::default(),
            saved: SavedCache::default(),
            isolate: format!("{:08x}", fastrand::u32(..)),
            publisher,
            ledger: Rc::default(),
            notifier: Rc::default(),
        }
    }

    /// Counts what became of a site's events.
    pub(crate) fn count(&self, site: &SiteId, now: u64, counts: &ingest::Counts, platform: &dyn Platform) {
        self.store.metrics().events(counts);
        self.ledger.count(site, now, counts);
        self.ledger.write_later(&self.store, platform);
    }

    /// Publishes what was measured, when it is time.
    pub fn publish_later(&self, platform: &dyn Platform) {
        self.publisher.publish_later(self.store.metrics(), &self.store, platform);
    }

    /// Measures what a queue gives back. Of what comes from a dead-letter queue nobody but its consumer knows how much
    /// there is.
    pub fn received(&self, queue: &str, messages: u32, platform: &dyn Platform) {
        let metrics = self.store.metrics();
        metrics.add(Metric::Invocations, Label::None, f64::from(messages));
        let dead = match (queue.ends_with("-dead"), queue.contains("-jobs")) {
            (false, _) => None,
            (true, true) => Some("jobs-dead"),
            (true, false) => Some("overflow-dead"),
        };
        if let Some(name) = dead {
            metrics.add(Metric::QueueDepth, Label::Queue(name), f64::from(messages));
        }
        self.publish_later(platform);
    }

    /// Measures a request that was answered.
    fn measure(&self, run: Option<Run>, request: &Request, response: &Response, platform: &dyn Platform) {
        let metrics = self.store.metrics();
        #[expect(clippy::cast_precision_loss, reason = "a request is over within minutes")]
        let took = platform.now().saturating_sub(request.received_at) as f64;
        metrics.count(Metric::Invocations);
        metrics.add(Metric::Duration, Label::None, took);
        if response.status >= 500 {
            metrics.count(Metric::Errors);
        }
        let is_door =
            matches!(run, Some(Run::Events | Run::Pixel | Run::Plausible | Run::Umami | Run::UmamiBatch));
        if is_door && response.status < 300 {
            metrics.add(Metric::ProcessingTime, Label::None, took);
        }
        self.publish_later(platform);
    }

    /// What is due once an hour.
    pub async fn tidy(&self, platform: &dyn Platform) {
        self.store.metrics().count(Metric::Invocations);
        ingest::tidy(self, platform).await;
        compact::start(self, platform).await;
        care::resume(self, platform).await;
    }

    /// Looks at alerts and reports, what is due every ten minutes.
    pub async fn watch(&self, platform: &dyn Platform) {
        self.store.metrics().count(Metric::Invocations);
        Box::pin(alerts::start(self, platform)).await;
    }

    /// Does a job that the queue of jobs gives back.
    pub async fn work(&self, job: &str, platform: &dyn Platform) -> compact::Worked {
        compact::run_job(self, job, platform).await
    }

    /// Stores a batch that the overflow queue gives back.
    pub async fn drain(&self, message: ingest::Message<'_>, platform: &dyn Platform) -> ingest::Drained {
        ingest::drain(self, message, platform).await
    }

    /// The store: tests look at what it spends.
    #[cfg(feature = "native")]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The sites of this installation.
    pub fn sites(&self) -> &Sites {
        &self.sites
    }

    /// Whether `presented` lets a server send events to a site: the installation's ingest key, or an API token with
    /// the scope `ingest` of that site. Believed for a minute, and longer while the store does not answer.
    ///
    /// # Errors
    /// [`StoreError`] when the store has to be asked and does not answer.
    pub async fn ingest_allowed(&self, site: &SiteId, presented: &str) -> Result<bool, StoreError> {
        self.gate.ingest_allowed(&self.accounts, &self.config, site, presented).await
    }

    /// Answers a request. Failures are logged, and of refusals the share in `LOG_SHARE`; successes only when `LOG_LEVEL`
    /// is `debug`: a log line costs twice what a request costs.
    pub async fn handle(&self, request: &Request, platform: &dyn Platform) -> Response {
        let trace = self.tracer.begin(request.received_at);
        let found = find(ROUTES, &request.method, &request.path);
        let (run, path, response) = match found {
            Found::Route(route, parts) => {
                let entered = self.enter(route, parts, request, platform);
                let response = trace::within(trace.as_ref(), entered).await;
                (Some(route.run), route.path, response.unwrap_or_else(|refusal| refusal))
            }
            Found::Methods(allow) => {
                (None, "none", Response::problem(Code::MethodNotAllowed, None).with("allow", allow))
            }
            Found::Nothing => (None, "none", Response::problem(Code::NotFound, None)),
        };
        self.measure(run, request, &response, platform);
        if let Some(trace) = &trace {
            let told = trace::Told {
                method: &request.method,
                route: path,
                status: response.status,
                request_id: &request.id,
            };
            self.tracer.tell(trace, told, &self.store, platform);
        }
        if self.is_logged(response.status) {
            let level = if response.status >= 500 { Level::Error } else { Level::Info };
            let fields = [
                ("request_id", Value::from(request.id.as_str())),
                ("method", Value::from(request.method.as_str())),
                ("route", path.into()),
                ("status", response.status.into()),
                ("problem", response.problem.map(Code::as_str).into()),
            ];
            log::write(level, "request", &fields);
        }
        match request.id.is_empty() {
            true => response,
            false => response.with("x-request-id", request.id.as_str()),
        }
    }

    fn is_logged(&self, status: u16) -> bool {
        let is_refused = (400..500).contains(&status) && fastrand::f64() < self.config.log_share;
        status >= 500 || is_refused || self.config.debug
    }

    /// Lets a request in, or says why not, and runs it.
    async fn enter(
        &self,
        route: &Route,
        parts: Parts<'_>,
        request: &Request,
        platform: &dyn Platform,
    ) -> Result<Response, Response> {
        let Route { need, run, .. } = *route;
        match run {
            // The busiest ones come first: nobody has to be found out for them.
            Run::Health => return Ok(api::health()),
            Run::Metrics => return Ok(api::metrics::get(self, request)),
            Run::Events => return Ok(ingest::events(self, request, platform).await),
            Run::Preflight => return Ok(ingest::preflight(self, request).await),
            Run::Pixel => return Ok(ingest::pixel(self, request, platform).await),
            Run::Plausible => return Ok(ingest::plausible(self, request, platform).await),
            Run::Umami => return Ok(ingest::umami(self, request, platform).await),
            Run::UmamiBatch => return Ok(ingest::umami_batch(self, request, platform).await),
            _ => {}
        }
        let changes = request.method != "GET";
        if changes && csrf::from_elsewhere(request) {
            return Err(Response::problem(Code::CrossSite, None));
        }
        let named = parts.iter().find(|(name, _)| *name == "site_id").map(|(_, value)| (*value).to_owned());
        // A question names its site in its body, as clients of other products do.
        let in_body = || run.is_question().then(|| api::query::site_of(request)).flatten();
        let named = need
            .site_role()
            .map(|_| named.or_else(in_body).or_else(|| request.parameter("site_id")).unwrap_or_default());
        let principal = match need {
            Need::Nobody => Principal::Nobody,
            _ => {
                let trust = Trust::of(changes && !run.is_question());
                self.principal(need, named.as_deref(), request, platform, trust).await?
            }
        };
        if principal == Principal::Nobody && need != Need::Nobody {
            return Err(Response::problem(Code::SignInRequired, None));
        }
        if changes && matches!(principal, Principal::Person { .. }) && !csrf::from_own_page(request) {
            let detail = "a request with a cookie has to come from a page of this host; programs use a token";
            return Err(Response::problem(Code::CrossSite, detail.to_owned()));
        }
        let site = match named {
            Some(text) => {
                Some(SiteId::parse(&text).map_err(|error| api::invalid(format!("`site_id`: {error}")))?)
            }
            None => None,
        };
        decide(need, &principal, site.as_ref()).map_err(|code| Response::problem(code, None))?;
        let call = Call { app: self, request, platform, principal, site, parts };
        api::run(run, &call).await
    }

    async fn principal(
        &self,
        need: Need,
        site: Option<&str>,
        request: &Request,
        platform: &dyn Platform,
        trust: Trust,
    ) -> Result<Principal, Response> {
        let principal = self.gate.principal(&self.accounts, &self.config, request, platform, trust).await?;
        // Somebody who is signed in here may still read what a link shares with everyone.
        let may = site.is_some_and(|site| principal.role_at(site).is_some());
        if need.admits_shares() && !may && request.header("authorization").is_none() {
            let reader = self.gate.reader(&self.accounts, &self.config, request, trust).await?;
            if site.is_some_and(|site| reader.role_at(site).is_some()) || principal == Principal::Nobody {
                return Ok(reader);
            }
        }
        Ok(principal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::access::Rights;

    #[test]
    fn every_api_route_needs_somebody_but_those_that_let_somebody_in() {
        for Route { method, path, need, run } in ROUTES {
            let lets_in = matches!(
                run,
                Run::SetUpState
                    | Run::SetUp
                    | Run::SignIn
                    | Run::SignOut
                    | Run::AcceptInvitation
                    | Run::OpenShare
                    | Run::AskConfirm
                    | Run::Confirm
                    | Run::AskUnsubscribe
                    | Run::Unsubscribe
            );
            // The doors of other products' scripts are at the addresses that those know.
            let door = matches!(run, Run::Plausible | Run::Umami | Run::UmamiBatch | Run::Preflight);
            let open = !path.starts_with("/api/") || lets_in || door;
            assert_eq!(matches!(need, Need::Nobody | Need::Sender), open, "{method} {path}");
        }
    }

    #[test]
    fn routes_of_a_site_need_a_role_there_and_name_it() {
        for Route { method, path, need, run } in ROUTES {
            if path.contains("{site_id}") {
                assert!(need.site_role().is_some(), "{method} {path}");
            }
            // A question changes nothing.
            let changes = *method != "GET" && need.site_role().is_some() && !run.is_question();
            assert!(!changes || need.site_role() >= Some(Role::Editor), "{method} {path}");
        }
    }

    #[test]
    fn scope_that_is_said_to_suffice_does_so_for_a_token_of_an_owner() {
        for Route { method, path, need, .. } in ROUTES {
            let Some(scope) = need.scope() else { continue };
            let rights = Rights { everywhere: Some(Role::Owner), ..Rights::default() };
            let (id, person) = (String::new(), String::new());
            let token = Principal::Token { id, person, rights, scopes: vec![scope], site: None };
            let site = SiteId::parse("shop").unwrap();
            assert_eq!(decide(*need, &token, Some(&site)), Ok(()), "{method} {path}");
        }
    }

    #[test]
    fn no_address_has_two_routes_of_one_method() {
        for (index, route) in ROUTES.iter().enumerate() {
            let same = |other: &Route| (other.method, other.path) == (route.method, route.path);
            assert!(!ROUTES[..index].iter().any(same), "{} {}", route.method, route.path);
        }
    }
}
