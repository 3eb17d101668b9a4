//! Light, dark or as the system says.

use leptos::prelude::*;

use super::app::ChosenTheme;
use super::bind::{piece, text};
use super::icon::Icon;

/// A button that goes through the themes.
#[component]
pub fn ThemeToggle() -> impl IntoView {
    let ChosenTheme(theme) = expect_context();
    let label =
        text(move || format!("Colours: {}. Change to {}.", theme.get().label(), theme.get().next().label()));
    view! {
        <button
            type="button"
            class="tool"
            title=label
            aria-label=label
            on:click=move |_| theme.update(|theme| *theme = theme.next())
        >
            {piece(move || Icon::of_theme(theme.get()).draw())}
        </button>
    }
    .into_any()
}
