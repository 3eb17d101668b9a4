//! The notice that numbers on show are old.

use leptos::prelude::*;

use super::bind::{flag, piece, piece_when, text};
use super::data::Data;
use super::i18n::I18n;
use super::icon::Icon;
use super::presence::Presence;
use super::site::Sites;
use crate::browser::listener;
use crate::model::i18n::shell as say;
use crate::model::pace::Link;

/// Says how old the numbers are while there is no connection, or the worker does not answer; otherwise nothing.
#[component]
pub fn ConnectionNotice(
    /// What answers questions, where any are asked.
    #[prop(optional)]
    data: Option<Data>,
) -> impl IntoView {
    let (i18n, sites, presence) = (I18n::get(), Sites::get(), Presence::get());
    let online = listener::online();
    let is_offline = flag(move || !online.get());
    let is_lost = flag(move || {
        let lost = |link: RwSignal<Link>| matches!(*link.read(), Link::Lost(_));
        lost(presence.link) || data.is_some_and(|data| lost(data.link))
    });
    let known_at = Memo::new(move |_| data.map_or(presence.heard_at, |data| data.fresh_at).get());
    // Before the first answer the cards say what is wrong.
    let is_shown = flag(move || is_lost.get() && known_at.get() > 0);
    let retry = move || {
        if let Some(data) = data {
            data.retry();
        }
        presence.retry();
    };
    let age = move || i18n.duration(sites.time.now().saturating_sub(known_at.get()));
    let state = text(move || if is_offline.get() { "offline" } else { "reconnecting" }.into());
    let said = text(move || i18n.say(if is_offline.get() { say::OFFLINE } else { say::RECONNECTING }));
    let sign = move || {
        if is_offline.get() {
            return Icon::Offline.draw();
        }
        view! { <span class="toast-spinner" aria-hidden="true"></span> }.into_any()
    };
    let act = move || {
        if is_offline.get() {
            // The browser says when there is something to try.
            return ().into_any();
        }
        view! {
            <button type="button" class="toast-action" on:click=move |_| retry()>
                {i18n.t(say::TRY_NOW)}
            </button>
        }
        .into_any()
    };
    view! {
        <div role="status">
            {piece_when(is_shown, move || view! {
                <p class="toast" class:is-offline=is_offline data-testid="reconnecting" data-state=state>
                    {piece(sign)}
                    <span>{said}</span>
                    // Not announced: it changes each second.
                    <span class="toast-age" aria-hidden="true" data-testid="data-age">
                        {text(move || i18n.fill(say::NUMBERS_FROM, &[&age()]))}
                    </span>
                    {piece(act)}
                </p>
            }.into_any())}
        </div>
    }
    .into_any()
}
