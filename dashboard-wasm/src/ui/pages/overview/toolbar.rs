//! What the numbers are of: period, comparison, step, definitions, filters.

use leptos::prelude::*;
use protocol::query::{Definitions, Step};

use super::badge::Badge;
use super::filters::{FilterButtons, Filters};
use super::period_menu::PeriodMenu;
use super::seen::Seen;
use crate::model::i18n::{Message, filters, overview as say};
use crate::model::period::{Compare, date, day_of, steps};
use crate::model::view::{definitions_key, definitions_of};
use crate::ui::bind::{flag, piece, piece_when, text};
use crate::ui::i18n::I18n;
use crate::ui::place::Place;

/// The bar below the top bar.
#[component]
pub fn Toolbar(
    /// Whether nothing on the page is drawn over time.
    #[prop(optional)]
    without_interval: bool,
    /// Whether there are no numbers on the page at all.
    #[prop(optional)]
    is_list: bool,
) -> impl IntoView {
    let open = RwSignal::new(None);
    view! {
        <div class="toolbar">
            <PeriodMenu />
            <FilterButtons open />
            {(!is_list).then(|| view! { <Comparison /> }.into_any())}
            {(!without_interval && !is_list).then(|| view! { <Interval /> }.into_any())}
            <Words />
            {(!is_list).then(|| view! { <Badge /> }.into_any())}
        </div>
        <Filters open />
    }
    .into_any()
}

fn compare_name(compare: Compare) -> Message {
    match compare {
        Compare::Off => say::COMPARE_OFF,
        Compare::Previous => say::COMPARE_PREVIOUS,
        Compare::YearAgo => say::COMPARE_YEAR,
        Compare::Custom(..) => filters::COMPARE_CUSTOM,
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
    let is_custom = flag(move || matches!(seen.compare.get(), Compare::Custom(..)));
    // Chosen by its days, a comparison begins as what it was.
    let days = move || {
        let days = |range: &std::ops::Range<u64>| {
            seen.sites.clock.with_untracked(|clock| {
                (clock.zone.day(range.start), clock.zone.day(range.end.saturating_sub(1)))
            })
        };
        seen.comparison.get_untracked().as_ref().map_or_else(|| seen.range.with_untracked(days), days)
    };
    let choose = move |event| {
        let compare = match event_target_value(&event).as_str() {
            "custom" => {
                let (from, to) = days();
                Compare::Custom(from, to)
            }
            key => Compare::from_key(key).unwrap_or_default(),
        };
        place.change(|view| view.compare = compare);
    };
    let edge = move |is_from: bool, label: Message| {
        let shown = text(move || match seen.compare.get() {
            Compare::Custom(from, to) => date(if is_from { from } else { to }),
            _ => String::new(),
        });
        let set = move |event| {
            let Some(day) = day_of(&event_target_value(&event)) else { return };
            place.change(|view| {
                if let Compare::Custom(from, to) = view.compare {
                    let (from, to) = if is_from { (day, to.max(day)) } else { (from.min(day), day) };
                    view.compare = Compare::Custom(from, to);
                }
            });
        };
        view! { <input type="date" class="menu" aria-label=i18n.t(label) prop:value=shown on:change=set /> }
            .into_any()
    };
    view! {
        <select class="menu" data-testid="compare" aria-label=i18n.t(say::COMPARE) on:change=choose>
            {options.collect_view()}
            <option value="custom" prop:selected=is_custom>{i18n.t(filters::COMPARE_CUSTOM)}</option>
        </select>
        {piece_when(is_custom, move || view! {
            {edge(true, filters::COMPARE_FROM)}
            {edge(false, filters::COMPARE_TO)}
        }.into_any())}
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
