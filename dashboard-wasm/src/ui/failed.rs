//! What is shown in place of something that could not be loaded.

use leptos::prelude::*;

use super::bind::text;
use super::i18n::I18n;
use super::icon::Icon;

use crate::model::i18n::shell as say;

/// What is wrong, and a way to try again.
#[component]
pub fn Failed(
    /// What is wrong, without a full stop.
    #[prop(into)]
    message: Signal<String>,
    /// Tries again.
    retry: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <div class="failed" role="alert">
            <span class="failed-icon">{Icon::Offline.draw()}</span>
            <p class="failed-text">{text(move || format!("{}.", message.get()))}</p>
            <button type="button" class="button" on:click=move |_| retry()>
                {I18n::get().t(say::TRY_AGAIN)}
            </button>
        </div>
    }
    .into_any()
}
