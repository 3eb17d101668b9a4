//! Light, dark or as the system says.

use leptos::prelude::*;

use super::app::ChosenTheme;
use super::bind::{piece, text};
use super::i18n::I18n;
use super::icon::Icon;
use crate::model::i18n::shell as say;
use crate::model::theme::Theme;

/// A button that goes through the themes.
#[component]
pub fn ThemeToggle() -> impl IntoView {
    let ChosenTheme(theme) = expect_context();
    let i18n = I18n::get();
    let label = text(move || {
        let name = |theme: Theme| i18n.say(theme.label());
        i18n.fill(say::THEME, &[&name(theme.get()), &name(theme.get().next())])
    });
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
