//! What a query is answered.

use std::borrow::Cow;
use std::ops::Range;

use serde::de::{Deserializer, Error as _};
use serde::ser::{SerializeMap as _, Serializer};
use serde::{Deserialize, Serialize};

use super::Origin;
use crate::problem::Problem;

/// A sum of money, exact: a decimal such as `-12.5`, and an ISO 4217 code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Money {
    /// The decimal.
    pub value: String,
    /// The currency.
    pub currency: String,
    /// Whether the value was rounded: a mean that has more than four digits after the point.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rounded: bool,
}

/// The value of a metric.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// How many.
    Count(u64),
    /// Part of whole: printed in per cent.
    Share(u64, u64),
    /// Sum and count of a mean: printed as a number.
    Mean(u64, u64),
    /// Sum and count of a mean duration, milliseconds: printed in seconds.
    Duration(u64, u64),
    /// A duration, milliseconds: printed in seconds.
    Percentile(u64),
    /// Money by currency, in order of currency: printed as one object if there is one currency.
    Money(Vec<Money>),
    /// There is none: a share of nothing.
    Absent,
    /// A number as it was printed: what is read from an answer, of which it is not said what it is made of.
    Number(f64),
}

impl Value {
    /// The number printed, not rounded; `None` for money and what is absent.
    pub fn number(&self) -> Option<f64> {
        let ratio = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        match *self {
            Self::Count(count) => Some(count as f64),
            Self::Share(part, whole) => ratio(part, whole).map(|share| share * 100.0),
            Self::Mean(sum, count) => ratio(sum, count),
            Self::Duration(sum, count) => ratio(sum, count).map(|ms| ms / 1_000.0),
            Self::Percentile(ms) => Some(ms as f64 / 1_000.0),
            Self::Number(number) => Some(number),
            Self::Money(_) | Self::Absent => None,
        }
    }
}

/// Rounded to hundredths as Plausible prints rates; counts stay whole.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(count) => serializer.serialize_u64(*count),
            Self::Money(money) => match money.as_slice() {
                [] => serializer.serialize_none(),
                [one] => one.serialize(serializer),
                all => all.serialize(serializer),
            },
            other => match other.number().map(|number| (number * 100.0).round() / 100.0) {
                None => serializer.serialize_none(),
                Some(number) => serializer.serialize_f64(number),
            },
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let printed = serde_json::Value::deserialize(deserializer)?;
        if printed.is_null() {
            return Ok(Self::Absent);
        }
        if let Some(count) = printed.as_u64() {
            return Ok(Self::Count(count));
        }
        if let Some(number) = printed.as_f64() {
            return Ok(Self::Number(number));
        }
        let money = if printed.is_array() {
            serde_json::from_value(printed)
        } else {
            serde_json::from_value(printed).map(|one| vec![one])
        };
        money.map(Self::Money).map_err(D::Error::custom)
    }
}

/// One group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswerRow {
    /// The metrics, as asked.
    pub metrics: Vec<Value>,
    /// The values of the dimensions, as asked.
    pub dimensions: Vec<String>,
    /// The metrics of the same group in the range compared with; for a time dimension, of the step as far from
    /// the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Vec<Value>>,
}

/// What was estimated and how far it may be off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The metric.
    pub metric: Cow<'static, str>,
    /// Largest error, as a part of the value.
    pub relative_error: f64,
}

/// What an answer covers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AnswerMeta {
    /// The range, Unix milliseconds, the end not included.
    pub range: Range<u64>,
    /// Visits that were looked at.
    pub visits_scanned: u64,
    /// Events that were looked at or skipped as part of a visit, heartbeats included.
    pub events_scanned: u64,
    /// The first and the last event there was to look at, Unix milliseconds: how fresh the answer is.
    pub data_span: Option<(u64, u64)>,
    /// What was estimated.
    pub estimates: Vec<Estimate>,
    /// Where the numbers come from.
    pub origin: Origin,
    /// How many rows there are in all, if asked.
    pub total_rows: Option<u64>,
    /// The labels of all steps, if asked.
    pub time_labels: Option<Vec<String>>,
}

impl Serialize for AnswerMeta {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(total) = self.total_rows {
            map.serialize_entry("total_rows", &total)?;
        }
        if let Some(labels) = &self.time_labels {
            map.serialize_entry("time_labels", labels)?;
        }
        map.serialize_entry("from", &self.range.start)?;
        map.serialize_entry("to", &self.range.end)?;
        map.serialize_entry("visits_scanned", &self.visits_scanned)?;
        map.serialize_entry("events_scanned", &self.events_scanned)?;
        map.serialize_entry("first_event", &self.data_span.map(|(first, _)| first))?;
        map.serialize_entry("last_event", &self.data_span.map(|(_, last)| last))?;
        let exact = self.estimates.is_empty() && self.origin.estimated_ranges.is_empty();
        map.serialize_entry("exact", &exact)?;
        map.serialize_entry("estimates", &self.estimates)?;
        map.serialize_entry("origin", &self.origin)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for AnswerMeta {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Printed {
            total_rows: Option<u64>,
            time_labels: Option<Vec<String>>,
            from: u64,
            to: u64,
            visits_scanned: u64,
            events_scanned: u64,
            first_event: Option<u64>,
            last_event: Option<u64>,
            estimates: Vec<Estimate>,
            #[serde(default)]
            origin: Origin,
        }
        let printed = Printed::deserialize(deserializer)?;
        Ok(Self {
            range: printed.from..printed.to,
            visits_scanned: printed.visits_scanned,
            events_scanned: printed.events_scanned,
            data_span: printed.first_event.zip(printed.last_event),
            estimates: printed.estimates,
            origin: printed.origin,
            total_rows: printed.total_rows,
            time_labels: printed.time_labels,
        })
    }
}

/// The answer to a query.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The groups in order, or the one row of a query without dimensions.
    pub results: Vec<AnswerRow>,
    /// What they cover.
    pub meta: AnswerMeta,
    /// The query as it was understood.
    pub query: serde_json::Value,
}

/// What became of one of several queries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OneAnswer {
    /// It was answered.
    Answer(Answer),
    /// It was refused.
    Refused {
        /// Why.
        problem: Problem,
    },
}

/// The answers to several queries, in their order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answers {
    /// One for each query.
    pub results: Vec<OneAnswer>,
}
