//! What is happening, event by event. It rests while the reader points at it or is in it by keyboard, and for as long as
//! they want.

use leptos::prelude::*;
use protocol::live::{FeedEntry, FeedKind};

use super::OpenVisit;
use super::said;
use crate::model::i18n::live as say;
use crate::model::push::Push;
use crate::ui::bind::{flag, piece, piece_when, text};
use crate::ui::flag::flag as country_flag;
use crate::ui::i18n::I18n;
use crate::ui::keyed::{Entry, keyed};
use crate::ui::presence::Presence;
use crate::ui::site::Sites;
use crate::ui::skeleton::SkeletonRows;

/// Rows of the list.
const ROWS: usize = 40;

/// An event and what tells it from others.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    key: String,
    event: FeedEntry,
}

/// The newest events, the newest first.
fn newest(live: Presence) -> Option<Vec<Row>> {
    live.read(|state| {
        let mut events: Vec<&FeedEntry> = state.feed().collect();
        // Events arrive in batches: those of one may have happened before those of another.
        events.sort_by_key(|event| std::cmp::Reverse(event.at));
        events.dedup_by(|a, b| (a.at, &a.visit, a.kind, &a.name) == (b.at, &b.visit, b.kind, &b.name));
        // Texts are made of those that are shown alone: this is four times a second.
        let row = |event: &FeedEntry| Row {
            key: format!("{}/{}/{}/{}", event.at, event.visit, said::key(event.kind), event.name),
            event: event.clone(),
        };
        events.into_iter().take(ROWS).map(row).collect()
    })
}

/// The card.
#[component]
pub fn Feed() -> impl IntoView {
    let (i18n, live) = (I18n::get(), Presence::get());
    let (is_paused, is_pointed, is_focused) =
        (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    let is_read = flag(move || is_pointed.get() || is_focused.get());
    let rests = flag(move || is_paused.get() || is_read.get());
    let all = Memo::new(move |_| newest(live).unwrap_or_default());
    let shown = Memo::new(move |old: Option<&Vec<Row>>| match old {
        // There is nothing where there is no state, as after another site was chosen.
        Some(old) if rests.get() && !old.is_empty() && all.with(|all| !all.is_empty()) => old.clone(),
        _ => all.get(),
    });
    let waiting = Memo::new(move |_| {
        let first = shown.with(|rows| rows.first().map_or(0, |row| row.event.at));
        all.with(|rows| rows.iter().filter(|row| row.event.at > first).count())
    });
    let rows = keyed(shown, |row: &Row| &row.key, |_, _| false);
    let note = text(move || {
        let count = i18n.count(waiting.get() as u64);
        match (is_paused.get(), is_read.get() && waiting.get() > 0) {
            (true, _) => i18n.fill(say::PAUSED, &[&count]),
            (_, true) => i18n.fill(say::RESTS, &[&count]),
            _ => String::new(),
        }
    });
    let content = Memo::new(move |_| match (live.push.get(), live.has_state(), shown.with(Vec::is_empty)) {
        (Push::Connecting, false, _) => 0,
        (_, false, _) => 1,
        (.., true) => 2,
        (.., false) => 3,
    });
    view! {
        <section class="card feed" aria-labelledby="feed-title">
            <header class="card-head">
                <h2 class="card-title" id="feed-title">{i18n.t(say::FEED)}</h2>
                <span class="card-note feed-note" aria-hidden="true">{note}</span>
                <button
                    type="button"
                    class="quiet-button"
                    aria-pressed=text(move || is_paused.get().to_string())
                    data-testid="feed-pause"
                    on:click=move |_| is_paused.update(|is_paused| *is_paused = !*is_paused)
                >
                    {text(move || i18n.say(if is_paused.get() { say::GO_ON } else { say::PAUSE }))}
                </button>
            </header>
            <div
                class="feed-box"
                tabindex="0"
                role="group"
                aria-labelledby="feed-title"
                on:pointerenter=move |_| is_pointed.set(true)
                on:pointerleave=move |_| is_pointed.set(false)
                on:focusin=move |_| is_focused.set(true)
                on:focusout=move |_| is_focused.set(false)
            >
                {piece(move || match content.get() {
                    0 => view! { <SkeletonRows count=8 /> }.into_any(),
                    1 => view! { <p class="empty">{i18n.t(say::NOT_PUSHED)}</p> }.into_any(),
                    2 => view! { <p class="empty">{i18n.t(say::FEED_EMPTY)}</p> }.into_any(),
                    _ => view! {
                        <ol class="feed-list" data-testid="feed">
                            <For
                                each=move || rows.get()
                                key=|entry| entry.key.clone()
                                children=move |entry| view! { <FeedRow entry /> }.into_any()
                            />
                        </ol>
                    }.into_any(),
                })}
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn FeedRow(entry: Entry<Row>) -> impl IntoView {
    let (i18n, sites, OpenVisit(open)) = (I18n::get(), Sites::get(), expect_context());
    // An event does not change.
    let event = entry.value.get_untracked().event;
    let is_news = entry.news.get_untracked() > 0;
    let kind = text(move || said::kind(i18n, event.kind));
    let (at, visit) = (event.at, event.visit.to_string());
    let what = match event.kind {
        FeedKind::PageView => event.page.clone(),
        FeedKind::Click if event.name.is_empty() => event.page.clone(),
        _ => event.name.clone(),
    };
    let whole = event.clone();
    let worth = text(move || said::worth(i18n, &whole));
    let whole = event.clone();
    let place = text(move || said::place(i18n, &whole));
    let source = event.source.clone();
    let source = (!source.is_empty()).then(|| text(move || i18n.fill(say::VIA, &[&source])));
    let has_worth = flag(move || worth.with(|worth| !worth.is_empty()));
    let age = text(move || i18n.ago(sites.time.now().saturating_sub(at)));
    let line = view! {
        <span class="feed-what">
            <span class="feed-kind">{kind}</span>
            <span class="feed-name" title=event.page.to_string()>{what.to_string()}</span>
            {piece_when(has_worth, move || view! { <strong class="feed-worth">{worth}</strong> }.into_any())}
        </span>
        <span class="feed-where">
            {country_flag(&event.country)}
            <span>{place}</span>
            {source.map(|source| view! { <span class="feed-source">{source}</span> })}
            <span class="feed-age">{age}</span>
        </span>
    };
    let line = match open {
        None => view! { <div class="feed-line">{line}</div> }.into_any(),
        Some(open) => view! {
            <button
                type="button"
                class="feed-line"
                title=i18n.t(say::OPEN_VISIT)
                on:click=move |_| open.set(Some(visit.clone()))
            >
                {line}
            </button>
        }
        .into_any(),
    };
    view! {
        <li
            class=format!("feed-row is-{}", said::key(event.kind))
            class:is-news=is_news
            data-testid="feed-row"
            data-kind=said::key(event.kind)
            data-at=at.to_string()
            data-page=event.page.to_string()
        >
            {line}
        </li>
    }
    .into_any()
}
