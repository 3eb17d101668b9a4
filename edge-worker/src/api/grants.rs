//! Roles at one site: `/api/sites/{site_id}/grants`.

use protocol::account::{Grant, Grants, NewGrant, Role, RoleChange};
use protocol::problem::Code;

use super::{Answer, Call, email, invalid, people, refused};
use crate::http::Response;
use crate::store::accounts::PersonRow;

/// `GET`.
pub(super) async fn list(call: &Call<'_>) -> Answer {
    let site = call.site().await?;
    let people = call.accounts().people().await?;
    let grants = people.iter().filter_map(|person| grant(person, site.id.as_str()));
    Ok(Response::json(200, &Grants { grants: grants.collect() }))
}

fn grant(person: &PersonRow, site: &str) -> Option<Grant> {
    Some(Grant {
        person_id: person.id.clone(),
        email: person.email.clone(),
        name: person.name.clone(),
        role: *person.rights.grants.get(site)?,
    })
}

/// `POST`: to somebody who is there already, by e-mail address.
pub(super) async fn add(call: &Call<'_>) -> Answer {
    let body: NewGrant = call.body()?;
    let email = email(&body.email)?;
    let person = call.accounts().person_by_email(&email).await?;
    let person = person.ok_or_else(|| refused(Code::UnknownPerson))?;
    set(call, &person, body.role, 201).await
}

/// `PUT /{person_id}`.
pub(super) async fn change(call: &Call<'_>) -> Answer {
    let body: RoleChange = call.body()?;
    let person = people::person(call).await?;
    set(call, &person, body.role, 200).await
}

async fn set(call: &Call<'_>, person: &PersonRow, role: Role, status: u16) -> Answer {
    let site = call.site().await?;
    if role == Role::Owner {
        return Err(invalid("`role`: nobody is owner of one site"));
    }
    if !call.accounts().set_grant(&person.id, site.id.as_str(), Some(role)).await? {
        return Err(refused(Code::UnknownPerson));
    }
    call.app.gate.forget();
    call.note(&format!("grant.set {}", role.as_str()), &person.id).await;
    let (person_id, email, name) = (person.id.clone(), person.email.clone(), person.name.clone());
    Ok(Response::json(status, &Grant { person_id, email, name, role }))
}

/// `DELETE /{person_id}`.
pub(super) async fn remove(call: &Call<'_>) -> Answer {
    let site = call.site().await?;
    let person = people::person(call).await?;
    if !person.rights.grants.contains_key(site.id.as_str()) {
        return Err(refused(Code::NotFound));
    }
    call.accounts().set_grant(&person.id, site.id.as_str(), None).await?;
    call.app.gate.forget();
    call.note("grant.removed", &person.id).await;
    Ok(Response::empty(204))
}
