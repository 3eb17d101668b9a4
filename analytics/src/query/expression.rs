//! Regular expressions, where they are compiled in: see the feature `expressions`.

use protocol::query::QueryError;

/// Memory a compiled expression may take: hostile ones are refused.
#[cfg(feature = "expressions")]
const MAX_BYTES: usize = 256 * 1024;

/// A regular expression, ready to run.
#[cfg(feature = "expressions")]
#[derive(Debug)]
pub(super) struct Expression(regex_lite::Regex);

#[cfg(feature = "expressions")]
impl Expression {
    /// Compiles one; without `case_sensitive`, A to Z are folded.
    ///
    /// # Errors
    /// It is none, or too large.
    pub(super) fn new(text: &str, case_sensitive: bool) -> Result<Self, QueryError> {
        let mut builder = regex_lite::RegexBuilder::new(text);
        let compiled = builder.case_insensitive(!case_sensitive).size_limit(MAX_BYTES).build();
        compiled.map(Self).map_err(|error| QueryError::new("filters", error.to_string()))
    }

    /// Whether it matches somewhere in a text.
    pub(super) fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

/// There is none.
#[cfg(not(feature = "expressions"))]
#[derive(Debug)]
pub(super) enum Expression {}

#[cfg(not(feature = "expressions"))]
impl Expression {
    /// Refuses.
    ///
    /// # Errors
    /// Always.
    pub(super) fn new(_: &str, _: bool) -> Result<Self, QueryError> {
        Err(QueryError::new("filters", "`matches` is not known here: ask the API"))
    }

    /// Whether it matches somewhere in a text.
    pub(super) fn is_match(&self, _: &str) -> bool {
        match *self {}
    }
}
