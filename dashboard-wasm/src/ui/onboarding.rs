//! How to begin: the line of code that sends events.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::bind::{piece, text};
use super::icon::Icon;
use super::live::Live;
use crate::browser::page;

/// How long the button says that it has copied.
const COPIED_MS: u32 = 2_000;

/// Shown in place of a chart without a single event.
#[component]
pub fn Onboarding() -> impl IntoView {
    let live = expect_context::<Live>();
    let snippet = text(move || {
        let (origin, site) = (page::origin(), live.site.with(|site| site.id.clone()));
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
                {text(move || format!("Nothing in the last {} yet", live.period.get().label()))}
            </h3>
            <p class="onboarding-text">
                "Paste this line into the " <code>"<head>"</code>
                " of your pages. Visits appear here within a second or two."
            </p>
            <div class="snippet">
                <code class="snippet-code" tabindex="0">{snippet}</code>
                <button type="button" class="button" on:click=copy>
                    {piece(move || if copied.get() == Some(true) { Icon::Check } else { Icon::Copy }.draw())}
                    <span aria-live="polite">
                        {text(move || match copied.get() {
                            None => "Copy".into(),
                            Some(true) => "Copied".into(),
                            Some(false) => "Select and copy by hand".into(),
                        })}
                    </span>
                </button>
            </div>
        </div>
    }
    .into_any()
}
