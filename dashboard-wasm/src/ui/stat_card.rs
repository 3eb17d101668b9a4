//! A card with one figure.

use leptos::prelude::*;

use super::bind::{flag, piece, text};
use super::hint::Hint;
use super::live::Live;
use crate::model::definitions::Stat;

/// The figure of the period, with its name and what it means.
#[component]
pub fn StatCard(
    /// Which figure.
    stat: Stat,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let figure = Memo::new(move |_| {
        live.overview.with(|overview| overview.as_ref().map(|overview| stat.figure(&overview.totals)))
    });
    let exact = text(move || {
        figure.with(|figure| figure.as_ref().map(|figure| figure.exact.clone()).unwrap_or_default())
    });
    let shown = piece(move || match figure.get() {
        Some(figure) => figure.text.into_any(),
        None => view! { <span class="skeleton is-figure"></span> }.into_any(),
    });
    view! {
        <div class="card stat" class:is-outdated=flag(move || live.is_outdated.get())>
            <dt class="stat-label">
                {stat.label()}
                <Hint about=stat.label() text=stat.definition() id=format!("about-{}", stat.key()) />
            </dt>
            <dd class="stat-value" data-testid=format!("total-{}", stat.key()) data-value=exact>
                {shown}
            </dd>
        </div>
    }
    .into_any()
}
