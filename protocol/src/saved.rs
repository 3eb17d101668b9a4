//! What people save at a site: goals, segments of visitors, funnels. `/api/sites/{site_id}/goals`, `…/segments` and
//! `…/funnels` list and change them.

use std::collections::BTreeMap;

use serde::de::{DeserializeOwned, Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::query::{Context, Goal, RawFunnel, RawStep};

/// Most things of a kind a site has saved; of goals what one question takes.
pub const MAX_SAVED: usize = crate::query::MAX_GOALS;

/// What is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SavedKind {
    /// Something a site wants its visitors to do.
    Goal,
    /// Filters that are used again and again.
    Segment,
    /// A row of steps that visitors are hoped to take.
    Funnel,
}

impl SavedKind {
    /// All.
    pub const ALL: [Self; 3] = [Self::Goal, Self::Segment, Self::Funnel];

    /// Its name in the store and in the audit log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Goal => "goal",
            Self::Segment => "segment",
            Self::Funnel => "funnel",
        }
    }

    /// The part of the path that has its id.
    pub fn part(self) -> &'static str {
        match self {
            Self::Goal => "goal_id",
            Self::Segment => "segment_id",
            Self::Funnel => "funnel_id",
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

/// All that is saved at a site, each kind by name.
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
}

impl AllSaved {
    /// Ids and names of a kind.
    pub fn names(&self, kind: SavedKind) -> Vec<(&str, &str)> {
        match kind {
            SavedKind::Goal => self.goals.iter().map(|it| (&*it.id, &*it.what.name)).collect(),
            SavedKind::Segment => self.segments.iter().map(|it| (&*it.id, &*it.what.name)).collect(),
            SavedKind::Funnel => self.funnels.iter().map(|it| (&*it.id, &*it.what.name)).collect(),
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
}
