//! Values that there are, to choose from while writing: of pages and of names of events.

use leptos::prelude::*;

use super::super::overview::seen::Seen;
use crate::model::draft::Means;
use crate::model::question::Page;
use crate::ui::bind::piece;

/// Suggested values.
const MOST: u32 = 50;

/// Lists of values under the ids `known-page` and `known-event`.
#[component]
pub fn Known() -> impl IntoView {
    let lists = [(Means::Page, "event:page"), (Means::Event, "event:name")].map(|(means, dimension)| {
        let seen = Seen::get();
        let asked = seen.data.ask(move || {
            let mut question = seen.question(&seen.range.get(), vec!["visitors"]);
            // Everything there is, whatever is filtered by.
            question.filters = vec![("is_not", dimension.into(), vec![String::new()])];
            question.dimensions = vec![dimension.into()];
            question.pagination = Some(Page { limit: MOST, offset: 0 });
            Some(question)
        });
        let values = Memo::new(move |_| {
            asked.reply.with(|reply| {
                let rows = reply.iter().flat_map(|reply| &reply.results);
                rows.filter_map(|row| row.dimensions.first().cloned()).collect::<Vec<String>>()
            })
        });
        let option = |value: String| view! { <option value=value></option> };
        view! {
            <datalist id=format!("known-{}", means.key())>
                {piece(move || values.get().into_iter().map(option).collect_view().into_any())}
            </datalist>
        }
        .into_any()
    });
    lists.collect_view()
}

/// A line of text with values to choose from.
#[component]
pub fn Written(
    /// What it is, for those who do not see where it stands.
    label: Memo<String>,
    /// What it holds.
    value: RwSignal<String>,
    /// Which of [`Known`]'s lists to choose from.
    #[prop(into)]
    means: Signal<Means>,
) -> impl IntoView {
    view! {
        <input
            class="field-input"
            type="text"
            required
            autocomplete="off"
            spellcheck="false"
            maxlength="2048"
            list=move || format!("known-{}", means.get().key())
            aria-label=label
            prop:value=value
            on:input=move |event| value.set(event_target_value(&event))
        />
    }
    .into_any()
}
