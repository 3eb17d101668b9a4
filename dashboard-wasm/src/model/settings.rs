//! What can be set: the sections of the settings, who may see which, and what their forms hold.

use protocol::account::Role;
use serde::{Deserialize, Serialize};

use super::failure::Failure;

/// A section of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// A site and its rules.
    Site,
    /// Who may sign in.
    People,
    /// Secrets of programs.
    Tokens,
    /// Links that show a site without signing in.
    Shares,
    /// Rules of a site's alerts, and by what they and reports are delivered.
    Alerts,
    /// The reader's own account.
    Account,
}

impl Section {
    /// All, in the order of the menu.
    pub const ALL: [Self; 6] =
        [Self::Site, Self::Alerts, Self::People, Self::Tokens, Self::Shares, Self::Account];

    /// Its path.
    pub fn path(self) -> &'static str {
        match self {
            Self::Site => "/settings/site",
            Self::People => "/settings/people",
            Self::Tokens => "/settings/tokens",
            Self::Shares => "/settings/shares",
            Self::Alerts => "/settings/alerts",
            Self::Account => "/settings/account",
        }
    }

    /// The section of a path.
    pub fn from_path(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.path() == path)
    }

    /// Whether it is shown to somebody with these roles: everywhere, and at the site on show.
    pub fn is_open_to(self, everywhere: Option<Role>, here: Role) -> bool {
        match self {
            Self::Site | Self::Tokens | Self::Account => true,
            Self::People => everywhere >= Some(Role::Admin),
            Self::Shares | Self::Alerts => here >= Role::Editor,
        }
    }
}

/// A site as `/api/sites/{site_id}` gives and takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteDocument {
    /// The public id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Hosts whose pages may send events.
    pub domains: Vec<String>,
    /// Its names in other products.
    pub aliases: Vec<String>,
    /// IANA time zone in which its days begin.
    pub time_zone: String,
    /// Partitions an hour of events is spread over.
    pub shards: u32,
    /// How long raw events are kept, in days.
    pub retention_days: u32,
    /// `standard` or `cookieless`.
    pub privacy: String,
    /// Whether a browser that asks not to be tracked is left out.
    pub honour_opt_out: bool,
    /// `none`, `country`, `region` or `city`.
    pub place: String,
    /// Parameters that are kept with a page's address.
    pub query_parameters: Vec<String>,
    /// Whether pages with an opaque origin may send events.
    pub allow_null_origin: bool,
    /// What is left out.
    pub exclusions: Exclusions,
    /// Counts the changes.
    pub version: u64,
    /// Whether the server's configuration sets it.
    pub fixed: bool,
}

/// What a site leaves out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusions {
    /// Paths, in which `*` stands for any text.
    pub paths: Vec<String>,
    /// Codes of countries.
    pub countries: Vec<String>,
    /// Addresses as they are typed, or hashes of those that were given before.
    pub addresses: Vec<String>,
}

/// What a new site is made of; the rest has defaults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewSite {
    /// The public id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Hosts whose pages may send events.
    pub domains: Vec<String>,
    /// IANA time zone in which its days begin.
    pub time_zone: String,
}

/// The entries of a text with one a line.
pub fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// An id that suits a domain: `www.shop.example` becomes `www-shop-example`.
pub fn id_of(domain: &str) -> String {
    let host = domain.trim().to_lowercase();
    let host = host.strip_prefix("https://").or_else(|| host.strip_prefix("http://")).unwrap_or(&host);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    host.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

/// The field that a refusal is about: the first name in backticks.
pub fn field_of(failure: &Failure) -> Option<&str> {
    let Failure::Refused(problem) = failure else { return None };
    problem.detail.as_deref()?.split('`').nth(1)
}

/// What a refusal says beyond its title.
pub fn detail_of(failure: &Failure) -> Option<&str> {
    let Failure::Refused(problem) = failure else { return None };
    problem.detail.as_deref()
}

/// The line of code that sends a site's events.
pub fn snippet(origin: &str, site: &str) -> String {
    format!("<script async src=\"{origin}/li.js\" data-site-id=\"{site}\"></script>")
}

#[cfg(test)]
mod tests {
    use protocol::problem::{Code, Problem};

    use super::*;

    #[test]
    fn people_are_for_admins_and_shares_for_editors() {
        assert!(!Section::People.is_open_to(None, Role::Admin));
        assert!(!Section::People.is_open_to(Some(Role::Editor), Role::Editor));
        assert!(Section::People.is_open_to(Some(Role::Admin), Role::Admin));
        assert!(
            !Section::Shares.is_open_to(None, Role::Viewer) && Section::Shares.is_open_to(None, Role::Editor)
        );
        assert!(Section::Account.is_open_to(None, Role::Viewer));
    }

    #[test]
    fn lines_are_trimmed_and_empty_ones_left_out() {
        assert_eq!(lines(" a \n\n b\r\n"), ["a", "b"]);
    }

    #[test]
    fn id_comes_from_what_is_pasted_as_a_domain() {
        assert_eq!(id_of("https://www.Shop.example/a?b"), "www-shop-example");
        assert_eq!(id_of("localhost:8788"), "localhost-8788");
        assert_eq!(id_of(" "), "");
    }

    #[test]
    fn refusal_names_its_field() {
        let refused =
            Failure::Refused(Problem::new(Code::InvalidParameter, Some("`time_zone` must be …".into())));
        assert_eq!(field_of(&refused), Some("time_zone"));
        assert_eq!(field_of(&Failure::Unreachable), None);
    }
}
