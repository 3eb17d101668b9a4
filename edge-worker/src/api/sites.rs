//! Sites and their settings: `/api/sites`.

use protocol::api::SiteList;
use protocol::problem::Code;
use serde::{Deserialize, Serialize};

use super::session::{site_info, sites_of};
use super::{Answer, Call, invalid, refused};
use crate::auth::access::Principal;
use crate::care;
use crate::http::Response;
use crate::site::Site;
use crate::site_rules;
use crate::store::accounts::{SiteConflict, StoredSite};

/// What is beside the site in a [`SiteDocument`](protocol::site::SiteDocument). The two are read and printed apart: to flatten one into the other
/// takes code that nothing else here needs.
#[derive(Debug, Serialize, Deserialize)]
struct Beside {
    #[serde(default)]
    version: u64,
    #[serde(default)]
    fixed: bool,
}

/// `GET`: the sites the caller may see.
pub(super) async fn list(call: &Call<'_>) -> Answer {
    let mut sites = match &call.principal {
        Principal::Person { rights, .. } | Principal::Token { rights, .. } => sites_of(call, rights).await?,
        Principal::Nobody | Principal::Share { .. } => Vec::new(),
    };
    // A token may see less than its maker.
    sites.retain_mut(|site| match call.principal.role_at(&site.id) {
        Some(role) => {
            site.role = role;
            true
        }
        None => false,
    });
    Ok(Response::json(200, &SiteList { sites }))
}

/// `GET /{site_id}`.
pub(super) async fn get(call: &Call<'_>) -> Answer {
    let id = call.site_id()?;
    if let Some(site) = call.app.sites.fixed(id) {
        return Ok(document(200, &site, &Beside { version: 0, fixed: true }));
    }
    let StoredSite { site, version } = stored(call).await?;
    Ok(document(200, &site, &Beside { version, fixed: false }))
}

async fn stored(call: &Call<'_>) -> Result<StoredSite, Response> {
    let id = call.site_id()?;
    if call.app.sites.fixed(id).is_some() {
        return Err(refused(Code::FixedSite));
    }
    call.accounts().site(id.as_str()).await?.ok_or_else(|| refused(Code::UnknownSite))
}

fn document(status: u16, site: &Site, beside: &Beside) -> Response {
    let mut response = Response::json(status, site);
    // `{…}` and `{…}` become `{…,…}`: both are objects with fields.
    let rest = serde_json::to_vec(beside).unwrap_or_default();
    response.body.pop();
    response.body.push(b',');
    response.body.extend(rest.iter().skip(1));
    response
}

/// `POST`.
pub(super) async fn create(call: &Call<'_>) -> Answer {
    let site: Site = call.body()?;
    let mut site = site_rules::normal(site, None, &call.app.config.session_secret).map_err(invalid)?;
    if call.app.sites.fixed(&site.id).is_some() {
        return Err(refused(Code::AlreadyExists));
    }
    // On the heap: with it the futures of all routes would be as large as this one.
    site.created_at = Box::pin(call.app.store.new_since(&site.id, call.now())).await?;
    let done = call.accounts().create_site(&site, &call.fresh_uuid()).await?;
    let site = done.map_err(conflict)?;
    call.app.sites.forget();
    noted(call, &site, "site.created").await;
    Ok(document(201, &site, &Beside { version: 1, fixed: false }))
}

/// `PUT /{site_id}`: the whole document, with the version it was made of.
pub(super) async fn change(call: &Call<'_>) -> Answer {
    let (site, Beside { version, .. }): (Site, Beside) = (call.body()?, call.body()?);
    let old = stored(call).await?;
    if site.id != old.site.id {
        return Err(invalid("`id` cannot be changed: it is in the keys of all that is stored"));
    }
    if version != old.version {
        return Err(refused(Code::Conflict));
    }
    let site = site_rules::normal(site, Some(&old.site), &call.app.config.session_secret).map_err(invalid)?;
    let done = call.accounts().change_site(&old, &site, &call.fresh_uuid()).await?;
    done.map_err(conflict)?;
    call.app.sites.forget();
    noted(call, &site, "site.changed").await;
    super::care::keep_less(call, &old.site, &site).await?;
    Ok(document(200, &site, &Beside { version: old.version + 1, fixed: false }))
}

/// `DELETE /{site_id}?name=…`: everything of it goes, its events as well, by a task. The site's name has to be said, so
/// that nobody deletes another one by mistake.
pub(super) async fn delete(call: &Call<'_>) -> Answer {
    let old = stored(call).await?;
    let id = old.site.id.as_str();
    let said = call.request.parameter("name").unwrap_or_default();
    let name = if old.site.name.is_empty() { id } else { &old.site.name };
    if said.trim() != name {
        return Err(invalid("`name` must be the name of the site that is to be deleted"));
    }
    // First of all what goes on should this be interrupted; it does nothing as long as the site is there.
    let mut row = care::deletion(&old.site, call.now());
    row.version = call.accounts().task(id, &row.task.id).await?.map_or(0, |row| row.version);
    if !call.accounts().keep_task(&mut row).await? {
        return Err(refused(Code::Conflict));
    }
    // What gives access goes before the site: after a failure half-way it is still there to be deleted again.
    care::revoke(call.accounts(), id).await?;
    let done = call.accounts().delete_site(&old, &call.fresh_uuid()).await?;
    done.map_err(conflict)?;
    call.app.sites.forget();
    call.app.saved.forget();
    call.app.gate.forget();
    call.note("site.deleted", id).await;
    if call.accounts().task(id, &row.task.id).await?.is_none() {
        // Somebody who goes on with tasks found the site still there a moment ago.
        row.version = 0;
        call.accounts().keep_task(&mut row).await?;
    }
    care::start(call.app, &old.site.id, &row.task.id, call.platform).await;
    let now = call.accounts().task(id, &row.task.id).await?.unwrap_or(row);
    Ok(Response::json(202, &now.task))
}

fn conflict(conflict: SiteConflict) -> Response {
    match conflict {
        SiteConflict::IdTaken => refused(Code::AlreadyExists),
        SiteConflict::BeingDeleted => {
            let detail = "a site of this id is still being deleted; see /api/deletions";
            Response::problem(Code::AlreadyExists, detail.to_owned())
        }
        SiteConflict::AliasTaken(place) => {
            let detail = format!("`aliases`: entry {} belongs to another site", place + 1);
            Response::problem(Code::AlreadyExists, detail)
        }
        SiteConflict::Changed => refused(Code::Conflict),
    }
}

/// Notes what was done to a site; the route of a new one names none.
async fn noted(call: &Call<'_>, site: &Site, action: &str) {
    let about = Call {
        app: call.app,
        request: call.request,
        platform: call.platform,
        principal: call.principal.clone(),
        site: Some(site.id.clone()),
        parts: Vec::new(),
    };
    about.note(action, site.id.as_str()).await;
}

/// What a reader of the site is told of it.
pub(super) fn shared_info(site: &Site) -> protocol::api::SiteInfo {
    site_info(site, protocol::account::Role::Viewer)
}

#[cfg(all(test, feature = "native"))]
mod tests {
    use protocol::site::SiteDocument;

    use super::*;

    #[test]
    fn what_is_printed_is_what_the_document_says() {
        let site = Site::new(protocol::SiteId::parse("shop").unwrap());
        let response = document(200, &site, &Beside { version: 7, fixed: true });
        let read: SiteDocument = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(read, SiteDocument { site, version: 7, fixed: true });
    }
}
