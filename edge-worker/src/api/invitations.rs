//! Letting people in: `/api/invitations`.

use protocol::account::{
    AcceptInvitation, Invitation, InvitationMade, Invitations, Invite, SiteGrant, may_appoint,
};
use protocol::problem::Code;

use super::{Answer, Call, email, refused, session, setup};
use crate::auth::access::Rights;
use crate::auth::same_secret;
use crate::auth::secret::{self, Kind};
use crate::http::Response;
use crate::store::accounts::{Entry, InvitationRow};

/// How long an invitation is good.
const LASTS_MS: u64 = 7 * 24 * 3_600_000;

/// Most open invitations.
const MAX_OPEN: usize = 500;

/// `GET`: the open ones.
pub(super) async fn list(call: &Call<'_>) -> Answer {
    let rows = open(call).await?;
    let invitations = rows.into_iter().map(|row| row.invitation).collect();
    Ok(Response::json(200, &Invitations { invitations }))
}

async fn open(call: &Call<'_>) -> Result<Vec<InvitationRow>, Response> {
    let mut rows = call.accounts().list::<InvitationRow>().await?;
    rows.retain(|row| call.now() < row.invitation.expires_at);
    Ok(rows)
}

/// `POST`. The secret is answered, to be handed over by whatever means the two have.
pub(super) async fn invite(call: &Call<'_>) -> Answer {
    let body: Invite = call.body()?;
    let email = email(&body.email)?;
    if !may_appoint(call.principal.role_everywhere(), None, body.role) {
        return Err(refused(Code::Forbidden));
    }
    let rights = call.rights(body.role, &body.grants).await?;
    if call.accounts().person_by_email(&email).await?.is_some() {
        return Err(refused(Code::AlreadyExists));
    }
    if open(call).await?.len() >= MAX_OPEN {
        return Err(refused(Code::LimitReached));
    }
    let fresh = secret::make(Kind::Invitation, call.platform);
    let grants = rights.grants.into_iter().map(|(site_id, role)| SiteGrant { site_id, role });
    let row = InvitationRow {
        invitation: Invitation {
            id: fresh.id,
            email,
            role: rights.everywhere,
            grants: grants.collect(),
            created_at: call.now(),
            expires_at: call.now() + LASTS_MS,
        },
        hash: fresh.hash,
        made_by: call.person_id()?.to_owned(),
    };
    call.accounts().keep(&row).await?;
    call.note("invitation.made", &row.invitation.id).await;
    let path = format!("/#invitation={}", fresh.text);
    let made = InvitationMade { invitation: row.invitation, token: fresh.text, path };
    Ok(Response::json(201, &made))
}

/// `DELETE /{invitation_id}`.
pub(super) async fn take_back(call: &Call<'_>) -> Answer {
    let id = call.id("invitation_id", Code::NotFound)?;
    let row = call.accounts().find::<InvitationRow>(id).await?.ok_or_else(|| refused(Code::NotFound))?;
    if !may_appoint(call.principal.role_everywhere(), row.invitation.role, None) {
        return Err(refused(Code::Forbidden));
    }
    call.accounts().forget::<InvitationRow>(id).await?;
    call.note("invitation.taken_back", id).await;
    Ok(Response::empty(204))
}

/// `POST /accept`: makes the person and signs in.
pub(super) async fn accept(call: &Call<'_>) -> Answer {
    call.limit().await?;
    let body: AcceptInvitation = call.body()?;
    let Some((Kind::Invitation, id)) = secret::read(&body.token) else {
        return Err(refused(Code::UnknownLink));
    };
    let row = call.accounts().find::<InvitationRow>(id).await?;
    let good = |row: &InvitationRow| {
        same_secret(&row.hash, &secret::hash(&body.token)) && call.now() < row.invitation.expires_at
    };
    let Some(row) = row.filter(good) else { return Err(refused(Code::UnknownLink)) };
    // What a dismissed admin has promised is void.
    let maker = call.accounts().person(&row.made_by).await?;
    if !may_appoint(maker.and_then(|maker| maker.rights.everywhere), None, row.invitation.role) {
        return Err(refused(Code::UnknownLink));
    }
    let Invitation { email, role, grants, .. } = row.invitation;
    let mut rights = Rights { everywhere: role, ..Rights::default() };
    for grant in grants {
        rights.grants.insert(grant.site_id, grant.role);
    }
    let person = setup::newcomer(call, &email, &body.name, &body.password, rights)?;
    setup::enter(call, &person, Entry::Invited(id)).await?;
    session::begin(call, &person, 201).await
}
