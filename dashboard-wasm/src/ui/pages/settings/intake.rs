//! What became of the events that arrived: how many were stored, left out and refused, when, and why.

use leptos::prelude::*;
use protocol::account::Role;
use protocol::api::SiteInfo;
use protocol::outcome::Outcome;
use protocol::report::LedgerAnswer;

use super::form::Loaded;
use super::health::Health;
use super::verify::Verify;
use crate::browser::intl::{Date, Number};
use crate::model::format::tenths;
use crate::model::i18n::{Message, manage as say};
use crate::model::ledger::{Kinds, bars, dropped, totals};
use crate::model::settings::utc_day;
use crate::ui::bind::{piece, text};
use crate::ui::i18n::I18n;
use crate::ui::site::Sites;

const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;

/// Days on show, and hours a bar.
const RANGES: [(u64, u64, Message); 3] =
    [(1, 1, say::RANGE_DAY), (7, 6, say::RANGE_WEEK), (30, 24, say::RANGE_MONTH)];

/// Height of the chart, in the units of its box.
const HEIGHT: f64 = 100.0;

/// Ledger, and a check of what questions are answered.
#[component]
pub fn IntakeSection(
    /// The site.
    site: SiteInfo,
) -> impl IntoView {
    let i18n = I18n::get();
    let range = RwSignal::new(1_usize);
    let SiteInfo { id, role, .. } = site;
    let known = StoredValue::new(id.clone());
    let choices = RANGES.into_iter().enumerate().map(|(place, (.., label))| {
        view! {
            <button
                type="button"
                class="tab"
                class:is-chosen=move || range.get() == place
                aria-pressed=text(move || (range.get() == place).to_string())
                on:click=move |_| range.set(place)
            >
                {i18n.t(label)}
            </button>
        }
        .into_any()
    });
    let ledger = piece(move || view! { <Ledger site=known.get_value() range=range.get() /> }.into_any());
    view! {
        <Health ledger=format!("/api/sites/{id}/ledger") />
        <section class="card" data-testid="ledger">
            <div class="board-head">
                <h2 class="card-title">{i18n.t(say::LEDGER)}</h2>
                <div class="tabs" role="group" aria-label=i18n.t(say::RANGE)>{choices.collect_view()}</div>
            </div>
            <p class="settings-text">{i18n.t(say::LEDGER_TEXT)}</p>
            {ledger}
        </section>
        {(role >= Role::Editor).then(|| view! { <Verify site=id /> }.into_any())}
    }
    .into_any()
}

#[component]
fn Ledger(site: String, range: usize) -> impl IntoView {
    let now = Sites::get().time.read();
    let (days, step, _) = RANGES[range];
    let to = now.next_multiple_of(if step >= 24 { DAY } else { step * HOUR });
    let from = to - days * DAY;
    let address = format!("/api/sites/{site}/ledger?from={}&to={}", utc_day(from), utc_day(now));
    Loaded::<LedgerAnswer>::new(address)
        .draw(move |answer| view! { <Answer answer from to step /> }.into_any())
}

#[component]
fn Answer(answer: LedgerAnswer, from: u64, to: u64, step: u64) -> impl IntoView {
    let (i18n, sites) = (I18n::get(), Sites::get());
    // Only what is in the bars: the days asked for begin before the first of them.
    let hours = answer.hours.iter().filter(|hour| (from..to).contains(&hour.at)).cloned().collect();
    let mut within = LedgerAnswer { hours, totals: [].into(), ..answer };
    for (outcome, count) in within.hours.iter().flat_map(|hour| hour.counts.clone()) {
        *within.totals.entry(outcome).or_default() += count;
    }
    let kinds = totals(&within);
    let Some(shares) = kinds.shares() else {
        return view! { <p class="empty">{i18n.t(say::LEDGER_EMPTY)}</p> }.into_any();
    };
    let named = [
        (say::ACCEPTED, kinds.accepted, shares[0], "accepted"),
        (say::FILTERED, kinds.filtered, shares[1], "filtered"),
        (say::REFUSED, kinds.refused, shares[2], "refused"),
    ];
    let figures = named.map(|(label, count, share, kind)| {
        view! {
            <div class="ledger-figure" data-testid=format!("ledger-{kind}") data-value=count.to_string()>
                <dt><span class=format!("swatch is-{kind}")></span>{i18n.t(label)}</dt>
                <dd>
                    <strong>{text(move || i18n.number(Number::FinePercent, share))}</strong>
                    <span class="card-note">{text(move || i18n.count(count))}</span>
                </dd>
            </div>
        }
        .into_any()
    });
    let list = bars(&within, from, to, step);
    let most = list.iter().map(|(_, kinds)| kinds.total()).max().unwrap_or(0).max(1) as f64;
    let width = list.len() as f64 * 10.0;
    let form = if step >= 24 { Date::Day } else { Date::Moment };
    let drawn = list.into_iter().enumerate().map(|(place, (at, kinds))| {
        let wall = sites.wall(at);
        let title = text(move || {
            let counts = [kinds.accepted, kinds.filtered, kinds.refused].map(|count| i18n.count(count));
            let counts: Vec<&str> = counts.iter().map(String::as_str).collect();
            format!("{}: {}", i18n.date(form, wall), i18n.fill(say::BAR, &counts))
        });
        view! {
            <g class="ledger-bar">
                <title>{title}</title>
                {stack(place, kinds, most)}
            </g>
        }
        .into_any()
    });
    let summary = text(move || i18n.fill(say::LEDGER_SUMMARY, &[&i18n.count(kinds.total())]));
    let reasons = dropped(&within).into_iter().map(|(outcome, count)| reason(i18n, outcome, count, kinds));
    view! {
        <dl class="ledger-figures">{figures.collect_view()}</dl>
        <svg class="ledger" viewBox=format!("0 0 {width} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=summary>
            {drawn.collect_view()}
        </svg>
        <p class="ledger-ends card-note" aria-hidden="true">
            <span>{text(move || i18n.date(form, sites.wall(from)))}</span>
            <span>{text(move || i18n.date(form, sites.wall(to)))}</span>
        </p>
        <ul class="setting-rows">{reasons.collect_view()}</ul>
    }
    .into_any()
}

/// The parts of a bar, from the ground up.
fn stack(place: usize, kinds: Kinds, most: f64) -> AnyView {
    let mut ground = HEIGHT;
    let parts = [(kinds.accepted, "accepted"), (kinds.filtered, "filtered"), (kinds.refused, "refused")];
    let rects = parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, kind)| {
        // Whatever there is can be seen.
        let height = (count as f64 / most * HEIGHT).max(1.0);
        ground -= height;
        view! {
            <rect
                class=format!("is-{kind}")
                x=tenths(place as f64 * 10.0 + 1.0)
                y=tenths(ground)
                width="8"
                height=tenths(height)
            />
        }
        .into_any()
    });
    rects.collect::<Vec<_>>().collect_view().into_any()
}

fn reason(i18n: I18n, outcome: Outcome, count: u64, kinds: Kinds) -> AnyView {
    let share = count as f64 / kinds.total() as f64;
    view! {
        <li class="setting-row" data-testid="ledger-reason" data-name=outcome.code()>
            <span class="setting-main">
                <span>{i18n.t(why(outcome))}</span>
                <code class="option-name">{outcome.code()}</code>
            </span>
            <span class="card-note">{text(move || i18n.number(Number::FinePercent, share))}</span>
            <strong>{text(move || i18n.count(count))}</strong>
        </li>
    }
    .into_any()
}

fn why(outcome: Outcome) -> Message {
    match outcome {
        Outcome::Accepted => say::ACCEPTED,
        Outcome::Bot => say::WHY_BOT,
        Outcome::Headless => say::WHY_HEADLESS,
        Outcome::Spam => say::WHY_SPAM,
        Outcome::OptedOut => say::WHY_OPTED_OUT,
        Outcome::Excluded => say::WHY_EXCLUDED,
        Outcome::Prerender => say::WHY_PRERENDER,
        Outcome::TooOld | Outcome::InTheFuture | Outcome::TimeMismatch => say::WHY_TIME,
        Outcome::OriginNotAllowed => say::WHY_ORIGIN,
        Outcome::RateLimited => say::WHY_RATE,
        Outcome::StoreUnavailable => say::WHY_STORE,
        Outcome::UnknownType => say::WHY_UNKNOWN,
        Outcome::InvalidEvent
        | Outcome::InvalidPageId
        | Outcome::InvalidUrl
        | Outcome::InvalidTarget
        | Outcome::InvalidName
        | Outcome::InvalidRevenue
        | Outcome::InvalidHeartbeat => say::WHY_INVALID,
    }
}
