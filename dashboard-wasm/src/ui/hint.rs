//! An explanation on demand.

use leptos::prelude::*;

use super::bind::flag;
use super::icon::Icon;

/// A small button that shows what a figure means while it is pointed at or has the focus; Escape hides it.
#[component]
pub fn Hint(
    /// What is explained, as a question or a title.
    about: Memo<String>,
    /// What it means.
    text: Memo<String>,
    /// Identity of the explanation in the page.
    id: String,
) -> impl IntoView {
    let (dismissed, set_dismissed) = signal(false);
    view! {
        <span class="hint" class:is-dismissed=flag(move || dismissed.get()) on:pointerleave=move |_| set_dismissed.set(false)>
            <button
                type="button"
                class="hint-button"
                aria-label=about
                aria-describedby=id.clone()
                on:keydown=move |event| {
                    if event.key() == "Escape" {
                        set_dismissed.set(true);
                    }
                }
                on:blur=move |_| set_dismissed.set(false)
            >
                {Icon::Info.draw()}
            </button>
            <span class="hint-text" role="tooltip" id=id>
                {text}
            </span>
        </span>
    }
    .into_any()
}
