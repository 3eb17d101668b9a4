//! Who may do what: the types of `/api/account`, `/api/people`, `/api/sites` and of signing in.
//!
//! Times are Unix milliseconds. A secret (password, token, code) is answered once, when it is made, and never
//! again.

mod own;
mod people;
mod sharing;

pub use own::{
    ChangePassword, CodeProof, OwnSession, OwnSessions, PasswordProof, RecoveryCodes, SetUp, SetUpState,
    SignIn, TotpEnrolment,
};
pub use people::{
    AcceptInvitation, Grant, Grants, Invitation, InvitationMade, Invitations, Invite, NewGrant, People,
    Person, PersonChange, RoleChange, SiteGrant,
};
pub use sharing::{
    ApiToken, ApiTokenMade, ApiTokens, AuditEntry, AuditLog, NewApiToken, NewShare, OpenShare, Share,
    ShareFilter, ShareMade, SharedSite, Shares,
};

use serde::{Deserialize, Serialize};

/// Shortest password that is taken. NIST SP 800-63B asks for 8 and advises more; the strength of a password
/// that is checked against an attempt counter grows with its length alone.
pub const MIN_PASSWORD_CHARS: usize = 10;

/// Longest password that is looked at: longer ones are not worth hashing.
pub const MAX_PASSWORD_BYTES: usize = 1024;

/// Longest e-mail address (RFC 5321, erratum 1690).
pub const MAX_EMAIL_BYTES: usize = 254;

/// Longest name of a person, a site, a token or a share link.
pub const MAX_NAME_BYTES: usize = 100;

/// What a person may do, everywhere or at one site. Each role may do all that the ones before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Changes a site's settings and shares it.
    Editor,
    /// Grants access, deletes sites, reads the audit log; everywhere: makes sites and invites people.
    Admin,
    /// Appoints and dismisses admins and owners. Only everywhere, never at one site.
    Owner,
}

impl Role {
    /// All roles, the least first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Editor, Self::Admin, Self::Owner];

    /// Its name in the store and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// The role of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// Whether somebody of the role `actor` may turn a person's role everywhere from `old` into `new`, as inviting and
/// removing are as well. Admins look after viewers and editors, owners after everyone.
pub fn may_appoint(actor: Option<Role>, old: Option<Role>, new: Option<Role>) -> bool {
    match actor {
        Some(Role::Owner) => true,
        Some(Role::Admin) => old.max(new) < Some(Role::Admin),
        _ => false,
    }
}

/// What an API token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Reading statistics and settings.
    Read,
    /// Sending events from a server to the token's site.
    Ingest,
    /// Changing sites, their shares and grants, as far as the token's maker may.
    Manage,
}

impl Scope {
    /// Its name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Ingest => "ingest",
            Self::Manage => "manage",
        }
    }
}

/// The form in which an e-mail address is compared: without surrounding space, lower case. `None` when it is
/// none.
pub fn normal_email(text: &str) -> Option<String> {
    let text = text.trim();
    let (name, host) = text.rsplit_once('@')?;
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\\\"@".contains(c);
    let host_is_fine = !host.starts_with(['.', '-']) && !host.ends_with(['.', '-']) && !host.contains("..");
    let fine = !name.is_empty() && !host.is_empty() && text.len() <= MAX_EMAIL_BYTES && host_is_fine;
    (fine && name.chars().all(plain) && host.chars().all(plain)).then(|| text.to_lowercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn roles_are_ordered_and_keep_their_names() {
        assert!(Role::Viewer < Role::Editor && Role::Editor < Role::Admin && Role::Admin < Role::Owner);
        for role in Role::ALL {
            assert_eq!(Role::from_name(role.as_str()), Some(role));
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
        assert_eq!(Role::from_name("root"), None);
    }

    #[test]
    fn only_owners_appoint_and_dismiss_admins_and_owners() {
        use Role::{Admin, Editor, Owner, Viewer};
        assert!(may_appoint(Some(Owner), Some(Owner), None) && may_appoint(Some(Owner), None, Some(Owner)));
        assert!(may_appoint(Some(Admin), None, Some(Editor)) && may_appoint(Some(Admin), Some(Viewer), None));
        for (old, new) in [(None, Some(Admin)), (Some(Admin), None), (Some(Owner), Some(Viewer))] {
            assert!(!may_appoint(Some(Admin), old, new), "{old:?} {new:?}");
        }
        for actor in [None, Some(Viewer), Some(Editor)] {
            assert!(!may_appoint(actor, None, None));
        }
    }

    #[test]
    fn addresses_that_differ_in_case_are_one() {
        assert_eq!(normal_email(" Jane.Doe+x@Example.COM "), Some("jane.doe+x@example.com".into()));
        for wrong in ["", "@", "a@", "@b", "a b@c", "a@b@c", "a@.b", "a@b.", "a@b..c", "a\n@b", "<a@b>"] {
            assert_eq!(normal_email(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn normal_form_of_an_address_is_its_own_normal_form(text in "\\PC{0,40}@\\PC{0,20}") {
            if let Some(normal) = normal_email(&text) {
                prop_assert_eq!(normal_email(&normal), Some(normal.clone()));
            }
        }
    }
}
