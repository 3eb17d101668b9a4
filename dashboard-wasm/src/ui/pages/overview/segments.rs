//! Saved segments: filters with a name.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use protocol::account::Role;
use protocol::saved::{AllSaved, Saved, Segment};
use serde::Serialize;

use super::super::settings::form::{Field, Form, Loaded, Remove, Submit};
use super::seen::Seen;
use crate::browser::api;
use crate::model::filter::{Op, Rule, SEGMENT};
use crate::model::i18n::{filters as say, settings};
use crate::model::query;
use crate::model::question::filters;
use crate::ui::bind::{flag, piece};
use crate::ui::dialog::Dialog;
use crate::ui::i18n::I18n;
use crate::ui::place::Place;

/// A segment as it is sent.
#[derive(Serialize)]
struct NewSegment {
    name: String,
    filters: Vec<(&'static str, String, Vec<String>)>,
}

/// The segments, to be chosen and taken away, and the filters of now to be saved.
#[component]
pub fn Segments(
    /// Closes the dialog.
    close: Callback<()>,
) -> impl IntoView {
    let (i18n, seen, place) = (I18n::get(), Seen::get(), Place::get());
    let may_edit = seen.sites.chosen.with_untracked(|site| site.role) >= Role::Editor;
    let address = StoredValue::new(query::saved(&seen.site.get_untracked(), "segments"));
    let saved = Loaded::<AllSaved>::new(address.get_value());
    let row = move |Saved { id, what }: Saved<Segment>| {
        let own = id.clone();
        let choose = move |_| {
            let rule = Rule { op: Op::Is, dimension: SEGMENT.into(), values: vec![own.clone()] };
            place.change(|view| {
                if !view.rules.contains(&rule) {
                    view.rules.push(rule);
                }
            });
            close.run(());
        };
        let gone = id.clone();
        let done = Callback::new(move |()| {
            // A filter by it would be refused.
            place.change(|view| {
                view.rules.retain(|rule| rule.dimension != SEGMENT || !rule.values.contains(&gone));
            });
            saved.again();
            seen.data.learn();
        });
        let address = format!("{}/{id}", address.get_value());
        view! {
            <li class="setting-row" data-testid="segment">
                <span class="setting-main"><strong>{what.name}</strong></span>
                <button type="button" class="button" on:click=choose>{i18n.t(say::USE)}</button>
                {may_edit.then(|| view! { <Remove address done /> }.into_any())}
            </li>
        }
        .into_any()
    };
    let list = saved.draw(move |all| {
        if all.segments.is_empty() {
            return view! { <p class="empty">{i18n.t(say::NO_SEGMENTS)}</p> }.into_any();
        }
        view! { <ul class="setting-rows">{all.segments.into_iter().map(row).collect_view()}</ul> }.into_any()
    });
    let (form, name) = (Form::start(), RwSignal::new(String::new()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let body = NewSegment {
            name: name.get_untracked(),
            filters: seen.rules.with_untracked(|rules| filters(rules)),
        };
        let request = async move { api::change::<Saved<Segment>>("POST", &address.get_value(), &body).await };
        form.send(request, move |Saved { id, .. }| {
            name.set(String::new());
            seen.data.learn();
            place.change(|view| {
                view.rules = vec![Rule { op: Op::Is, dimension: SEGMENT.into(), values: vec![id] }];
            });
            close.run(());
        });
    };
    let has_filters = flag(move || seen.rules.with(|rules| !rules.is_empty()));
    let save = may_edit.then(|| {
        piece(move || {
            if !has_filters.get() {
                return view! { <p class="card-note">{i18n.t(say::NO_FILTERS)}</p> }.into_any();
            }
            view! {
                <form class="form" data-testid="segment-form" on:submit=submit>
                    <Field label=say::SAVE_FILTERS name="name" value=name form required=true />
                    <Submit label=settings::SAVE form />
                </form>
            }
            .into_any()
        })
    });
    view! {
        <Dialog title=i18n.t(say::SEGMENTS) class="is-form" close=move || close.run(())>
            <div class="in-dialog segments">
                <p class="card-note">{i18n.t(say::SEGMENTS_TEXT)}</p>
                {list}
                {save}
            </div>
        </Dialog>
    }
    .into_any()
}

/// The names of segments by their ids.
#[component]
pub fn SegmentNames(
    /// The ids.
    ids: Vec<String>,
) -> impl IntoView {
    let seen = Seen::get();
    let saved = Loaded::<AllSaved>::new(query::saved(&seen.site.get_untracked(), "segments"));
    piece(move || {
        let all = match saved.answer.get() {
            Some(Ok(all)) => all.segments,
            _ => Vec::new(),
        };
        let name = |id: &String| {
            let found = all.iter().find(|segment| segment.id == *id);
            found.map_or_else(|| "…".to_owned(), |segment| segment.what.name.clone())
        };
        let names: Vec<String> = ids.iter().map(name).collect();
        names.join(", ").into_any()
    })
}
