//! What is said of events: the values of a property, and how often each is.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::super::overview::seen::Seen;
use super::answered::answered;
use crate::model::filter::{self, Op};
use crate::model::format::tenths;
use crate::model::i18n::behaviour as say;
use crate::model::question::{Page, ReplyRow, What};
use crate::model::stat::Unit;
use crate::ui::bind::{flag, piece, text};
use crate::ui::i18n::I18n;
use crate::ui::keyed::{Entry, keyed};
use crate::ui::place::Place;

/// Values of a property that are listed.
const MOST: u32 = 200;

/// A value.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    value: String,
    figures: [Option<f64>; 3],
    length: f64,
}

fn row(row: &ReplyRow, longest: f64) -> Row {
    Row {
        value: row.dimensions.first().cloned().unwrap_or_default(),
        figures: [0, 1, 2].map(|place| row.metric(place)),
        length: row.metric(0).unwrap_or(0.0) * 100.0 / longest.max(1.0),
    }
}

/// The values of the property that is chosen.
#[component]
pub fn Properties() -> impl IntoView {
    let (i18n, seen, place) = (I18n::get(), Seen::get(), Place::get());
    let pick = place.see(|view| view.pick.clone());
    let known = seen.ask_what(seen.whole(), || Some(What::Properties));
    let keys = Memo::new(move |_| {
        known.reply.with(|reply| {
            let all = reply.iter().flat_map(|reply| &reply.properties);
            all.map(|property| property.key.clone()).collect::<Vec<String>>()
        })
    });
    let key = Memo::new(move |_| {
        let chosen = pick.get();
        keys.with(|keys| keys.iter().find(|key| **key == chosen).or(keys.first()).cloned())
    });
    let asked = seen.data.ask(move || {
        let mut question = seen.question(&seen.range.get(), vec!["visitors", "events", "percentage"]);
        let dimension = format!("event:props:{}", key.get()?);
        question.filters.push(("is_not", dimension.clone(), vec!["(none)".into()]));
        question.dimensions = vec![dimension];
        question.pagination = Some(Page { limit: MOST, offset: 0 });
        Some(question)
    });
    let rows = Memo::new(move |_| {
        asked.reply.with(|reply| {
            let rows = reply.as_ref().map(|reply| reply.results.as_slice()).unwrap_or_default();
            let longest = rows.first().and_then(|row| row.metric(0)).unwrap_or(0.0);
            rows.iter().map(|it| row(it, longest)).collect::<Vec<Row>>()
        })
    });
    let entries = keyed(rows, |row: &Row| &row.value, |_, _| false);
    let option = move |name: String| {
        let shown = name.clone();
        let value = name.clone();
        view! {
            <option value=value prop:selected=flag(move || key.with(|key| key.as_deref() == Some(&*name)))>{shown}</option>
        }
        .into_any()
    };
    let choose = move |event| place.change(|view| view.pick = event_target_value(&event));
    let table = move || {
        view! {
            <div class="wide" tabindex="0" role="group" aria-labelledby="properties-title">
                <table class="figures-table has-bars" data-testid="properties">
                    <thead>
                        <tr>
                            <th scope="col">{i18n.t(say::VALUE)}</th>
                            <th scope="col">{i18n.t(say::CONVERTED)}</th>
                            <th scope="col">{i18n.t(say::EVENTS)}</th>
                            <th scope="col">{i18n.t(say::SHARE)}</th>
                        </tr>
                    </thead>
                    <tbody>
                        <For
                            each=move || entries.get()
                            key=|entry| entry.key.clone()
                            children=move |entry| view! { <ValueRow entry key /> }.into_any()
                        />
                    </tbody>
                </table>
            </div>
        }
        .into_any()
    };
    let draw = move || answered(asked, say::NO_PROPERTIES, |reply| reply.results.is_empty(), table);
    view! {
        <section class="card" aria-labelledby="properties-title">
            <header class="card-head">
                <h2 class="card-title" id="properties-title">{i18n.t(say::PROPERTIES)}</h2>
                <select class="menu" data-testid="property" aria-label=i18n.t(say::PROPERTY) on:change=choose>
                    {piece(move || keys.get().into_iter().map(option).collect_view().into_any())}
                </select>
            </header>
            {answered(known, say::NO_PROPERTIES, |reply| reply.properties.is_empty(), draw)}
        </section>
    }
    .into_any()
}

#[component]
fn ValueRow(entry: Entry<Row>, key: Memo<Option<String>>) -> impl IntoView {
    let (i18n, seen, place) = (I18n::get(), Seen::get(), Place::get());
    let row = entry.value;
    let name = StoredValue::new(entry.key.clone());
    let dimension = Memo::new(move |_| format!("event:props:{}", key.get().unwrap_or_default()));
    let is_filter = flag(move || {
        let dimension = dimension.get();
        seen.rules.with(|rules| name.with_value(|name| filter::has(rules, Op::Is, &dimension, name)))
    });
    let click = move |event: MouseEvent| {
        let op = if event.alt_key() { Op::IsNot } else { Op::Is };
        place.change(|view| {
            filter::toggle(&mut view.rules, op, &dimension.get_untracked(), &name.get_value());
        });
    };
    let cells = [Unit::Count, Unit::Count, Unit::Percent].into_iter().enumerate().map(|(place, unit)| {
        let row = row.clone();
        view! { <td>{text(move || row.with(|row| i18n.figure(unit, row.figures[place])))}</td> }.into_any()
    });
    let cells = cells.collect_view();
    let length = text(move || row.with(|row| format!("{}%", tenths(row.length))));
    view! {
        <tr data-testid="property-value" data-name=entry.key.clone()>
            <th scope="row">
                <span class="row-bar"><span class="bar-fill" style:width=length></span></span>
                <button type="button" class="row-name" aria-pressed=text(move || is_filter.get().to_string()) on:click=click>
                    {entry.key.clone()}
                </button>
            </th>
            {cells}
        </tr>
    }
    .into_any()
}
