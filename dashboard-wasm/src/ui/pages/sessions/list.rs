//! The visits of the period that pass the filters, the newest first.

use gloo_timers::callback::Interval;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::query::{RawVisits, VisitRow, VisitsAnswer};

use super::super::overview::seen::Seen;
use super::row::VisitItem;
use crate::browser::{api, listener};
use crate::model::failure::Failure;
use crate::model::i18n::{overview, sessions as say};
use crate::model::question::{Question, What};
use crate::model::visits::{PAGE, is_news, key, renewed};
use crate::ui::bind::{effect, flag, piece, piece_when, text};
use crate::ui::failed::Failed;
use crate::ui::i18n::I18n;
use crate::ui::keyed::keyed;
use crate::ui::presence::Presence;
use crate::ui::session::Session;
use crate::ui::skeleton::SkeletonRows;

/// How often it is looked whether there are new visits, milliseconds.
const LOOK_MS: u32 = 5_000;

/// A row with its key.
#[derive(Debug, Clone, PartialEq)]
pub struct Keyed {
    /// Names it.
    pub key: String,
    /// The visit.
    pub row: VisitRow,
}

/// What is loaded of the list; a copy is the same.
#[derive(Clone, Copy)]
struct Visits {
    seen: Seen,
    session: Session,
    rows: RwSignal<Option<Vec<VisitRow>>>,
    total: RwSignal<u64>,
    next: RwSignal<Option<String>>,
    failure: RwSignal<Option<Failure>>,
    busy: RwSignal<bool>,
    /// The newest question: answers to earlier ones are not taken.
    number: StoredValue<u32>,
}

impl Visits {
    fn question(self, before: Option<String>) -> Question {
        let what = What::Visits(RawVisits { limit: PAGE, before });
        Question { what, ..self.seen.question(&self.seen.range.get(), Vec::new()) }
    }

    /// Loads the first page, or the one that follows what is loaded.
    fn load(self, before: Option<String>) {
        let question = untrack(|| self.question(before.clone()));
        let number = self.number.get_value() + 1;
        self.number.set_value(number);
        self.busy.set(true);
        spawn_local(async move {
            let answer = api::ask_one::<VisitsAnswer>(&question).await;
            if self.number.try_get_value() != Some(number) {
                return;
            }
            self.busy.set(false);
            match answer {
                Ok(answer) => self.take(answer, before.is_some()),
                Err(failure) if failure.is_signed_out() => self.session.end(true),
                Err(failure) => self.failure.set(Some(failure)),
            }
        });
    }

    fn take(self, answer: VisitsAnswer, is_further: bool) {
        let VisitsAnswer { visits, total, next, .. } = answer;
        self.failure.set(None);
        self.total.set(total);
        let old = self.rows.get_untracked().unwrap_or_default();
        if is_further {
            self.next.set(next);
            self.rows.set(Some(old.into_iter().chain(visits).collect()));
            return;
        }
        let is_whole = next.is_none();
        if is_whole || old.len() <= PAGE {
            self.next.set(next);
        }
        self.rows.set(Some(renewed(old, visits, is_whole)));
    }
}

/// The list.
#[component]
pub fn List() -> impl IntoView {
    let (i18n, seen) = (I18n::get(), Seen::get());
    let visits = Visits {
        seen,
        session: expect_context(),
        rows: RwSignal::new(None),
        total: RwSignal::new(0),
        next: RwSignal::new(None),
        failure: RwSignal::new(None),
        busy: RwSignal::new(false),
        number: StoredValue::new(0),
    };
    effect(move || {
        // Whatever it is a list of has changed.
        let _ = visits.question(None);
        visits.rows.set(None);
        visits.next.set(None);
        visits.load(None);
    });
    let visible = listener::visibility();
    // While news are pushed, nothing is asked for that nobody did.
    let (live, has_news) = (Presence::get(), StoredValue::new(false));
    live.on_news(move |_| has_news.set_value(true));
    let look = Interval::new(LOOK_MS, move || {
        let is_running = seen.range.with_untracked(|range| range.contains(&seen.sites.time.read()));
        let is_idle = !visits.busy.get_untracked() && visits.rows.with_untracked(Option::is_some);
        let is_due = !live.is_pushed() || has_news.get_value();
        if is_running && is_idle && is_due && visible.get_untracked() {
            has_news.set_value(false);
            visits.load(None);
        }
    });
    StoredValue::new_local(look);

    let rows = Memo::new(move |_| {
        let rows = visits.rows.get().unwrap_or_default();
        rows.into_iter()
            .map(|row| Keyed { key: key(&row.visitor, row.started_at), row })
            .collect::<Vec<Keyed>>()
    });
    let entries = keyed(rows, |row: &Keyed| &row.key, |old, new| is_news(&old.row, &new.row));
    let is_loading = flag(move || visits.rows.with(Option::is_none));
    let has_failed = flag(move || visits.failure.with(Option::is_some));
    let is_empty = flag(move || rows.with(Vec::is_empty));
    let message = text(move || {
        visits.failure.with(|it| it.as_ref().map(|it| it.message(i18n.lang())).unwrap_or_default())
    });
    let retry = move || {
        visits.failure.set(None);
        visits.load(None);
    };
    let body = piece(move || match (is_loading.get(), has_failed.get(), is_empty.get()) {
        (true, true, _) => view! { <Failed message retry /> }.into_any(),
        (true, ..) => view! { <SkeletonRows count=12 /> }.into_any(),
        (_, _, true) => {
            let is_filtered = flag(move || seen.rules.with(|rules| !rules.is_empty()));
            let said = text(move || {
                i18n.say(if is_filtered.get() { overview::NO_DATA_FILTERED } else { say::NOTHING })
            });
            view! { <p class="empty">{said}</p> }.into_any()
        }
        _ => view! {
            <ul class="visits" data-testid="visits">
                <For
                    each=move || entries.get()
                    key=|entry| entry.key.clone()
                    children=move |entry| view! { <VisitItem entry /> }.into_any()
                />
            </ul>
        }
        .into_any(),
    });
    let has_more = flag(move || visits.next.with(Option::is_some));
    let more = move |_| {
        if !visits.busy.get_untracked() {
            visits.load(visits.next.get_untracked());
        }
    };
    let count = text(move || match visits.rows.with(Option::is_some) {
        true => i18n.fill(say::COUNT, &[&i18n.count(visits.total.get())]),
        false => String::new(),
    });
    view! {
        <section class="card" aria-labelledby="sessions-title">
            <header class="card-head">
                <h2 class="card-title" id="sessions-title">{i18n.t(say::SESSIONS)}</h2>
                <span class="card-note" role="status" data-testid="visits-count">{count}</span>
            </header>
            {body}
            {piece_when(has_more, move || view! {
                <button
                    type="button"
                    class="button is-more"
                    aria-disabled=text(move || visits.busy.get().to_string())
                    on:click=more
                >
                    {i18n.t(say::MORE)}
                </button>
            }.into_any())}
        </section>
    }
    .into_any()
}
