//! One of several.

use leptos::prelude::*;

use crate::model::i18n::Message;
use crate::ui::i18n::I18n;

/// A menu. Each option has a value and a text.
#[component]
pub fn Choice(
    /// What is chosen.
    label: Message,
    /// Its name in the API.
    name: &'static str,
    /// The value that is chosen.
    value: RwSignal<String>,
    /// Values and texts.
    options: Vec<(String, Signal<String>)>,
    /// Whether it cannot be changed.
    #[prop(optional)]
    locked: bool,
) -> impl IntoView {
    let options = options.into_iter().map(|(option, text)| {
        let chosen = option.clone();
        view! { <option value=option prop:selected=move || value.with(|it| *it == chosen)>{text}</option> }
            .into_any()
    });
    view! {
        <label class="field">
            <span class="field-label">{I18n::get().t(label)}</span>
            <select
                class="field-input"
                name=name
                disabled=locked
                prop:value=value
                on:change=move |event| value.set(event_target_value(&event))
            >
                {options.collect_view()}
            </select>
        </label>
    }
    .into_any()
}

/// Options with names of ours.
pub fn named<T: Copy>(
    i18n: I18n,
    all: impl IntoIterator<Item = T>,
    value: impl Fn(T) -> &'static str,
    name: impl Fn(T) -> Message,
) -> Vec<(String, Signal<String>)> {
    all.into_iter().map(|it| (value(it).to_owned(), i18n.t(name(it)).into())).collect()
}
