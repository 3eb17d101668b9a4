//! What happened in a visit of the list, or in all of a visitor's.

use leptos::prelude::*;
use protocol::query::RawTimeline;

use super::super::overview::seen::Seen;
use crate::model::filter::{Op, Rule};
use crate::model::i18n::sessions as say;
use crate::model::question::{Question, What};
use crate::ui::i18n::I18n;
use crate::ui::place::Place;
use crate::ui::story::{Told, told};

/// Asks what a visitor did, in one visit or in all of the range.
pub(super) fn question(visitor: String, started_at: Option<u64>) -> Question {
    let seen = Seen::get();
    let what = What::Timeline(RawTimeline { visitor, started_at, limit: PAST });
    let all = untrack(|| seen.question(&seen.range.get(), Vec::new()));
    Question { what, filters: Vec::new(), ..all }
}

/// Most visits of a visitor that are told at once.
const PAST: usize = 50;

/// What happened in a visit of the list.
#[component]
pub(super) fn VisitTimeline(visitor: String, started_at: u64) -> impl IntoView {
    let (i18n, place) = (I18n::get(), Place::get());
    let who = StoredValue::new(visitor.clone());
    told(question(visitor, Some(started_at)), move |answer| {
        let Some(visit) = answer.visits.into_iter().next() else {
            return view! { <p class="empty">{i18n.t(say::GONE)}</p> }.into_any();
        };
        let person = visit.said.get("person_id").cloned().filter(|person| !person.is_empty());
        let of_person = person.map(|person| {
            let label = i18n.fill(say::OF_PERSON, &[&person]);
            let filter = move |_| {
                let rule =
                    Rule { op: Op::Is, dimension: "visit:person".into(), values: vec![person.clone()] };
                place.change(|view| {
                    view.rules.retain(|other| other.dimension != rule.dimension);
                    view.rules.push(rule);
                });
            };
            view! { <button type="button" class="button" on:click=filter>{label}</button> }.into_any()
        });
        let of_visitor = move |_| place.change(|view| view.pick = who.get_value());
        view! {
            <Told visit />
            <div class="visit-acts">
                {of_person}
                <button type="button" class="button" on:click=of_visitor>{i18n.t(say::OF_VISITOR)}</button>
            </div>
        }
        .into_any()
    })
}
