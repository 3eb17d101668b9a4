//! The root: splash, sign-in or dashboard.

use leptos::prelude::*;

use super::bind::{effect, piece, text};
use super::failed::Failed;
use super::i18n::I18n;
use super::logo::Logo;
use super::session::{Phase, Session};
use super::shell::Shell;
use super::split;
use crate::browser::listener;
use crate::browser::page;
use crate::model::theme::Theme;

/// The theme chosen, for the toggles.
#[derive(Clone, Copy)]
pub struct ChosenTheme(pub RwSignal<Theme>);

/// The root.
#[component]
pub fn App() -> impl IntoView {
    let i18n = I18n::start();
    provide_context(i18n);
    let session = Session::new();
    provide_context(session);
    // Whoever comes by a share link is not asked who they are, and within another page nobody is.
    if page::share().is_some() || page::is_embedded() {
        session.end(false);
    } else {
        session.check();
    }

    let theme = RwSignal::new(page::stored_theme());
    provide_context(ChosenTheme(theme));
    effect(move || page::set_theme(theme.get()));

    piece(move || match session.phase() {
        Phase::Checking => view! { <main class="splash" aria-busy="true"><Logo /></main> }.into_any(),
        Phase::SignedOut { ended } => split::gate(ended),
        Phase::SignedIn(sites) => view! { <Shell sites /> }.into_any(),
        Phase::Failed(failure) => {
            let retry = move || session.check();
            listener::on_online(retry);
            view! {
                <main class="splash">
                    <Logo />
                    <Failed message=text(move || failure.message(i18n.lang())) retry />
                </main>
            }
            .into_any()
        }
    })
}
