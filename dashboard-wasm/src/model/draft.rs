//! What is being written in the forms for goals and funnels, before it is sent.

use protocol::query::{Goal, GoalOn, PropertyOp, PropertyTest, RawStep};

/// What reaches a goal, or is a step of a funnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Means {
    /// A page that is opened.
    #[default]
    Page,
    /// An event.
    Event,
    /// A goal of the site.
    Goal,
}

impl Means {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Page, Self::Event, Self::Goal];

    /// Its name in forms.
    pub fn key(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Event => "event",
            Self::Goal => "goal",
        }
    }

    /// By [`Means::key`].
    pub fn from_key(key: &str) -> Self {
        Self::ALL.into_iter().find(|means| means.key() == key).unwrap_or_default()
    }
}

/// What is written of a step.
pub fn step(means: Means, value: &str) -> RawStep {
    let value = Some(value.trim().to_owned());
    match means {
        Means::Page => RawStep { page: value, ..RawStep::default() },
        Means::Event => RawStep { event: value, ..RawStep::default() },
        Means::Goal => RawStep { goal: value, ..RawStep::default() },
    }
}

/// Undoes [`step`]; conditions are kept beside.
pub fn of_step(step: &RawStep) -> (Means, String) {
    let parts = [(Means::Page, &step.page), (Means::Event, &step.event), (Means::Goal, &step.goal)];
    let found = parts.into_iter().find_map(|(means, value)| Some((means, value.clone()?)));
    found.unwrap_or_default()
}

/// What a goal is on.
pub fn on(means: Means, value: &str) -> GoalOn {
    let value = value.trim().to_owned();
    if means == Means::Page { GoalOn::Page(value) } else { GoalOn::Event(value) }
}

/// Undoes [`on`].
pub fn of_goal(goal: &Goal) -> (Means, String) {
    match &goal.on {
        GoalOn::Page(page) => (Means::Page, page.clone()),
        GoalOn::Event(event) => (Means::Event, event.clone()),
    }
}

/// How a property can be compared, with its name in forms.
pub const OPS: [(PropertyOp, &str); 4] = [
    (PropertyOp::Is, "is"),
    (PropertyOp::IsNot, "is_not"),
    (PropertyOp::Contains, "contains"),
    (PropertyOp::ContainsNot, "contains_not"),
];

/// A condition of a goal; nothing if no property is named.
pub fn condition(key: &str, op: &str, values: &str) -> Option<PropertyTest> {
    let op = OPS.into_iter().find(|(_, name)| *name == op).map(|(op, _)| op).unwrap_or_default();
    let values = values.split(',').map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned);
    let key = key.trim();
    (!key.is_empty()).then(|| PropertyTest { key: key.into(), op, values: values.collect() })
}

/// Units of a funnel's window, milliseconds, the longest first.
pub const UNITS: [u64; 3] = [86_400_000, 3_600_000, 60_000];

/// A window as a number of the longest unit that it is a multiple of.
pub fn window(ms: u64) -> (u64, u64) {
    let unit = UNITS.into_iter().find(|unit| ms.is_multiple_of(*unit) && ms >= *unit).unwrap_or(UNITS[2]);
    (ms.div_ceil(unit), unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn step_is_shown_as_it_was_written() {
        for means in Means::ALL {
            assert_eq!(Means::from_key(means.key()), means);
            assert_eq!(of_step(&step(means, " /a ")), (means, "/a".into()));
        }
        let goal = Goal::new("Bought", on(Means::Event, "purchase"));
        assert_eq!(of_goal(&goal), (Means::Event, "purchase".into()));
    }

    #[test]
    fn condition_has_a_key_and_values() {
        let test = condition(" plan ", "is_not", "free, trial,").unwrap();
        assert_eq!(
            (test.key.as_str(), test.op, test.values),
            ("plan", PropertyOp::IsNot, vec!["free".into(), "trial".into()])
        );
        assert_eq!(condition(" ", "is", "x"), None);
    }

    #[test]
    fn window_is_a_whole_number_of_its_unit() {
        assert_eq!(window(7 * UNITS[0]), (7, UNITS[0]));
        assert_eq!(window(36 * UNITS[1]), (36, UNITS[1]));
        assert_eq!(window(90 * UNITS[2]), (90, UNITS[2]));
        assert_eq!(window(1), (1, UNITS[2]));
    }
}
