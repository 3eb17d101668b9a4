//! Access without a password: API tokens, share links; and the audit log.

use serde::{Deserialize, Serialize};

use super::Scope;
use crate::api::{Device, SiteInfo};

/// An API token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiToken {
    /// Names the token.
    pub id: String,
    /// What it is for, in its maker's words.
    pub name: String,
    /// How the secret begins, to tell tokens apart.
    pub prefix: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// The only site it is good for; absent when it reaches as far as its maker.
    #[serde(default)]
    pub site_id: Option<String>,
    /// Who made it: the person's id.
    pub person_id: String,
    /// When it was made.
    pub created_at: u64,
    /// When it ends; absent when it does not.
    #[serde(default)]
    pub expires_at: Option<u64>,
    /// When it was last used, to the day; absent when never.
    #[serde(default)]
    pub last_used: Option<u64>,
}

/// `GET /api/tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiTokens {
    /// The tokens, the newest first.
    pub tokens: Vec<ApiToken>,
}

/// `POST /api/tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewApiToken {
    /// What it is for.
    pub name: String,
    /// What it may be used for; at least one.
    pub scopes: Vec<Scope>,
    /// The only site it is good for. Required for `ingest`.
    #[serde(default)]
    pub site_id: Option<String>,
    /// Days until it ends; for ever when absent.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 3650))]
    pub expires_in_days: Option<u32>,
}

/// A new token with its secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiTokenMade {
    /// The token.
    pub token: ApiToken,
    /// What its user sends as `Authorization: Bearer …`, or as `X-LiveInsight-Key` with events.
    pub secret: String,
}

/// What of a site a share link shows: events that match every field that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct ShareFilter {
    /// A path, in which `*` stands for any text: `/blog/*`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// ISO 3166-1 alpha-2 code of a country, upper case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Device class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
}

impl ShareFilter {
    /// Whether the filter lets everything through.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a page view of this page, country and device is shown.
    pub fn matches(&self, page: &str, country: &str, device: Device) -> bool {
        self.page.as_deref().is_none_or(|pattern| matches_pattern(pattern, page))
            && self.country.as_deref().is_none_or(|wanted| wanted == country)
            && self.device.is_none_or(|wanted| wanted == device)
    }
}

/// Whether `text` is what `pattern` describes, in which `*` stands for any text.
fn matches_pattern(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(first) else { return false };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return left.ends_with(part);
        }
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    true
}

/// A share link, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Share {
    /// Names the share.
    pub id: String,
    /// The site it shows.
    pub site_id: String,
    /// What it is for, in its maker's words.
    pub name: String,
    /// Whether its readers are asked for a password.
    pub has_password: bool,
    /// What it shows of the site.
    pub filter: ShareFilter,
    /// When it was made.
    pub created_at: u64,
    /// When it ends; absent when it does not.
    #[serde(default)]
    pub expires_at: Option<u64>,
}

/// `GET /api/sites/{site_id}/shares`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Shares {
    /// The share links, the newest first.
    pub shares: Vec<Share>,
}

/// `POST /api/sites/{site_id}/shares`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewShare {
    /// What it is for.
    pub name: String,
    /// Asked of its readers; nothing is asked when absent.
    #[serde(default)]
    pub password: Option<String>,
    /// When it ends; never when absent.
    #[serde(default)]
    pub expires_at: Option<u64>,
    /// What it shows of the site; all of it when absent.
    #[serde(default)]
    pub filter: ShareFilter,
}

/// A new share link with its secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShareMade {
    /// The share.
    pub share: Share,
    /// The secret.
    pub token: String,
    /// Path and fragment of the dashboard's page that opens it; the fragment never reaches a server.
    pub path: String,
}

/// `POST /api/shares/open`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenShare {
    /// The link's secret.
    pub token: String,
    /// The link's password, if it has one. Asked for with the problem `share_password_required`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// A share link that was opened.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SharedSite {
    /// The site.
    pub site: SiteInfo,
    /// The share's name.
    pub name: String,
    /// What it shows of the site.
    pub filter: ShareFilter,
    /// What the reader sends as `Authorization: Bearer …`; the same is set as a cookie.
    pub access_token: String,
    /// When the link has to be opened again.
    pub expires_at: u64,
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// Names the entry; larger is later.
    pub id: String,
    /// When.
    pub at: u64,
    /// Who: `person:<id>`, `token:<id>`, `command-line` or `nobody`.
    pub actor: String,
    /// What, such as `site.updated`.
    pub action: String,
    /// What it was done to, such as a person's or a token's id; may be empty.
    pub target: String,
    /// The site it was done to, if one.
    #[serde(default)]
    pub site_id: Option<String>,
}

/// `GET /api/audit`, `GET /api/sites/{site_id}/audit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditLog {
    /// The newest first.
    pub entries: Vec<AuditEntry>,
    /// What to give as `before` to get the entries before these; absent at the end.
    #[serde(default)]
    pub next: Option<String>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn star_stands_for_any_text() {
        for (pattern, text, fits) in [
            ("/a", "/a", true),
            ("/a", "/ab", false),
            ("/blog/*", "/blog/", true),
            ("/blog/*", "/blog/x/y", true),
            ("/blog/*", "/blo", false),
            ("*/edit", "/posts/7/edit", true),
            ("/*/x/*/y", "/1/x/2/y", true),
            ("/*/x/*/y", "/1/x/y", false),
            ("a*a", "a", false),
            ("*", "", true),
            ("**", "x", true),
        ] {
            assert_eq!(matches_pattern(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn filter_shows_what_matches_every_field() {
        let filter = ShareFilter { country: Some("KR".into()), ..ShareFilter::default() };
        assert!(filter.matches("/", "KR", Device::Mobile) && !filter.matches("/", "JP", Device::Mobile));
        assert!(ShareFilter::default().is_empty() && ShareFilter::default().matches("", "", Device::Other));
    }

    proptest! {
        #[test]
        fn pattern_of_parts_matches_the_parts_with_anything_between(
            parts in prop::collection::vec("[a-c/]{0,3}", 1..5),
            filling in "[a-c/]{0,4}",
        ) {
            prop_assert!(matches_pattern(&parts.join("*"), &parts.join(&filling)));
        }
    }
}
