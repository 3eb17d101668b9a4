//! Questions as `POST /api/v2/query` takes them, and answers as it gives them. The engine in the browser takes and gives
//! the same.

use std::ops::Range;

use protocol::query::Zone;
use serde::{Deserialize, Serialize};

use super::filter::Rule;

/// How much later than it happened an event is still waited for, milliseconds.
const LATEST: u64 = 300_000;

/// A question.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Question {
    /// The site.
    pub site_id: String,
    /// Names of metrics.
    pub metrics: Vec<&'static str>,
    /// The first and the last second, ISO 8601.
    pub date_range: [String; 2],
    /// Names of dimensions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dimensions: Vec<String>,
    /// Lists that begin with an operator.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<(&'static str, String, Vec<String>)>,
    /// Metric or dimension, and direction.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub order_by: Vec<(String, &'static str)>,
    /// What to tell besides.
    pub include: Include,
    /// Which rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Page>,
    /// What words mean.
    pub definitions: &'static str,
}

/// What an answer tells besides its rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Include {
    /// The range to compare with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compare: Option<[String; 2]>,
}

/// Which rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Page {
    /// How many.
    pub limit: u32,
    /// After how many.
    pub offset: u32,
}

/// An answer: of what a reply says, the part that is shown, so that two that show the same are the same.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Reply {
    /// The groups.
    pub results: Vec<ReplyRow>,
}

/// A group.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct ReplyRow {
    /// The metrics, as asked; nothing for a mean of nothing.
    pub metrics: Vec<Option<f64>>,
    /// The values of the dimensions, as asked.
    pub dimensions: Vec<String>,
    /// The metrics of the same group in the range compared with.
    #[serde(default)]
    pub comparison: Option<Vec<Option<f64>>>,
}

impl ReplyRow {
    /// A metric.
    pub fn metric(&self, place: usize) -> Option<f64> {
        self.metrics.get(place).copied().flatten()
    }

    /// The same in the range compared with.
    pub fn before(&self, place: usize) -> Option<f64> {
        self.comparison.as_ref()?.get(place).copied().flatten()
    }
}

impl Question {
    /// Whether events may still come that belong to its range. Those of its last moments take a while to arrive.
    pub fn is_open_at(&self, now: u64) -> bool {
        // Texts of the same form and offset: their order is that of the times.
        self.date_range[1] >= Zone::UTC.print(now.saturating_sub(LATEST))
    }
}

/// A range as a question says it: questions end with their last second.
pub fn ends(range: &Range<u64>) -> [String; 2] {
    let utc = Zone::UTC;
    [utc.print(range.start), utc.print(range.end.saturating_sub(1_000).max(range.start))]
}

/// Filters as a question says them.
pub fn filters(rules: &[Rule]) -> Vec<(&'static str, String, Vec<String>)> {
    rules.iter().map(|rule| (rule.op.name(), rule.dimension.clone(), rule.values.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::filter::Op;
    use super::*;
    use protocol::query::{Context, RawQuery, Times};

    #[test]
    fn question_is_one_that_the_engine_understands() {
        let range = 1_795_669_200_000..1_795_755_600_000;
        let rules = [Rule { op: Op::IsNot, dimension: "visit:country".into(), values: vec!["KR".into()] }];
        let question = Question {
            site_id: "shop".into(),
            metrics: vec!["visitors", "bounce_rate"],
            date_range: ends(&range),
            dimensions: vec!["event:page".into()],
            filters: filters(&rules),
            order_by: vec![("visitors".into(), "asc")],
            include: Include { compare: Some(ends(&(5_000..9_000))) },
            pagination: Some(Page { limit: 9, offset: 0 }),
            definitions: "ga4",
        };
        let raw = RawQuery::parse(&serde_json::to_vec(&question).unwrap()).unwrap();
        let found = raw.date_range().unwrap().resolve(0, &Zone::UTC, 0).unwrap();
        let comparison = raw.comparison(&found, 0, &Zone::UTC, 0).unwrap();
        assert_eq!((&found, &comparison), (&range, &Some(5_000..9_000)));
        let query =
            raw.check(&Times { range: found, comparison, zone: Zone::UTC }, &Context::default()).unwrap();
        assert_eq!((query.filters.len(), query.pagination.limit), (1, 9));
        let at = |offset: i64| question.is_open_at(range.end.saturating_add_signed(offset));
        assert_eq!([-3_600_000, 0, 298_000, 300_000, 86_400_000].map(at), [true, true, true, false, false]);
    }

    #[test]
    fn later_answer_with_the_same_groups_is_nothing_new() {
        let answer = |last_event: u64| {
            let meta = serde_json::json!({ "last_event": last_event, "exact": true });
            let row = serde_json::json!({ "metrics": [3.0], "dimensions": ["/"] });
            serde_json::from_value::<Reply>(serde_json::json!({ "results": [row], "meta": meta })).unwrap()
        };
        assert_eq!(answer(1), answer(2));
    }
}
