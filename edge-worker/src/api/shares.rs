//! Share links: `/api/sites/{site_id}/shares`, `/api/shares/open`.

use protocol::SiteId;
use protocol::account::{MAX_PASSWORD_BYTES, NewShare, OpenShare, Share, ShareMade, SharedSite, Shares};
use protocol::problem::Code;

use super::sites::shared_info;
use super::{Answer, Call, invalid, name, refused, setup};
use crate::auth::gate::{SHARE_SECONDS, access_token, share_lasts};
use crate::auth::secret::{self, Kind};
use crate::auth::{Cookie, password, same_secret};
use crate::http::Response;
use crate::site_rules;
use crate::store::accounts::ShareRow;

/// Most share links of a site.
const MAX_SHARES: usize = 100;

/// Shortest password of a link. It is handed on among readers; attempts are counted.
const MIN_PASSWORD_CHARS: usize = 6;

/// Longest path of a filter.
const MAX_PAGE_BYTES: usize = 200;

/// `GET`.
pub(super) async fn list(call: &Call<'_>) -> Answer {
    let shares = of_site(call).await?.into_iter().map(|row| row.share).collect();
    Ok(Response::json(200, &Shares { shares }))
}

async fn of_site(call: &Call<'_>) -> Result<Vec<ShareRow>, Response> {
    let site = call.site().await?;
    let mut rows = call.accounts().list::<ShareRow>().await?;
    rows.retain(|row| row.share.site_id == site.id.as_str());
    Ok(rows)
}

/// `POST`.
pub(super) async fn create(call: &Call<'_>) -> Answer {
    let body: NewShare = call.body()?;
    let name = name(&body.name)?;
    let mut filter = body.filter;
    if let Some(country) = &filter.country {
        let country = site_rules::country(country);
        filter.country =
            Some(country.ok_or_else(|| invalid("`filter.country` must be two letters, such as KR"))?);
    }
    let fine = |page: &str| page.starts_with(['/', '*']) && page.len() <= MAX_PAGE_BYTES;
    if filter.page.as_deref().is_some_and(|page| !fine(page)) {
        return Err(invalid(format!(
            "`filter.page` must be a path of at most {MAX_PAGE_BYTES} bytes, such as /blog/*"
        )));
    }
    if body.expires_at.is_some_and(|end| end <= call.now()) {
        return Err(invalid("`expires_at` must lie in the future"));
    }
    let password = match &body.password {
        Some(chosen) if chosen.chars().count() < MIN_PASSWORD_CHARS || chosen.len() > MAX_PASSWORD_BYTES => {
            return Err(invalid(format!("`password` must have at least {MIN_PASSWORD_CHARS} characters")));
        }
        Some(chosen) => Some(setup::hashed(call, chosen)?),
        None => None,
    };
    if of_site(call).await?.len() >= MAX_SHARES {
        return Err(refused(Code::LimitReached));
    }
    let fresh = secret::make(Kind::Share, call.platform);
    let share = Share {
        id: fresh.id,
        site_id: call.site_id()?.to_string(),
        name,
        has_password: password.is_some(),
        filter,
        created_at: call.now(),
        expires_at: body.expires_at,
    };
    let row = ShareRow { share, hash: fresh.hash, password };
    call.accounts().keep(&row).await?;
    call.app.gate.forget();
    call.note("share.made", &row.share.id).await;
    let path = format!("/#share={}", fresh.text);
    Ok(Response::json(201, &ShareMade { share: row.share, token: fresh.text, path }))
}

/// `DELETE /{share_id}`.
pub(super) async fn delete(call: &Call<'_>) -> Answer {
    let id = call.id("share_id", Code::NotFound)?;
    if !of_site(call).await?.iter().any(|row| row.share.id == id) {
        return Err(refused(Code::NotFound));
    }
    call.accounts().forget::<ShareRow>(id).await?;
    call.app.gate.forget();
    call.note("share.revoked", id).await;
    Ok(Response::empty(204))
}

/// `POST /api/shares/open`: what the reader shows from then on, as a cookie and to be sent as a bearer token.
pub(super) async fn open(call: &Call<'_>) -> Answer {
    call.limit().await?;
    let body: OpenShare = call.body()?;
    let Some((Kind::Share, id)) = secret::read(&body.token) else { return Err(refused(Code::UnknownLink)) };
    let good =
        |row: &ShareRow| same_secret(&row.hash, &secret::hash(&body.token)) && share_lasts(row, call.now());
    let row = call.accounts().find(id).await?.filter(good).ok_or_else(|| refused(Code::UnknownLink))?;
    if let Some(hash) = &row.password {
        let Some(given) = &body.password else { return Err(refused(Code::SharePasswordRequired)) };
        let attempts = call.charge(&format!("share {id}")).await?;
        if password::matches(given, hash) != Some(true) {
            return Err(refused(Code::WrongPassword));
        }
        call.accounts().clear_attempts(&attempts).await?;
    }
    let site = SiteId::parse(&row.share.site_id).map_err(|_| refused(Code::UnknownLink))?;
    let site = call.app.sites.by_id(&site).await?.ok_or_else(|| refused(Code::UnknownLink))?;
    let now_s = call.now() / 1_000;
    let end = row.share.expires_at.map_or(u64::MAX, |end| end / 1_000).min(now_s + SHARE_SECONDS);
    let access_token = access_token(&call.app.config.session_secret, &row, end);
    let cookie = Cookie::Share.set(call.request, &access_token, end.saturating_sub(now_s));
    let shared = SharedSite {
        site: shared_info(&site),
        name: row.share.name,
        filter: row.share.filter,
        access_token,
        expires_at: end * 1_000,
    };
    Ok(Response::json(200, &shared).with("set-cookie", cookie))
}
