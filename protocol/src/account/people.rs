//! People, their roles, and how they come in.

use serde::{Deserialize, Serialize};

use super::Role;

/// A role at one site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SiteGrant {
    /// The site.
    pub site_id: String,
    /// The role there; not `owner`.
    pub role: Role,
}

/// A person who may sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Person {
    /// Names the person.
    pub id: String,
    /// E-mail address, lower case.
    pub email: String,
    /// The person's name; may be empty.
    pub name: String,
    /// The role at every site; absent for someone who sees only the sites of `grants`.
    #[serde(default)]
    pub role: Option<Role>,
    /// Roles at single sites.
    pub grants: Vec<SiteGrant>,
    /// Whether a second factor is on.
    pub totp: bool,
    /// When the person came in.
    pub created_at: u64,
}

/// `GET /api/people`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct People {
    /// Everyone, by e-mail address.
    pub people: Vec<Person>,
}

/// `PUT /api/people/{person_id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonChange {
    /// The person's name.
    pub name: String,
    /// The role at every site; `null` for none.
    pub role: Option<Role>,
}

/// `POST /api/invitations`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invite {
    /// Who is invited.
    pub email: String,
    /// The role at every site; `null` for none.
    #[serde(default)]
    pub role: Option<Role>,
    /// Roles at single sites.
    #[serde(default)]
    pub grants: Vec<SiteGrant>,
}

/// An invitation that was not accepted yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invitation {
    /// Names the invitation; it is no secret.
    pub id: String,
    /// Who is invited.
    pub email: String,
    /// The role at every site.
    #[serde(default)]
    pub role: Option<Role>,
    /// Roles at single sites.
    pub grants: Vec<SiteGrant>,
    /// When it was made.
    pub created_at: u64,
    /// When it ends.
    pub expires_at: u64,
}

/// A new invitation with its secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationMade {
    /// The invitation.
    pub invitation: Invitation,
    /// What the invited person shows to `POST /api/invitations/accept`.
    pub token: String,
    /// Path and fragment of the dashboard's page that accepts it; the fragment never reaches a server.
    pub path: String,
}

/// `GET /api/invitations`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invitations {
    /// The open invitations, the newest first.
    pub invitations: Vec<Invitation>,
}

/// `POST /api/invitations/accept`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AcceptInvitation {
    /// The invitation's secret.
    pub token: String,
    /// The person's name.
    #[serde(default)]
    pub name: String,
    /// The password the person chooses.
    pub password: String,
}

/// A person's role at a site, seen from the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Grant {
    /// The person.
    pub person_id: String,
    /// The person's e-mail address.
    pub email: String,
    /// The person's name; may be empty.
    pub name: String,
    /// The role at this site.
    pub role: Role,
}

/// `GET /api/sites/{site_id}/grants`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Grants {
    /// Who has a role at this very site, by e-mail address. People with a role at every site are not listed.
    pub grants: Vec<Grant>,
}

/// `POST /api/sites/{site_id}/grants`: gives someone who is there already a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewGrant {
    /// The person's e-mail address.
    pub email: String,
    /// The role; not `owner`.
    pub role: Role,
}

/// `PUT /api/sites/{site_id}/grants/{person_id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoleChange {
    /// The role; not `owner`.
    pub role: Role,
}
