//! The table of those who are here.

use leptos::prelude::*;
use protocol::api::ActiveSession;

use super::bind::{flag, piece, piece_when, text};
use super::failed::Failed;
use super::i18n::I18n;
use super::keyed::keyed;
use super::presence::Presence;
use super::session_row::SessionRow;
use super::skeleton::SkeletonRows;
use crate::model::i18n::live as say;
use crate::model::pace::Link;
use crate::model::presence;

/// Rows that are shown unless the reader wants all: each ticks every second.
const ROWS: usize = 50;

/// What the card shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Loading,
    Failed,
    Nobody,
    Table,
}

/// Active sessions of the last 30 minutes.
#[component]
pub fn HereNow() -> impl IntoView {
    let (live, i18n) = (Presence::get(), I18n::get());
    // Rows do not move away from under a pointer, nor from the row that is read by keyboard.
    let (is_pointed, is_focused) = (RwSignal::new(false), RwSignal::new(false));
    let rests = flag(move || is_pointed.get() || is_focused.get());
    let is_whole = RwSignal::new(false);
    let all = Memo::new(move |_| {
        live.active.with(|active| {
            let sessions = active.as_ref().map_or(&[][..], |active| &active.sessions);
            let most = if is_whole.get() { usize::MAX } else { ROWS };
            presence::in_order(sessions).into_iter().take(most).cloned().collect::<Vec<_>>()
        })
    });
    let listed = Memo::new(move |_| {
        live.active.with(|active| active.as_ref().map_or(0, |active| active.sessions.len()))
    });
    let has_more = flag(move || !is_whole.get() && listed.get() > ROWS);
    let sessions = Memo::new(move |shown: Option<&Vec<ActiveSession>>| match shown {
        Some(shown) if rests.get() && !shown.is_empty() && live.active.with(Option::is_some) => {
            all.with(|all| presence::held(shown, all))
        }
        _ => all.get(),
    });
    let waiting = Memo::new(move |_| {
        sessions.with(|shown| {
            let is_shown = |new: &ActiveSession| shown.iter().any(|it| it.session_id == new.session_id);
            all.with(|all| all.iter().filter(|new| !is_shown(new)).count())
        })
    });
    let entries = keyed(sessions, |session: &ActiveSession| &session.session_id, presence::is_news);
    let content = Memo::new(move |_| match (&*live.active.read(), &*live.link.read()) {
        (None, Link::Lost(_)) => Content::Failed,
        (None, _) => Content::Loading,
        (Some(active), _) if active.sessions.is_empty() => Content::Nobody,
        _ => Content::Table,
    });
    let message = text(move || match &*live.link.read() {
        Link::Lost(failure) => failure.message(i18n.lang()),
        _ => String::new(),
    });
    let counts = text(move || {
        if waiting.get() > 0 {
            return i18n.fill(say::WAITING, &[&i18n.count(waiting.get() as u64)]);
        }
        live.active.with(|active| {
            let Some(active) = active else { return String::new() };
            let (five, thirty) = (i18n.count(active.last_5_minutes), i18n.count(active.last_30_minutes));
            i18n.fill(say::COUNTS, &[&five, &thirty])
        })
    });
    let table = move || {
        // Nobody is in a box that is new.
        is_pointed.set(false);
        is_focused.set(false);
        view! {
            <div
                class="table-box"
                tabindex="0"
                role="group"
                aria-labelledby="here-title"
                on:pointerenter=move |_| is_pointed.set(true)
                on:pointerleave=move |_| is_pointed.set(false)
                on:focusin=move |_| is_focused.set(true)
                on:focusout=move |_| is_focused.set(false)
            >
                <table class="table" role="table">
                    <thead role="rowgroup">
                        <tr role="row">
                            <th scope="col" role="columnheader">{i18n.t(say::COLUMN_PAGE)}</th>
                            <th scope="col" role="columnheader">{i18n.t(say::COLUMN_PLACE)}</th>
                            <th scope="col" role="columnheader">{i18n.t(say::COLUMN_DEVICE)}</th>
                            <th scope="col" role="columnheader" class="is-time">{i18n.t(say::COLUMN_VISIT)}</th>
                            <th scope="col" role="columnheader" class="is-time">{i18n.t(say::COLUMN_SEEN)}</th>
                        </tr>
                    </thead>
                    <tbody role="rowgroup">
                        <For
                            each=move || entries.get()
                            key=|entry| entry.key.clone()
                            children=move |entry| view! { <SessionRow entry /> }.into_any()
                        />
                    </tbody>
                </table>
            </div>
            {piece_when(has_more, move || view! {
                <button type="button" class="quiet-button table-more" on:click=move |_| is_whole.set(true)>
                    {text(move || i18n.fill(say::SHOW_ALL, &[&i18n.count(listed.get() as u64)]))}
                </button>
            }.into_any())}
        }
        .into_any()
    };
    let body = piece(move || match content.get() {
        Content::Loading => view! { <SkeletonRows count=12 /> }.into_any(),
        Content::Failed => view! { <Failed message retry=move || live.retry() /> }.into_any(),
        Content::Nobody => view! { <p class="empty">{i18n.t(say::NOBODY)}</p> }.into_any(),
        Content::Table => table(),
    });
    view! {
        <section class="card here" aria-labelledby="here-title">
            <header class="card-head">
                <h2 class="card-title" id="here-title">
                    {i18n.t(say::HERE_NOW)}
                </h2>
                <span class="card-note">{counts}</span>
            </header>
            {body}
        </section>
    }
    .into_any()
}
