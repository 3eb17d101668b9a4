//! The way out.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::bind::{flag, piece_when};
use super::i18n::I18n;
use super::icon::Icon;
use super::session::Session;
use crate::browser::api;
use crate::model::i18n::shell as say;

/// Signs out. When the worker cannot be reached the person stays signed in, and is told.
#[component]
pub fn SignOut() -> impl IntoView {
    let (session, i18n) = (expect_context::<Session>(), I18n::get());
    let (failed, set_failed) = signal(false);
    let sign_out = move |_| {
        set_failed.set(false);
        spawn_local(async move {
            match api::sign_out().await {
                Ok(()) => session.end(false),
                Err(failure) if failure.is_signed_out() => session.end(false),
                Err(_) => set_failed.set(true),
            }
        });
    };
    view! {
        <button type="button" class="tool" title=i18n.t(say::SIGN_OUT) aria-label=i18n.t(say::SIGN_OUT) on:click=sign_out>
            {Icon::SignOut.draw()}
        </button>
        {piece_when(flag(move || failed.get()), move || view! {
            <p class="toast" role="alert">
                {i18n.t(say::SIGN_OUT_FAILED)}
                <button type="button" class="toast-action" on:click=move |_| set_failed.set(false)>
                    {i18n.t(say::DISMISS)}
                </button>
            </p>
        }.into_any())}
    }
    .into_any()
}
