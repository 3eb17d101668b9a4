//! Signing in and out: `/api/session`.

use protocol::account::{Role, SignIn, normal_email};
use protocol::api::{SessionInfo, SiteInfo};
use protocol::limits::cut;
use protocol::problem::Code;

use super::{Answer, Call, refused};
use crate::auth::access::Rights;
use crate::auth::gate::Trust;
use crate::auth::{Cookie, SESSION_MAX_DAYS, password, secret, totp};
use crate::http::Response;
use crate::site::Site;
use crate::store::accounts::{PersonRow, SecondFactor, SessionRow};

const DAY_S: u64 = 24 * 3_600;

/// How old a cookie may get before it is changed for another, in milliseconds.
const ROTATION_MS: u64 = DAY_S * 1_000;

/// How much of what a browser calls itself is kept.
const MAX_AGENT_BYTES: usize = 200;

/// `POST`: checks the password and the second factor and sets the session cookie.
pub(super) async fn sign_in(call: &Call<'_>) -> Answer {
    let body: SignIn = call.body()?;
    call.limit().await?;
    // What is no address is treated as an unknown one.
    let email = normal_email(&body.email);
    let attempts = call.charge(email.as_deref().unwrap_or("-")).await?;
    let person = match &email {
        Some(email) => call.accounts().person_by_email(email).await?,
        None => None,
    };
    let Some(person) = person else {
        // The same work as for somebody who is there: a read of the row, and a hash.
        call.accounts().person("-").await?;
        password::pretend(&body.password);
        return Err(refused(Code::WrongCredentials));
    };
    if password::matches(&body.password, &person.password) != Some(true) {
        call.note_later("session.refused", &person.id);
        return Err(refused(Code::WrongCredentials));
    }
    if let SecondFactor::On { nonce, last_step, .. } = &person.second_factor {
        let Some(code) = &body.code else { return Err(refused(Code::TotpRequired)) };
        if !second_factor(call, &person.id, nonce, *last_step, code).await? {
            call.note_later("session.refused", &person.id);
            return Err(refused(Code::WrongCode));
        }
    }
    call.accounts().clear_attempts(&attempts).await?;
    begin(call, &person, 200).await
}

/// Uses a code of the second factor, or a recovery code, up.
async fn second_factor(
    call: &Call<'_>,
    person: &str,
    nonce: &str,
    last_step: u64,
    code: &str,
) -> Result<bool, Response> {
    let key = &call.app.config.session_secret;
    let shared = totp::secret(key, person, nonce);
    if let Some(step) = totp::step_of(&shared, code, call.now(), Some(last_step)) {
        return Ok(call.accounts().use_totp_step(person, step).await?);
    }
    let hash = totp::recovery_hash(key, person, code);
    let used = call.accounts().use_recovery_code(person, &hash).await?;
    if used {
        call.note_by(&format!("person:{person}"), "totp.recovery_code_used", person).await;
    }
    Ok(used)
}

/// Begins a session of a person who has proved to be who they are.
pub(super) async fn begin(call: &Call<'_>, person: &PersonRow, status: u16) -> Answer {
    let now = call.now();
    let id = secret::id(call.platform);
    let cookie = secret::make_session(&person.id, &id, call.platform);
    let session = SessionRow {
        hash: secret::hash(&cookie),
        id,
        previous: String::new(),
        rotated_at: now,
        generation: person.generation,
        created_at: now,
        last_seen: SessionRow::seen(now),
        user_agent: cut(call.request.header("user-agent").unwrap_or_default(), MAX_AGENT_BYTES).to_owned(),
    };
    call.accounts().create_session(&person.id, &session).await?;
    call.note_by(&format!("person:{}", person.id), "session.begun", &session.id).await;
    let cookie = Cookie::Session.set(call.request, &cookie, SESSION_MAX_DAYS * DAY_S);
    Ok(Response::json(status, &seen_by(call, person).await?).with("set-cookie", cookie))
}

/// `GET`: who is signed in and what they may see. A cookie of yesterday is changed for a new one.
pub(super) async fn info(call: &Call<'_>) -> Answer {
    let found = call.app.gate.signed_in(call.accounts(), call.request, call.platform, Trust::Cache).await?;
    let Some(found) = found else { return Err(refused(Code::SignInRequired)) };
    let (person, session) = (&found.person, &found.session);
    let answer = Response::json(200, &seen_by(call, person).await?);
    let now = call.now();
    if now < session.rotated_at + ROTATION_MS {
        return Ok(answer);
    }
    let cookie = secret::make_session(&person.id, &session.id, call.platform);
    let rotated = call.accounts().rotate_session(&person.id, session, &secret::hash(&cookie), now).await?;
    call.app.gate.forget();
    if !rotated {
        return Ok(answer);
    }
    let rest = (session.created_at / 1_000 + SESSION_MAX_DAYS * DAY_S).saturating_sub(now / 1_000);
    Ok(answer.with("set-cookie", Cookie::Session.set(call.request, &cookie, rest)))
}

/// `DELETE`: ends the session in this browser.
pub(super) async fn sign_out(call: &Call<'_>) -> Answer {
    let found = call.app.gate.signed_in(call.accounts(), call.request, call.platform, Trust::Store).await?;
    if let Some(found) = found {
        call.accounts().delete_session(&found.person.id, &found.session.id).await?;
        call.app.gate.forget();
        call.note_by(&format!("person:{}", found.person.id), "session.ended", &found.session.id).await;
    }
    let gone = Cookie::Session.clear(call.request);
    Ok(Response::empty(204).with("set-cookie", gone).with("set-cookie", Cookie::Share.clear(call.request)))
}

async fn seen_by(call: &Call<'_>, person: &PersonRow) -> Result<SessionInfo, Response> {
    Ok(SessionInfo { person: person.public(), sites: sites_of(call, &person.rights).await? })
}

/// The sites somebody of these rights may see.
pub(super) async fn sites_of(call: &Call<'_>, rights: &Rights) -> Result<Vec<SiteInfo>, Response> {
    let mut sites = Vec::new();
    if rights.everywhere.is_some() {
        for site in call.app.sites.all().await? {
            let role = rights.at(site.id.as_str());
            sites.extend(role.map(|role| site_info(&site, role)));
        }
        return Ok(sites);
    }
    for (id, role) in &rights.grants {
        let Ok(id) = protocol::SiteId::parse(id) else { continue };
        // A site that was deleted leaves its grants for a moment.
        if let Some(site) = call.app.sites.by_id(&id).await? {
            sites.push(site_info(&site, *role));
        }
    }
    Ok(sites)
}

pub(super) fn site_info(site: &Site, role: Role) -> SiteInfo {
    SiteInfo {
        id: site.id.to_string(),
        name: if site.name.is_empty() { site.id.to_string() } else { site.name.clone() },
        time_zone: site.time_zone.clone(),
        role,
    }
}
