//! The choice of the period.

use leptos::prelude::*;

use super::bind::flag;
use super::live::Live;
use crate::model::window::Window as Period;

/// One button for each period, of which one is pressed: radio buttons, so that arrow keys work.
#[component]
pub fn PeriodPicker() -> impl IntoView {
    let live = expect_context::<Live>();
    let choices = Period::ALL.map(|period| {
        view! {
            <label class="segment">
                <input
                    type="radio"
                    name="period"
                    value=period.key()
                    prop:checked=flag(move || live.period.get() == period)
                    aria-label=format!("Last {}", period.label())
                    on:change=move |_| live.period.set(period)
                />
                <span aria-hidden="true">{period.short_label()}</span>
            </label>
        }
    });
    view! {
        <fieldset class="segments">
            <legend class="visually-hidden">"Period"</legend>
            {choices}
        </fieldset>
    }
    .into_any()
}
