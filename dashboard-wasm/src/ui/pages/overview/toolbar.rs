//! What the numbers are of: period, comparison, step, definitions, filters.

use leptos::prelude::*;
use protocol::query::{Definitions, Step};

use super::badge::Badge;
use super::filters::Filters;
use super::period_menu::PeriodMenu;
use super::seen::Seen;
use crate::model::i18n::{Message, overview as say};
use crate::model::period::{Compare, steps};
use crate::model::view::{definitions_key, definitions_of};
use crate::ui::bind::{flag, piece, text};
use crate::ui::i18n::I18n;
use crate::ui::place::Place;

/// The bar below the top bar.
#[component]
pub fn Toolbar() -> impl IntoView {
    view! {
        <div class="toolbar">
            <PeriodMenu />
            <Comparison />
            <Interval />
            <Words />
            <Badge />
        </div>
        <Filters />
    }
    .into_any()
}

fn compare_name(compare: Compare) -> Message {
    match compare {
        Compare::Off => say::COMPARE_OFF,
        Compare::Previous => say::COMPARE_PREVIOUS,
        Compare::YearAgo => say::COMPARE_YEAR,
    }
}

#[component]
fn Comparison() -> impl IntoView {
    let (i18n, seen, place) = (I18n::get(), Seen::get(), Place::get());
    let options = [Compare::Previous, Compare::YearAgo, Compare::Off].map(|compare| {
        view! {
            <option value=compare.key() prop:selected=flag(move || seen.compare.get() == compare)>
                {i18n.t(compare_name(compare))}
            </option>
        }
        .into_any()
    });
    let choose = move |event| {
        let compare = Compare::from_key(&event_target_value(&event)).unwrap_or_default();
        place.change(|view| view.compare = compare);
    };
    view! {
        <select class="menu" data-testid="compare" aria-label=i18n.t(say::COMPARE) on:change=choose>
            {options.collect_view()}
        </select>
    }
    .into_any()
}

fn step_label(step: Step) -> Message {
    match step {
        Step::Minute => say::MINUTE,
        Step::Hour => say::HOUR,
        Step::Day => say::DAY,
        Step::Week => say::WEEK,
        Step::Month => say::MONTH,
    }
}

#[component]
fn Interval() -> impl IntoView {
    let (i18n, seen, place) = (I18n::get(), Seen::get(), Place::get());
    let choices = Memo::new(move |_| seen.range.with(steps));
    let options = piece(move || {
        let option = |step: Step| {
            view! {
                <option value=step.name() prop:selected=flag(move || seen.step.get() == step)>
                    {i18n.t(step_label(step))}
                </option>
            }
            .into_any()
        };
        choices.get().into_iter().map(option).collect_view().into_any()
    });
    let choose = move |event| place.change(|view| view.step = Step::from_name(&event_target_value(&event)));
    view! {
        <select class="menu" data-testid="interval" aria-label=i18n.t(say::INTERVAL) on:change=choose>
            {options}
        </select>
    }
    .into_any()
}

#[component]
fn Words() -> impl IntoView {
    let (i18n, seen, place) = (I18n::get(), Seen::get(), Place::get());
    let all = [
        (Definitions::LiveInsight, say::AS_LIVEINSIGHT),
        (Definitions::Plausible, say::AS_PLAUSIBLE),
        (Definitions::Ga4, say::AS_GA4),
    ];
    let options = all.map(|(definitions, label)| {
        let is_chosen = flag(move || seen.definitions.get() == definitions);
        view! {
            <option value=definitions_key(definitions) prop:selected=is_chosen>
                {i18n.t(label)}
            </option>
        }
        .into_any()
    });
    let choose = move |event| {
        let definitions = definitions_of(&event_target_value(&event)).unwrap_or_default();
        place.change(|view| view.definitions = definitions);
    };
    view! {
        <select
            class="menu"
            data-testid="definitions"
            aria-label=i18n.t(say::DEFINITIONS)
            title=text(move || i18n.say(say::DEFINITIONS))
            on:change=choose
        >
            {options.collect_view()}
        </select>
    }
    .into_any()
}
