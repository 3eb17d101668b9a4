//! The way to the other pages.

use leptos::prelude::*;

use super::i18n::I18n;
use super::link::Link;
use super::session::Session;
use crate::model::i18n::{Message, behaviour, sessions, settings, shell as say};
use crate::model::route::Route;

fn label(route: Route) -> Message {
    match route {
        Route::Overview | Route::Embed => say::OVERVIEW,
        Route::Live => say::LIVE,
        Route::Behaviour(_) => behaviour::BEHAVIOUR,
        Route::Sessions => sessions::SESSIONS,
        Route::Settings(_) => settings::SETTINGS,
        // It is listed beside the settings, which it is of the whole installation as some of them.
        Route::Operator | Route::Unknown => say::NO_PAGE,
    }
}

/// The pages.
#[component]
pub fn Nav() -> impl IntoView {
    let i18n = I18n::get();
    // Readers of a share link have nothing to set, and see nobody's visits.
    let is_person = expect_context::<Session>().person().is_some();
    let is_for_people = |route: &Route| matches!(route, Route::Settings(_) | Route::Sessions);
    let listed = Route::LISTED.into_iter().filter(|route| is_person || !is_for_people(route));
    let links = listed.map(|route| {
        view! {
            <li>
                <Link to=route class="nav-link" with_parts=true>
                    {i18n.t(label(route))}
                </Link>
            </li>
        }
        .into_any()
    });
    view! {
        <nav class="nav" aria-label=i18n.t(say::NAVIGATION)>
            <ul class="nav-list">{links.collect_view()}</ul>
        </nav>
    }
    .into_any()
}
