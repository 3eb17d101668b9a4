//! Which page an address is of.

/// A page of the dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Route {
    /// The overview of a site.
    #[default]
    Overview,
    /// Who is here now.
    Live,
    /// None: the address is of no page.
    Unknown,
}

impl Route {
    /// The pages that the navigation lists, in its order.
    pub const LISTED: [Self; 2] = [Self::Overview, Self::Live];

    /// The page of a path.
    pub fn from_path(path: &str) -> Self {
        match path.trim_end_matches('/') {
            "" => Self::Overview,
            "/live" => Self::Live,
            _ => Self::Unknown,
        }
    }

    /// Its path.
    pub fn path(self) -> &'static str {
        match self {
            Self::Live => "/live",
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
        assert_eq!(Route::from_path("/no/such/page"), Route::Unknown);
    }
}
