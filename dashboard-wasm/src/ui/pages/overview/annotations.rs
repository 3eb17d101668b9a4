//! What happened when: the annotations of the site as a list, for those who may edit it with a form. The graph marks them.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use protocol::account::Role;
use protocol::saved::{AllSaved, Annotation, Saved};

use super::super::settings::form::{Field, Form, Loaded, Remove, Submit};
use super::seen::Seen;
use crate::browser::api;
use crate::browser::intl::Date;
use crate::model::annotation;
use crate::model::i18n::{annotations as say, overview, settings};
use crate::model::query;
use crate::ui::bind::{effect, flag, piece, piece_when, text};
use crate::ui::i18n::I18n;

/// The list, which opens.
#[component]
pub fn Annotations() -> impl IntoView {
    let seen = Seen::get();
    // Those of one site must never be seen in the graph of another.
    piece(move || {
        let address = query::saved(&seen.site.get(), "annotations");
        view! { <OfSite address /> }.into_any()
    })
}

#[component]
fn OfSite(address: String) -> impl IntoView {
    let (i18n, seen) = (I18n::get(), Seen::get());
    let may_edit = seen.sites.chosen.with_untracked(|site| site.role) >= Role::Editor;
    let saved = Loaded::<AllSaved>::new(address.clone());
    let address = StoredValue::new(address);
    // With the list goes what the graph marks: the next one may be of another site.
    on_cleanup(move || {
        let _ = seen.annotations.try_set(Vec::new());
    });
    effect(move || {
        if let Some(Ok(all)) = saved.answer.get() {
            seen.annotations.set(all.annotations);
        }
    });
    // What the form is open for.
    let changed = RwSignal::new(None::<Saved<Annotation>>);
    let is_empty = flag(move || seen.annotations.with(Vec::is_empty));
    let row = move |note: Saved<Annotation>| {
        let at = note.what.at;
        let when = text(move || {
            let wall = seen.sites.wall(at);
            let (day, time) = (i18n.date(Date::Full, wall), i18n.date(Date::Clock, wall));
            if annotation::written(wall).1.is_empty() { day } else { format!("{day}, {time}") }
        });
        let acts = may_edit.then(|| {
            let address = format!("{}/{}", address.get_value(), note.id);
            let own = note.clone();
            let edit = move |_| changed.set(Some(own.clone()));
            view! {
                <td class="note-acts">
                    <button type="button" class="button" on:click=edit>{i18n.t(say::EDIT)}</button>
                    <Remove address done=Callback::new(move |()| saved.again()) />
                </td>
            }
            .into_any()
        });
        view! {
            <tr data-testid="annotation">
                <th scope="row">{when}</th>
                <td class="note-text">{note.what.text}</td>
                {acts}
            </tr>
        }
        .into_any()
    };
    let table = piece(move || {
        if is_empty.get() {
            return view! { <p class="empty is-short">{i18n.t(say::NONE)}</p> }.into_any();
        }
        view! {
            <div class="numbers-box" tabindex="0" role="region" aria-label=i18n.t(say::ANNOTATIONS)>
                <table class="numbers-table is-notes">
                    <thead>
                        <tr>
                            <th scope="col">{i18n.t(overview::STEP)}</th>
                            <th scope="col">{i18n.t(say::TEXT)}</th>
                            {may_edit.then(|| view! { <td></td> }.into_any())}
                        </tr>
                    </thead>
                    <tbody>
                        {piece(move || {
                            seen.annotations.get().into_iter().rev().map(row).collect_view().into_any()
                        })}
                    </tbody>
                </table>
            </div>
        }
        .into_any()
    });
    // A memo: to set nothing where there is nothing must not empty the form.
    let form_of = Memo::new(move |_| changed.get());
    let form = may_edit.then(|| {
        piece(move || {
            let done = Callback::new(move |()| {
                changed.set(None);
                saved.again();
            });
            let cancel = Callback::new(move |()| changed.set(None));
            view! { <NoteForm address=address.get_value() old=form_of.get() done cancel /> }.into_any()
        })
    });
    let title = text(move || match seen.annotations.with(Vec::len) {
        0 => i18n.say(say::ANNOTATIONS),
        count => format!("{} ({})", i18n.say(say::ANNOTATIONS), i18n.count(count as u64)),
    });
    view! {
        <details class="numbers" data-testid="annotations">
            <summary class="numbers-summary">{title}</summary>
            {table}
            {form}
        </details>
    }
    .into_any()
}

/// A note being written: a new one, or one there is.
#[component]
fn NoteForm(
    address: String,
    old: Option<Saved<Annotation>>,
    done: Callback<()>,
    cancel: Callback<()>,
) -> impl IntoView {
    let (i18n, seen, form) = (I18n::get(), Seen::get(), Form::start());
    let at = old.as_ref().map(|it| it.what.at);
    let (day, time) = untrack(|| match at {
        Some(at) => annotation::written(seen.sites.wall(at)),
        // Today, or the last day that is on show.
        None => {
            let last = seen.range.get().end.saturating_sub(1).min(seen.sites.time.read());
            (annotation::written(seen.sites.wall(last)).0, String::new())
        }
    });
    let (day, time) = (RwSignal::new(day), RwSignal::new(time));
    let what = RwSignal::new(old.as_ref().map(|it| it.what.text.clone()).unwrap_or_default());
    let is_change = old.is_some();
    let (method, address) = match &old {
        Some(Saved { id, .. }) => ("PUT", format!("{address}/{id}")),
        None => ("POST", address),
    };
    let is_unreadable = RwSignal::new(false);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let at = seen.sites.clock.with_untracked(|clock| {
            annotation::moment(&day.get_untracked(), &time.get_untracked(), &clock.zone)
        });
        is_unreadable.set(at.is_none());
        let Some(at) = at else { return };
        let body = Annotation { at, text: what.get_untracked() };
        let address = address.clone();
        let request = async move { api::change::<Saved<Annotation>>(method, &address, &body).await };
        form.send(request, move |_| {
            what.set(String::new());
            done.run(());
        });
    };
    view! {
        <form class="note-form" data-testid="annotation-form" on:submit=submit>
            <Field label=say::DAY name="at" value=day form kind="date" required=true />
            <Field label=say::TIME name="time" value=time form kind="time" />
            <Field label=say::TEXT name="text" value=what form required=true />
            <Submit label=if is_change { settings::SAVE } else { say::ADD } form />
            {is_change.then(|| view! {
                <button type="button" class="button" on:click=move |_| cancel.run(())>
                    {i18n.t(settings::CANCEL)}
                </button>
            }.into_any())}
            {piece_when(flag(move || is_unreadable.get()), move || view! {
                <p class="field-problem" role="alert">{i18n.t(say::UNREADABLE)}</p>
            }.into_any())}
        </form>
    }
    .into_any()
}
