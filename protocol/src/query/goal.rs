//! Goals: what a site wants its visitors to do. They stand in questions, in funnels, and among a site's settings.

use serde::{Deserialize, Serialize};

use super::{Dimension, MAX_GOALS, MAX_VALUE_BYTES, MAX_VALUES, Op, QueryError, Test};

/// Most tests of properties a goal has.
pub const MAX_GOAL_TESTS: usize = 10;

/// What reaches a goal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GoalOn {
    /// A page view whose path matches the pattern: `*` stands for any text without `/`, `**` for any text.
    Page(String),
    /// A click, a conversion or a custom event of this name.
    Event(String),
}

/// How a property is compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PropertyOp {
    /// Equal to one of the values.
    #[default]
    Is,
    /// Equal to none of them.
    IsNot,
    /// One of the values stands somewhere in it.
    Contains,
    /// None of them does.
    ContainsNot,
}

/// A test of a property of an event. An event without the property has the value `(none)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PropertyTest {
    /// The site's name for the property.
    pub key: String,
    /// How it is compared.
    #[serde(default)]
    pub op: PropertyOp,
    /// With what; upper and lower case differ.
    pub values: Vec<String>,
}

impl PropertyTest {
    /// As a test of a filter, and whether what passes is what does not satisfy it.
    pub fn test(&self) -> (Test, bool) {
        let (op, negated) = match self.op {
            PropertyOp::Is => (Op::Is, false),
            PropertyOp::IsNot => (Op::Is, true),
            PropertyOp::Contains => (Op::Contains, false),
            PropertyOp::ContainsNot => (Op::Contains, true),
        };
        let dimension = Dimension::Property(self.key.as_str().into());
        (Test { dimension, op, values: self.values.clone(), case_sensitive: true }, negated)
    }

    fn is_sound(&self) -> bool {
        fits(&self.key)
            && (1..=MAX_VALUES).contains(&self.values.len())
            && self.values.iter().all(|value| value.len() <= MAX_VALUE_BYTES)
    }
}

/// Something a site wants its visitors to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "RawGoal", into = "RawGoal")]
pub struct Goal {
    /// Its name for people, its own among the site's goals.
    pub name: String,
    /// What reaches it.
    #[cfg_attr(feature = "openapi", schema(inline))]
    #[serde(flatten)]
    pub on: GoalOn,
    /// What its event's properties have to be besides; all tests have to hold.
    #[serde(default)]
    pub props: Vec<PropertyTest>,
    /// The currency in which dashboards show what it was worth, ISO 4217; absent when it is worth nothing.
    #[serde(default)]
    pub currency: Option<String>,
}

/// A goal as it is written: `page` or `event`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGoal {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    props: Vec<PropertyTest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
}

impl TryFrom<RawGoal> for Goal {
    type Error = &'static str;

    fn try_from(raw: RawGoal) -> Result<Self, Self::Error> {
        let on = on(raw.page, raw.event).ok_or("a goal has a `page` or an `event`")?;
        Ok(Self { name: raw.name, on, props: raw.props, currency: raw.currency })
    }
}

impl From<Goal> for RawGoal {
    fn from(goal: Goal) -> Self {
        let (page, event) = match goal.on {
            GoalOn::Page(page) => (Some(page), None),
            GoalOn::Event(event) => (None, Some(event)),
        };
        Self { name: goal.name, page, event, props: goal.props, currency: goal.currency }
    }
}

/// One of the two, not both.
pub(super) fn on(page: Option<String>, event: Option<String>) -> Option<GoalOn> {
    match (page, event) {
        (Some(page), None) => Some(GoalOn::Page(page)),
        (None, Some(event)) => Some(GoalOn::Event(event)),
        _ => None,
    }
}

pub(super) fn fits(text: &str) -> bool {
    (1..=MAX_VALUE_BYTES).contains(&text.len())
}

impl Goal {
    /// A goal without conditions.
    pub fn new(name: impl Into<String>, on: GoalOn) -> Self {
        Self { name: name.into(), on, props: Vec::new(), currency: None }
    }

    /// Whether all texts have a length that is taken and there are not too many tests.
    pub fn is_sound(&self) -> bool {
        let (GoalOn::Page(on) | GoalOn::Event(on)) = &self.on;
        let is_code = |code: &String| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        fits(&self.name)
            && fits(on)
            && self.props.len() <= MAX_GOAL_TESTS
            && self.props.iter().all(PropertyTest::is_sound)
            && self.currency.as_ref().is_none_or(is_code)
    }
}

/// The goals of a question: those of the site and its own, which stand in place of the site's of the same name.
pub(super) fn united(site: &[Goal], own: Vec<Goal>) -> Result<Vec<Goal>, QueryError> {
    let too_many = || {
        let what = format!("a question has at most {MAX_GOALS} goals, those of the site included");
        QueryError::new("goals", what)
    };
    if own.len() > MAX_GOALS {
        return Err(too_many());
    }
    let has = |goals: &[Goal], name: &str| goals.iter().any(|goal| goal.name == name);
    let is_new = |(place, goal): (usize, &Goal)| !has(own.get(..place).unwrap_or_default(), &goal.name);
    if !own.iter().all(Goal::is_sound) || !own.iter().enumerate().all(is_new) {
        let what = format!(
            "give each goal its own name, a `page` or an `event`, and at most {MAX_GOAL_TESTS} tests of properties"
        );
        return Err(QueryError::new("goals", what));
    }
    let others = site.iter().filter(|goal| !has(&own, &goal.name));
    let mut goals: Vec<Goal> = others.cloned().collect();
    goals.extend(own);
    if goals.len() > MAX_GOALS { Err(too_many()) } else { Ok(goals) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn goal_is_printed_as_it_is_read() {
        for value in [
            json!({ "name": "Signup", "event": "signup" }),
            json!({ "name": "Bought", "event": "buy", "currency": "EUR",
                    "props": [{ "key": "plan", "op": "is_not", "values": ["free"] }] }),
            json!({ "name": "Blog", "page": "/blog/**" }),
        ] {
            let goal: Goal = serde_json::from_value(value.clone()).unwrap();
            assert!(goal.is_sound());
            assert_eq!(serde_json::to_value(&goal).unwrap(), value);
        }
        for value in [
            json!({ "name": "None" }),
            json!({ "name": "Both", "page": "/", "event": "e" }),
            json!({ "name": "Odd", "page": "/", "match": "all" }),
        ] {
            assert!(serde_json::from_value::<Goal>(value.clone()).is_err(), "{value}");
        }
    }

    #[test]
    fn goals_of_a_question_are_added_to_those_of_the_site() {
        let goal = |name: &str, page: &str| Goal::new(name, GoalOn::Page(page.into()));
        let site = [goal("a", "/a"), goal("b", "/b")];
        let all = united(&site, vec![goal("b", "/other"), goal("c", "/c")]).unwrap();
        assert_eq!(all, [goal("a", "/a"), goal("b", "/other"), goal("c", "/c")]);
        assert!(united(&site, vec![goal("c", "/"), goal("c", "/")]).is_err());
        let many = (0..MAX_GOALS - 1).map(|number| goal(&number.to_string(), "/")).collect();
        assert!(united(&site, many).is_err());
    }
}
