//! The conversions of the last half hour.

use leptos::prelude::*;
use protocol::live::FeedEntry;

use super::OpenVisit;
use super::said;
use crate::model::i18n::live as say;
use crate::ui::bind::{flag, piece, text};
use crate::ui::flag::flag as country_flag;
use crate::ui::i18n::I18n;
use crate::ui::keyed::{Entry, keyed};
use crate::ui::presence::Presence;
use crate::ui::site::Sites;

/// Rows of the list.
const ROWS: usize = 12;

#[derive(Debug, Clone, PartialEq)]
struct Row {
    key: String,
    event: FeedEntry,
}

/// The card.
#[component]
pub fn Conversions() -> impl IntoView {
    let (i18n, live) = (I18n::get(), Presence::get());
    let minute = Memo::new(move |_| live.at() / 10_000 * 10_000);
    let all = Memo::new(move |_| {
        let from = minute.get().saturating_sub(protocol::live::REACH_MS);
        live.read(|state| {
            let mut events: Vec<&FeedEntry> = state.conversions().filter(|event| event.at >= from).collect();
            events.sort_by_key(|event| std::cmp::Reverse(event.at));
            events.dedup_by(|a, b| (a.at, &a.visit, &a.name) == (b.at, &b.visit, &b.name));
            let row = |event: &FeedEntry| Row {
                key: format!("{}/{}/{}", event.at, event.visit, event.name),
                event: event.clone(),
            };
            (events.len(), events.into_iter().take(ROWS).map(row).collect::<Vec<_>>())
        })
    });
    let count = text(move || {
        all.with(|all| all.as_ref().map(|(count, _)| i18n.count(*count as u64)).unwrap_or_default())
    });
    let rows =
        Memo::new(move |_| all.with(|all| all.as_ref().map(|(_, rows)| rows.clone()).unwrap_or_default()));
    let entries = keyed(rows, |row: &Row| &row.key, |_, _| false);
    let is_empty = flag(move || rows.with(Vec::is_empty));
    let is_known = flag(move || all.with(Option::is_some));
    view! {
        <section class="card" aria-labelledby="converted">
            <header class="card-head">
                <h2 class="card-title" id="converted">{i18n.t(say::CONVERTED)}</h2>
                <span class="card-note">{count}</span>
            </header>
            {piece(move || match (is_known.get(), is_empty.get()) {
                (false, _) => view! { <p class="empty is-short">{i18n.t(say::NOT_PUSHED)}</p> }.into_any(),
                (_, true) => view! { <p class="empty is-short">{i18n.t(say::CONVERTED_NONE)}</p> }.into_any(),
                _ => view! {
                    <ol class="converted" data-testid="conversions">
                        <For
                            each=move || entries.get()
                            key=|entry| entry.key.clone()
                            children=move |entry| view! { <ConversionRow entry /> }.into_any()
                        />
                    </ol>
                }.into_any(),
            })}
        </section>
    }
    .into_any()
}

#[component]
fn ConversionRow(entry: Entry<Row>) -> impl IntoView {
    let (i18n, sites, OpenVisit(open)) = (I18n::get(), Sites::get(), expect_context());
    let event = entry.value.get_untracked().event;
    let is_news = entry.news.get_untracked() > 0;
    let (at, visit) = (event.at, event.visit.to_string());
    let whole = event.clone();
    let worth = text(move || said::worth(i18n, &whole));
    let whole = event.clone();
    let place = text(move || said::place(i18n, &whole));
    let age = text(move || i18n.ago(sites.time.now().saturating_sub(at)));
    let line = view! {
        <span class="converted-name">{event.name.to_string()}</span>
        <strong class="converted-worth">{worth}</strong>
        <span class="converted-where">{country_flag(&event.country)} <span>{place}</span></span>
        <span class="converted-age">{age}</span>
    };
    let line = match open {
        None => view! { <div class="converted-line">{line}</div> }.into_any(),
        Some(open) => view! {
            <button
                type="button"
                class="converted-line"
                title=i18n.t(say::OPEN_VISIT)
                on:click=move |_| open.set(Some(visit.clone()))
            >
                {line}
            </button>
        }
        .into_any(),
    };
    view! { <li class="converted-row" class:is-news=is_news>{line}</li> }.into_any()
}
