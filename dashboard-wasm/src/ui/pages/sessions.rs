//! Single visits: a list, and what happened in each.

pub mod list;
pub mod row;
pub mod timeline;
pub mod visitor;

use leptos::prelude::*;

use super::overview::seen::Seen;
use super::overview::toolbar::Toolbar;
use crate::model::i18n::sessions as say;
use crate::ui::bind::piece;
use crate::ui::connection::ConnectionNotice;
use crate::ui::i18n::I18n;
use crate::ui::place::Place;
use crate::ui::session::Session;
use crate::ui::top_bar::TopBar;

/// The list, or the visits of the visitor who is chosen.
#[component]
pub fn SessionsPage() -> impl IntoView {
    let (i18n, place) = (I18n::get(), Place::get());
    provide_context(Seen::start());
    let pick = place.see(|view| view.pick.clone());
    let is_person = expect_context::<Session>().person().is_some();
    view! {
        <TopBar />
        <main class="page" id="main" tabindex="-1">
            <Toolbar is_list=true />
            <h1 class="visually-hidden">{i18n.t(say::SESSIONS)}</h1>
            {piece(move || {
                let visitor = pick.get();
                if !is_person {
                    // They have no way here but the address.
                    view! { <p class="empty">{i18n.t(crate::model::i18n::settings::NOT_ALLOWED)}</p> }.into_any()
                } else if visitor.is_empty() {
                    view! { <list::List /> }.into_any()
                } else {
                    view! { <visitor::Visitor visitor /> }.into_any()
                }
            })}
        </main>
        <ConnectionNotice />
    }
    .into_any()
}
