//! What those who save goals, segments, funnels and annotations send and are given.

use protocol::problem::Code;
use protocol::query::Goal;
use protocol::saved::{AllSaved, Annotation, NamedFunnel, Saved, SavedKind, Segment};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Doc;
use crate::routes::Act;

/// What a route takes and gives.
pub(super) fn describe(kind: SavedKind, act: Act) -> Doc {
    let [list, add, change, remove] = match kind {
        SavedKind::Goal => [
            ("goals", "What the site wants its visitors to do, by name"),
            ("makeGoal", "Save a goal"),
            ("changeGoal", "Change a goal"),
            ("removeGoal", "Remove a goal"),
        ],
        SavedKind::Segment => [
            ("savedSegments", "Saved filters, by name"),
            ("saveSegment", "Save filters"),
            ("changeSegment", "Change saved filters"),
            ("removeSegment", "Remove saved filters"),
        ],
        SavedKind::Funnel => [
            ("funnels", "Saved funnels, by name"),
            ("saveFunnel", "Save a funnel"),
            ("changeFunnel", "Change a saved funnel"),
            ("removeFunnel", "Remove a saved funnel"),
        ],
        SavedKind::Annotation => [
            ("annotations", "What happened when, by time"),
            ("annotate", "Note what happened at a moment"),
            ("changeAnnotation", "Change an annotation"),
            ("removeAnnotation", "Remove an annotation"),
        ],
    };
    let (id, summary) = match act {
        Act::List => list,
        Act::Add => add,
        Act::Change => change,
        Act::Remove => remove,
    };
    let doc = Doc::new(id, summary);
    match act {
        Act::List => doc.gives::<AllSaved>(200),
        Act::Remove => doc.problems(&[Code::NotFound]),
        Act::Add if kind == SavedKind::Annotation => {
            with_body(doc, kind, 201).problems(&[Code::LimitReached])
        }
        Act::Change if kind == SavedKind::Annotation => with_body(doc, kind, 200).problems(&[Code::NotFound]),
        Act::Add => with_body(doc, kind, 201).problems(&[Code::LimitReached, Code::AlreadyExists]),
        Act::Change => with_body(doc, kind, 200).problems(&[Code::NotFound, Code::AlreadyExists]),
    }
}

fn with_body(doc: Doc, kind: SavedKind, status: u16) -> Doc {
    match kind {
        SavedKind::Goal => typed::<Goal>(doc, status),
        SavedKind::Segment => typed::<Segment>(doc, status),
        SavedKind::Funnel => typed::<NamedFunnel>(doc, status),
        SavedKind::Annotation => typed::<Annotation>(doc, status),
    }
}

fn typed<T: ToSchema + Serialize + for<'de> Deserialize<'de>>(doc: Doc, status: u16) -> Doc
where
    Saved<T>: ToSchema,
{
    doc.takes::<T>().gives::<Saved<T>>(status)
}
