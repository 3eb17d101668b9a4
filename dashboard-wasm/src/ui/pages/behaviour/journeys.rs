//! Journeys: which pages visits go to next, and where they came from. A click on a page looks from there.

use leptos::prelude::*;
use protocol::query::{Anchor, JourneyStep, RawJourney};

use super::super::overview::seen::Seen;
use super::answered::answered;
use super::figure::Headline;
use super::suggest::Known;
use crate::browser::intl::Number;
use crate::model::behaviour::Origin;
use crate::model::format::tenths;
use crate::model::i18n::{behaviour as say, overview};
use crate::model::question::{Reply, What};
use crate::model::sankey::{Band, Flow, Node, Stop};
use crate::model::stat::Unit;
use crate::ui::bind::{flag, piece, text};
use crate::ui::desk::Asked;
use crate::ui::i18n::I18n;
use crate::ui::keyed::{Entry, keyed};
use crate::ui::place::Place;

/// Pages that are asked for at each step.
const PAGES: usize = 8;
/// Pages of a journey that is told in one direction, and in each of two.
const FAR: usize = 4;
const NEAR: usize = 3;

/// Width of the picture, as its bands see it; the page stretches it.
const WIDTH: f64 = 1_000.0;

/// What lies between two columns, in widths of a box.
const BETWEEN: f64 = 0.5;

/// A box with its place.
#[derive(Debug, Clone, PartialEq)]
struct Placed {
    key: String,
    node: Node,
    column: usize,
    columns: usize,
    center: usize,
    total: u64,
}

/// The picture.
#[component]
pub fn Journeys() -> impl IntoView {
    let (i18n, seen, place) = (I18n::get(), Seen::get(), Place::get());
    let pick = place.see(|view| view.pick.clone());
    let origin = Memo::new(move |_| Origin::parse(&pick.get()));
    let ask = move |is_back: bool| {
        seen.ask_what(seen.whole(), move || {
            let anchors = origin.with(Origin::anchors);
            let steps = if anchors.0.is_some() && anchors.1.is_some() { NEAR } else { FAR };
            let anchor: Anchor = if is_back { anchors.1? } else { anchors.0? };
            Some(What::Journey(RawJourney { anchor, steps, limit: PAGES }))
        })
    };
    let (on, back) = (ask(false), ask(true));
    let compared = seen.comparison_so_far();
    let earlier = seen.ask_what(compared, move || {
        let (on, back) = origin.with(Origin::anchors);
        Some(What::Journey(RawJourney { anchor: on.or(back)?, steps: 1, limit: 1 }))
    });
    let visits = |asked: Asked| {
        Memo::new(move |_| asked.reply.with(|reply| reply.as_ref().map(|reply| reply.visits as f64)))
    };
    let (visits_on, visits_back, before) = (visits(on), visits(back), visits(earlier));
    let now = Memo::new(move |_| visits_on.get().or(visits_back.get()));
    let flow = Memo::new(move |_| {
        on.reply.with(|on| {
            back.reply.with(|back| {
                fn told(reply: &Option<Reply>) -> Option<(&[JourneyStep], u64)> {
                    reply.as_ref().map(|reply| (reply.steps.as_slice(), reply.others))
                }
                Flow::of(told(back), told(on))
            })
        })
    });
    let placed = Memo::new(move |_| {
        flow.with(|flow| {
            let (columns, center) = (flow.columns.len(), flow.center);
            let all = flow.columns.iter().enumerate().flat_map(|(column, nodes)| {
                let total = nodes.iter().map(|node| node.visits).sum();
                nodes.iter().map(move |node| {
                    let name = if let Stop::Page(page) = &node.stop { page.as_str() } else { "" };
                    let key = format!("{}/{name}", column as i64 - center as i64);
                    Placed { key, node: node.clone(), column, columns, center, total }
                })
            });
            all.collect::<Vec<Placed>>()
        })
    });
    let entries = keyed(placed, |placed: &Placed| &placed.key, |_, _| false);
    let draw = move || {
        let heads = piece(move || {
            let (columns, center) = flow.with(|flow| (flow.columns.len(), flow.center));
            let head = |column: usize| {
                view! { <span class="journey-head" style:left=percent(left(column, columns)) style:width=percent(box_width(columns))>{column_name(i18n, &origin.get(), column, center)}</span> }
                    .into_any()
            };
            (0..columns).map(head).collect_view().into_any()
        });
        let bands = piece(move || {
            flow.with(|flow| {
                let columns = flow.columns.len();
                flow.bands.iter().map(|band| draw_band(band, columns)).collect_view().into_any()
            })
        });
        let height = text(move || format!("{}px", tenths(flow.with(|flow| flow.height))));
        let view_box =
            text(move || format!("0 0 {WIDTH} {}", tenths(flow.with(|flow| flow.height).max(1.0))));
        let label = text(move || i18n.say(overview::VISITS).to_lowercase());
        view! {
            <Headline now before unit=Unit::Count label />
            <div class="wide" tabindex="0" role="group" aria-labelledby="journeys-title">
                <div class="journey" data-testid="journey">
                    <div class="journey-heads" aria-hidden="true">{heads}</div>
                    <div class="journey-plot" style:height=height>
                        <svg class="journey-bands" viewBox=view_box preserveAspectRatio="none" aria-hidden="true">{bands}</svg>
                        <For
                            each=move || entries.get()
                            key=|entry| entry.key.clone()
                            children=move |entry| view! { <StopBox entry origin /> }.into_any()
                        />
                    </div>
                </div>
            </div>
            <p class="card-note">{i18n.t(say::JOURNEY_HINT)}</p>
            <details class="numbers">
                <summary class="numbers-summary">{i18n.t(say::JOURNEY_TABLE)}</summary>
                <div class="numbers-box" tabindex="0" role="region" aria-label=i18n.t(say::JOURNEY_TABLE)>
                    {piece(move || flow.with(|flow| table(i18n, flow)))}
                </div>
            </details>
        }
        .into_any()
    };
    let is_empty = |reply: &Reply| reply.visits == 0;
    let body = piece(move || match origin.get() {
        Origin::End => answered(back, say::NO_JOURNEYS, is_empty, draw),
        _ => answered(on, say::NO_JOURNEYS, is_empty, draw),
    });
    view! {
        <section class="card" aria-labelledby="journeys-title">
            <header class="card-head">
                <h2 class="card-title" id="journeys-title">{i18n.t(say::JOURNEYS)}</h2>
                <span class="head-tools"><OriginMenu origin /></span>
            </header>
            {body}
        </section>
    }
    .into_any()
}

/// Width of a box, as a part of the picture's. Two columns are no wider than they would be among three.
fn box_width(columns: usize) -> f64 {
    let columns = columns.max(3) as f64;
    1.0 / (columns + BETWEEN * (columns - 1.0))
}

/// Left edge of a column, as a part of the picture's width.
fn left(column: usize, columns: usize) -> f64 {
    column as f64 * box_width(columns) * (1.0 + BETWEEN)
}

fn percent(part: f64) -> String {
    format!("{}%", tenths(part * 100.0))
}

fn column_name(i18n: I18n, origin: &Origin, column: usize, center: usize) -> String {
    if column == center {
        return match origin {
            Origin::Start => i18n.say(say::STARTS_HERE),
            Origin::End => i18n.say(say::ENDS_HERE),
            Origin::Page(page) => page.clone(),
        };
    }
    let away = column.abs_diff(center).to_string();
    i18n.fill(if column < center { say::STEP_BEFORE } else { say::STEP_AFTER }, &[&away])
}

/// A band, drawn from the right edge of a box to the left edge of another.
fn draw_band(band: &Band, columns: usize) -> AnyView {
    let from = WIDTH * (left(band.column, columns) + box_width(columns));
    let to = WIDTH * left(band.column + 1, columns);
    let half = (to - from) / 2.0;
    let path = format!(
        "M{} {}C{} {} {} {} {} {}",
        tenths(from),
        tenths(band.middles.0),
        tenths(from + half),
        tenths(band.middles.0),
        tenths(to - half),
        tenths(band.middles.1),
        tenths(to),
        tenths(band.middles.1)
    );
    view! { <path d=path stroke-width=tenths(band.width)></path> }.into_any()
}

#[component]
fn StopBox(entry: Entry<Placed>, origin: Memo<Origin>) -> impl IntoView {
    let (i18n, place) = (I18n::get(), Place::get());
    let placed = entry.value;
    let read = |of: fn(&Placed) -> String| {
        let placed = placed.clone();
        text(move || placed.with(of))
    };
    let top = read(|placed| format!("{}px", tenths(placed.node.top)));
    let height = read(|placed| format!("{}px", tenths(placed.node.height)));
    let across = read(|placed| percent(left(placed.column, placed.columns)));
    let width = read(|placed| percent(box_width(placed.columns)));
    let is_center = {
        let placed = placed.clone();
        flag(move || placed.with(|it| it.column == it.center) && matches!(origin.get(), Origin::Page(_)))
    };
    let page = placed.with_untracked(|it| match &it.node.stop {
        Stop::Page(page) => Some(page.clone()),
        Stop::Others => None,
    });
    let is_others = page.is_none();
    let named = page.clone();
    let name = text(move || named.clone().unwrap_or_else(|| i18n.say(say::OTHER_PAGES)));
    let count = {
        let placed = placed.clone();
        text(move || i18n.count(placed.with(|it| it.node.visits)))
    };
    let said = text(move || {
        placed.with(|it| {
            let part = |of: u64, whole: u64| i18n.number(Number::Percent, of as f64 / whole.max(1) as f64);
            let share = part(it.node.visits, it.total);
            let mut said = i18n.fill(say::NODE, &[&name.get(), &i18n.count(it.node.visits), &share]);
            if it.node.ended > 0 {
                let ended = part(it.node.ended, it.node.visits);
                let is_back = it.column < it.center || matches!(origin.get(), Origin::End);
                said.push_str("; ");
                said.push_str(&i18n.fill(if is_back { say::CAME } else { say::LEFT }, &[&ended]));
            }
            said
        })
    });
    let walk = move |_| {
        if let Some(page) = page.clone() {
            place.change(|view| view.pick = Origin::Page(page).print());
        }
    };
    view! {
        <button
            type="button"
            class="journey-box"
            class:is-center=is_center
            class:is-others=is_others
            style:top=top
            style:height=height
            style:left=across
            style:width=width
            title=said
            data-testid="journey-box"
            data-key=entry.key
            on:click=walk
        >
            <span class="bar-label">{name}</span>
            <span class="journey-count">{count}</span>
        </button>
    }
    .into_any()
}

fn table(i18n: I18n, flow: &Flow) -> AnyView {
    let name = |column: usize, place: usize| match flow.columns.get(column).and_then(|it| it.get(place)) {
        Some(Node { stop: Stop::Page(page), .. }) => page.clone(),
        _ => i18n.say(say::OTHER_PAGES),
    };
    let row = |band: &Band| {
        view! {
            <tr>
                <th scope="row">{name(band.column, band.ends.0)}</th>
                <td class="is-text">{name(band.column + 1, band.ends.1)}</td>
                <td>{i18n.count(band.visits)}</td>
            </tr>
        }
        .into_any()
    };
    view! {
        <table class="numbers-table">
            <thead>
                <tr>
                    <th scope="col">{i18n.say(say::FROM_TO)}</th>
                    <th scope="col" class="is-text">{i18n.say(say::TO)}</th>
                    <th scope="col">{i18n.say(overview::VISITS)}</th>
                </tr>
            </thead>
            <tbody>{flow.bands.iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

/// From where journeys are told.
#[component]
fn OriginMenu(origin: Memo<Origin>) -> impl IntoView {
    let (i18n, place) = (I18n::get(), Place::get());
    let page = RwSignal::new(String::new());
    let is_page = flag(move || origin.with(|it| matches!(it, Origin::Page(_))));
    let choose = move |event| {
        let pick = match event_target_value(&event).as_str() {
            "end" => Origin::End,
            "page" => {
                Origin::Page(Some(page.get_untracked()).filter(|it| !it.is_empty()).unwrap_or("/".into()))
            }
            _ => Origin::Start,
        };
        place.change(|view| view.pick = pick.print());
    };
    let shown = text(move || match origin.get() {
        Origin::Page(page) => page,
        _ => String::new(),
    });
    let write = move |event| {
        let written = event_target_value(&event);
        if !written.trim().is_empty() {
            page.set(written.clone());
            place.change(|view| view.pick = Origin::Page(written.trim().into()).print());
        }
    };
    view! {
        <select class="menu" data-testid="journey-from" aria-label=i18n.t(say::TOLD_FROM) on:change=choose>
            <option value="start" prop:selected=flag(move || origin.get() == Origin::Start)>{i18n.t(say::FROM_START)}</option>
            <option value="end" prop:selected=flag(move || origin.get() == Origin::End)>{i18n.t(say::FROM_END)}</option>
            <option value="page" prop:selected=is_page>{i18n.t(say::FROM_PAGE)}</option>
        </select>
        {piece(move || if is_page.get() {
            view! {
                <input
                    class="menu is-page"
                    type="text"
                    list="known-page"
                    autocomplete="off"
                    spellcheck="false"
                    aria-label=i18n.t(say::CHOOSE_PAGE)
                    prop:value=shown
                    on:change=write
                />
                <Known />
            }.into_any()
        } else {
            ().into_any()
        })}
    }
    .into_any()
}
