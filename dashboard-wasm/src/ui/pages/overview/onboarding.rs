//! How to begin: the line of code that sends events.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::seen::Seen;
use crate::browser::page;
use crate::model::i18n::overview as say;
use crate::ui::bind::{piece, text};
use crate::ui::i18n::I18n;
use crate::ui::icon::Icon;

/// How long the button says that it has copied.
const COPIED_MS: u32 = 2_000;

/// Shown in place of a chart without a single event.
#[component]
pub fn Onboarding() -> impl IntoView {
    let (seen, i18n) = (Seen::get(), I18n::get());
    let snippet = text(move || {
        let (origin, site) = (page::origin(), seen.site.get());
        format!("<script async src=\"{origin}/li.js\" data-site-id=\"{site}\"></script>")
    });

    let (copied, set_copied) = signal(None::<bool>);
    let reset = StoredValue::new_local(None);
    let copy = move |_| {
        spawn_local(async move {
            let is_copied = page::copy(&snippet.get_untracked()).await;
            // The first event may have come meanwhile, and this view be gone.
            if set_copied.try_set(Some(is_copied)).is_none() {
                reset.try_set_value(Some(Timeout::new(COPIED_MS, move || set_copied.set(None))));
            }
        });
    };
    view! {
        <div class="onboarding" data-testid="onboarding">
            <h3 class="onboarding-title">
                {i18n.t(say::SILENT_TITLE)}
            </h3>
            <p class="onboarding-text">
                {i18n.t(say::SILENT_TEXT)}
            </p>
            <div class="snippet">
                <code class="snippet-code" tabindex="0">{snippet}</code>
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
        </div>
    }
    .into_any()
}
