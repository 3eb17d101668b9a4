//! What questions are answered.

use protocol::query::{Cohort, JourneyStep, Money, PropertyKey};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// An answer: of what a reply says, the part that is shown, so that two that show the same are the same. What an answer
/// of its kind does not have is empty.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Reply {
    /// The groups.
    pub results: Vec<ReplyRow>,
    /// Of a funnel, visitors who reached each step.
    pub visitors: Vec<u64>,
    /// Of a funnel, visitors with any action.
    pub all_visitors: u64,
    /// Of retention, who came first in the same step.
    pub cohorts: Vec<Cohort>,
    /// Of a journey, visits that have the page it is told from.
    pub visits: u64,
    /// Of a journey, those of them that begin at a page that is not listed.
    pub others: u64,
    /// Of a journey, the pages it is told from.
    pub steps: Vec<JourneyStep>,
    /// Properties that events have.
    pub properties: Vec<PropertyKey>,
    /// What it covers.
    #[serde(alias = "covered")]
    pub meta: ReplyMeta,
}

impl Reply {
    /// Whether it counts visits that were made up to meet totals that were imported.
    pub fn is_estimated(&self) -> bool {
        !self.meta.origin.estimated_ranges.is_empty()
    }
}

/// What an answer covers, as far as it is shown.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ReplyMeta {
    /// Where its numbers come from.
    pub origin: ReplyOrigin,
}

/// Where numbers come from, as far as it is shown.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ReplyOrigin {
    /// Ranges of time whose visits were made up.
    pub estimated_ranges: Vec<(u64, u64)>,
}

/// A group.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct ReplyRow {
    /// The metrics, as asked.
    pub metrics: Vec<Measure>,
    /// The values of the dimensions, as asked.
    pub dimensions: Vec<String>,
    /// The metrics of the same group in the range compared with.
    #[serde(default)]
    pub comparison: Option<Vec<Measure>>,
}

/// The value of a metric.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Measure {
    /// There is none, such as a mean of nothing.
    #[default]
    Nothing,
    /// A number.
    Number(f64),
    /// Sums by currency.
    Money(Vec<Money>),
}

impl<'de> Deserialize<'de> for Measure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MeasureVisitor)
    }
}

struct MeasureVisitor;

impl<'de> Visitor<'de> for MeasureVisitor {
    type Value = Measure;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a number, money or nothing")
    }

    fn visit_unit<E>(self) -> Result<Measure, E> {
        Ok(Measure::Nothing)
    }

    fn visit_f64<E>(self, value: f64) -> Result<Measure, E> {
        Ok(Measure::Number(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Measure, E> {
        Ok(Measure::Number(value as f64))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Measure, E> {
        Ok(Measure::Number(value as f64))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Measure, A::Error> {
        Money::deserialize(MapAccessDeserializer::new(map)).map(|one| Measure::Money(vec![one]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Measure, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(Measure::Money)
    }
}

impl Measure {
    /// The number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The sums of money.
    pub fn money(&self) -> &[Money] {
        match self {
            Self::Money(money) => money,
            _ => &[],
        }
    }
}

impl ReplyRow {
    /// A metric.
    pub fn metric(&self, place: usize) -> Option<f64> {
        self.metrics.get(place)?.number()
    }

    /// The same in the range compared with.
    pub fn before(&self, place: usize) -> Option<f64> {
        self.comparison.as_ref()?.get(place)?.number()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_answer_with_the_same_groups_is_nothing_new() {
        let answer = |last_event: u64| {
            let meta = serde_json::json!({ "last_event": last_event, "exact": true });
            let row = serde_json::json!({ "metrics": [3.0], "dimensions": ["/"] });
            serde_json::from_value::<Reply>(serde_json::json!({ "results": [row], "meta": meta })).unwrap()
        };
        assert_eq!(answer(1), answer(2));
    }

    #[test]
    fn measure_is_a_number_money_or_nothing() {
        let row = serde_json::json!({
            "metrics": [3, 2.5, null, { "value": "12.50", "currency": "EUR" },
                        [{ "value": "1", "currency": "KRW" }, { "value": "2", "currency": "USD" }]],
            "dimensions": ["/"],
        });
        let row: ReplyRow = serde_json::from_value(row).unwrap();
        assert_eq!((row.metric(0), row.metric(1), row.metric(2)), (Some(3.0), Some(2.5), None));
        assert_eq!(row.metrics[3].money()[0].currency, "EUR");
        assert_eq!(row.metrics[4].money().len(), 2);
    }
}
