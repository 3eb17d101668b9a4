//! The frame around all pages of somebody who is signed in: bar, navigation, the page itself, help.

use leptos::prelude::*;
use protocol::account::Role;
use protocol::api::SiteInfo;

use super::bind::{piece, piece_when};
use super::i18n::I18n;
use super::keys::Keys;
use super::link::Link;
use super::pages::overview::OverviewPage;
use super::place::Place;
use super::presence::Presence;
use super::session::Session;
use super::sign_out::SignOut;
use super::site::Sites;
use super::split;
use crate::model::i18n::shell as say;
use crate::model::route::Route;
use crate::ui::app::ChosenTheme;

/// Opens and closes the help.
#[derive(Clone, Copy)]
pub struct HelpOpen(pub RwSignal<bool>);

/// The frame.
#[component]
pub fn Shell(
    /// The sites the reader may see.
    sites: Vec<SiteInfo>,
) -> impl IntoView {
    let (place, i18n) = (Place::start(), I18n::get());
    let keys = Keys::start();
    let help = RwSignal::new(false);
    provide_context(place);
    provide_context(keys);
    provide_context(HelpOpen(help));
    let Some(first) = sites.first().cloned() else {
        return view! { <NoSites /> }.into_any();
    };
    let sites = Sites::start(sites, first);
    provide_context(sites);
    provide_context(Presence::start(sites, expect_context::<Session>()));

    let ChosenTheme(theme) = expect_context();
    keys.on("?", say::HELP_EVERYWHERE, say::KEY_HELP, move || help.set(true));
    keys.on("b", say::HELP_EVERYWHERE, say::KEY_THEME, move || theme.update(|theme| *theme = theme.next()));
    keys.on("g", say::HELP_EVERYWHERE, say::KEY_LANGUAGE, move || i18n.next());

    // Only the page is made anew when another is chosen.
    let route = Memo::new(move |_| place.route());
    let is_open = Memo::new(move |_| help.get());
    view! {
        {piece(move || match route.get() {
            Route::Overview | Route::Embed => view! { <OverviewPage /> }.into_any(),
            Route::Live => split::live(),
            Route::Behaviour(part) => split::behaviour(part),
            Route::Sessions => split::sessions(),
            Route::Settings(section) => split::settings(section),
            Route::Operator => split::operator(),
            Route::Unknown => view! { <NoPage /> }.into_any(),
        })}
        {piece_when(is_open, split::help)}
    }
    .into_any()
}

#[component]
fn NoSites() -> impl IntoView {
    let i18n = I18n::get();
    let may_add = expect_context::<Session>().role() >= Some(Role::Admin);
    view! {
        <main class="gate" id="main" tabindex="-1">
            <section class="gate-card">
                <h1 class="gate-title">{i18n.t(say::NO_SITE)}</h1>
                {if may_add {
                    split::new_site()
                } else {
                    view! { <p class="gate-text">{i18n.t(say::NO_SITE_TEXT)}</p> }.into_any()
                }}
                <SignOut />
            </section>
        </main>
    }
    .into_any()
}

#[component]
fn NoPage() -> impl IntoView {
    let i18n = I18n::get();
    view! {
        <main class="gate" id="main" tabindex="-1">
            <section class="gate-card">
                <h1 class="gate-title">{i18n.t(say::NO_PAGE)}</h1>
                <p class="gate-text">{i18n.t(say::NO_PAGE_TEXT)}</p>
                <Link to=Route::Overview class="button">
                    {i18n.t(say::TO_OVERVIEW)}
                </Link>
            </section>
        </main>
    }
    .into_any()
}
