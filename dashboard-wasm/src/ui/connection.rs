//! The notice that numbers on show are old.

use leptos::prelude::*;

use super::bind::{flag, piece_when, text};
use super::data::Data;
use super::i18n::I18n;
use super::presence::Presence;
use super::site::Sites;
use crate::model::i18n::shell as say;
use crate::model::pace::Link;

/// Says how old the numbers are while the worker does not answer; otherwise nothing.
#[component]
pub fn ConnectionNotice(
    /// What answers questions.
    data: Data,
) -> impl IntoView {
    let (i18n, sites, presence) = (I18n::get(), Sites::get(), Presence::get());
    let is_lost = flag(move || {
        let lost = |link: RwSignal<Link>| matches!(*link.read(), Link::Lost(_));
        lost(data.link) || lost(presence.link)
    });
    // Before the first answer the cards say what is wrong.
    let is_shown = flag(move || is_lost.get() && data.fresh_at.with(|at| *at > 0));
    let retry = move || {
        data.retry();
        presence.retry();
    };
    let age = move || i18n.duration(sites.time.now().saturating_sub(data.fresh_at.get()));
    view! {
        <div role="status">
            {piece_when(is_shown, move || view! {
                <p class="toast" data-testid="reconnecting">
                    <span class="toast-spinner" aria-hidden="true"></span>
                    <span>{i18n.t(say::RECONNECTING)}</span>
                    // Not announced: it changes each second.
                    <span class="toast-age" aria-hidden="true">
                        {text(move || i18n.fill(say::NUMBERS_FROM, &[&age()]))}
                    </span>
                    <button type="button" class="toast-action" on:click=move |_| retry()>
                        {i18n.t(say::TRY_NOW)}
                    </button>
                </p>
            }.into_any())}
        </div>
    }
    .into_any()
}
