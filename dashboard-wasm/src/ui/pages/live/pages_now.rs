//! The pages that are on show, and how many look at each.

use leptos::prelude::*;

use crate::model::format::tenths;
use crate::model::i18n::live as say;
use crate::model::presence;
use crate::ui::bind::{flag, piece, text};
use crate::ui::i18n::I18n;
use crate::ui::keyed::keyed;
use crate::ui::presence::Presence;
use crate::ui::skeleton::SkeletonRows;

/// Rows of the list.
const ROWS: usize = 10;

/// The card.
#[component]
pub fn PagesNow() -> impl IntoView {
    let (i18n, live) = (I18n::get(), Presence::get());
    let pages = Memo::new(move |_| {
        let at = live.at();
        let pushed = live.read(|state| {
            let pages = state.pages(at).into_iter().take(ROWS);
            pages.map(|(page, count)| (page.as_ref().to_owned(), count)).collect()
        });
        // Without the hub, of those that the worker lists.
        let mut pages: Vec<(String, usize)> = pushed.unwrap_or_else(|| {
            live.active
                .with(|active| active.as_ref().map(|it| presence::pages(&it.sessions)).unwrap_or_default())
        });
        pages.truncate(ROWS);
        pages
    });
    let most = Memo::new(move |_| pages.with(|pages| pages.first().map_or(1, |(_, count)| *count)));
    let entries = keyed(pages, |(page, _): &(String, usize)| page, |old, new| new.1 > old.1);
    let is_loading = flag(move || live.active.with(Option::is_none));
    let is_empty = flag(move || pages.with(Vec::is_empty));
    view! {
        <section class="card board" aria-labelledby="pages-now">
            <header class="board-head">
                <h2 class="card-title" id="pages-now">{i18n.t(say::PAGES_NOW)}</h2>
            </header>
            <div class="board-body">
                {piece(move || match (is_loading.get(), is_empty.get()) {
                    (true, _) => view! { <SkeletonRows count=6 /> }.into_any(),
                    (_, true) => view! { <p class="empty">{i18n.t(say::PAGES_NONE)}</p> }.into_any(),
                    _ => view! {
                        <ul class="bars">
                            <For
                                each=move || entries.get()
                                key=|entry| entry.key.clone()
                                children=move |entry| {
                                    let count = { let value = entry.value.clone(); Memo::new(move |_| value.with(|value| value.1)) };
                                    let width = text(move || {
                                        format!("{}%", tenths(count.get() as f64 * 100.0 / most.get().max(1) as f64))
                                    });
                                    let title = text(move || i18n.fill(say::PAGE_HERE, &[&i18n.count(count.get() as u64)]));
                                    let page = entry.key.clone();
                                    view! {
                                        <li class="bar-row" title=title data-testid="page-now" data-name=entry.key>
                                            <span class="bar-track"><span class="bar-fill" style:width=width></span></span>
                                            <span class="bar-label">{page}</span>
                                            <span class="bar-value">{text(move || i18n.count(count.get() as u64))}</span>
                                        </li>
                                    }.into_any()
                                }
                            />
                        </ul>
                    }.into_any(),
                })}
            </div>
        </section>
    }
    .into_any()
}
