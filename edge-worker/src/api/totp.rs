//! One's own second factor: `/api/account/totp`.

use protocol::account::{CodeProof, PasswordProof, RecoveryCodes, TotpEnrolment};
use protocol::problem::Code;

use super::account::{confirm as confirm_password, me};
use super::{Answer, Call, refused, session};
use crate::auth::{secret, totp};
use crate::encoding::hex;
use crate::http::Response;
use crate::store::accounts::SecondFactor;

/// `POST`: makes a secret that waits for its first code.
pub(super) async fn start(call: &Call<'_>) -> Answer {
    let body: PasswordProof = call.body()?;
    let person = me(call).await?;
    if matches!(person.second_factor, SecondFactor::On { .. }) {
        return Err(refused(Code::AlreadyExists));
    }
    confirm_password(call, &person, &body.password).await?;
    let nonce = hex(&secret::random::<16>(call.platform));
    if !call.accounts().start_totp(&person.id, &nonce).await? {
        return Err(refused(Code::Conflict));
    }
    let shared = totp::secret(&call.app.config.session_secret, &person.id, &nonce);
    let enrolment = TotpEnrolment { secret: totp::base32(&shared), uri: totp::uri(&shared, &person.email) };
    Ok(Response::json(200, &enrolment))
}

/// `POST …/confirm`: turns it on after its first code. All other sessions end; this one goes on under a new cookie.
pub(super) async fn confirm(call: &Call<'_>) -> Answer {
    let body: CodeProof = call.body()?;
    call.limit().await?;
    let person = me(call).await?;
    let SecondFactor::Pending { nonce } = &person.second_factor else {
        return Err(refused(Code::TotpNotStarted));
    };
    let key = &call.app.config.session_secret;
    let attempts = call.charge(&person.email).await?;
    let shared = totp::secret(key, &person.id, nonce);
    let Some(step) = totp::step_of(&shared, &body.code, call.now(), None) else {
        return Err(refused(Code::WrongCode));
    };
    let codes = totp::recovery_codes(call.platform);
    let hashes = codes.iter().map(|code| totp::recovery_hash(key, &person.id, code)).collect();
    if !call.accounts().confirm_totp(&person.id, nonce, step, hashes).await? {
        return Err(refused(Code::Conflict));
    }
    call.accounts().clear_attempts(&attempts).await?;
    call.app.gate.forget();
    call.note("totp.enabled", &person.id).await;
    renewed(call, Response::json(200, &RecoveryCodes { codes })).await
}

/// `POST …/disable`: turns it off, or stops waiting for its first code.
pub(super) async fn disable(call: &Call<'_>) -> Answer {
    let body: PasswordProof = call.body()?;
    let person = me(call).await?;
    confirm_password(call, &person, &body.password).await?;
    call.accounts().disable_totp(&person.id).await?;
    call.app.gate.forget();
    call.note("totp.disabled", &person.id).await;
    renewed(call, Response::empty(204)).await
}

/// The answer with the cookie of a new session: those of before are void.
async fn renewed(call: &Call<'_>, answer: Response) -> Answer {
    let begun = session::begin(call, &me(call).await?, 200).await?;
    let cookie = begun.headers.into_iter().find(|(name, _)| *name == "set-cookie");
    Ok(match cookie {
        Some((name, value)) => answer.with(name, value),
        None => answer,
    })
}
