//! What people save at a site: goals, segments of visitors, funnels, annotations. `/api/sites/{site_id}/goals`,
//! `…/segments`, `…/funnels` and `…/annotations` list and change them.

use std::collections::BTreeMap;

use serde::de::{DeserializeOwned, Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::query::{Context, Goal, RawFunnel, RawStep};

/// Most things of a kind a site has saved; of goals what one question takes.
pub const MAX_SAVED: usize = crate::query::MAX_GOALS;

/// Most annotations of a site: one a week for eight years. They are read with all that is saved.
pub const MAX_ANNOTATIONS: usize = 400;

/// Longest text of an annotation, characters: what a label beside a graph has room for.
pub const MAX_ANNOTATION_CHARS: usize = 200;

/// What is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SavedKind {
    /// Something a site wants its visitors to do.
    Goal,
    /// Filters that are used again and again.
    Segment,
    /// A row of steps that visitors are hoped to take.
    Funnel,
    /// What happened at a moment, to be seen in graphs over time.
    Annotation,
}

impl SavedKind {
    /// All.
    pub const ALL: [Self; 4] = [Self::Goal, Self::Segment, Self::Funnel, Self::Annotation];

    /// Most of the kind that a site has.
    pub fn most(self) -> usize {
        if self == Self::Annotation { MAX_ANNOTATIONS } else { MAX_SAVED }
    }

    /// Its name in the store and in the audit log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Goal => "goal",
            Self::Segment => "segment",
            Self::Funnel => "funnel",
            Self::Annotation => "annotation",
        }
    }

    /// The part of the path that has its id.
    pub fn part(self) -> &'static str {
        match self {
            Self::Goal => "goal_id",
            Self::Segment => "segment_id",
            Self::Funnel => "funnel_id",
            Self::Annotation => "annotation_id",
        }
    }
}

/// Something that is saved, and what names it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Saved<T> {
    /// Names it.
    pub id: String,
    /// What it is.
    #[serde(flatten)]
    pub what: T,
}

/// What serde makes of a flattened field goes through a type of its own, and weighs kilobytes in what pages load.
impl<'de, T: DeserializeOwned> Deserialize<'de> for Saved<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Map::deserialize(deserializer)?;
        let id = match fields.remove("id") {
            Some(Value::String(id)) => id,
            _ => return Err(D::Error::missing_field("id")),
        };
        let what = T::deserialize(Value::Object(fields)).map_err(D::Error::custom)?;
        Ok(Self { id, what })
    }
}

/// Filters that are used again and again; questions name them as `["is", "segment", [id]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// Its name for people, its own among the site's segments.
    pub name: String,
    /// Lists that begin with an operator, as in a question. All of them have to hold.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Vec<Value>>))]
    pub filters: Vec<Value>,
}

/// A funnel with a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NamedFunnel {
    /// Its name for people, its own among the site's funnels.
    pub name: String,
    /// What has to happen, in this order; two to eight.
    pub steps: Vec<RawStep>,
    /// See [`RawFunnel::strict`].
    #[serde(default)]
    pub strict: bool,
    /// See [`RawFunnel::window_ms`].
    #[serde(default = "crate::query::a_week")]
    pub window_ms: u64,
}

impl NamedFunnel {
    /// Without the name.
    pub fn funnel(self) -> RawFunnel {
        RawFunnel { steps: self.steps, strict: self.strict, window_ms: self.window_ms }
    }
}

/// What happened at a moment, such as a release or a campaign, to be seen in graphs over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Annotation {
    /// When, Unix milliseconds.
    pub at: u64,
    /// What; at most 200 characters, in one line.
    pub text: String,
}

impl Annotation {
    /// The text as it is kept; nothing for one that cannot be.
    pub fn tidy(&self) -> Option<String> {
        let text = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
        (1..=MAX_ANNOTATION_CHARS).contains(&text.chars().count()).then_some(text)
    }
}

/// All that is saved at a site, each kind by name; annotations by time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct AllSaved {
    /// The goals.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub goals: Vec<Saved<Goal>>,
    /// The segments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Saved<Segment>>,
    /// The funnels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub funnels: Vec<Saved<NamedFunnel>>,
    /// The annotations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub annotations: Vec<Saved<Annotation>>,
}

impl AllSaved {
    /// Ids and names of a kind; of annotations their texts.
    pub fn names(&self, kind: SavedKind) -> Vec<(&str, &str)> {
        match kind {
            SavedKind::Goal => self.goals.iter().map(|it| (&*it.id, &*it.what.name)).collect(),
            SavedKind::Segment => self.segments.iter().map(|it| (&*it.id, &*it.what.name)).collect(),
            SavedKind::Funnel => self.funnels.iter().map(|it| (&*it.id, &*it.what.name)).collect(),
            SavedKind::Annotation => self.annotations.iter().map(|it| (&*it.id, &*it.what.text)).collect(),
        }
    }

    /// What questions have to know of it.
    pub fn context(&self) -> Context {
        // Not collected: that would bring a sort along into what pages load.
        let mut segments = BTreeMap::new();
        for segment in &self.segments {
            segments.insert(segment.id.clone(), segment.what.filters.clone());
        }
        let goals = self.goals.iter().map(|goal| goal.what.clone()).collect();
        Context { goals, segments, ..Context::default() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_saved_is_read_as_it_is_printed() {
        let printed = json!({
            "goals": [{ "id": "00ff", "name": "Signup", "event": "signup",
                        "props": [{ "key": "plan", "op": "is", "values": ["pro"] }] }],
            "segments": [{ "id": "01ff", "name": "Korea", "filters": [["is", "visit:country", ["KR"]]] }],
            "funnels": [{ "id": "02ff", "name": "Buying", "strict": false, "window_ms": 1,
                          "steps": [{ "page": "/" }, { "goal": "Signup" }] }],
            "annotations": [{ "id": "03ff", "at": 1_795_669_200_000_u64, "text": "Version 2" }],
        });
        let read: AllSaved = serde_json::from_value(printed.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), printed);
        let context = read.context();
        assert_eq!(context.goals[0].name, "Signup");
        assert_eq!(context.filters(&[json!(["is", "segment", ["01ff"]])]).unwrap().len(), 1);
        assert!(
            serde_json::from_value::<Saved<Goal>>(json!({ "name": "Signup", "event": "signup" })).is_err()
        );
        assert!(read.funnels[0].what.clone().funnel().check(&context.goals).is_ok());
    }

    #[test]
    fn text_of_an_annotation_is_one_line_of_a_length_that_can_be_shown() {
        let tidy = |text: &str| Annotation { at: 0, text: text.into() }.tidy();
        assert_eq!(tidy("  Version 2\n is  out ").as_deref(), Some("Version 2 is out"));
        assert_eq!(tidy(&"가".repeat(MAX_ANNOTATION_CHARS)).map(|text| text.chars().count()), Some(200));
        assert_eq!((tidy(" \n"), tidy(&"a".repeat(MAX_ANNOTATION_CHARS + 1))), (None, None));
    }
}
