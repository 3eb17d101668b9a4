//! What can be set: the sections of the settings, who may see which, and what their forms hold.

use protocol::account::Role;
use serde::Serialize;

use super::failure::Failure;
use super::i18n::{Lang, refusals};
use super::period::{date, day_of};

const DAY_MS: u64 = 86_400_000;

/// A section of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// A site and its rules.
    Site,
    /// The lines of code that send its events.
    Tracker,
    /// What became of the events that arrived.
    Intake,
    /// What was kept apart.
    Quarantine,
    /// Taking events away, and deleting them.
    Data,
    /// Who may sign in.
    People,
    /// Secrets of programs.
    Tokens,
    /// Links that show a site without signing in.
    Shares,
    /// Rules of a site's alerts, and by what they and reports are delivered.
    Alerts,
    /// Who did what.
    Audit,
    /// The reader's own account.
    Account,
}

impl Section {
    /// All, in the order of the menu.
    pub const ALL: [Self; 11] = [
        Self::Site,
        Self::Tracker,
        Self::Intake,
        Self::Quarantine,
        Self::Data,
        Self::Alerts,
        Self::Shares,
        Self::People,
        Self::Tokens,
        Self::Audit,
        Self::Account,
    ];

    /// Its path.
    pub fn path(self) -> &'static str {
        match self {
            Self::Site => "/settings/site",
            Self::Tracker => "/settings/tracker",
            Self::Intake => "/settings/intake",
            Self::Quarantine => "/settings/quarantine",
            Self::Data => "/settings/data",
            Self::Audit => "/settings/audit",
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

    /// Whether it is shown to somebody with this role at the site on show.
    pub fn is_open_to(self, here: Role) -> bool {
        match self {
            Self::Site | Self::Tracker | Self::Intake | Self::Data | Self::Tokens | Self::Account => true,
            Self::Shares | Self::Alerts | Self::Quarantine => here >= Role::Editor,
            Self::People | Self::Audit => here >= Role::Admin,
        }
    }
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

/// The day, UTC, of a moment: `2026-11-23`.
pub fn utc_day(at: u64) -> String {
    date((at / DAY_MS).cast_signed())
}

/// The beginning of a day that [`utc_day`] prints.
pub fn day_start(text: &str) -> Option<u64> {
    u64::try_from(day_of(text)?).ok()?.checked_mul(DAY_MS)
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

/// What a form says of a failure: in the reader's language what is wrong, then in the API's what is wrong with this very
/// request, unless that stands beside its field.
pub fn said(failure: &Failure, lang: Lang, is_beside: bool) -> String {
    let known = match failure {
        Failure::Refused(problem) => refusals::of(problem.code),
        _ => None,
    };
    let title = known.map_or_else(|| failure.message(lang), |message| message.of(lang).to_owned());
    match detail_of(failure).filter(|_| !is_beside) {
        Some(detail) => format!("{title}: {detail}."),
        None => format!("{title}."),
    }
}

#[cfg(test)]
mod tests {
    use protocol::problem::{Code, Problem};

    use super::*;

    #[test]
    fn sections_are_for_roles() {
        for (section, least) in [
            (Section::Account, Role::Viewer),
            (Section::Shares, Role::Editor),
            (Section::Quarantine, Role::Editor),
            (Section::People, Role::Admin),
            (Section::Audit, Role::Admin),
        ] {
            for role in Role::ALL {
                assert_eq!(section.is_open_to(role), role >= least, "{section:?} {role:?}");
            }
        }
    }

    #[test]
    fn lines_are_trimmed_and_empty_ones_left_out() {
        assert_eq!(lines(" a \n\n b\r\n"), ["a", "b"]);
    }

    #[test]
    fn days_are_printed_and_read_and_others_are_none() {
        assert_eq!(utc_day(1_795_442_709_000), "2026-11-23");
        assert_eq!(day_start("2026-11-23"), Some(1_795_392_000_000));
        for text in ["", "2026-02-31", "2026-1-1", "2026-11", "x-y-z", "1969-12-31"] {
            assert_eq!(day_start(text), None, "{text}");
        }
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
        let whole = "A parameter is missing or malformed: `time_zone` must be ….";
        assert_eq!(said(&refused, Lang::English, false), whole);
        assert_eq!(said(&refused, Lang::Korean, true), "빠졌거나 형식이 잘못된 값이 있습니다.");
        assert_eq!(field_of(&Failure::Unreachable), None);
    }
}
