//! Which page an address is of.

use super::behaviour::Part;
use super::settings::Section;

/// A page of the dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Route {
    /// The overview of a site.
    #[default]
    Overview,
    /// Who is here now.
    Live,
    /// What visitors do, one address a question.
    Behaviour(Part),
    /// Single visits.
    Sessions,
    /// What is set, one address a section.
    Settings(Section),
    /// The overview within another site's page.
    Embed,
    /// How the installation is doing, for its admins.
    Operator,
    /// None: the address is of no page.
    Unknown,
}

impl Route {
    /// The pages that the navigation lists, in its order.
    pub const LISTED: [Self; 5] = [
        Self::Overview,
        Self::Live,
        Self::Behaviour(Part::Goals),
        Self::Sessions,
        Self::Settings(Section::Site),
    ];

    /// The page of a path.
    pub fn from_path(path: &str) -> Self {
        match path.trim_end_matches('/') {
            "" => Self::Overview,
            "/live" => Self::Live,
            "/sessions" => Self::Sessions,
            "/embed" => Self::Embed,
            "/operator" => Self::Operator,
            "/settings" => Self::Settings(Section::Site),
            path => {
                let part = || Part::from_path(path).map(Self::Behaviour);
                Section::from_path(path).map(Self::Settings).or_else(part).unwrap_or(Self::Unknown)
            }
        }
    }

    /// Its path.
    pub fn path(self) -> &'static str {
        match self {
            Self::Live => "/live",
            Self::Behaviour(part) => part.path(),
            Self::Sessions => "/sessions",
            Self::Embed => "/embed",
            Self::Operator => "/operator",
            Self::Settings(section) => section.path(),
            Self::Overview | Self::Unknown => "/",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_page_is_found_by_its_path() {
        for route in Route::LISTED {
            assert_eq!(Route::from_path(route.path()), route);
        }
        for part in Part::ALL {
            assert_eq!(Route::from_path(part.path()), Route::Behaviour(part));
        }
        for section in Section::ALL {
            assert_eq!(Route::from_path(Route::Settings(section).path()), Route::Settings(section));
        }
        assert_eq!(Route::from_path(Route::Embed.path()), Route::Embed);
        assert_eq!(Route::from_path(Route::Operator.path()), Route::Operator);
        assert_eq!(Route::from_path("/settings/"), Route::Settings(Section::Site));
        assert_eq!(Route::from_path("/no/such/page"), Route::Unknown);
    }
}
