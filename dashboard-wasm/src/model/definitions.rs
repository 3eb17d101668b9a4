//! The figures of the stat cards, and what each of them means.

use protocol::api::Totals;

use super::format;

/// A figure of a stat card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stat {
    /// Distinct people.
    Visitors,
    /// Pages opened.
    PageViews,
    /// Sessions.
    Visits,
    /// Share of visits that bounced.
    BounceRate,
    /// Mean engaged time of a visit.
    VisitDuration,
    /// Goals reached.
    Conversions,
}

/// A figure ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// For people.
    pub text: String,
    /// For programs, in full: a count, thousandths for a share, milliseconds for a time; empty when unknown.
    pub exact: String,
}

impl Stat {
    /// All of them, in the order of the cards.
    pub const ALL: [Self; 6] = [
        Self::Visitors,
        Self::PageViews,
        Self::Visits,
        Self::BounceRate,
        Self::VisitDuration,
        Self::Conversions,
    ];

    /// Its name for programs: the field of [`Totals`].
    pub fn key(self) -> &'static str {
        match self {
            Self::Visitors => "visitors",
            Self::PageViews => "page_views",
            Self::Visits => "sessions",
            Self::BounceRate => "bounce_rate",
            Self::VisitDuration => "visit_duration",
            Self::Conversions => "conversions",
        }
    }

    /// Its name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Visitors => "Visitors",
            Self::PageViews => "Page views",
            Self::Visits => "Visits",
            Self::BounceRate => "Bounce rate",
            Self::VisitDuration => "Visit duration",
            Self::Conversions => "Conversions",
        }
    }

    /// What is counted.
    pub fn definition(self) -> &'static str {
        match self {
            Self::Visitors => "Different people in this period. Someone who comes back counts once.",
            Self::PageViews => "Pages opened. A page opened twice counts twice.",
            Self::Visits => {
                "Stretches of activity. A visit ends after 30 minutes without any; \
                 reading with the page in view is activity."
            }
            Self::BounceRate => {
                "Visits with one page view, no click on a tracked target, no conversion \
                 and less than 10 seconds of attention."
            }
            Self::VisitDuration => {
                "Average time per visit with the page visible and in focus. Background tabs do not count."
            }
            Self::Conversions => "Goals reached, such as a purchase or a sign-up. Each time counts.",
        }
    }

    /// Its value.
    pub fn figure(self, totals: &Totals) -> Figure {
        match self {
            Self::Visitors => Figure::count(totals.visitors),
            Self::PageViews => Figure::count(totals.page_views),
            Self::Visits => Figure::count(totals.sessions),
            Self::Conversions => Figure::count(totals.conversions),
            Self::BounceRate => Figure::optional(totals.bounce_rate, format::percent, 1_000.0),
            Self::VisitDuration => Figure::optional(
                totals.visit_duration_ms,
                |millis| format::duration(millis.round() as u64),
                1.0,
            ),
        }
    }
}

impl Figure {
    fn count(value: u64) -> Self {
        Self { text: format::headline(value), exact: value.to_string() }
    }

    fn optional(value: Option<f64>, text: impl Fn(f64) -> String, scale: f64) -> Self {
        match value {
            Some(value) => Self { text: text(value), exact: ((value * scale).round() as u64).to_string() },
            None => Self { text: "–".into(), exact: String::new() },
        }
    }
}

/// Whether nothing at all happened in the period.
pub fn is_silent(totals: &Totals) -> bool {
    totals.page_views == 0 && totals.sessions == 0 && totals.conversions == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short_for_people_and_exact_for_programs() {
        let totals = Totals {
            visitors: 12_345_678,
            bounce_rate: Some(0.4249),
            visit_duration_ms: Some(134_200.4),
            ..Totals::default()
        };
        let figure = |stat: Stat| (stat.figure(&totals).text, stat.figure(&totals).exact);
        assert_eq!(figure(Stat::Visitors), ("12.3M".into(), "12345678".into()));
        assert_eq!(figure(Stat::BounceRate), ("42%".into(), "425".into()));
        assert_eq!(figure(Stat::VisitDuration), ("2m 14s".into(), "134200".into()));
        assert_eq!(figure(Stat::Conversions), ("0".into(), "0".into()));
    }

    #[test]
    fn period_without_visits_has_no_rates() {
        assert_eq!(Stat::BounceRate.figure(&Totals::default()).text, "–");
        assert!(is_silent(&Totals::default()));
        assert!(!is_silent(&Totals { conversions: 1, ..Totals::default() }));
    }
}
