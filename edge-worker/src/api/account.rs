//! One's own account: password and sessions.

use protocol::account::{ChangePassword, OwnSession, OwnSessions};
use protocol::problem::Code;

use super::{Answer, Call, invalid, refused, session, setup};
use crate::auth::access::Principal;
use crate::auth::{Cookie, password};
use crate::http::Response;
use crate::store::accounts::PersonRow;

/// The person who calls.
pub(super) async fn me(call: &Call<'_>) -> Result<PersonRow, Response> {
    let found = call.accounts().person(call.person_id()?).await?;
    found.ok_or_else(|| refused(Code::SignInRequired))
}

/// Makes sure that it is the person who sits there. Attempts count as those to sign in do.
pub(super) async fn confirm(call: &Call<'_>, person: &PersonRow, given: &str) -> Result<(), Response> {
    call.limit().await?;
    let attempts = call.charge(&person.email).await?;
    if password::matches(given, &person.password) != Some(true) {
        return Err(refused(Code::WrongPassword));
    }
    Ok(call.accounts().clear_attempts(&attempts).await?)
}

/// `POST /api/account/password`: ends all sessions, and begins a new one here.
pub(super) async fn change_password(call: &Call<'_>) -> Answer {
    let body: ChangePassword = call.body()?;
    let person = me(call).await?;
    if let Some(complaint) = password::complaint(&body.new_password, &person.email) {
        return Err(invalid(complaint));
    }
    confirm(call, &person, &body.current_password).await?;
    let hash = setup::hashed(call, &body.new_password)?;
    if !call.accounts().set_password(&person.id, &hash).await? {
        return Err(refused(Code::SignInRequired));
    }
    call.app.gate.forget();
    call.note("person.password_changed", &person.id).await;
    session::begin(call, &me(call).await?, 200).await
}

/// `GET /api/account/sessions`.
pub(super) async fn sessions(call: &Call<'_>) -> Answer {
    let person = me(call).await?;
    let current = match &call.principal {
        Principal::Person { session, .. } => session.as_str(),
        _ => "",
    };
    let sessions = call.accounts().sessions(&person, call.now()).await?;
    let sessions = sessions.into_iter().map(|session| OwnSession {
        current: session.id == current,
        id: session.id,
        created_at: session.created_at,
        last_seen: session.last_seen,
        user_agent: session.user_agent,
    });
    Ok(Response::json(200, &OwnSessions { sessions: sessions.collect() }))
}

/// `DELETE /api/account/sessions`: signs out everywhere, here as well.
pub(super) async fn end_sessions(call: &Call<'_>) -> Answer {
    let person = call.person_id()?;
    call.accounts().end_sessions(person).await?;
    call.app.gate.forget();
    call.note("session.all_ended", person).await;
    Ok(Response::empty(204).with("set-cookie", Cookie::Session.clear(call.request)))
}

/// `DELETE /api/account/sessions/{session_id}`.
pub(super) async fn end_session(call: &Call<'_>) -> Answer {
    let session = call.id("session_id", Code::NotFound)?;
    let person = me(call).await?;
    if !call.accounts().sessions(&person, call.now()).await?.iter().any(|it| it.id == session) {
        return Err(refused(Code::NotFound));
    }
    call.accounts().delete_session(&person.id, session).await?;
    call.app.gate.forget();
    call.note("session.ended", session).await;
    Ok(Response::empty(204))
}
