//! A funnel as bars: how many visitors get to each step, and how many are lost before the next.

use leptos::prelude::*;
use protocol::query::{RawFunnel, RawStep};
use protocol::saved::NamedFunnel;

use super::super::overview::seen::Seen;
use super::answered::answered;
use super::figure::Headline;
use crate::browser::intl::Number;
use crate::model::draft::{self, Means, UNITS};
use crate::model::format::tenths;
use crate::model::i18n::{Message, behaviour as say};
use crate::model::question::{Reply, What};
use crate::model::stat::Unit;
use crate::ui::bind::{flag, text};
use crate::ui::desk::Asked;
use crate::ui::i18n::I18n;

/// The name of a step for people.
fn step_name(i18n: I18n, step: &RawStep) -> String {
    let (means, value) = draft::of_step(step);
    match means {
        Means::Event => i18n.fill(say::DOES, &[&value]),
        Means::Page | Means::Goal => value,
    }
}

/// A window for people.
fn window(i18n: I18n, ms: u64) -> String {
    let (count, unit) = draft::window(ms);
    format!("{} {}", i18n.count(count), i18n.say(unit_label(unit)))
}

/// The name of one of the [`UNITS`].
pub(super) fn unit_label(unit: u64) -> Message {
    match UNITS.iter().position(|other| *other == unit) {
        Some(0) => say::DAYS,
        Some(1) => say::HOURS,
        _ => say::MINUTES,
    }
}

/// Part of the first step that gets to a step; nothing if nobody takes the first.
fn share(reply: &Reply, step: usize) -> Option<f64> {
    let first = reply.visitors.first().filter(|first| **first > 0)?;
    Some(*reply.visitors.get(step)? as f64 / *first as f64)
}

type Reader = Box<dyn Fn(&Reply) -> Option<f64> + Send + Sync>;

/// A figure of an answer as a memo.
fn read(asked: Asked, of: impl Fn(&Reply) -> Option<f64> + Send + Sync + 'static) -> Memo<Option<f64>> {
    let of: Reader = Box::new(of);
    Memo::new(move |_| asked.reply.with(|reply| reply.as_ref().and_then(&of)))
}

/// The funnel.
#[component]
pub fn FunnelBars(
    /// Which.
    funnel: NamedFunnel,
) -> impl IntoView {
    let (i18n, seen) = (I18n::get(), Seen::get());
    let NamedFunnel { steps, strict, window_ms, .. } = funnel;
    let raw = StoredValue::new(RawFunnel { steps: steps.clone(), strict, window_ms });
    let what = move || Some(What::Funnel(raw.get_value()));
    let asked = seen.ask_what(seen.whole(), what);
    let earlier = seen.ask_what(seen.comparison_so_far(), what);
    let last = steps.len().saturating_sub(1);
    let percent = move |asked| read(asked, move |reply| Some(share(reply, last)? * 100.0));
    let (now, before) = (percent(asked), percent(earlier));
    let about = text(move || {
        let said = if strict { say::IN_ORDER_STRICT } else { say::IN_ORDER };
        i18n.fill(said, &[&window(i18n, window_ms)])
    });
    let label = text(move || {
        let count = |of: fn(&Reply) -> u64| {
            i18n.count(asked.reply.with(|reply| reply.as_ref().map(of).unwrap_or_default()))
        };
        let last = count(|reply| reply.visitors.last().copied().unwrap_or(0));
        let first = count(|reply| reply.visitors.first().copied().unwrap_or(0));
        format!("{}, {}", i18n.fill(say::FUNNEL_ALL, &[&last, &first]), about.get())
    });
    let names: Vec<Memo<String>> =
        steps.into_iter().map(|step| text(move || step_name(i18n, &step))).collect();
    let names = StoredValue::new(names);
    let draw = move || {
        let names = names.get_value();
        let bars = names.iter().enumerate().map(|(place, name)| {
            view! { <Bar place name={*name} asked earlier is_last={place == last} /> }.into_any()
        });
        let rows = names.iter().enumerate().map(|(place, name)| {
            let cell = move |unit: Unit, of: fn(&Reply, usize) -> Option<f64>| {
                let value = read(asked, move |reply| of(reply, place));
                view! { <td>{text(move || i18n.figure(unit, value.get()))}</td> }.into_any()
            };
            view! {
                <tr data-testid="funnel-row">
                    <th scope="row">{*name}</th>
                    {cell(Unit::Count, |reply, place| Some(*reply.visitors.get(place)? as f64))}
                    {cell(Unit::Percent, |reply, place| Some(share(reply, place)? * 100.0))}
                    {cell(Unit::Count, |reply, place| Some(dropped(reply, place)? as f64))}
                    {cell(Unit::Percent, |reply, place| Some(goes_on(reply, place)? * 100.0))}
                </tr>
            }
            .into_any()
        });
        view! {
            <Headline now before unit=Unit::Percent label />
            <ol class="funnel" aria-label=i18n.t(say::FUNNEL_CHART) data-testid="funnel-chart">{bars.collect_view()}</ol>
            <details class="numbers">
                <summary class="numbers-summary">{i18n.t(say::TABLE)}</summary>
                <div class="numbers-box" tabindex="0" role="region" aria-label=i18n.t(say::TABLE)>
                    <table class="numbers-table">
                        <thead>
                            <tr>
                                <th scope="col">{i18n.t(say::STEP)}</th>
                                <th scope="col">{i18n.t(say::CONVERTED)}</th>
                                <th scope="col">{i18n.t(say::RATE)}</th>
                                <th scope="col">{i18n.t(say::DROP_OFF)}</th>
                                <th scope="col">{i18n.t(say::GOES_ON)}</th>
                            </tr>
                        </thead>
                        <tbody>{rows.collect_view()}</tbody>
                    </table>
                </div>
            </details>
        }
        .into_any()
    };
    let is_empty = |reply: &Reply| reply.visitors.first().is_none_or(|first| *first == 0);
    answered(asked, say::NOBODY_YET, is_empty, draw)
}

/// Visitors who take a step and not the next one.
fn dropped(reply: &Reply, place: usize) -> Option<u64> {
    Some(reply.visitors.get(place)? - reply.visitors.get(place + 1)?)
}

/// Part of the visitors of a step who take the next one.
fn goes_on(reply: &Reply, place: usize) -> Option<f64> {
    let here = reply.visitors.get(place).filter(|here| **here > 0)?;
    Some(*reply.visitors.get(place + 1)? as f64 / *here as f64)
}

#[component]
fn Bar(place: usize, name: Memo<String>, asked: Asked, earlier: Asked, is_last: bool) -> impl IntoView {
    let i18n = I18n::get();
    let count = read(asked, move |reply| Some(*reply.visitors.get(place)? as f64));
    let part = read(asked, move |reply| share(reply, place));
    let before = read(earlier, move |reply| share(reply, place));
    let lost = read(asked, move |reply| Some(dropped(reply, place)? as f64));
    let stays = read(asked, move |reply| goes_on(reply, place));
    let percent = move |value: Memo<Option<f64>>| {
        text(move || value.get().map(|value| i18n.number(Number::FinePercent, value)).unwrap_or_default())
    };
    let (rate, stays) = (percent(part), percent(stays));
    let has_before = flag(move || place > 0 && before.get().is_some());
    let compared = text(move || match before.get().filter(|_| has_before.get()) {
        Some(before) => i18n.fill(say::BEFORE, &[&i18n.number(Number::FinePercent, before)]),
        None => String::new(),
    });
    let next = (!is_last).then(|| {
        view! {
            <span class="funnel-next">
                <span class="funnel-on">"→ " {stays}</span>
                <span class="funnel-lost">
                    {text(move || i18n.fill(say::DROPPED, &[&i18n.figure(Unit::Count, lost.get())]))}
                </span>
            </span>
        }
        .into_any()
    });
    view! {
        <li
            class="funnel-step"
            data-testid="funnel-step"
            data-value=text(move || count.get().map(|it| it.to_string()).unwrap_or_default())
        >
            <span class="funnel-head">
                <span class="funnel-name" title=name>
                    <span class="funnel-number" aria-hidden="true">{place + 1}</span>
                    {name}
                </span>
                <span class="funnel-count">{text(move || i18n.figure(Unit::Count, count.get()))}</span>
                <span class="funnel-rate">{rate} <span class="funnel-before">{compared}</span></span>
            </span>
            <span class="funnel-track" aria-hidden="true">
                <span
                    class="funnel-fill"
                    style:--part=text(move || format!("{}%", tenths(part.get().unwrap_or(0.0) * 100.0)))
                ></span>
            </span>
            {next}
        </li>
    }
    .into_any()
}
