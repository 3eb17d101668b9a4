//! The way out.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::bind::{flag, piece_when};
use super::icon::Icon;
use super::session::Session;
use crate::browser::api;

/// Signs out. When the worker cannot be reached the person stays signed in, and is told.
#[component]
pub fn SignOut() -> impl IntoView {
    let session = expect_context::<Session>();
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
        <button type="button" class="tool" title="Sign out" aria-label="Sign out" on:click=sign_out>
            {Icon::SignOut.draw()}
        </button>
        {piece_when(flag(move || failed.get()), move || view! {
            <p class="toast" role="alert">
                "You are still signed in: the server cannot be reached. Try again in a moment."
                <button type="button" class="toast-action" on:click=move |_| set_failed.set(false)>
                    "Dismiss"
                </button>
            </p>
        }.into_any())}
    }
    .into_any()
}
