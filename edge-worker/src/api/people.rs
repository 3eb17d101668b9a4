//! People and their roles everywhere: `/api/people`.

use protocol::account::{People, PersonChange, Scope, may_appoint};
use protocol::problem::Code;

use super::{Answer, Call, name, refused};
use crate::http::Response;
use crate::store::accounts::{PersonConflict, PersonRow, TokenRow};

/// `GET`.
pub(super) async fn list(call: &Call<'_>) -> Answer {
    let people = call.accounts().people().await?;
    Ok(Response::json(200, &People { people: people.iter().map(PersonRow::public).collect() }))
}

/// The person of the path.
pub(super) async fn person(call: &Call<'_>) -> Result<PersonRow, Response> {
    let id = call.id("person_id", Code::UnknownPerson)?;
    call.accounts().person(id).await?.ok_or_else(|| refused(Code::UnknownPerson))
}

/// `PUT`: another name, another role everywhere.
pub(super) async fn change(call: &Call<'_>) -> Answer {
    let body: PersonChange = call.body()?;
    let name = name(&body.name)?;
    let person = person(call).await?;
    let old = person.rights.everywhere;
    if !may_appoint(call.principal.role_everywhere(), old, body.role) {
        return Err(refused(Code::Forbidden));
    }
    let done = call.accounts().change_person(&person, &name, body.role, &call.fresh_uuid()).await?;
    done.map_err(conflict)?;
    call.app.gate.forget();
    let role = |role: Option<protocol::account::Role>| role.map_or("none", protocol::account::Role::as_str);
    if old != body.role {
        let action = format!("person.role_changed {} → {}", role(old), role(body.role));
        call.note(&action, &person.id).await;
    } else {
        call.note("person.renamed", &person.id).await;
    }
    let changed = call.accounts().person(&person.id).await?.ok_or_else(|| refused(Code::UnknownPerson))?;
    Ok(Response::json(200, &changed.public()))
}

/// `DELETE`: the person's sessions and tokens end; tokens that send events go on.
pub(super) async fn remove(call: &Call<'_>) -> Answer {
    let person = person(call).await?;
    if !may_appoint(call.principal.role_everywhere(), person.rights.everywhere, None) {
        return Err(refused(Code::Forbidden));
    }
    let done = call.accounts().remove_person(&person, &call.fresh_uuid()).await?;
    done.map_err(conflict)?;
    call.app.gate.forget();
    call.note("person.removed", &person.id).await;
    // Without their maker they open nothing; this only tidies up.
    for row in call.accounts().list::<TokenRow>().await? {
        if row.token.person_id == person.id && !row.token.scopes.contains(&Scope::Ingest) {
            call.accounts().forget::<TokenRow>(&row.token.id).await?;
        }
    }
    Ok(Response::empty(204))
}

fn conflict(conflict: PersonConflict) -> Response {
    refused(match conflict {
        PersonConflict::LastOwner => Code::LastOwner,
        _ => Code::Conflict,
    })
}
