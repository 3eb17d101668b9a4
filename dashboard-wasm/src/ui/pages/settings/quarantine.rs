//! What was kept apart: batches of bots, browsers without a screen and spammers, day by day.

use leptos::prelude::*;
use protocol::api::SiteInfo;
use protocol::outcome::Outcome;
use protocol::report::{QuarantineAnswer, QuarantineDone, QuarantineSelection, QuarantinedBatch};

use super::form::{DayField, Form, Loaded};
use crate::browser::api;
use crate::browser::intl::Date;
use crate::model::i18n::{Message, manage as say, settings};
use crate::model::settings::utc_day;
use crate::ui::bind::{piece, text};
use crate::ui::i18n::I18n;
use crate::ui::site::Sites;

/// Why a batch is kept apart, for people; the others are not kept at all.
fn reason(outcome: Outcome) -> Message {
    match outcome {
        Outcome::Headless => say::HEADLESS,
        Outcome::Spam => say::SPAM,
        _ => say::BOT,
    }
}

/// A day of the quarantine.
#[component]
pub fn QuarantineSection(
    /// The site.
    site: SiteInfo,
) -> impl IntoView {
    let i18n = I18n::get();
    let day = RwSignal::new(utc_day(Sites::get().time.read()));
    // While a day is being typed the one before stays on show.
    let shown = Memo::new(move |before: Option<&String>| {
        Some(day.get()).filter(|day| !day.is_empty()).or(before.cloned()).unwrap_or_default()
    });
    let site = StoredValue::new(site.id);
    let list = piece(move || view! { <Day site=site.get_value() day=shown.get() /> }.into_any());
    view! {
        <section class="card" data-testid="quarantine">
            <p class="settings-text">{i18n.t(say::QUARANTINE_TEXT)}</p>
            <DayField label=say::DAY_UTC name="day" value=day />
            {list}
        </section>
    }
    .into_any()
}

#[component]
fn Day(site: String, day: String) -> impl IntoView {
    let (i18n, form) = (I18n::get(), Form::start());
    let address = format!("/api/sites/{site}/quarantine");
    let batches = Loaded::<QuarantineAnswer>::new(format!("{address}?day={day}"));
    let done = RwSignal::new(None::<QuarantineDone>);
    let (day, address) = (StoredValue::new(day), StoredValue::new(address));
    let act = move |action: &'static str, ids: Option<Vec<String>>| {
        let selection = QuarantineSelection { day: day.get_value(), ids, reason: None };
        let to = format!("{}/{action}", address.get_value());
        let request = async move { api::change::<QuarantineDone>("POST", &to, &selection).await };
        form.send(request, move |answer| {
            done.set(Some(answer));
            batches.again();
        });
    };
    let row = move |batch: QuarantinedBatch| {
        let name = if batch.bot.is_empty() { batch.user_agent.clone() } else { batch.bot.clone() };
        let at = Sites::get().wall(batch.received_at);
        let parts = [batch.path.clone(), batch.referrer.clone(), batch.country.clone()];
        let rest: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let about = text(move || {
            let facts = [i18n.say(reason(batch.reason)), i18n.date(Date::Moment, at)];
            let events = i18n.fill(say::EVENTS, &[&i18n.count(batch.events)]);
            facts.into_iter().chain([events]).chain(rest.iter().cloned()).collect::<Vec<_>>().join(" · ")
        });
        let (release, purge) = (batch.id.clone(), batch.id);
        view! {
            <li class="setting-row" data-testid="quarantined">
                <span class="setting-main">
                    <span class="setting-agent" title=batch.user_agent>{name}</span>
                    <span class="card-note">{about}</span>
                </span>
                <button type="button" class="button" on:click=move |_| act("release", Some(vec![release.clone()]))>
                    {i18n.t(say::RELEASE)}
                </button>
                <button type="button" class="button button-bad" on:click=move |_| act("purge", Some(vec![purge.clone()]))>
                    {i18n.t(say::PURGE)}
                </button>
            </li>
        }
        .into_any()
    };
    let draw = move |answer: QuarantineAnswer| {
        if answer.batches.is_empty() {
            return view! { <p class="empty">{i18n.t(say::QUARANTINE_EMPTY)}</p> }.into_any();
        }
        let has_more = answer.next.is_some();
        view! {
            <ul class="setting-rows">{answer.batches.into_iter().map(row).collect_view()}</ul>
            {has_more.then(|| view! { <p class="card-note">{i18n.t(say::QUARANTINE_MORE)}</p> }.into_any())}
            <All act />
        }
        .into_any()
    };
    let said = text(move || match (form.problem(i18n), done.get()) {
        (Some(problem), _) => problem,
        (None, Some(done)) => {
            let more = if done.more { i18n.say(say::QUARANTINE_AGAIN) } else { String::new() };
            format!("{} {more}", i18n.fill(say::QUARANTINE_DONE, &[&i18n.count(done.batches)]))
        }
        _ => String::new(),
    });
    view! {
        <p class="card-note" role="status">{said}</p>
        {batches.draw(draw)}
    }
    .into_any()
}

/// Buttons for all batches of the day, each of which has to be confirmed.
#[component]
fn All(act: impl Fn(&'static str, Option<Vec<String>>) + Copy + Send + 'static) -> impl IntoView {
    let i18n = I18n::get();
    let asked = RwSignal::new(None::<&'static str>);
    piece(move || {
        match asked.get() {
        None => view! {
            <div class="form-end">
                <button type="button" class="button" on:click=move |_| asked.set(Some("release"))>{i18n.t(say::RELEASE_ALL)}</button>
                <button type="button" class="button button-bad" on:click=move |_| asked.set(Some("purge"))>{i18n.t(say::PURGE_ALL)}</button>
            </div>
        }
        .into_any(),
        Some(action) => {
            let is_purge = action == "purge";
            let (question, label) = if is_purge {
                (say::REALLY_PURGE, say::PURGE_ALL)
            } else {
                (say::REALLY_RELEASE, say::RELEASE_ALL)
            };
            view! {
                <div class="confirm">
                    <span role="alert">{i18n.t(question)}</span>
                    <button
                        type="button"
                        class="button"
                        class:button-bad=is_purge
                        on:click=move |_| {
                            asked.set(None);
                            act(action, None);
                        }
                    >
                        {i18n.t(label)}
                    </button>
                    <button type="button" class="button" on:click=move |_| asked.set(None)>{i18n.t(settings::CANCEL)}</button>
                </div>
            }
            .into_any()
        }
    }
    })
}
