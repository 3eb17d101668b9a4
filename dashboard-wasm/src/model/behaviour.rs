//! The questions of what visitors do, one address each, and what each has chosen for itself.

use protocol::query::{Anchor, CohortStep};

use super::i18n::{Message, behaviour as say};

/// A question of what visitors do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Part {
    /// What a site wants its visitors to do, and how many do.
    #[default]
    Goals,
    /// What is said of events.
    Properties,
    /// How far visitors get.
    Funnels,
    /// Who comes back.
    Retention,
    /// Where they go next.
    Journeys,
    /// When they come.
    Times,
}

impl Part {
    /// All of them, in the order of the menu.
    pub const ALL: [Self; 6] =
        [Self::Goals, Self::Properties, Self::Funnels, Self::Retention, Self::Journeys, Self::Times];

    /// Its path.
    pub fn path(self) -> &'static str {
        match self {
            Self::Goals => "/behaviour",
            Self::Properties => "/behaviour/properties",
            Self::Funnels => "/behaviour/funnels",
            Self::Retention => "/behaviour/retention",
            Self::Journeys => "/behaviour/journeys",
            Self::Times => "/behaviour/times",
        }
    }

    /// By [`Part::path`].
    pub fn from_path(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.path() == path)
    }

    /// Its name for people.
    pub fn label(self) -> Message {
        match self {
            Self::Goals => say::GOALS,
            Self::Properties => say::PROPERTIES,
            Self::Funnels => say::FUNNELS,
            Self::Retention => say::RETENTION,
            Self::Journeys => say::JOURNEYS,
            Self::Times => say::TIMES,
        }
    }
}

/// The name of a step of cohorts in the page's address.
pub fn cohort_key(step: CohortStep) -> &'static str {
    match step {
        CohortStep::Day => "day",
        CohortStep::Week => "week",
        CohortStep::Month => "month",
    }
}

/// The steps that a range can have cohorts of: at least two, and not more than can be read.
pub fn cohort_steps(days: u64) -> Vec<CohortStep> {
    let fits = |step: &CohortStep| match step {
        CohortStep::Day => days <= 92,
        CohortStep::Week => (8..=750).contains(&days),
        CohortStep::Month => days > 32,
    };
    [CohortStep::Day, CohortStep::Week, CohortStep::Month].into_iter().filter(fits).collect()
}

/// The step that was chosen, if the range can have it, else that which gives the most readable table.
pub fn cohort_step(pick: &str, days: u64) -> CohortStep {
    let steps = cohort_steps(days);
    let usual = match days {
        0..=21 => CohortStep::Day,
        22..=200 => CohortStep::Week,
        _ => CohortStep::Month,
    };
    steps.into_iter().find(|step| cohort_key(*step) == pick).unwrap_or(usual)
}

/// From where journeys are told: the page that was chosen, or the beginning of visits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Origin {
    /// Where visits begin.
    #[default]
    Start,
    /// Where visits end.
    End,
    /// A page, and what lies around it.
    Page(String),
}

impl Origin {
    /// As the address says it.
    pub fn parse(pick: &str) -> Self {
        match pick {
            "" => Self::Start,
            "end" => Self::End,
            page => page.strip_prefix("page,").map_or(Self::Start, |page| Self::Page(page.into())),
        }
    }

    /// Undoes [`Origin::parse`].
    pub fn print(&self) -> String {
        match self {
            Self::Start => String::new(),
            Self::End => "end".into(),
            Self::Page(page) => format!("page,{page}"),
        }
    }

    /// The anchors of what is told forwards and backwards.
    pub fn anchors(&self) -> (Option<Anchor>, Option<Anchor>) {
        match self {
            Self::Start => (Some(Anchor::Start), None),
            Self::End => (None, Some(Anchor::End)),
            Self::Page(page) => (Some(Anchor::After(page.clone())), Some(Anchor::Before(page.clone()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_found_by_its_path() {
        for part in Part::ALL {
            assert_eq!(Part::from_path(part.path()), Some(part));
        }
    }

    #[test]
    fn cohorts_are_of_a_step_that_the_range_can_have() {
        assert_eq!(cohort_step("", 7), CohortStep::Day);
        assert_eq!(cohort_step("month", 7), CohortStep::Day);
        assert_eq!(cohort_step("", 91), CohortStep::Week);
        assert_eq!(cohort_step("day", 28), CohortStep::Day);
        assert_eq!(cohort_step("", 730), CohortStep::Month);
        for days in [1, 7, 28, 31, 91, 365, 730, 4_000] {
            assert!(cohort_steps(days).contains(&cohort_step("", days)), "{days}");
        }
    }

    #[test]
    fn place_that_journeys_are_told_from_survives_the_address() {
        for from in [Origin::Start, Origin::End, Origin::Page("/a,b".into()), Origin::Page("end".into())] {
            assert_eq!(Origin::parse(&from.print()), from);
        }
        let (next, before) = Origin::Page("/".into()).anchors();
        assert_eq!((next, before), (Some(Anchor::After("/".into())), Some(Anchor::Before("/".into()))));
    }
}
