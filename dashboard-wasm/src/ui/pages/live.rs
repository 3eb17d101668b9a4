//! What is happening now: who is here, where, on which pages, and what they do.

pub mod announce;
pub mod conversions;
pub mod feed;
pub mod figures;
pub mod map_card;
pub mod pages_now;
mod said;
pub mod timeline;

use leptos::prelude::*;

use crate::model::i18n::shell as say;
use crate::ui::bind::piece;
use crate::ui::connection::ConnectionNotice;
use crate::ui::here_now::HereNow;
use crate::ui::i18n::I18n;
use crate::ui::session::Session;
use crate::ui::top_bar::TopBar;
use announce::Announcer;
use conversions::Conversions;
use feed::Feed;
use figures::Figures;
use map_card::MapCard;
use pages_now::PagesNow;
use timeline::Timeline;

/// Opens the timeline of a visit, by its id; nothing for readers of share links. In the context of the page's parts.
#[derive(Clone, Copy)]
pub struct OpenVisit(pub Option<RwSignal<Option<String>>>);

/// The live page.
#[component]
pub fn LivePage() -> impl IntoView {
    let i18n = I18n::get();
    let is_person = expect_context::<Session>().person().is_some();
    let open = RwSignal::new(None::<String>);
    let opened = Memo::new(move |_| open.get());
    provide_context(OpenVisit(is_person.then_some(open)));
    view! {
        <TopBar />
        <main class="page" id="main" tabindex="-1">
            <h1 class="visually-hidden">{i18n.t(say::LIVE)}</h1>
            <Figures />
            <div class="live-grid">
                <MapCard />
                <PagesNow />
                <HereNow />
                <div class="live-column">
                    <Feed />
                    <Conversions />
                </div>
            </div>
            <Announcer />
        </main>
        <ConnectionNotice />
        {piece(move || match opened.get() {
            Some(visit) => view! { <Timeline visit close=move || open.set(None) /> }.into_any(),
            None => ().into_any(),
        })}
    }
    .into_any()
}
