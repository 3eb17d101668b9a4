//! A visit, told: its pages in order, and what was done on each.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::query::{TimelineAnswer, TimelineEvent, TimelineVisit};

use super::bind::{piece, text};
use super::failed::Failed;
use super::i18n::I18n;
use super::skeleton::SkeletonRows;
use crate::browser::api;
use crate::browser::intl::{Date, Number};
use crate::model::failure::Failure;
use crate::model::i18n::{Message, sessions as say};
use crate::model::question::Question;
use crate::model::visits::{Stop, stops};

/// Asks what a visitor did, and draws it.
pub fn told(question: Question, of: impl Fn(TimelineAnswer) -> AnyView + Send + 'static) -> AnyView {
    let i18n = I18n::get();
    let answer = RwSignal::new(None::<Result<TimelineAnswer, Failure>>);
    let question = StoredValue::new(question);
    let load = move || {
        let question = question.get_value();
        spawn_local(async move {
            let told = api::ask_one::<TimelineAnswer>(&question).await;
            answer.try_set(Some(told));
        });
    };
    load();
    piece(move || match answer.get() {
        None => view! { <SkeletonRows count=4 /> }.into_any(),
        Some(Ok(told)) => of(told),
        Some(Err(failure)) => {
            let message = text(move || failure.message(i18n.lang()));
            view! { <Failed message retry=load /> }.into_any()
        }
    })
}

/// A visit, told.
#[component]
pub fn Told(
    /// It.
    visit: TimelineVisit,
) -> impl IntoView {
    let i18n = I18n::get();
    let TimelineVisit { said, events, .. } = visit;
    let facts: [(&str, Message); 4] = [
        ("referrer", say::REFERRER),
        ("utm_campaign", say::CAMPAIGN),
        ("language", say::LANGUAGE),
        ("screen", say::SCREEN),
    ];
    let fact = |(name, label): (&str, Message)| {
        let value = said.get(name).filter(|value| !value.is_empty())?.clone();
        Some(view! { <div class="fact"><dt>{i18n.t(label)}</dt><dd>{value}</dd></div> }.into_any())
    };
    let facts = facts.into_iter().filter_map(fact).collect_view();
    let stops = stops(events).into_iter().map(|stop| draw_stop(i18n, stop)).collect_view();
    view! {
        <dl class="facts">{facts}</dl>
        <ol class="story" aria-label=i18n.t(say::TIMELINE) data-testid="timeline">{stops}</ol>
    }
    .into_any()
}

fn draw_stop(i18n: I18n, Stop { page, acts }: Stop) -> AnyView {
    let acts = (!acts.is_empty()).then(|| {
        let acts = acts.into_iter().map(|event| draw_act(i18n, event));
        view! { <ol class="acts-list">{acts.collect_view()}</ol> }.into_any()
    });
    let head = match page {
        None => view! { <span class="stop-path">{i18n.t(say::BEFORE_ANY)}</span> }.into_any(),
        Some(page) => {
            let read = page
                .engaged_ms
                .filter(|ms| *ms > 0)
                .map(|ms| i18n.fill(say::READ, &[&i18n.duration(ms.into())]));
            let scrolled = page.scroll_percent.filter(|depth| *depth > 0).map(|depth| {
                i18n.fill(say::SCROLLED, &[&i18n.number(Number::Percent, f64::from(depth) / 100.0)])
            });
            let notes: Vec<String> = [read, scrolled].into_iter().flatten().collect();
            let title = page.title.clone();
            view! {
                {clock(i18n, page.at)}
                <span class="stop-path"><span class="visually-hidden">{i18n.t(say::PAGE_VIEW)} " "</span>{page.path}</span>
                <span class="stop-title">{title}</span>
                <span class="stop-notes">{notes.join(" · ")}</span>
            }
            .into_any()
        }
    };
    view! {
        <li class="stop" data-testid="stop">
            <div class="stop-head">{head}</div>
            {acts}
        </li>
    }
    .into_any()
}

fn clock(i18n: I18n, at: u64) -> AnyView {
    let sites = super::site::Sites::get();
    view! { <time class="stop-time">{i18n.date(Date::Clock, sites.wall(at))}</time> }.into_any()
}

fn draw_act(i18n: I18n, event: TimelineEvent) -> AnyView {
    let kind = match &*event.kind {
        "click" => say::CLICK,
        "conversion" => say::CONVERSION,
        _ => say::EVENT,
    };
    let is_won = event.kind == "conversion";
    let revenue = event
        .revenue
        .map(|money| view! { <strong class="act-revenue">{i18n.money(&[money])}</strong> }.into_any());
    let props = event
        .props
        .into_iter()
        .map(|(key, value)| view! { <span class="mark-soft">{key} ": " {value}</span> }.into_any());
    view! {
        <li class="act" class:is-won=is_won data-testid="act">
            {clock(i18n, event.at)}
            <span class="act-kind">{i18n.t(kind)}</span>
            <span class="act-name">{event.name}</span>
            {revenue}
            {props.collect_view()}
        </li>
    }
    .into_any()
}
