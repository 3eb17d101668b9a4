//! The API behind sign-in: `/api/…`.

mod account;
mod active;
mod alerts;
mod ask;
mod audit;
mod care;
mod channels;
#[cfg(feature = "native")]
mod document;
mod explore;
mod export;
mod grants;
mod invitations;
mod ledger;
mod live;
pub(crate) mod metrics;
mod people;
mod print;
mod quarantine;
pub(crate) mod query;
mod saved;
mod segments;
mod session;
mod setup;
mod shares;
pub(crate) mod sites;
mod tokens;
mod totp;
mod verify;

use std::rc::Rc;

use analytics::DAY_MS;
use protocol::SiteId;
use protocol::account::{AuditEntry, MAX_NAME_BYTES, normal_email};
use protocol::api::Health;
use protocol::problem::Code;
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::auth::access::{Principal, Rights};
use crate::auth::secret;
use crate::auth::throttle;
use crate::http::{Request, Response};
use crate::log::{self, Level};
use crate::platform::{Limit, Platform};
use crate::routes::{Parts, Run};
use crate::site::Site;
use crate::store::StoreError;
use crate::store::accounts::Accounts;

#[cfg(feature = "native")]
pub use document::document;

/// A request that was let in.
pub(crate) struct Call<'a> {
    pub(crate) app: &'a App,
    pub(crate) request: &'a Request,
    pub(crate) platform: &'a dyn Platform,
    pub(crate) principal: Principal,
    /// The site it is about, for which the caller has the role that the route needs.
    pub(crate) site: Option<SiteId>,
    pub(crate) parts: Parts<'a>,
}

/// An answer, or a refusal.
type Answer = Result<Response, Response>;

/// Runs what a route names.
pub(crate) async fn run(run: Run, call: &Call<'_>) -> Answer {
    match run {
        Run::SetUpState => setup::state(call).await,
        Run::SetUp => setup::set_up(call).await,
        Run::SignIn => session::sign_in(call).await,
        Run::Session => session::info(call).await,
        Run::SignOut => session::sign_out(call).await,
        Run::ChangePassword => account::change_password(call).await,
        Run::OwnSessions => account::sessions(call).await,
        Run::EndSessions => account::end_sessions(call).await,
        Run::EndSession => account::end_session(call).await,
        Run::StartTotp => totp::start(call).await,
        Run::ConfirmTotp => totp::confirm(call).await,
        Run::DisableTotp => totp::disable(call).await,
        Run::People => people::list(call).await,
        Run::ChangePerson => people::change(call).await,
        Run::RemovePerson => people::remove(call).await,
        Run::Invitations => invitations::list(call).await,
        Run::Invite => invitations::invite(call).await,
        Run::TakeInvitationBack => invitations::take_back(call).await,
        Run::AcceptInvitation => invitations::accept(call).await,
        Run::Sites => sites::list(call).await,
        Run::CreateSite => sites::create(call).await,
        Run::Site => sites::get(call).await,
        Run::ChangeSite => sites::change(call).await,
        Run::DeleteSite => sites::delete(call).await,
        Run::Deletions => care::deletions(call).await,
        Run::Erasures => care::list(call).await,
        Run::Erase => care::erase(call).await,
        Run::Erasure => care::get(call).await,
        Run::Grants => grants::list(call).await,
        Run::AddGrant => grants::add(call).await,
        Run::ChangeGrant => grants::change(call).await,
        Run::RemoveGrant => grants::remove(call).await,
        Run::SiteTokens => tokens::of_site(call).await,
        Run::RevokeSiteToken => tokens::revoke_of_site(call).await,
        Run::Shares => shares::list(call).await,
        Run::CreateShare => shares::create(call).await,
        Run::DeleteShare => shares::delete(call).await,
        Run::OpenShare => shares::open(call).await,
        Run::Tokens => tokens::list(call).await,
        Run::CreateToken => tokens::create(call).await,
        Run::RevokeToken => tokens::revoke(call).await,
        Run::OperatorMetrics => metrics::measured(call).await,
        Run::Audit => audit::all(call).await,
        Run::SiteAudit => audit::of_site(call).await,
        Run::Ledger => ledger::get(call).await,
        Run::Quarantine => quarantine::list(call).await,
        Run::ReleaseQuarantined => quarantine::apply(call, quarantine::Action::Release).await,
        Run::PurgeQuarantined => quarantine::apply(call, quarantine::Action::Purge).await,
        Run::ActiveSessions => active::get(call).await,
        Run::Live => live::get(call).await,
        Run::Query => query::post(call).await,
        Run::Queries => query::several(call).await,
        Run::Funnel => explore::funnel(call).await,
        Run::Retention => explore::retention(call).await,
        Run::Journey => explore::journey(call).await,
        Run::Properties => explore::properties(call).await,
        Run::Began => query::began_at(call).await,
        Run::Visits => explore::visits(call).await,
        Run::Timeline => explore::timeline(call).await,
        Run::Export => export::get(call).await,
        Run::Verify => verify::post(call).await,
        Run::Segments => segments::list(call).await,
        Run::Segment => segments::get(call).await,
        Run::SegmentTail => segments::tail(call).await,
        Run::Saved(kind, act) => saved::run(call, kind, act).await,
        Run::Alerts(act) => alerts::run(call, act).await,
        Run::Channels(act) => channels::run(call, act).await,
        Run::TestChannel => channels::test(call).await,
        Run::Deliveries => channels::deliveries(call).await,
        Run::Confirmation => channels::confirmation(call).await,
        Run::AskConfirm => channels::ask_confirm(call).await,
        Run::Confirm => channels::confirm(call).await,
        Run::AskUnsubscribe => channels::ask(call).await,
        Run::Unsubscribe => channels::unsubscribe(call).await,
        // These are run without a caller having been found out.
        Run::Health
        | Run::Metrics
        | Run::Events
        | Run::Preflight
        | Run::Pixel
        | Run::Plausible
        | Run::Umami
        | Run::UmamiBatch => Err(Response::problem(Code::NotFound, None)),
    }
}

/// `GET /health`.
pub(crate) fn health() -> Response {
    Response::json(200, &Health { status: "ok".into() })
}

pub(crate) fn invalid(detail: impl Into<String>) -> Response {
    Response::problem(Code::InvalidParameter, detail.into())
}

fn refused(code: Code) -> Response {
    Response::problem(code, None)
}

impl From<StoreError> for Response {
    fn from(error: StoreError) -> Self {
        if let StoreError::NotCompacted { .. } = error {
            // The operator hears of it by the lag of compaction.
            let advice = "ask for a shorter range, or later, when compaction has caught up";
            return invalid(format!("`date_range`: {error}; {advice}"));
        }
        log::write(Level::Error, "store failed", &[("error", error.to_string().into())]);
        Self::problem(Code::StoreUnavailable, None).with("retry-after", "5")
    }
}

impl Call<'_> {
    fn accounts(&self) -> &Accounts {
        &self.app.accounts
    }

    fn now(&self) -> u64 {
        self.request.received_at
    }

    /// The body.
    fn body<T: DeserializeOwned>(&self) -> Result<T, Response> {
        let media_type = self.request.header("content-type").unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        // A form of another site cannot send this media type without a preflight, which is not answered here.
        if !media_type.eq_ignore_ascii_case("application/json") {
            return Err(Response::problem(
                Code::UnsupportedMediaType,
                "send JSON as application/json".to_owned(),
            ));
        }
        let Some(body) = self.request.body.as_deref() else { return Err(refused(Code::BodyTooLarge)) };
        serde_json::from_slice(body).map_err(|error| {
            // Its own message may quote the body, a password included.
            let place = format!("line {}, column {}", error.line(), error.column());
            match error.classify() {
                serde_json::error::Category::Data => invalid(format!(
                    "the body is not what this address takes: {place}; see /api/openapi.json"
                )),
                _ => Response::problem(Code::InvalidJson, place),
            }
        })
    }

    /// A part of the path. Empty only where the route has no such part.
    fn part(&self, name: &str) -> &str {
        self.parts.iter().find(|(part, _)| *part == name).map_or("", |(_, value)| value)
    }

    /// The id in a part of the path.
    fn id(&self, name: &str, missing: Code) -> Result<&str, Response> {
        let id = self.part(name);
        if secret::is_id(id) { Ok(id) } else { Err(refused(missing)) }
    }

    /// Id of the person who calls, for whom a token may act.
    fn person_id(&self) -> Result<&str, Response> {
        match &self.principal {
            Principal::Person { id, .. } | Principal::Token { person: id, .. } => Ok(id),
            Principal::Nobody | Principal::Share { .. } => Err(refused(Code::SignInRequired)),
        }
    }

    /// The site's id.
    fn site_id(&self) -> Result<&SiteId, Response> {
        self.site.as_ref().ok_or_else(|| refused(Code::UnknownSite))
    }

    /// The site.
    async fn site(&self) -> Result<Rc<Site>, Response> {
        let site = self.app.sites.by_id(self.site_id()?).await?;
        site.ok_or_else(|| refused(Code::UnknownSite))
    }

    /// A name for an attempt to write, or for an entry of the log: a UUIDv7.
    fn fresh_uuid(&self) -> String {
        let random = || u64::from_le_bytes(secret::random(self.platform));
        let text = protocol::ids::fresh(self.now(), [random(), random()]);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Counts an attempt at a secret by the caller's address.
    async fn limit(&self) -> Result<(), Response> {
        let key = &self.app.config.session_secret;
        let address = self.request.address.and_then(|a| a.keyed_hash(key.as_bytes(), "sign-in", &[]));
        let key = address.map_or_else(|| "unknown".into(), |hash| crate::encoding::hex(&hash));
        if self.platform.allows(Limit::SignIn, &key).await {
            return Ok(());
        }
        Err(refused(Code::TooManyAttempts).with("retry-after", "60"))
    }

    /// Charges an attempt at a secret that people choose, such as a password; `of` says whose. Returns what
    /// [`Accounts::clear_attempts`] takes when it was right.
    async fn charge(&self, of: &str) -> Result<String, Response> {
        let key = secret::keyed_hex(&self.app.config.session_secret, "attempts", &[of]);
        match self.accounts().charge_attempt(&key, self.now()).await? {
            Ok(()) => Ok(key),
            Err(next_at) => {
                let wait = throttle::seconds(next_at.saturating_sub(self.now()));
                Err(refused(Code::TooManyAttempts).with("retry-after", wait.to_string()))
            }
        }
    }

    /// Notes in the audit log what was done to what. It is done already: a failure is logged and not answered.
    async fn note(&self, action: &str, target: &str) {
        self.note_by(&self.principal.actor(), action, target).await;
    }

    async fn note_by(&self, actor: &str, action: &str, target: &str) {
        append(self.accounts(), &self.entry(actor, action, target)).await;
    }

    /// As [`Call::note`], after the answer has been given: how long that takes would tell what is noted.
    fn note_later(&self, action: &str, target: &str) {
        let entry = self.entry(&self.principal.actor(), action, target);
        let accounts = self.accounts().clone();
        self.platform.background(Box::pin(async move { append(&accounts, &entry).await }));
    }

    fn entry(&self, actor: &str, action: &str, target: &str) -> AuditEntry {
        AuditEntry {
            id: self.fresh_uuid(),
            at: self.now(),
            actor: actor.into(),
            action: action.into(),
            target: target.into(),
            site_id: self.site.as_ref().map(ToString::to_string),
        }
    }

    /// Rights that a request gives to somebody.
    async fn rights(
        &self,
        role: Option<protocol::account::Role>,
        grants: &[protocol::account::SiteGrant],
    ) -> Result<Rights, Response> {
        let mut rights = Rights { everywhere: role, ..Rights::default() };
        for grant in grants {
            let site =
                SiteId::parse(&grant.site_id).map_err(|error| invalid(format!("`grants`: {error}")))?;
            if grant.role == protocol::account::Role::Owner {
                return Err(invalid("`grants`: nobody is owner of one site"));
            }
            if self.app.sites.by_id(&site).await?.is_none() {
                return Err(refused(Code::UnknownSite));
            }
            rights.grants.insert(grant.site_id.clone(), grant.role);
        }
        Ok(rights)
    }
}

async fn append(accounts: &Accounts, entry: &AuditEntry) {
    if let Err(error) = accounts.append_audit(entry).await {
        let fields = [("action", entry.action.as_str().into()), ("error", error.to_string().into())];
        log::write(Level::Error, "audit entry not written", &fields);
    }
}

/// A name people gave something.
fn name(text: &str) -> Result<String, Response> {
    let text = text.trim();
    if text.len() > MAX_NAME_BYTES || text.chars().any(char::is_control) {
        let complaint =
            format!("`name` must have at most {MAX_NAME_BYTES} bytes, without control characters");
        return Err(invalid(complaint));
    }
    Ok(text.to_owned())
}

/// A name that is not empty.
fn named(text: &str) -> Result<String, Response> {
    let name = name(text)?;
    if name.is_empty() { Err(invalid("`name` must not be empty")) } else { Ok(name) }
}

fn email(text: &str) -> Result<String, Response> {
    normal_email(text).ok_or_else(|| invalid("`email` must be an e-mail address"))
}

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
    start.ok_or_else(|| invalid("a day is written as 2026-11-23, in UTC"))
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
