//! API tokens: `/api/tokens`, `/api/sites/{site_id}/tokens`.

use analytics::DAY_MS;
use protocol::SiteId;
use protocol::account::{ApiToken, ApiTokenMade, ApiTokens, NewApiToken, Role, Scope};
use protocol::problem::Code;

use super::{Answer, Call, invalid, name, refused};
use crate::auth::secret::{self, Kind};
use crate::http::Response;
use crate::store::accounts::TokenRow;

/// Most tokens of an installation: they are listed as a whole.
const MAX_TOKENS: usize = 1_000;

/// Longest life, in days: ten years.
const MAX_DAYS: u32 = 3_650;

/// `GET /api/tokens`: one's own; everyone's for admins.
pub(super) async fn list(call: &Call<'_>) -> Answer {
    let me = call.person_id()?;
    let all = is_admin(call);
    answer(call.accounts().list().await?, |row: &TokenRow| all || row.token.person_id == me)
}

/// `GET /api/sites/{site_id}/tokens`: those that are good for this site alone.
pub(super) async fn of_site(call: &Call<'_>) -> Answer {
    let site = call.site().await?;
    let is_of_site = |row: &TokenRow| row.token.site_id.as_deref() == Some(site.id.as_str());
    answer(call.accounts().list().await?, is_of_site)
}

fn answer(rows: Vec<TokenRow>, shown: impl Fn(&TokenRow) -> bool) -> Answer {
    let tokens = rows.into_iter().filter(shown).map(|row| row.token).collect();
    Ok(Response::json(200, &ApiTokens { tokens }))
}

fn is_admin(call: &Call<'_>) -> bool {
    call.principal.role_everywhere() >= Some(Role::Admin)
}

/// `POST /api/tokens`.
pub(super) async fn create(call: &Call<'_>) -> Answer {
    let body: NewApiToken = call.body()?;
    let person = call.person_id()?;
    let name = name(&body.name)?;
    let scopes = [Scope::Read, Scope::Ingest, Scope::Manage];
    let scopes: Vec<Scope> = scopes.into_iter().filter(|scope| body.scopes.contains(scope)).collect();
    if scopes.is_empty() {
        return Err(invalid("`scopes` must name at least one"));
    }
    if let Some(text) = &body.site_id {
        let id = SiteId::parse(text).map_err(|error| invalid(format!("`site_id`: {error}")))?;
        let least = if scopes.contains(&Scope::Ingest) { Role::Editor } else { Role::Viewer };
        if call.principal.role_at(text) < Some(least) {
            return Err(refused(Code::Forbidden));
        }
        if call.app.sites.by_id(&id).await?.is_none() {
            return Err(refused(Code::UnknownSite));
        }
    } else if scopes.contains(&Scope::Ingest) {
        return Err(invalid("`site_id` must be given with the scope `ingest`"));
    }
    if body.expires_in_days.is_some_and(|days| !(1..=MAX_DAYS).contains(&days)) {
        return Err(invalid(format!("`expires_in_days` must be 1 to {MAX_DAYS}")));
    }
    if call.accounts().list::<TokenRow>().await?.len() >= MAX_TOKENS {
        return Err(refused(Code::LimitReached));
    }
    let fresh = secret::make(Kind::Token, call.platform);
    let token = ApiToken {
        prefix: secret::shown_prefix(&fresh.text).to_owned(),
        id: fresh.id,
        name,
        scopes,
        site_id: body.site_id,
        person_id: person.to_owned(),
        created_at: call.now(),
        expires_at: body.expires_in_days.map(|days| call.now() + u64::from(days) * DAY_MS),
        last_used: None,
    };
    let row = TokenRow { token, hash: fresh.hash };
    call.accounts().keep(&row).await?;
    call.app.gate.forget();
    call.note("token.made", &row.token.id).await;
    Ok(Response::json(201, &ApiTokenMade { token: row.token, secret: fresh.text }))
}

/// `DELETE /api/tokens/{token_id}`: one's own; anyone's for admins.
pub(super) async fn revoke(call: &Call<'_>) -> Answer {
    let (me, all) = (call.person_id()?, is_admin(call));
    forget(call, |row| all || row.token.person_id == me).await
}

/// `DELETE /api/sites/{site_id}/tokens/{token_id}`.
pub(super) async fn revoke_of_site(call: &Call<'_>) -> Answer {
    let site = call.site_id()?;
    forget(call, |row| row.token.site_id.as_deref() == Some(site.as_str())).await
}

async fn forget(call: &Call<'_>, may: impl Fn(&TokenRow) -> bool) -> Answer {
    let id = call.id("token_id", Code::NotFound)?;
    // That there is a token of somebody else is nobody's business.
    call.accounts().find(id).await?.filter(may).ok_or_else(|| refused(Code::NotFound))?;
    call.accounts().forget::<TokenRow>(id).await?;
    call.app.gate.forget();
    call.note("token.revoked", id).await;
    Ok(Response::empty(204))
}
