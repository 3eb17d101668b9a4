//! The filters, as pills that can be changed and taken away, and the ways to more of them.

use leptos::prelude::*;

use super::board::value_name;
use super::seen::Seen;
use crate::model::filter::{Rule, SEGMENT};
use crate::model::i18n::{filters as form, overview as say};
use crate::model::tab::dimension_label;
use crate::ui::bind::{flag, piece, piece_when};
use crate::ui::i18n::I18n;
use crate::ui::icon::Icon;
use crate::ui::keys::Keys;
use crate::ui::place::Place;
use crate::ui::session::Session;
use crate::ui::split;

/// What is open of the forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Open {
    /// A filter more.
    New,
    /// A filter that is there.
    Change(Rule),
    /// The saved segments.
    Segments,
}

/// The buttons that open the forms, and the forms.
#[component]
pub fn FilterButtons(
    /// What is open.
    open: RwSignal<Option<Open>>,
) -> impl IntoView {
    let i18n = I18n::get();
    // Segments are kept at the site, whose keeping is nothing for readers of a share link.
    let is_person = expect_context::<Session>().person().is_some();
    Keys::get().on("f", say::FILTERS, form::KEY_FILTER, move || open.set(Some(Open::New)));
    let close = Callback::new(move |()| open.set(None));
    let dialog = piece(move || match open.get() {
        None => ().into_any(),
        Some(Open::New) => split::filter_form(None, close),
        Some(Open::Change(rule)) => split::filter_form(Some(rule), close),
        Some(Open::Segments) => split::segments(close),
    });
    view! {
        <button type="button" class="menu is-button" data-testid="add-filter" on:click=move |_| open.set(Some(Open::New))>
            {Icon::Filter.draw()} {i18n.t(form::ADD)}
        </button>
        {is_person.then(|| view! {
            <button type="button" class="menu is-button" data-testid="segments" on:click=move |_| open.set(Some(Open::Segments))>
                {i18n.t(form::SEGMENTS)}
            </button>
        }.into_any())}
        {dialog}
    }
    .into_any()
}

/// The filters; nothing as long as there are none.
#[component]
pub fn Filters(
    /// What is open of the forms.
    open: RwSignal<Option<Open>>,
) -> impl IntoView {
    let (i18n, seen, place) = (I18n::get(), Seen::get(), Place::get());
    let is_shown = flag(move || seen.rules.with(|rules| !rules.is_empty()));
    let pill = move |rule: Rule| {
        let is_segment = rule.dimension == SEGMENT;
        let property = rule.dimension.strip_prefix("event:props:").unwrap_or(&rule.dimension).to_owned();
        let name = dimension_label(&rule.dimension).map_or(property, |label| i18n.say(label));
        let values: Vec<String> =
            rule.values.iter().map(|value| value_name(i18n, &rule.dimension, value)).collect();
        let values = values.join(&i18n.say(say::OR));
        let said = format!("{name} {} {values}", i18n.say(rule.op.label()));
        let shown = if is_segment {
            view! { <strong>{split::segment_names(rule.values.clone())}</strong> }.into_any()
        } else {
            view! { <span class="pill-op">{i18n.say(rule.op.label())}</span> " " <strong>{values}</strong> }
                .into_any()
        };
        let old = rule.clone();
        let change = move |_| {
            open.set(Some(if is_segment { Open::Segments } else { Open::Change(old.clone()) }));
        };
        view! {
            <li class="pill" data-testid="filter">
                <button
                    type="button"
                    class="pill-text"
                    aria-label=i18n.fill(form::EDIT_OF, &[&said])
                    on:click=change
                >
                    {name} " " {shown}
                </button>
                <button
                    type="button"
                    class="pill-remove"
                    aria-label=i18n.fill(say::FILTER_REMOVE, &[&said])
                    on:click=move |_| place.change(|view| view.rules.retain(|other| *other != rule))
                >
                    {Icon::Close.draw()}
                </button>
            </li>
        }
        .into_any()
    };
    piece_when(is_shown, move || {
        view! {
            <div class="filters">
                <ul class="pills" aria-label=i18n.t(say::FILTERS)>
                    {piece(move || seen.rules.get().into_iter().map(pill).collect_view().into_any())}
                </ul>
                <button
                    type="button"
                    class="quiet-button"
                    on:click=move |_| place.change(|view| view.rules.clear())
                >
                    {i18n.t(say::FILTERS_CLEAR)}
                </button>
            </div>
        }
        .into_any()
    })
}
