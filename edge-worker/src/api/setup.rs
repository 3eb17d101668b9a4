//! The first owner: `/api/setup`. Works once, for whoever holds the secret that the worker was given.

use protocol::account::{Role, SetUp, SetUpState};
use protocol::problem::Code;

use super::{Answer, Call, email, invalid, name, refused, session};
use crate::auth::access::Rights;
use crate::auth::{password, same_secret, secret};
use crate::http::Response;
use crate::store::accounts::{Entry, PersonConflict, PersonRow, SecondFactor};

/// `GET`: whether there is an owner yet.
pub(super) async fn state(call: &Call<'_>) -> Answer {
    let needed = !call.accounts().is_set_up().await?;
    Ok(Response::json(200, &SetUpState { needed }))
}

/// `POST`: makes the first owner and signs in.
pub(super) async fn set_up(call: &Call<'_>) -> Answer {
    call.limit().await?;
    let body: SetUp = call.body()?;
    let Some(expected) = &call.app.config.setup_token else {
        let detail = "the worker was given no SETUP_TOKEN; set one, or make the owner on the command line";
        return Err(Response::problem(Code::InvalidSetupToken, detail.to_owned()));
    };
    if !same_secret(expected, &body.setup_token) {
        return Err(refused(Code::InvalidSetupToken));
    }
    if call.accounts().is_set_up().await? {
        return Err(refused(Code::AlreadySetUp));
    }
    let rights = Rights { everywhere: Some(Role::Owner), ..Rights::default() };
    let person = newcomer(call, &body.email, &body.name, &body.password, rights)?;
    enter(call, &person, Entry::First).await?;
    session::begin(call, &person, 201).await
}

/// A person as they come in, with what they chose.
pub(super) fn newcomer(
    call: &Call<'_>,
    address: &str,
    chosen_name: &str,
    chosen_password: &str,
    rights: Rights,
) -> Result<PersonRow, Response> {
    let email = email(address)?;
    if let Some(complaint) = password::complaint(chosen_password, &email) {
        return Err(invalid(complaint));
    }
    Ok(PersonRow {
        id: secret::id(call.platform),
        name: name(chosen_name)?,
        rights,
        password: hashed(call, chosen_password)?,
        generation: 0,
        second_factor: SecondFactor::Off,
        created_at: call.now(),
        email,
    })
}

/// A password as it is kept.
pub(super) fn hashed(call: &Call<'_>, chosen: &str) -> Result<String, Response> {
    password::hash(chosen, &secret::random(call.platform)).ok_or_else(|| refused(Code::NotConfigured))
}

/// Lets a person in, and notes it.
pub(super) async fn enter(call: &Call<'_>, person: &PersonRow, entry: Entry<'_>) -> Result<(), Response> {
    let done = call.accounts().create_person(person, entry, &call.fresh_uuid()).await?;
    done.map_err(|conflict| {
        refused(match conflict {
            PersonConflict::AlreadySetUp => Code::AlreadySetUp,
            PersonConflict::EmailTaken => Code::AlreadyExists,
            PersonConflict::InvitationGone => Code::UnknownLink,
            PersonConflict::LastOwner | PersonConflict::Changed => Code::Conflict,
        })
    })?;
    call.app.gate.forget();
    call.note_by(&format!("person:{}", person.id), "person.entered", &person.id).await;
    Ok(())
}
