//! Questions and answers as JSON: several questions at once, so that all cards of a page change together.

use analytics::Columns;
use analytics::query::{columns, run_all};
use analytics::segment::SegmentError;
use protocol::query::{Answer, Context, Query, QueryError, RawQuery, Times, Zone};
use serde::{Deserialize, Serialize};

use crate::held::Held;

/// Questions, each as `POST /api/v2/query` takes it, and what the worker would know besides.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Questions {
    /// The time, Unix milliseconds.
    now: u64,
    /// The site's clock.
    zone: Clock,
    /// When the site's data begins, Unix milliseconds.
    began: u64,
    /// The questions.
    queries: Vec<RawQuery>,
}

/// A [`Zone`] as it is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Clock {
    /// Offset from UTC before the first change, seconds.
    first: i32,
    /// When the offset becomes what.
    changes: Vec<(u64, i32)>,
}

/// What a question is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Reply {
    /// As `POST /api/v2/query` would.
    Answer(Box<Answer>),
    /// Why it cannot be answered.
    Problem(String),
}

/// Why nothing at all is answered.
#[derive(Debug)]
pub enum AskError {
    /// The questions cannot be read.
    Questions(serde_json::Error),
    /// The data cannot.
    Segment(SegmentError),
}

impl std::fmt::Display for AskError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Questions(error) => write!(formatter, "questions: {error}"),
            Self::Segment(error) => write!(formatter, "segment: {error}"),
        }
    }
}

impl std::error::Error for AskError {}

impl From<serde_json::Error> for AskError {
    fn from(error: serde_json::Error) -> Self {
        Self::Questions(error)
    }
}

impl From<SegmentError> for AskError {
    fn from(error: SegmentError) -> Self {
        Self::Segment(error)
    }
}

/// Answers questions: `{"now", "zone": {"first", "changes"}, "began", "queries": […]}` with a list, in the same order,
/// of `{"answer": …}` or `{"problem": "…"}`.
///
/// # Errors
/// The questions are not of this form, or a segment is damaged.
pub fn answer(held: &mut Held, questions: &str) -> Result<String, AskError> {
    let Questions { now, zone, began, queries } = serde_json::from_str(questions)?;
    let zone = Zone::new(zone.first, zone.changes);
    let context = held.context();
    let checked: Vec<_> = queries.into_iter().map(|raw| check(raw, now, &zone, began, context)).collect();
    let asked: Vec<&Query> = checked.iter().flatten().collect();
    let wanted = asked.iter().fold(Columns::NONE, |wanted, query| wanted.or(columns(query)));
    let (data, index) = held.data(wanted)?;
    // Together they are found in as few passes as can be.
    let mut answers = run_all(data, index, &asked).into_iter();
    let reply = |checked: &Result<Query, QueryError>| match checked {
        Ok(_) => match answers.next() {
            Some(Ok(answer)) => Reply::Answer(Box::new(answer)),
            Some(Err(error)) => Reply::Problem(error.to_string()),
            None => Reply::Problem("it was not answered".into()),
        },
        Err(error) => Reply::Problem(error.to_string()),
    };
    let replies: Vec<Reply> = checked.iter().map(reply).collect();
    Ok(serde_json::to_string(&replies)?)
}

fn check(raw: RawQuery, now: u64, zone: &Zone, began: u64, context: &Context) -> Result<Query, QueryError> {
    let range = raw.date_range()?.resolve(now, zone, began)?;
    let comparison = raw.comparison(&range, now, zone, began)?;
    raw.check(&Times { range, comparison, zone: zone.clone() }, context)
}
