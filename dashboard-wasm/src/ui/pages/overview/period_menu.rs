//! The choice of the period: by name, by its days, one earlier, one later.

use leptos::prelude::*;

use super::seen::Seen;
use crate::browser::intl::Date;
use crate::model::i18n::overview as say;
use crate::model::period::{Period, date, day_of};
use crate::model::view::View;
use crate::ui::bind::{flag, piece_when, text};
use crate::ui::i18n::I18n;
use crate::ui::icon::Icon;
use crate::ui::place::Place;

/// The name of a period.
fn name(i18n: I18n, period: Period) -> String {
    i18n.say(match period {
        Period::Today => say::TODAY,
        Period::LastDay => say::LAST_DAY,
        Period::Days(count) => return i18n.fill(say::LAST_DAYS, &[&count.to_string()]),
        Period::Month => say::THIS_MONTH,
        Period::Year => say::THIS_YEAR,
        Period::All => say::ALL_TIME,
        Period::Custom(..) | Period::Between(..) => say::CUSTOM,
    })
}

/// The menu, between two arrows, and what it means in dates.
#[component]
pub fn PeriodMenu() -> impl IntoView {
    let (i18n, seen, place) = (I18n::get(), Seen::get(), Place::get());
    let is_custom = flag(move || matches!(seen.period.get(), Period::Custom(..) | Period::Between(..)));
    let option = move |period: Period| {
        view! {
            <option value=period.key() prop:selected=flag(move || seen.period.get() == period)>
                {text(move || name(i18n, period))}
            </option>
        }
        .into_any()
    };
    let days = move || {
        seen.sites.clock.with_untracked(|clock| {
            seen.range.with_untracked(|range| {
                (clock.zone.day(range.start), clock.zone.day(range.end.saturating_sub(1)))
            })
        })
    };
    let choose = move |event| {
        let key = event_target_value(&event);
        let (from, to) = days();
        place.change(|view| {
            view.period = Period::from_key(&key).unwrap_or(Period::Custom(from, to));
            view.back = 0;
            view.step = None;
        });
    };
    let shown = text(move || {
        let is_part = matches!(seen.period.get(), Period::Between(..));
        seen.range.with(|range| {
            let last = if is_part { range.end } else { range.end.saturating_sub(1) };
            let (from, to) = (seen.sites.wall(range.start), seen.sites.wall(last));
            i18n.dates(if is_part { Date::Moment } else { Date::Full }, from, to)
        })
    });
    let edge = move |is_from: bool| {
        text(move || {
            seen.range.track();
            let (from, to) = days();
            date(if is_from { from } else { to })
        })
    };
    let set_edge = move |is_from: bool, value: String| {
        let Some(day) = day_of(&value) else { return };
        let (from, to) = days();
        let (from, to) = if is_from { (day, to.max(day)) } else { (from.min(day), day) };
        place.change(|view| {
            view.period = Period::Custom(from, to);
            view.back = 0;
        });
    };
    let is_latest = flag(move || seen.back.get() == 0);
    view! {
        <div class="period" role="group" aria-label=i18n.t(say::PERIOD)>
            <button
                type="button"
                class="tool"
                aria-label=i18n.t(say::EARLIER)
                title=i18n.t(say::EARLIER)
                on:click=move |_| place.change(View::go_earlier)
            >
                {Icon::Earlier.draw()}
            </button>
            <select
                class="menu"
                data-testid="period"
                aria-label=i18n.t(say::PERIOD)
                on:change=choose
            >
                {Period::NAMED.map(option).collect_view()}
                <option value="custom" prop:selected=is_custom>
                    {i18n.t(say::CUSTOM)}
                </option>
            </select>
            <button
                type="button"
                class="tool"
                aria-label=i18n.t(say::LATER)
                title=i18n.t(say::LATER)
                disabled=is_latest
                on:click=move |_| place.change(View::go_later)
            >
                {Icon::Later.draw()}
            </button>
            {piece_when(is_custom, move || view! {
                <input
                    type="date"
                    class="menu"
                    aria-label=i18n.t(say::FROM)
                    prop:value=edge(true)
                    on:change=move |event| set_edge(true, event_target_value(&event))
                />
                <input
                    type="date"
                    class="menu"
                    aria-label=i18n.t(say::TO)
                    prop:value=edge(false)
                    on:change=move |event| set_edge(false, event_target_value(&event))
                />
            }.into_any())}
            <span class="period-dates" data-testid="period-dates">{shown}</span>
        </div>
    }
    .into_any()
}
