//! The filters, as pills that can be taken away.

use leptos::prelude::*;

use super::board::value_name;
use super::seen::Seen;
use crate::model::filter::{Op, Rule};
use crate::model::i18n::{Message, overview as say};
use crate::model::tab::dimension_label;
use crate::ui::bind::{flag, piece, piece_when};
use crate::ui::i18n::I18n;
use crate::ui::icon::Icon;
use crate::ui::place::Place;

fn op_label(op: Op) -> Message {
    match op {
        Op::Is => say::IS,
        Op::IsNot => say::IS_NOT,
        Op::Contains => say::CONTAINS,
        Op::ContainsNot => say::CONTAINS_NOT,
    }
}

/// The filters; nothing as long as there are none.
#[component]
pub fn Filters() -> impl IntoView {
    let (i18n, seen, place) = (I18n::get(), Seen::get(), Place::get());
    let is_shown = flag(move || seen.rules.with(|rules| !rules.is_empty()));
    let pill = move |rule: Rule| {
        let name = dimension_label(&rule.dimension).map_or(rule.dimension.clone(), |label| i18n.say(label));
        let values: Vec<String> =
            rule.values.iter().map(|value| value_name(i18n, &rule.dimension, value)).collect();
        let values = values.join(&i18n.say(say::OR));
        let said = format!("{name} {} {values}", i18n.say(op_label(rule.op)));
        view! {
            <li class="pill" data-testid="filter">
                <span class="pill-text">
                    {name} " " <span class="pill-op">{i18n.say(op_label(rule.op))}</span> " " <strong>{values}</strong>
                </span>
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
