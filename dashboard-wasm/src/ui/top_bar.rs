//! The bar at the top: whose numbers these are, who is here, and the controls.

use leptos::prelude::*;

use super::i18n::I18n;
use super::icon::Icon;
use super::language::LanguageMenu;
use super::live_count::LiveCount;
use super::logo::Logo;
use super::nav::Nav;
use super::session::Session;
use super::shell::HelpOpen;
use super::sign_out::SignOut;
use super::site_picker::SitePicker;
use super::theme_toggle::ThemeToggle;
use crate::browser::page;
use crate::model::i18n::shell as say;

/// The bar.
#[component]
pub fn TopBar() -> impl IntoView {
    let (i18n, HelpOpen(help)) = (I18n::get(), expect_context());
    view! {
        <a class="skip" href="#main">
            {i18n.t(say::SKIP)}
        </a>
        <header class="bar">
            <div class="bar-inner">
                <a class="brand" href=page::kept("/")>
                    <Logo />
                    <span class="brand-name">"LiveInsight"</span>
                </a>
                <SitePicker />
                <LiveCount />
                <Nav />
                <div class="bar-tools">
                    <button
                        type="button"
                        class="tool"
                        title=i18n.t(say::HELP_OPEN)
                        aria-label=i18n.t(say::HELP)
                        on:click=move |_| help.set(true)
                    >
                        {Icon::Help.draw()}
                    </button>
                    <LanguageMenu />
                    <ThemeToggle />
                    {expect_context::<Session>().person().map(|_| view! { <SignOut /> }.into_any())}
                </div>
            </div>
        </header>
    }
    .into_any()
}
