//! The bar at the top: whose numbers these are, who is here, and the controls.

use leptos::prelude::*;

use super::live_count::LiveCount;
use super::logo::Logo;
use super::period_picker::PeriodPicker;
use super::sign_out::SignOut;
use super::site_picker::SitePicker;
use super::theme_toggle::ThemeToggle;

/// The bar.
#[component]
pub fn TopBar() -> impl IntoView {
    view! {
        <a class="skip" href="#main">
            "Skip to the numbers"
        </a>
        <header class="bar">
            <div class="bar-inner">
                <a class="brand" href="/">
                    <Logo />
                    <span class="brand-name">"LiveInsight"</span>
                </a>
                <SitePicker />
                <LiveCount />
                <PeriodPicker />
                <div class="bar-tools">
                    <ThemeToggle />
                    <SignOut />
                </div>
            </div>
        </header>
    }
    .into_any()
}
