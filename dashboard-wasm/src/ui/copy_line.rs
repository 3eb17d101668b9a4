//! A line of text to take along.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::bind::{piece, text};
use super::i18n::I18n;
use super::icon::Icon;
use crate::browser::page;
use crate::model::i18n::overview as say;

/// How long the button says that it has copied, milliseconds.
const COPIED_MS: u32 = 2_000;

/// Something to copy.
#[component]
pub fn CopyLine(
    /// It.
    #[prop(into)]
    line: Signal<String>,
) -> impl IntoView {
    let i18n = I18n::get();
    let (copied, set_copied) = signal(None::<bool>);
    let reset = StoredValue::new_local(None);
    let copy = move |_| {
        spawn_local(async move {
            let is_copied = page::copy(&line.get_untracked()).await;
            // Who asked for it may be gone by now.
            if set_copied.try_set(Some(is_copied)).is_none() {
                reset.try_set_value(Some(Timeout::new(COPIED_MS, move || set_copied.set(None))));
            }
        });
    };
    view! {
        <div class="snippet">
            <code class="snippet-code" tabindex="0" data-testid="copy-line">{text(move || line.get())}</code>
            <button type="button" class="button" on:click=copy>
                {piece(move || if copied.get() == Some(true) { Icon::Check } else { Icon::Copy }.draw())}
                <span aria-live="polite">
                    {text(move || i18n.say(match copied.get() {
                        None => say::COPY,
                        Some(true) => say::COPIED,
                        Some(false) => say::COPY_BY_HAND,
                    }))}
                </span>
            </button>
        </div>
    }
    .into_any()
}
