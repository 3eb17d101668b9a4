//! The brand mark.

use leptos::prelude::*;

/// The mark: a pulse line that ends in a live dot.
#[component]
pub fn Logo() -> impl IntoView {
    view! {
        <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
            <rect class="logo-tile" width="32" height="32" rx="9" />
            <path class="logo-line" d="M6 20.5h4.2l3.6-9.5 4.6 12 2.9-7h1.2" />
            <circle class="logo-dot" cx="25" cy="16" r="2.6" />
        </svg>
    }
    .into_any()
}
