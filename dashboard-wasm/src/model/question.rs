//! Questions as `POST /api/v2/query` and its siblings take them. The engine in the browser takes the same.

use std::ops::Range;

use protocol::query::{CohortStep, RawFunnel, RawJourney, RawTimeline, RawVisits, Zone};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::filter::Rule;
pub use super::reply::{Measure, Reply, ReplyRow};

/// How much later than it happened an event is still waited for, milliseconds.
const LATEST: u64 = 300_000;

/// A question.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The site.
    pub site_id: String,
    /// The first and the last second, ISO 8601.
    pub date_range: [String; 2],
    /// Lists that begin with an operator.
    pub filters: Vec<(&'static str, String, Vec<String>)>,
    /// What words mean.
    pub definitions: &'static str,
    /// What is asked.
    pub what: What,
    /// Names of metrics. These and the following are of questions for rows alone.
    pub metrics: Vec<&'static str>,
    /// Names of dimensions.
    pub dimensions: Vec<String>,
    /// Metric or dimension, and direction.
    pub order_by: Vec<(String, &'static str)>,
    /// What to tell besides.
    pub include: Include,
    /// Which rows.
    pub pagination: Option<Page>,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum What {
    /// Metrics, by dimensions.
    #[default]
    Rows,
    /// How many visitors take which steps.
    Funnel(RawFunnel),
    /// Who comes back, by days, weeks or months.
    Retention(CohortStep),
    /// Which ways visits take.
    Journey(RawJourney),
    /// Which properties events have.
    Properties,
    /// Single visits, those before one. Only the API tells of single visits, and so with the next kind.
    Visits(RawVisits),
    /// What a visitor did.
    Timeline(RawTimeline),
}

impl What {
    /// Its name: the engine's for the kind, and the end of the API's address.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Rows => "query",
            Self::Funnel(_) => "funnel",
            Self::Retention(_) => "retention",
            Self::Journey(_) => "journey",
            Self::Properties => "properties",
            Self::Visits(_) => "visits",
            Self::Timeline(_) => "timeline",
        }
    }
}

/// As the API takes it by itself.
impl Serialize for Question {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Question", 4)?;
        fields.serialize_field("site_id", &self.site_id)?;
        self.rest(&mut fields)?;
        fields.end()
    }
}

/// A question among others about the same site.
struct Rest<'a>(&'a Question);

impl Serialize for Rest<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Question", 3)?;
        self.0.rest(&mut fields)?;
        fields.end()
    }
}

/// Questions for rows about one site, as the API takes them together.
#[derive(Serialize)]
pub struct Together<'a> {
    site_id: &'a str,
    queries: Vec<Rest<'a>>,
}

impl<'a> Together<'a> {
    /// Puts them together; nothing if there are none.
    pub fn of(questions: &[&'a Question]) -> Option<Self> {
        let site_id = &questions.first()?.site_id;
        Some(Self { site_id, queries: questions.iter().map(|question| Rest(question)).collect() })
    }
}

/// A question as the engine takes it: under the name of its kind.
#[derive(Debug)]
pub struct Named<'a>(pub &'a Question);

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_variant("Named", 0, self.0.what.name(), self.0)
    }
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

impl Question {
    /// All fields but the site.
    fn rest<S: SerializeStruct>(&self, fields: &mut S) -> Result<(), S::Error> {
        fields.serialize_field("date_range", &self.date_range)?;
        fields.serialize_field("definitions", self.definitions)?;
        if !self.filters.is_empty() {
            fields.serialize_field("filters", &self.filters)?;
        }
        match &self.what {
            What::Rows => {
                fields.serialize_field("metrics", &self.metrics)?;
                fields.serialize_field("dimensions", &self.dimensions)?;
                fields.serialize_field("order_by", &self.order_by)?;
                fields.serialize_field("include", &self.include)?;
                if let Some(page) = &self.pagination {
                    fields.serialize_field("pagination", page)?;
                }
            }
            What::Funnel(funnel) => {
                fields.serialize_field("steps", &funnel.steps)?;
                fields.serialize_field("strict", &funnel.strict)?;
                fields.serialize_field("window_ms", &funnel.window_ms)?;
            }
            What::Retention(step) => fields.serialize_field("step", step)?,
            What::Journey(journey) => {
                fields.serialize_field("anchor", &journey.anchor)?;
                fields.serialize_field("steps", &journey.steps)?;
                fields.serialize_field("limit", &journey.limit)?;
            }
            What::Properties => {}
            What::Visits(visits) => {
                fields.serialize_field("limit", &visits.limit)?;
                if let Some(before) = &visits.before {
                    fields.serialize_field("before", before)?;
                }
            }
            What::Timeline(timeline) => {
                fields.serialize_field("visitor", &timeline.visitor)?;
                fields.serialize_field("started_at", &timeline.started_at)?;
                fields.serialize_field("limit", &timeline.limit)?;
            }
        }
        Ok(())
    }

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
            what: What::Rows,
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

    fn asked<T: serde::de::DeserializeOwned>(what: What) -> Result<T, protocol::query::QueryError> {
        let question = Question { what, ..plain() };
        protocol::query::Asked::parse(&serde_json::to_vec(&question).unwrap()).map(|asked| asked.what)
    }

    fn plain() -> Question {
        Question {
            site_id: "shop".into(),
            metrics: vec!["visitors"],
            date_range: ends(&(5_000..9_000)),
            dimensions: Vec::new(),
            filters: Vec::new(),
            order_by: Vec::new(),
            include: Include::default(),
            pagination: None,
            definitions: "ga4",
            what: What::Rows,
        }
    }

    #[test]
    fn question_of_each_kind_is_read_by_the_api() {
        use protocol::query::{Anchor, RawProperties, RawRetention, RawStep};
        let steps = vec![RawStep { page: Some("/".into()), ..RawStep::default() }; 2];
        let funnel = RawFunnel { steps, strict: true, window_ms: 60_000 };
        assert_eq!(asked(What::Funnel(funnel.clone())), Ok(funnel));
        let journey = RawJourney { anchor: Anchor::Before("/cart".into()), steps: 3, limit: 4 };
        assert_eq!(asked(What::Journey(journey.clone())), Ok(journey));
        assert_eq!(asked(What::Retention(CohortStep::Month)), Ok(RawRetention { step: CohortStep::Month }));
        assert_eq!(asked(What::Properties), Ok(RawProperties {}));
        let visits = RawVisits { limit: 9, before: Some("7-0000000000000009".into()) };
        assert_eq!(asked(What::Visits(visits.clone())), Ok(visits));
        let timeline = RawTimeline { visitor: "0000000000000009".into(), started_at: Some(7), limit: 50 };
        assert_eq!(asked(What::Timeline(timeline.clone())), Ok(timeline));
        let named = serde_json::to_value(Named(&Question { what: What::Properties, ..plain() })).unwrap();
        assert_eq!(named["properties"]["site_id"], "shop");
    }

    #[test]
    fn questions_about_one_site_are_asked_together() {
        let (one, two) = (plain(), Question { metrics: vec!["visits"], ..plain() });
        let body = serde_json::to_vec(&Together::of(&[&one, &two]).unwrap()).unwrap();
        let read = protocol::query::RawQueries::parse(&body).unwrap();
        assert_eq!(read.len(), 2);
        assert!(read.iter().all(|query| query.as_ref().unwrap().site_id == "shop"));
        assert!(Together::of(&[]).is_none());
    }
}
