//! How the installation is doing: what the worker measures of itself, live, for admins of the whole installation.

pub mod measures;
pub mod status;
pub mod tiles;

use leptos::prelude::*;
use protocol::account::Role;
use protocol::metric::{Kind, Metric, MetricsAnswer, Unit};

use crate::browser::intl::Number;
use crate::browser::listener;
use crate::browser::poll::Poll;
use crate::model::failure::Failure;
use crate::model::i18n::{operator as say, shell};
use crate::model::operator::Watch;
use crate::model::pace::Link;
use crate::ui::bind::{effect, piece, text};
use crate::ui::failed::Failed;
use crate::ui::i18n::I18n;
use crate::ui::session::Session;
use crate::ui::site::Sites;
use crate::ui::skeleton::SkeletonRows;
use crate::ui::top_bar::TopBar;
use measures::Measures;
use status::Status;
use tiles::Tiles;

/// The least time from an answer to the next question, milliseconds.
const EVERY: u32 = 3_000;

/// The page.
#[component]
pub fn OperatorPage() -> impl IntoView {
    let i18n = I18n::get();
    let is_allowed = expect_context::<Session>().role() >= Some(Role::Admin);
    view! {
        <TopBar />
        <main class="page" id="main" tabindex="-1">
            <h1 class="settings-title">{i18n.t(say::OPERATION)}</h1>
            {if is_allowed {
                view! { <Watched /> }.into_any()
            } else {
                view! { <p class="empty" role="alert">{i18n.t(say::NOT_ALLOWED)}</p> }.into_any()
            }}
        </main>
    }
    .into_any()
}

/// What is measured, asked for again and again while the page is seen.
#[component]
fn Watched() -> impl IntoView {
    let (i18n, sites, session) = (I18n::get(), Sites::get(), expect_context::<Session>());
    let (watch, link) = (RwSignal::new(Watch::default()), RwSignal::new(Link::Waiting));
    let take = move |answer: Result<MetricsAnswer, Failure>, trip| match answer {
        Ok(answer) => {
            sites.time.learn(trip, answer.generated_at);
            watch.update(|watch| watch.take(answer));
            link.set(Link::Live);
        }
        Err(failure) if failure.is_signed_out() => session.end(true),
        Err(failure) => link.set(Link::Lost(failure)),
    };
    let poll = Poll::<MetricsAnswer>::new(EVERY, || "/api/operator/metrics".into(), take);
    let poll = StoredValue::new_local(poll);
    let visible = listener::visibility();
    effect(move || {
        let is_visible = visible.get();
        poll.with_value(|poll| if is_visible { poll.show() } else { poll.hide() });
    });
    let retry = move || poll.with_value(Poll::restart);
    let is_there = Memo::new(move |_| watch.with(|watch| watch.newest().is_some()));
    let lost = Memo::new(move |_| match link.get() {
        Link::Lost(failure) => Some(failure),
        Link::Waiting | Link::Live => None,
    });
    piece(move || match (is_there.get(), lost.get()) {
        (false, None) => view! {
            <section class="card" aria-busy="true">
                <SkeletonRows count=6 />
            </section>
        }
        .into_any(),
        (false, Some(failure)) => {
            let message = text(move || failure.message(i18n.lang()));
            view! { <section class="card"><Failed message retry /></section> }.into_any()
        }
        (true, _) => view! {
            <Source watch lost retry=Callback::new(move |()| retry()) />
            <Status watch />
            <Tiles watch />
            <Measures watch />
        }
        .into_any(),
    })
}

/// Whose figures these are, and how old.
#[component]
fn Source(watch: RwSignal<Watch>, lost: Memo<Option<Failure>>, retry: Callback<()>) -> impl IntoView {
    let (i18n, sites) = (I18n::get(), Sites::get());
    let whose = text(move || {
        watch.with(|watch| {
            let Some(answer) = watch.newest() else { return String::new() };
            let age = i18n.duration(answer.generated_at.saturating_sub(answer.began_at));
            let whose = match watch.isolates() {
                1 => i18n.fill(say::OF_ONE, &[&answer.isolate, &age]),
                many => i18n.fill(say::OF_SEVERAL, &[&many.to_string(), &answer.isolate, &age]),
            };
            let published = answer.environment.as_deref();
            let published = published.map(|name| format!(" · {}", i18n.fill(say::PUBLISHED, &[name])));
            format!("{whose}{}", published.unwrap_or_default())
        })
    });
    let renewed = text(move || {
        let at = watch.with(|watch| watch.newest().map_or(0, |answer| answer.generated_at));
        i18n.fill(say::RENEWED, &[&i18n.ago(sites.time.now().saturating_sub(at))])
    });
    let trouble = piece(move || {
        match lost.get() {
        None => ().into_any(),
        Some(failure) => view! {
            <p class="operator-lost" role="alert">
                <span>{text(move || format!("{}: {}.", i18n.say(say::NOT_RENEWED), failure.message(i18n.lang())))}</span>
                <button type="button" class="button" on:click=move |_| retry.run(())>{i18n.t(shell::TRY_AGAIN)}</button>
            </p>
        }
        .into_any(),
    }
    });
    view! {
        <div>
            <p class="card-note">{whose}" · "{renewed}</p>
            <p class="card-note">{i18n.t(say::SCOPE)}</p>
            {trouble}
        </div>
    }
    .into_any()
}

/// A value of a metric with its unit; a dash for what is unknown.
fn figure(i18n: I18n, metric: Metric, value: Option<f64>) -> String {
    let Some(value) = value else { return "–".into() };
    match metric.unit() {
        Unit::Count if metric.kind() == Kind::Counter && value >= 100_000.0 => {
            i18n.number(Number::Short, value)
        }
        Unit::Count => i18n.number(Number::Full, value),
        Unit::Milliseconds => i18n.fill(say::MILLIS, &[&i18n.number(Number::Full, value)]),
        Unit::Seconds => i18n.duration((value * 1_000.0) as u64),
    }
}
