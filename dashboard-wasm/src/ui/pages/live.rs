//! Who is here now.

use leptos::prelude::*;

use crate::model::i18n::shell as say;
use crate::ui::here_now::HereNow;
use crate::ui::i18n::I18n;
use crate::ui::top_bar::TopBar;

/// The live page.
#[component]
pub fn LivePage() -> impl IntoView {
    let i18n = I18n::get();
    view! {
        <TopBar />
        <main class="page" id="main" tabindex="-1">
            <h1 class="visually-hidden">{i18n.t(say::LIVE)}</h1>
            <HereNow />
        </main>
    }
    .into_any()
}
