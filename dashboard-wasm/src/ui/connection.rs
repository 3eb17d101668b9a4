//! The notice that numbers on show are old.

use leptos::prelude::*;

use super::bind::{flag, piece_when, text};
use super::live::Live;
use crate::model::format;
use crate::model::pace::Link;

/// Says how old the numbers are while the worker does not answer; otherwise nothing.
#[component]
pub fn ConnectionNotice() -> impl IntoView {
    let live = expect_context::<Live>();
    let is_lost = flag(move || {
        let lost = |link: RwSignal<Link>| matches!(*link.read(), Link::Lost(_));
        lost(live.overview_link) || lost(live.active_link)
    });
    // Before the first answer the cards say what is wrong.
    let is_shown = flag(move || is_lost.get() && live.answered_at.with(|at| *at > 0));
    let age = move || format::duration(live.clock.now().saturating_sub(live.answered_at.get()));
    view! {
        <div role="status">
            {piece_when(is_shown, move || view! {
                <p class="toast" data-testid="reconnecting">
                    <span class="toast-spinner" aria-hidden="true"></span>
                    <span>"Reconnecting…"</span>
                    // Not announced: it changes each second.
                    <span class="toast-age" aria-hidden="true">
                        {text(move || format!("Numbers from {} ago", age()))}
                    </span>
                    <button type="button" class="toast-action" on:click=move |_| live.retry()>
                        "Try now"
                    </button>
                </p>
            }.into_any())}
        </div>
    }
    .into_any()
}
