//! The figure that a part of the page comes down to, and how it has changed.

use leptos::prelude::*;

use super::super::overview::seen::Seen;
use crate::browser::intl::{Date, Number};
use crate::model::i18n::{behaviour as say, overview};
use crate::model::stat::{Change, Unit};
use crate::ui::bind::{flag, text};
use crate::ui::i18n::I18n;

/// A change, marked as one for the better or the worse.
#[component]
pub fn Changed(
    /// The value now.
    now: Memo<Option<f64>>,
    /// The value in the range compared with.
    before: Memo<Option<f64>>,
    /// What kind of number it is.
    unit: Unit,
) -> impl IntoView {
    let (i18n, seen) = (I18n::get(), Seen::get());
    let change = Memo::new(move |_| Change::of(before.get(), now.get()));
    let is_good = flag(move || change.get().is_some_and(|change| change.direction() > 0));
    let is_bad = flag(move || change.get().is_some_and(|change| change.direction() < 0));
    let shown = text(move || match change.get() {
        None => String::new(),
        Some(Change::New) => i18n.say(overview::NEW),
        Some(change @ Change::By(part)) => {
            let arrow = ["↓ ", "", "↑ "][usize::from((change.direction() + 1).unsigned_abs())];
            format!("{arrow}{}", i18n.number(Number::Percent, part.abs()))
        }
    });
    let title = text(move || {
        let Some(range) = seen.comparison.get().filter(|_| change.get().is_some()) else {
            return String::new();
        };
        let (from, to) = (seen.sites.wall(range.start), seen.sites.wall(range.end.saturating_sub(1)));
        i18n.fill(say::CHANGE_TITLE, &[&i18n.figure(unit, before.get()), &i18n.dates(Date::Day, from, to)])
    });
    view! {
        <span class="figure-change" class:is-good=is_good class:is-bad=is_bad title=title>
            {shown}
        </span>
    }
    .into_any()
}

/// The figure, above what it is made of.
#[component]
pub fn Headline(
    /// Its value.
    now: Memo<Option<f64>>,
    /// Its value in the range compared with.
    before: Memo<Option<f64>>,
    /// What kind of number it is.
    unit: Unit,
    /// What it is the number of.
    label: Memo<String>,
) -> impl IntoView {
    let i18n = I18n::get();
    view! {
        <p class="headline" data-testid="headline" data-value=text(move || now.get().map(|it| it.to_string()).unwrap_or_default())>
            <span class="figure-value">{text(move || i18n.figure(unit, now.get()))}</span>
            <span class="headline-label">{label}</span>
            <Changed now before unit />
        </p>
    }
    .into_any()
}
