//! What happened in a visit, in order: pages, and what was done on each.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::query::{RawTimeline, TimelineAnswer, TimelineEvent, TimelineVisit};

use super::super::overview::seen::Seen;
use crate::browser::api;
use crate::browser::intl::{Date, Number};
use crate::model::failure::Failure;
use crate::model::filter::{Op, Rule};
use crate::model::i18n::{Message, sessions as say};
use crate::model::question::{Question, What};
use crate::model::visits::{Stop, stops};
use crate::ui::bind::{piece, text};
use crate::ui::failed::Failed;
use crate::ui::i18n::I18n;
use crate::ui::place::Place;
use crate::ui::skeleton::SkeletonRows;

/// Asks what a visitor did, in one visit or in all of the range, and draws it.
pub(super) fn told(
    visitor: String,
    started_at: Option<u64>,
    of: impl Fn(TimelineAnswer) -> AnyView + Send + 'static,
) -> AnyView {
    let (i18n, seen) = (I18n::get(), Seen::get());
    let answer = RwSignal::new(None::<Result<TimelineAnswer, Failure>>);
    let visitor = StoredValue::new(visitor);
    let load = move || {
        let what = What::Timeline(RawTimeline { visitor: visitor.get_value(), started_at, limit: PAST });
        let all = untrack(|| seen.question(&seen.range.get(), Vec::new()));
        let question = Question { what, filters: Vec::new(), ..all };
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

/// Most visits of a visitor that are told at once.
const PAST: usize = 50;

/// What happened in a visit of the list.
#[component]
pub(super) fn VisitTimeline(visitor: String, started_at: u64) -> impl IntoView {
    let (i18n, place) = (I18n::get(), Place::get());
    let who = StoredValue::new(visitor.clone());
    told(visitor, Some(started_at), move |answer| {
        let Some(visit) = answer.visits.into_iter().next() else {
            return view! { <p class="empty">{i18n.t(say::GONE)}</p> }.into_any();
        };
        let person = visit.said.get("person_id").cloned().filter(|person| !person.is_empty());
        let of_person = person.map(|person| {
            let label = i18n.fill(say::OF_PERSON, &[&person]);
            let filter = move |_| {
                let rule =
                    Rule { op: Op::Is, dimension: "visit:person".into(), values: vec![person.clone()] };
                place.change(|view| {
                    view.rules.retain(|other| other.dimension != rule.dimension);
                    view.rules.push(rule);
                });
            };
            view! { <button type="button" class="button" on:click=filter>{label}</button> }.into_any()
        });
        let of_visitor = move |_| place.change(|view| view.pick = who.get_value());
        view! {
            <Told visit />
            <div class="visit-acts">
                {of_person}
                <button type="button" class="button" on:click=of_visitor>{i18n.t(say::OF_VISITOR)}</button>
            </div>
        }
        .into_any()
    })
}

/// A visit, told.
#[component]
pub(super) fn Told(visit: TimelineVisit) -> impl IntoView {
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
    let sites = crate::ui::site::Sites::get();
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
