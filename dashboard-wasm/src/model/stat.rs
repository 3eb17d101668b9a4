//! The figures of the cards, each of which the graph can show.

use super::i18n::{Lang, Message, overview as say, words};
use protocol::query::{Definitions, Metric};

/// A figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stat {
    /// Distinct people.
    #[default]
    Visitors,
    /// Visits.
    Visits,
    /// Pages opened.
    PageViews,
    /// Share of visits that bounced.
    BounceRate,
    /// Mean duration of a visit.
    VisitDuration,
    /// Goals reached.
    Conversions,
}

/// What kind of number a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// How many.
    Count,
    /// Per cent, 0 to 100.
    Percent,
    /// Seconds.
    Seconds,
}

impl Stat {
    /// All of them, in the order of the cards.
    pub const ALL: [Self; 6] = [
        Self::Visitors,
        Self::Visits,
        Self::PageViews,
        Self::BounceRate,
        Self::VisitDuration,
        Self::Conversions,
    ];

    /// What it is in a question.
    pub fn metric(self) -> Metric {
        match self {
            Self::Visitors => Metric::Visitors,
            Self::Visits => Metric::Visits,
            Self::PageViews => Metric::PageViews,
            Self::BounceRate => Metric::BounceRate,
            Self::VisitDuration => Metric::VisitDuration,
            Self::Conversions => Metric::Conversions,
        }
    }

    /// Its place in [`Stat::ALL`].
    pub fn place(self) -> usize {
        Self::ALL.iter().position(|stat| *stat == self).unwrap_or(0)
    }

    /// By the name of its metric.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stat| stat.metric().name() == name)
    }

    /// Its name for people.
    pub fn label(self) -> Message {
        match self {
            Self::Visitors => say::VISITORS,
            Self::Visits => say::VISITS,
            Self::PageViews => say::PAGE_VIEWS,
            Self::BounceRate => say::BOUNCE_RATE,
            Self::VisitDuration => say::VISIT_DURATION,
            Self::Conversions => say::CONVERSIONS,
        }
    }

    /// What exactly is counted, under a set of definitions.
    pub fn formula(self, definitions: Definitions) -> Message {
        match (self, definitions) {
            (Self::Visitors, Definitions::Plausible) => say::VISITORS_BY_DAY,
            (Self::Visitors, _) => say::VISITORS_MEANS,
            (Self::Visits, Definitions::Ga4) => say::VISITS_BY_START,
            (Self::Visits, _) => say::VISITS_MEANS,
            (Self::PageViews, _) => say::PAGE_VIEWS_MEANS,
            (Self::BounceRate, Definitions::LiveInsight) => say::BOUNCE_MEANS,
            (Self::BounceRate, Definitions::Plausible) => say::BOUNCE_PLAUSIBLE,
            (Self::BounceRate, Definitions::Ga4) => say::BOUNCE_GA4,
            (Self::VisitDuration, Definitions::Plausible) => say::DURATION_PLAUSIBLE,
            (Self::VisitDuration, _) => say::DURATION_MEANS,
            (Self::Conversions, _) => say::CONVERSIONS_MEANS,
        }
    }

    /// Its unit.
    pub fn unit(self) -> Unit {
        match self {
            Self::BounceRate => Unit::Percent,
            Self::VisitDuration => Unit::Seconds,
            _ => Unit::Count,
        }
    }

    /// Whether more of it is better: what colour a change has.
    pub fn more_is_better(self) -> bool {
        self != Self::BounceRate
    }
}

/// How a figure has changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// By a part of what it was: 0.12 is 12 % more.
    By(f64),
    /// There was nothing before.
    New,
}

impl Change {
    /// From a value to a value; nothing if either is unknown or both are nothing.
    pub fn of(before: Option<f64>, now: Option<f64>) -> Option<Self> {
        let (before, now) = (before?, now?);
        if before == 0.0 {
            return (now > 0.0).then_some(Self::New);
        }
        Some(Self::By((now - before) / before))
    }

    /// −1, 0 or 1: down, level (to the whole per cent), up.
    pub fn direction(self) -> i8 {
        match self {
            Self::New => 1,
            Self::By(part) if (part * 100.0).round() == 0.0 => 0,
            Self::By(part) => {
                if part > 0.0 {
                    1
                } else {
                    -1
                }
            }
        }
    }
}

/// A number of seconds for people.
pub fn seconds(lang: Lang, value: f64) -> String {
    words::duration(lang, (value * 1_000.0).round().max(0.0) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_names_one_figure() {
        for stat in Stat::ALL {
            assert_eq!(Stat::from_name(stat.metric().name()), Some(stat));
            assert_eq!(Stat::ALL[stat.place()], stat);
        }
        assert_eq!(Stat::from_name("events"), None);
    }

    #[test]
    fn change_is_a_part_of_what_was() {
        assert_eq!(Change::of(Some(200.0), Some(150.0)), Some(Change::By(-0.25)));
        assert_eq!(Change::of(Some(0.0), Some(3.0)), Some(Change::New));
        assert_eq!(Change::of(Some(0.0), Some(0.0)), None);
        assert_eq!(Change::of(None, Some(1.0)), None);
        assert_eq!(Change::By(-0.25).direction(), -1);
        assert_eq!(Change::By(0.004).direction(), 0);
    }
}
