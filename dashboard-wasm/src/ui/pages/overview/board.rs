//! A card with tabs, each a list of the largest values of something.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::seen::Seen;
use crate::browser::intl::Number;
use crate::model::filter::{self, Op};
use crate::model::format::tenths;
use crate::model::i18n::overview as say;
use crate::model::question::Reply;
use crate::model::tab::{BOARDS, Tab};
use crate::ui::bind::{flag, piece, text};
use crate::ui::desk::Asked;
use crate::ui::failed::Failed;
use crate::ui::flag::flag as country_flag;
use crate::ui::i18n::I18n;
use crate::ui::keyed::{Entry, keyed};
use crate::ui::place::Place;
use crate::ui::skeleton::SkeletonRows;
use crate::ui::split;

/// Rows of a list.
const ROWS: u32 = 9;

/// A row.
#[derive(Debug, Clone, PartialEq)]
struct Bar {
    /// The value as questions name it; the row's identity.
    key: String,
    /// Distinct visitors.
    visitors: f64,
    /// Length of the bar, per cent of the longest.
    length: f64,
    /// Part of all visitors.
    share: f64,
}

fn bars(reply: &Reply, total: f64) -> Vec<Bar> {
    let visitors = |place: usize| reply.results.get(place).and_then(|row| row.metric(0)).unwrap_or(0.0);
    let longest = visitors(0).max(1.0);
    let bar = |(place, row): (usize, &crate::model::question::ReplyRow)| Bar {
        key: row.dimensions.first().cloned().unwrap_or_default(),
        visitors: visitors(place),
        length: visitors(place) * 100.0 / longest,
        share: visitors(place) / total.max(1.0),
    };
    reply.results.iter().enumerate().map(bar).collect()
}

/// A card.
#[component]
pub fn BoardCard(
    /// Which.
    number: usize,
    /// The answer with all visitors.
    totals: Asked,
) -> impl IntoView {
    let (i18n, place) = (I18n::get(), Place::get());
    let board = BOARDS[number];
    let tab = Memo::new({
        let tabs = place.see(|view| view.tabs);
        move |_| tabs.get()[number]
    });
    let tabs = board.tabs.iter().map(|choice| {
        let choice = *choice;
        let is_chosen = flag(move || tab.get() == choice);
        view! {
            <button
                type="button"
                class="tab"
                class:is-chosen=is_chosen
                aria-pressed=text(move || is_chosen.get().to_string())
                data-testid=format!("tab-{}", choice.key())
                on:click=move |_| place.change(|view| view.tabs[number] = choice)
            >
                {i18n.t(choice.label())}
            </button>
        }
        .into_any()
    });
    let details = text(move || i18n.fill(say::DETAILS_OF, &[&i18n.say(tab.get().label())]));
    view! {
        <section class="card board" aria-labelledby=format!("board-{number}")>
            <header class="board-head">
                <h2 class="card-title" id=format!("board-{number}")>{i18n.t(board.title)}</h2>
                <div class="tabs" role="group" aria-labelledby=format!("board-{number}")>{tabs.collect_view()}</div>
            </header>
            {piece(move || match tab.get() {
                Tab::Map => split::map(),
                tab => view! { <List tab totals /> }.into_any(),
            })}
            <footer class="board-foot">
                <button
                    type="button"
                    class="quiet-button"
                    aria-label=details
                    on:click=move |_| place.change(|view| view.open = Some(tab.get_untracked().listed()))
                >
                    {i18n.t(say::DETAILS)}
                </button>
                <span class="card-note">{i18n.t(say::VISITORS)}</span>
            </footer>
        </section>
    }
    .into_any()
}

#[component]
fn List(tab: Tab, totals: Asked) -> impl IntoView {
    let (i18n, seen) = (I18n::get(), Seen::get());
    let asked = seen.ask_top(tab.dimension(), ROWS, tab != Tab::Campaigns);
    let total = Memo::new(move |_| {
        totals.reply.with(|reply| reply.as_ref().and_then(|it| it.results.first()?.metric(0)).unwrap_or(0.0))
    });
    let rows = Memo::new(move |_| {
        asked.reply.with(|reply| reply.as_ref().map(|reply| bars(reply, total.get())).unwrap_or_default())
    });
    let entries = keyed(rows, |bar: &Bar| &bar.key, |_, _| false);
    let is_loading = flag(move || asked.reply.with(Option::is_none));
    let is_failed = flag(move || is_loading.get() && asked.failure.with(Option::is_some));
    let is_empty = flag(move || rows.with(Vec::is_empty));
    let message = text(move || {
        asked.failure.with(|failure| failure.as_ref().map(|it| it.message(i18n.lang())).unwrap_or_default())
    });
    let body = piece(move || match (is_failed.get(), is_loading.get(), is_empty.get()) {
        (true, ..) => view! { <Failed message retry=move || seen.data.retry() /> }.into_any(),
        (_, true, _) => view! { <SkeletonRows count=ROWS as usize /> }.into_any(),
        (_, _, true) => {
            let is_filtered = flag(move || seen.rules.with(|rules| !rules.is_empty()));
            let nothing =
                text(move || i18n.say(if is_filtered.get() { say::NO_DATA_FILTERED } else { say::NO_DATA }));
            view! { <p class="empty">{nothing}</p> }.into_any()
        }
        _ => view! {
            <ul class="bars">
                <For
                    each=move || entries.get()
                    key=|entry| entry.key.clone()
                    children=move |entry| view! { <BarRow tab entry /> }.into_any()
                />
            </ul>
        }
        .into_any(),
    });
    view! {
        <div class="board-body" class:is-outdated=flag(move || asked.is_outdated.get())>{body}</div>
    }
    .into_any()
}

#[component]
fn BarRow(tab: Tab, entry: Entry<Bar>) -> impl IntoView {
    let (i18n, place, seen) = (I18n::get(), Place::get(), Seen::get());
    let bar = entry.value;
    let read = |of: fn(&Bar) -> f64| {
        let bar = bar.clone();
        Memo::new(move |_| bar.with(of))
    };
    let (visitors, length, share) = (read(|bar| bar.visitors), read(|bar| bar.length), read(|bar| bar.share));
    let dimension = tab.dimension();
    let key = entry.key;
    let named = key.clone();
    let name = text(move || value_name(i18n, dimension, &named));
    let chosen = key.clone();
    let is_filter = flag(move || seen.rules.with(|rules| filter::has(rules, Op::Is, dimension, &chosen)));
    let clicked = key.clone();
    let click = move |event: MouseEvent| {
        let op = if event.alt_key() { Op::IsNot } else { Op::Is };
        place.change(|view| filter::toggle(&mut view.rules, op, dimension, &clicked));
    };
    let title = text(move || {
        let count = i18n.count(visitors.get() as u64);
        format!("{}: {count}\n{}", name.get(), i18n.say(say::FILTER_HINT))
    });
    let country_flag = (tab == Tab::Countries).then(|| country_flag(&key));
    view! {
        <li
            data-testid=format!("{}-row", tab.key())
            data-name=key
            data-value=text(move || visitors.get().to_string())
        >
            <button
                type="button"
                class="bar-row"
                aria-pressed=text(move || is_filter.get().to_string())
                title=title
                on:click=click
            >
                <span class="bar-track">
                    <span class="bar-fill" style:width=text(move || format!("{}%", tenths(length.get())))></span>
                </span>
                {country_flag}
                <span class="bar-label">{name}</span>
                <span class="bar-share">{text(move || i18n.number(Number::Percent, share.get()))}</span>
                <span class="bar-value">{text(move || i18n.count(visitors.get() as u64))}</span>
            </button>
        </li>
    }
    .into_any()
}

/// A value of a dimension for people.
pub(super) fn value_name(i18n: I18n, dimension: &str, key: &str) -> String {
    let name = match dimension {
        "visit:country" => i18n.country(key),
        "visit:device" => i18n.device(key),
        _ => key.to_owned(),
    };
    if !name.is_empty() {
        return name;
    }
    i18n.say(match dimension {
        "visit:source" | "visit:channel" => say::DIRECT,
        "visit:utm_campaign" => say::NO_CAMPAIGN,
        _ => crate::model::i18n::words::UNKNOWN,
    })
}
