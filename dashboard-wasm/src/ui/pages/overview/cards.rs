//! The six figures, each of which the graph can show.

use leptos::prelude::*;

use super::seen::Seen;
use crate::browser::intl::{Date, Number};
use crate::model::i18n::overview as say;
use crate::model::stat::{Change, Stat};
use crate::ui::bind::{flag, piece, text};
use crate::ui::desk::Asked;
use crate::ui::hint::Hint;
use crate::ui::i18n::I18n;
use crate::ui::place::Place;

/// The figures, of which one is chosen.
#[component]
pub fn Cards(
    /// The answer that has them.
    totals: Asked,
) -> impl IntoView {
    let cards = Stat::ALL.map(|stat| view! { <Card stat totals /> }.into_any());
    let is_loading = text(move || totals.reply.with(Option::is_none).to_string());
    view! {
        <ul class="figures" aria-busy=is_loading class:is-outdated=flag(move || totals.is_outdated.get())>
            {cards.collect_view()}
        </ul>
    }
    .into_any()
}

#[component]
fn Card(stat: Stat, totals: Asked) -> impl IntoView {
    let (i18n, seen, place) = (I18n::get(), Seen::get(), Place::get());
    let number = stat.place();
    let value = Memo::new(move |_| {
        totals.reply.with(|reply| Some(reply.as_ref()?.results.first().and_then(|row| row.metric(number))))
    });
    let before = Memo::new(move |_| {
        totals.reply.with(|reply| reply.as_ref()?.results.first().and_then(|row| row.before(number)))
    });
    let shown = piece(move || match value.get() {
        Some(value) => i18n.short_figure(stat.unit(), value).into_any(),
        None => view! { <span class="skeleton is-figure"></span> }.into_any(),
    });
    let exact = text(move || value.get().flatten().map(|value| value.to_string()).unwrap_or_default());
    let full = text(move || i18n.figure(stat.unit(), value.get().flatten()));
    let change = Memo::new(move |_| Change::of(before.get(), value.get().flatten()));
    let is_good = flag(move || change.get().is_some_and(|change| tone(stat, change) > 0));
    let is_bad = flag(move || change.get().is_some_and(|change| tone(stat, change) < 0));
    let change_text = text(move || match change.get() {
        None => String::new(),
        Some(Change::New) => i18n.say(say::NEW),
        Some(Change::By(part)) => {
            let arrow = ["↓ ", "", "↑ "][usize::from((Change::By(part).direction() + 1).unsigned_abs())];
            format!("{arrow}{}", i18n.number(Number::Percent, part.abs()))
        }
    });
    let change_title = text(move || {
        let Some(range) = seen.comparison.get().filter(|_| change.get().is_some()) else {
            return String::new();
        };
        let (from, to) = (seen.sites.wall(range.start), seen.sites.wall(range.end.saturating_sub(1)));
        let what = i18n.figure(stat.unit(), before.get());
        format!("{} · {what}", i18n.dates(Date::Day, from, to))
    });
    let is_chosen = flag(move || seen.stat.get() == stat);
    let label = i18n.t(stat.label());
    let formula = text(move || i18n.say(stat.formula(seen.definitions.get())));
    let about = text(move || i18n.fill(say::FORMULA, &[&i18n.say(stat.label())]));
    view! {
        <li class="figure" class:is-chosen=is_chosen>
            <button
                type="button"
                class="figure-button"
                aria-pressed=text(move || is_chosen.get().to_string())
                on:click=move |_| place.change(|view| view.stat = stat)
            >
                <span class="figure-label">{label}</span>
                <span
                    class="figure-value"
                    title=full
                    data-testid=format!("total-{}", stat.metric().name())
                    data-value=exact
                >
                    {shown}
                </span>
                <span class="figure-change" class:is-good=is_good class:is-bad=is_bad title=change_title>
                    {change_text}
                </span>
            </button>
            <Hint about text=formula id=format!("about-{}", stat.metric().name()) />
        </li>
    }
    .into_any()
}

/// 1 for a change for the better, −1 for the worse.
fn tone(stat: Stat, change: Change) -> i8 {
    if stat.more_is_better() { change.direction() } else { -change.direction() }
}
