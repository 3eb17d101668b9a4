//! Goals, segments of visitors, funnels and annotations of a site: `/api/sites/{site_id}/goals`, `…/segments`,
//! `…/funnels`, `…/annotations`.

use protocol::problem::Code;
use protocol::query::{Goal, QueryError};
use protocol::saved::{AllSaved, Annotation, MAX_ANNOTATION_CHARS, NamedFunnel, Saved, SavedKind, Segment};
use serde::Serialize;
use serde_json::json;

use super::{Answer, Call, DAY_MS, invalid, named, refused};
use crate::auth::secret;
use crate::http::Response;
use crate::routes::Act;

/// Lists, adds, changes or removes.
pub(super) async fn run(call: &Call<'_>, kind: SavedKind, act: Act) -> Answer {
    let site = call.site().await?;
    // What others changed a moment ago counts as well.
    let all = call.accounts().saved(site.id.as_str()).await?;
    let names = all.names(kind);
    let fresh;
    let id = match act {
        Act::List => return Ok(listed(kind, &all)),
        Act::Add => {
            if names.len() >= kind.most() {
                return Err(refused(Code::LimitReached));
            }
            fresh = crate::encoding::hex(&secret::random::<8>(call.platform));
            &fresh
        }
        Act::Change | Act::Remove => {
            let id = call.id(kind.part(), Code::NotFound)?;
            if !names.iter().any(|(other, _)| *other == id) {
                return Err(refused(Code::NotFound));
            }
            id
        }
    };
    if act == Act::Remove {
        call.accounts().unsave(site.id.as_str(), kind, id).await?;
        changed(call, kind, "removed", id).await;
        return Ok(Response::empty(204));
    }
    let Document { name, doc, response } = match kind {
        SavedKind::Goal => goal(call.body()?, id)?,
        SavedKind::Segment => segment(call.body()?, id, &all)?,
        SavedKind::Funnel => funnel(call.body()?, id, &all)?,
        SavedKind::Annotation => annotation(&call.body()?, id, call.now())?,
    };
    // The same may happen twice.
    if kind != SavedKind::Annotation && names.iter().any(|(other, taken)| *other != id && *taken == name) {
        return Err(refused(Code::AlreadyExists));
    }
    call.accounts().save(site.id.as_str(), kind, id, &doc).await?;
    changed(call, kind, if act == Act::Add { "made" } else { "changed" }, id).await;
    Ok(Response { status: if act == Act::Add { 201 } else { 200 }, ..response })
}

async fn changed(call: &Call<'_>, kind: SavedKind, what: &str, id: &str) {
    call.app.saved.forget();
    call.note(&format!("{}.{what}", kind.name()), id).await;
}

fn listed(kind: SavedKind, all: &AllSaved) -> Response {
    match kind {
        SavedKind::Goal => Response::json(200, &json!({ "goals": all.goals })),
        SavedKind::Segment => Response::json(200, &json!({ "segments": all.segments })),
        SavedKind::Funnel => Response::json(200, &json!({ "funnels": all.funnels })),
        SavedKind::Annotation => Response::json(200, &json!({ "annotations": all.annotations })),
    }
}

/// Something that was checked, printed.
struct Document {
    name: String,
    doc: String,
    response: Response,
}

impl Document {
    fn new<T: Serialize>(name: String, what: T, id: &str) -> Result<Self, Response> {
        let doc = serde_json::to_string(&what).map_err(|_| invalid("it cannot be printed"))?;
        Ok(Self { name, doc, response: Response::json(200, &Saved { id: id.to_owned(), what }) })
    }
}

fn goal(goal: Goal, id: &str) -> Result<Document, Response> {
    let goal = Goal { name: named(&goal.name)?, ..goal };
    if !goal.is_sound() {
        return Err(invalid(
            "a goal's `page` or `event`, the tests of its `props` or its `currency` are empty or too long",
        ));
    }
    Document::new(goal.name.clone(), goal, id)
}

fn segment(segment: Segment, id: &str, all: &AllSaved) -> Result<Document, Response> {
    let segment = Segment { name: named(&segment.name)?, ..segment };
    if segment.filters.is_empty() {
        return Err(QueryError::new("filters", "a segment has at least one filter").into());
    }
    // As it will be used: one that comes to name itself is nested too deep.
    let mut context = all.context();
    context.segments.insert(id.to_owned(), segment.filters.clone());
    context.filters(&[json!(["is", "segment", [id]])])?;
    Document::new(segment.name.clone(), segment, id)
}

fn funnel(funnel: NamedFunnel, id: &str, all: &AllSaved) -> Result<Document, Response> {
    let funnel = NamedFunnel { name: named(&funnel.name)?, ..funnel };
    funnel.clone().funnel().check(&all.context().goals)?;
    Document::new(funnel.name.clone(), funnel, id)
}

/// How far ahead something may be noted: what is planned, but no slip of the keyboard.
const AHEAD_MS: u64 = 366 * DAY_MS;

fn annotation(annotation: &Annotation, id: &str, now: u64) -> Result<Document, Response> {
    let Some(text) = annotation.tidy() else {
        return Err(invalid(format!("`text` must have 1 to {MAX_ANNOTATION_CHARS} characters")));
    };
    if annotation.at > now + AHEAD_MS {
        return Err(invalid("`at` must not be more than a year ahead"));
    }
    Document::new(text.clone(), Annotation { text, ..*annotation }, id)
}
