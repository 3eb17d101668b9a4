//! Filters: what the numbers are of.

use super::i18n::{Message, overview as say};
use super::params::{decode, encode};

/// How a filter compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// One of the values.
    Is,
    /// None of the values.
    IsNot,
    /// A value stands somewhere in it.
    Contains,
    /// No value does.
    ContainsNot,
    /// A value, a regular expression, matches somewhere in it.
    Matches,
    /// No value does.
    MatchesNot,
}

/// The name that stands for a dimension where a saved segment is meant; its values are ids.
pub const SEGMENT: &str = "segment";

impl Op {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Is, Self::IsNot, Self::Contains, Self::ContainsNot, Self::Matches, Self::MatchesNot];

    /// By [`Op::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|op| op.name() == name)
    }

    /// Whether it compares with whole values, so that those there are can be chosen from.
    pub fn is_exact(self) -> bool {
        matches!(self, Self::Is | Self::IsNot)
    }

    /// Its name for people.
    pub fn label(self) -> Message {
        match self {
            Self::Is => say::IS,
            Self::IsNot => say::IS_NOT,
            Self::Contains => say::CONTAINS,
            Self::ContainsNot => say::CONTAINS_NOT,
            Self::Matches => say::MATCHES,
            Self::MatchesNot => say::MATCHES_NOT,
        }
    }

    /// Its name in questions and addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::IsNot => "is_not",
            Self::Contains => "contains",
            Self::ContainsNot => "contains_not",
            Self::Matches => "matches",
            Self::MatchesNot => "matches_not",
        }
    }
}

/// A filter on one dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// How.
    pub op: Op,
    /// Name of the dimension, such as `visit:country`.
    pub dimension: String,
    /// With what; never empty.
    pub values: Vec<String>,
}

impl Rule {
    /// As it stands in an address: `is,visit:country,KR,JP`.
    pub fn print(&self) -> String {
        let mut parts = vec![self.op.name().to_owned(), encode(&self.dimension)];
        parts.extend(self.values.iter().map(|value| encode(value)));
        parts.join(",")
    }

    /// Undoes [`Rule::print`].
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(',');
        let op = Op::from_name(parts.next()?)?;
        let is_known = |name: &String| name.contains(':') || name == SEGMENT && op == Op::Is;
        let dimension = decode(parts.next()?).filter(is_known)?;
        let values: Vec<String> = parts.map(decode).collect::<Option<_>>()?;
        (!values.is_empty()).then_some(Self { op, dimension, values })
    }
}

/// Adds a value to the filters, or takes it away if it is there: a click on a row.
pub fn toggle(rules: &mut Vec<Rule>, op: Op, dimension: &str, value: &str) {
    let found = rules.iter_mut().find(|rule| rule.op == op && rule.dimension == dimension);
    let Some(rule) = found else {
        rules.push(Rule { op, dimension: dimension.into(), values: vec![value.into()] });
        return;
    };
    match rule.values.iter().position(|other| other == value) {
        Some(place) => {
            rule.values.remove(place);
            rules.retain(|rule| !rule.values.is_empty());
        }
        None => rule.values.push(value.into()),
    }
}

/// Whether a value is among those of such a filter.
pub fn has(rules: &[Rule], op: Op, dimension: &str, value: &str) -> bool {
    rules
        .iter()
        .any(|rule| rule.op == op && rule.dimension == dimension && rule.values.iter().any(|v| v == value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filter_survives_the_address() {
        let rule = Rule {
            op: Op::ContainsNot,
            dimension: "event:props:색".into(),
            values: vec!["a,b".into(), String::new(), "&=".into()],
        };
        assert_eq!(Rule::parse(&rule.print()), Some(rule));
        let segment = Rule { op: Op::Is, dimension: SEGMENT.into(), values: vec!["00ff".into()] };
        assert_eq!(Rule::parse(&segment.print()), Some(segment));
        for text in ["matches,segment,00ff", "is,visit:country", "like,visit:country,KR", "is,country,KR", ""]
        {
            assert_eq!(Rule::parse(text), None, "{text}");
        }
    }

    #[test]
    fn second_click_takes_the_filter_away() {
        let mut rules = Vec::new();
        toggle(&mut rules, Op::Is, "visit:country", "KR");
        toggle(&mut rules, Op::Is, "visit:country", "JP");
        assert_eq!(rules[0].values, ["KR", "JP"]);
        assert!(has(&rules, Op::Is, "visit:country", "JP") && !has(&rules, Op::IsNot, "visit:country", "JP"));
        toggle(&mut rules, Op::Is, "visit:country", "KR");
        toggle(&mut rules, Op::Is, "visit:country", "JP");
        assert!(rules.is_empty());
    }
}
