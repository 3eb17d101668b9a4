//! Signing in, and what people see and change of their own account.

use std::fmt;

use serde::{Deserialize, Serialize};

/// `POST /api/session`: sign in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignIn {
    /// The person's e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
    /// Code of the second factor, or one of the recovery codes. Asked for with the problem `totp_required`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// `GET /api/setup`: whether there is an owner yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetUpState {
    /// Whether the first owner is still to be made.
    pub needed: bool,
}

/// `POST /api/setup`: make the first owner.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetUp {
    /// The secret that the worker was given as `SETUP_TOKEN`.
    pub setup_token: String,
    /// The owner's e-mail address.
    pub email: String,
    /// The owner's name.
    #[serde(default)]
    pub name: String,
    /// The owner's password.
    pub password: String,
}

/// `POST /api/account/password`: change the password. All other sessions end.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangePassword {
    /// The password until now.
    pub current_password: String,
    /// The new one.
    pub new_password: String,
}

/// Something that has to be confirmed with the password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordProof {
    /// The person's password.
    pub password: String,
}

/// Something that has to be confirmed with a code.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CodeProof {
    /// Six digits from the authenticator app.
    pub code: String,
}

/// A second factor that waits to be confirmed with its first code.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TotpEnrolment {
    /// The shared secret in base32, to be typed.
    pub secret: String,
    /// The same as an `otpauth:` address, to be shown as a QR code.
    pub uri: String,
}

/// Codes that each stand in for the second factor once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecoveryCodes {
    /// The codes.
    pub codes: Vec<String>,
}

/// A browser in which the person is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnSession {
    /// Names the session; it is no secret.
    pub id: String,
    /// When the person signed in.
    pub created_at: u64,
    /// When it was last used, to the hour.
    pub last_seen: u64,
    /// What the browser called itself at sign-in.
    pub user_agent: String,
    /// Whether this very request belongs to it.
    pub current: bool,
}

/// `GET /api/account/sessions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnSessions {
    /// The sessions, the one used last first.
    pub sessions: Vec<OwnSession>,
}

/// What holds a secret is printed without it.
macro_rules! hide {
    ($($name:ident),*) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        })*
    };
}
hide!(SignIn, SetUp, ChangePassword, PasswordProof, CodeProof, TotpEnrolment, RecoveryCodes);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_form_holds_no_secret() {
        let sign_in = SignIn { email: "a@b".into(), password: "hunter2".into(), code: Some("123456".into()) };
        let text = format!("{sign_in:?}");
        assert!(!text.contains("hunter2") && !text.contains("123456") && !text.contains("a@b"), "{text}");
    }
}
