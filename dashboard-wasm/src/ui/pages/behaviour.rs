//! What visitors do: a question a part, each with its own address.

pub mod answered;
pub mod figure;
pub mod funnel_bars;
pub mod funnel_form;
pub mod funnels;
pub mod goal_form;
pub mod goals;
pub mod journeys;
pub mod properties;
pub mod retention;
pub mod suggest;
pub mod times;

use leptos::prelude::*;
use protocol::account::Role;

use super::overview::seen::Seen;
use super::overview::toolbar::Toolbar;
use crate::model::behaviour::Part;
use crate::model::i18n::behaviour as say;
use crate::model::query;
use crate::model::route::Route;
use crate::ui::bind::piece;
use crate::ui::connection::ConnectionNotice;
use crate::ui::i18n::I18n;
use crate::ui::link::Link;
use crate::ui::session::Session;
use crate::ui::top_bar::TopBar;

/// A part of the page.
#[component]
pub fn BehaviourPage(
    /// Which.
    part: Part,
) -> impl IntoView {
    let i18n = I18n::get();
    let seen = Seen::start();
    provide_context(seen);
    let is_person = expect_context::<Session>().person().is_some();
    // Funnels are kept at the site, whose keeping is nothing for readers of a share link.
    let listed = Part::ALL.into_iter().filter(|part| is_person || *part != Part::Funnels);
    let links = listed.map(|part| {
        view! {
            <li>
                <Link to=Route::Behaviour(part) class="nav-link">{i18n.t(part.label())}</Link>
            </li>
        }
        .into_any()
    });
    view! {
        <TopBar />
        <main class="page" id="main" tabindex="-1">
            <Toolbar without_interval=true />
            <div class="parts">
                <h1 class="parts-title">{i18n.t(say::BEHAVIOUR)}</h1>
                <nav class="parts-nav" aria-label=i18n.t(say::QUESTIONS)>
                    <ul class="nav-list">{links.collect_view()}</ul>
                </nav>
            </div>
            // What is kept at a site is loaded anew for another one.
            {piece(move || {
                let site = seen.site.get();
                match part {
                    Part::Goals => view! { <goals::Goals address=query::saved(&site, "goals") /> }.into_any(),
                    Part::Properties => view! { <properties::Properties /> }.into_any(),
                    Part::Funnels => view! { <funnels::Funnels site /> }.into_any(),
                    Part::Retention => view! { <retention::Retention /> }.into_any(),
                    Part::Journeys => view! { <journeys::Journeys /> }.into_any(),
                    Part::Times => view! { <times::Times /> }.into_any(),
                }
            })}
        </main>
        <ConnectionNotice data=seen.data />
    }
    .into_any()
}

/// Whether the reader may change what is kept at the site.
pub(super) fn may_edit(seen: Seen) -> bool {
    let is_person = expect_context::<Session>().person().is_some();
    is_person && seen.sites.chosen.with_untracked(|site| site.role) >= Role::Editor
}
