//! Filters: which actions count.

use std::collections::BTreeMap;

use serde_json::Value;

use super::names::Dimension;
use super::{MAX_DEPTH, MAX_TESTS, MAX_VALUE_BYTES, MAX_VALUES, QueryError};

/// How a test compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Equal to one of the values.
    Is,
    /// One of the values stands somewhere in it.
    Contains,
    /// One of the values, regular expressions, matches somewhere in it.
    Matches,
}

/// A test of one dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// Of what.
    pub dimension: Dimension,
    /// How.
    pub op: Op,
    /// With what; one of them is enough.
    pub values: Vec<String>,
    /// Whether upper and lower case differ.
    pub case_sensitive: bool,
}

/// What has to hold of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// All hold.
    And(Vec<Filter>),
    /// One holds.
    Or(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// It holds for some action in range of the same visit.
    HasDone(Box<Filter>),
    /// A test holds.
    Test(Test),
}

impl Filter {
    /// A test that tells upper and lower case apart.
    pub fn test(dimension: Dimension, op: Op, values: &[&str]) -> Self {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        Self::Test(Test { dimension, op, values, case_sensitive: true })
    }

    /// Whether it asks anywhere inside what a visit has done.
    pub fn asks_of_visits(&self) -> bool {
        match self {
            Self::And(all) | Self::Or(all) => all.iter().any(Self::asks_of_visits),
            Self::Not(inner) => inner.asks_of_visits(),
            Self::HasDone(_) => true,
            Self::Test(_) => false,
        }
    }

    /// Whether any test inside satisfies `is`.
    pub fn any(&self, is: &impl Fn(&Test) -> bool) -> bool {
        match self {
            Self::And(all) | Self::Or(all) => all.iter().any(|filter| filter.any(is)),
            Self::Not(inner) | Self::HasDone(inner) => inner.any(is),
            Self::Test(test) => is(test),
        }
    }
}

/// Reads the filters of a query. `segments` are the site's saved filters by id.
pub(super) struct Reader<'a> {
    pub(super) segments: &'a BTreeMap<String, Vec<Value>>,
    pub(super) tests: usize,
}

fn refused(what: impl Into<String>) -> QueryError {
    QueryError::new("filters", what)
}

impl Reader<'_> {
    /// Reads a list of filters.
    pub(super) fn list(&mut self, values: &[Value], depth: usize) -> Result<Vec<Filter>, QueryError> {
        values.iter().map(|value| self.filter(value, depth)).collect()
    }

    fn filter(&mut self, value: &Value, depth: usize) -> Result<Filter, QueryError> {
        if depth >= MAX_DEPTH {
            return Err(refused(format!("nest filters at most {MAX_DEPTH} deep")));
        }
        let parts = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let Some((Value::String(op), rest)) = parts.split_first() else {
            return Err(refused("write each filter as a list that begins with its operator"));
        };
        match (op.as_str(), rest) {
            ("and", [Value::Array(all)]) if !all.is_empty() => Ok(Filter::And(self.list(all, depth + 1)?)),
            ("or", [Value::Array(all)]) if !all.is_empty() => Ok(Filter::Or(self.list(all, depth + 1)?)),
            ("not", [inner]) => Ok(Filter::Not(Box::new(self.filter(inner, depth + 1)?))),
            ("has_done", [inner]) => Ok(Filter::HasDone(Box::new(self.filter(inner, depth + 1)?))),
            ("has_not_done", [inner]) => {
                Ok(Filter::Not(Box::new(Filter::HasDone(Box::new(self.filter(inner, depth + 1)?)))))
            }
            ("and" | "or" | "not" | "has_done" | "has_not_done", _) => Err(refused(format!(
                "`{op}` takes one argument: a filter, or for `and` and `or` a list of filters"
            ))),
            ("is", [Value::String(name), Value::Array(ids)]) if name == "segment" => self.segment(ids, depth),
            (name, [Value::String(dimension), values, rest @ ..]) => self.test(name, dimension, values, rest),
            _ => Err(refused("a test is `[operator, dimension, [values]]`")),
        }
    }

    fn segment(&mut self, ids: &[Value], depth: usize) -> Result<Filter, QueryError> {
        let mut any = Vec::with_capacity(ids.len());
        for id in ids {
            let segment = id.as_str().and_then(|id| self.segments.get(id));
            let segment = segment.ok_or_else(|| refused("there is no segment of this id on this site"))?;
            // Depth grows with each, so a segment that names itself comes to an end.
            any.push(Filter::And(self.list(segment, depth + 1)?));
        }
        if any.is_empty() {
            return Err(refused("name a segment by its id"));
        }
        Ok(Filter::Or(any))
    }

    fn test(
        &mut self,
        name: &str,
        dimension: &str,
        values: &Value,
        rest: &[Value],
    ) -> Result<Filter, QueryError> {
        let (op, negated) = match name {
            "is" => (Op::Is, false),
            "is_not" => (Op::Is, true),
            "contains" => (Op::Contains, false),
            "contains_not" => (Op::Contains, true),
            "matches" => (Op::Matches, false),
            "matches_not" => (Op::Matches, true),
            _ => {
                return Err(refused(
                    "use the operators `is`, `is_not`, `contains`, `contains_not`, `matches`, `matches_not`, \
                     `and`, `or`, `not`, `has_done` and `has_not_done`",
                ));
            }
        };
        let dimension = Dimension::from_name(dimension)
            .filter(|dimension| !dimension.is_time())
            .ok_or_else(|| refused(format!("there is no filter by `{}`", shown(dimension))))?;
        let values = values.as_array().map(Vec::as_slice).unwrap_or_default();
        let values: Option<Vec<String>> = values
            .iter()
            .map(|value| value.as_str().filter(|text| text.len() <= MAX_VALUE_BYTES).map(str::to_owned))
            .collect();
        let values = values.filter(|values| (1..=MAX_VALUES).contains(&values.len())).ok_or_else(|| {
            refused(format!("give 1 to {MAX_VALUES} texts of at most {MAX_VALUE_BYTES} bytes"))
        })?;
        let case_sensitive = match rest {
            [] => true,
            [Value::Object(options)] => options.iter().try_fold(true, |_, (name, value)| {
                let known = value.as_bool().filter(|_| name == "case_sensitive");
                known.ok_or_else(|| refused("the only option of a test is `case_sensitive`, true or false"))
            })?,
            _ => return Err(refused("after the values a test takes one object of options")),
        };
        self.tests += 1;
        if self.tests > MAX_TESTS {
            return Err(refused(format!("use at most {MAX_TESTS} tests, those of segments included")));
        }
        let test = Filter::Test(Test { dimension, op, values, case_sensitive });
        Ok(if negated { Filter::Not(Box::new(test)) } else { test })
    }
}

/// A name of the query's own language, not too long to be shown.
pub(super) fn shown(name: &str) -> &str {
    crate::limits::cut(name, 64)
}
