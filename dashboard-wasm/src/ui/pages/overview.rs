//! The overview of a site: figures, their graph, breakdowns. Everything on it filters everything else.

pub mod annotations;
pub mod badge;
pub mod board;
pub mod cards;
pub mod details;
pub mod filter_form;
pub mod filters;
pub mod graph;
pub mod graph_card;
pub mod map;
pub mod numbers;
pub mod onboarding;
pub mod period_menu;
pub mod picture;
pub mod reading;
pub mod seen;
pub mod segments;
pub mod shortcuts;
pub mod toolbar;

use leptos::prelude::*;

use crate::browser::page;
use crate::model::tab::BOARDS;
use crate::ui::bind::{effect, flag, piece, text};
use crate::ui::connection::ConnectionNotice;
use crate::ui::live_count::LiveCount;
use crate::ui::place::Place;
use crate::ui::split;
use crate::ui::top_bar::TopBar;
use board::BoardCard;
use cards::Cards;
use graph_card::GraphCard;
use seen::Seen;
use toolbar::Toolbar;

/// The overview.
#[component]
pub fn OverviewPage() -> impl IntoView {
    let place = Place::get();
    let seen = Seen::start();
    provide_context(seen);
    let totals = seen.ask_totals();
    shortcuts::register(seen);
    let is_seen = flag(move || totals.reply.with(Option::is_some));
    effect(move || {
        if is_seen.get() {
            page::after_paint(split::ahead);
        }
    });
    let open = place.see(|view| view.open);
    let boards = (0..BOARDS.len()).map(|number| view! { <BoardCard number totals /> }.into_any());
    let name = text(move || seen.sites.chosen.with(|site| site.name.clone()));
    let is_embedded = page::is_embedded();
    let head = if is_embedded {
        view! {
            <header class="embed-head">
                <h1 class="embed-title">{name}</h1>
                <LiveCount />
            </header>
        }
        .into_any()
    } else {
        view! { <h1 class="visually-hidden">{name}</h1> }.into_any()
    };
    view! {
        {(!is_embedded).then(|| view! { <TopBar /> }.into_any())}
        <main class="page" class:is-embedded=is_embedded id="main" tabindex="-1">
            {head}
            <Toolbar />
            <section class="card overview-main">
                <Cards totals />
                <GraphCard totals />
            </section>
            <div class="boards">{boards.collect_view()}</div>
        </main>
        {piece(move || match open.get() {
            Some(tab) => split::details(tab),
            None => ().into_any(),
        })}
        <ConnectionNotice data=seen.data />
    }
    .into_any()
}
