//! Questions and answers as JSON: several questions at once, so that all cards of a page change together.

use analytics::Columns;
use analytics::ask::{FunnelOf, JourneyOf, Kind, PropertiesOf, RetentionOf, Share};
use analytics::query::{columns, run_all};
use analytics::segment::SegmentError;
use protocol::query::{
    Asked, Query, QueryError, RawFunnel, RawJourney, RawProperties, RawQuery, RawRetention, Step, Times, Zone,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};

use crate::held::Held;

/// Questions, and what the worker would know besides.
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
    queries: Vec<One>,
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

/// A question, as `POST /api/v2/<its kind>` takes it.
///
/// Lists of visits and timelines are not among them: what they tell is no longer there once the data is condensed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum One {
    Query(Map<String, Value>),
    Funnel(Map<String, Value>),
    Retention(Map<String, Value>),
    Journey(Map<String, Value>),
    Properties(Map<String, Value>),
}

/// What a question is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Reply {
    /// As the API would.
    Answer(Box<RawValue>),
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

/// What is held, and the clocks that questions are checked by.
struct Desk<'a> {
    held: &'a mut Held,
    now: u64,
    zone: Zone,
    began: u64,
}

/// What a question is answered, or why it is not.
type Answered = Result<Box<RawValue>, QueryError>;

/// Nothing is answered, or this question alone is not.
type Told = Result<Answered, AskError>;

/// Reads JSON. All of it goes through one tree of values: read straight from the text, each type would weigh as much once
/// more in what pages load.
///
/// # Errors
/// It is no JSON, or another type's.
pub fn read<T: DeserializeOwned>(json: &str) -> serde_json::Result<T> {
    serde_json::from_value(serde_json::from_str(json)?)
}

/// Answers questions: `{"now", "zone": {"first", "changes"}, "began", "queries": [{"query": {…}}, {"funnel": {…}}, …]}`
/// with a list, in the same order, of `{"answer": …}` or `{"problem": "…"}`.
///
/// # Errors
/// The questions are not of this form, or a segment is damaged.
pub fn answer(held: &mut Held, questions: &str) -> Result<String, AskError> {
    let Questions { now, zone, began, mut queries } = read(questions)?;
    let mut desk = Desk { held, now, zone: Zone::new(zone.first, zone.changes), began };
    let mut rows = Vec::new();
    for one in &mut queries {
        if let One::Query(fields) = one {
            rows.push(desk.read(std::mem::take(fields)));
        }
    }
    let mut rows = desk.rows(&rows)?.into_iter();
    let mut replies = Vec::with_capacity(queries.len());
    for one in queries {
        replies.push(match desk.reply(one, &mut rows)? {
            Ok(answer) => Reply::Answer(answer),
            Err(error) => Reply::Problem(error.to_string()),
        });
    }
    Ok(serde_json::to_string(&replies)?)
}

impl Desk<'_> {
    /// Answers to questions for rows, which are found in as few passes as can be.
    fn rows(&mut self, checked: &[Result<Query, QueryError>]) -> Result<Vec<Answered>, AskError> {
        let asked: Vec<&Query> = checked.iter().flatten().collect();
        let wanted = asked.iter().fold(Columns::NONE, |wanted, query| wanted.or(columns(query)));
        let (data, index) = self.held.data(wanted)?;
        let mut answers = run_all(data, index, &asked).into_iter();
        let mut replies = Vec::with_capacity(checked.len());
        for query in checked {
            replies.push(match query {
                Err(error) => Err(error.clone()),
                Ok(_) => match answers.next() {
                    Some(Ok(answer)) => Ok(to_raw_value(&answer)?),
                    Some(Err(error)) => Err(error),
                    None => Err(QueryError::new("query", "it was not answered")),
                },
            });
        }
        Ok(replies)
    }

    /// Answers a question; of questions for rows the next of those that were found.
    fn reply(&mut self, one: One, rows: &mut impl Iterator<Item = Answered>) -> Told {
        match one {
            One::Query(_) => {
                Ok(rows.next().unwrap_or_else(|| Err(QueryError::new("query", "it was not answered"))))
            }
            One::Funnel(fields) => {
                let asked = self.asked::<RawFunnel>(fields, |_| None);
                match asked.and_then(|(raw, query)| Ok((raw.check(&query.goals)?, query))) {
                    Ok((funnel, query)) => self.told(&FunnelOf { query: &query, funnel: &funnel }),
                    Err(error) => Ok(Err(error)),
                }
            }
            One::Retention(fields) => match self.asked::<RawRetention>(fields, |raw| Some(raw.step.step())) {
                Ok((_, query)) => self.told(&RetentionOf { query: &query }),
                Err(error) => Ok(Err(error)),
            },
            One::Journey(fields) => {
                let asked = self.asked::<RawJourney>(fields, |_| None);
                match asked.and_then(|(raw, query)| Ok((raw.check()?, query))) {
                    Ok((RawJourney { anchor, steps, limit }, query)) => {
                        self.told(&JourneyOf { query: &query, anchor: &anchor, steps, limit })
                    }
                    Err(error) => Ok(Err(error)),
                }
            }
            One::Properties(fields) => match self.asked::<RawProperties>(fields, |_| None) {
                Ok((_, query)) => self.told(&PropertiesOf { query: &query }),
                Err(error) => Ok(Err(error)),
            },
        }
    }

    /// What is asked, and of what.
    fn asked<T: DeserializeOwned>(
        &self,
        fields: Map<String, Value>,
        step: impl FnOnce(&T) -> Option<Step>,
    ) -> Result<(T, Query), QueryError> {
        let Asked::<T> { scope, what } = Asked::of(fields)?;
        let query = self.checked(scope.query(step(&what)))?;
        Ok((what, query))
    }

    fn read(&self, fields: Map<String, Value>) -> Result<Query, QueryError> {
        let raw = serde_json::from_value(Value::Object(fields));
        self.checked(raw.map_err(|error| QueryError::new("query", error.to_string()))?)
    }

    fn checked(&self, raw: RawQuery) -> Result<Query, QueryError> {
        let (now, zone) = (self.now, &self.zone);
        let range = raw.date_range()?.resolve(now, zone, self.began)?;
        let comparison = raw.comparison(&range, now, zone, self.began)?;
        raw.check(&Times { range, comparison, zone: zone.clone() }, self.held.context())
    }

    fn told<K: Kind>(&mut self, kind: &K) -> Told
    where
        K::Answer: Serialize,
    {
        let (data, index) = self.held.data(kind.columns())?;
        Ok(match kind.look(data, index, Share::Whole) {
            Ok(sums) => Ok(to_raw_value(&kind.finish(sums))?),
            Err(error) => Err(error),
        })
    }
}
