//! A list in full: every value, more figures, search, order, a file to take away. Only the rows in sight are drawn.

use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::board::value_name;
use super::seen::Seen;
use crate::browser::page;
use crate::browser::resize;
use crate::model::csv;
use crate::model::filter::{self, Op};
use crate::model::format::tenths;
use crate::model::i18n::{Message, overview as say};
use crate::model::listing::{self, Column, ROW};
use crate::model::question::{Page, ReplyRow};
use crate::model::stat::Unit;
use crate::model::tab::{Tab, dimension_label};
use crate::ui::bind::{flag, piece, text};
use crate::ui::desk::Asked;
use crate::ui::dialog::Dialog;
use crate::ui::failed::Failed;
use crate::ui::i18n::I18n;
use crate::ui::keyed::{Entry, keyed};
use crate::ui::place::Place;
use crate::ui::skeleton::SkeletonRows;

/// Most rows.
const MOST: u32 = 10_000;

/// A row in sight.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    /// The value as questions name it; the row's identity.
    key: String,
    /// Its place in the list.
    place: usize,
    /// Its figures.
    values: Vec<Option<f64>>,
}

fn column(metric: &str) -> (Message, Unit) {
    match metric {
        "visits" => (say::VISITS, Unit::Count),
        "pageviews" => (say::PAGE_VIEWS, Unit::Count),
        "bounce_rate" => (say::BOUNCE_RATE, Unit::Percent),
        "visit_duration" => (say::VISIT_DURATION, Unit::Seconds),
        "time_on_page" => (say::TIME_ON_PAGE, Unit::Seconds),
        "scroll_depth" => (say::SCROLL_DEPTH, Unit::Percent),
        "conversion_rate" => (say::CONVERSION_RATE, Unit::Percent),
        _ => (say::VISITORS, Unit::Count),
    }
}

fn key_of(row: &ReplyRow) -> String {
    row.dimensions.first().cloned().unwrap_or_default()
}

/// The list in a dialog.
#[component]
pub fn Details(
    /// Which list.
    tab: Tab,
) -> impl IntoView {
    let (i18n, seen, place) = (I18n::get(), Seen::get(), Place::get());
    let dimension = tab.dimension();
    let label = i18n.t(dimension_label(dimension).unwrap_or(tab.label()));
    let metrics: Vec<&'static str> = ["visitors"].into_iter().chain(tab.more().iter().copied()).collect();
    let (names, of_question) = (metrics.clone(), metrics.clone());
    let (search, set_search) = signal(String::new());
    // By what, and whether the largest come first.
    let order = RwSignal::new((Column::Metric(0), true));
    let asked = seen.data.ask(move || {
        let mut question = seen.question(&seen.range.get(), of_question.clone());
        question.dimensions = vec![dimension.into()];
        question.pagination = Some(Page { limit: MOST, offset: 0 });
        Some(question)
    });
    // Places of the rows in the answer, which is large and therefore not copied.
    let found = Memo::new(move |_| {
        let (by, is_descending) = order.get();
        let name = |key: &str| value_name(i18n, dimension, key);
        asked.reply.with(|reply| {
            let rows = reply.as_ref().map_or(&[][..], |reply| &reply.results);
            search.with(|search| listing::order(rows, name, search, by, is_descending))
        })
    });
    let save = move |_| {
        let head = [dimension].into_iter().chain(names.iter().copied()).map(str::to_owned).collect();
        let lines = asked.reply.with_untracked(|reply| {
            let rows = reply.as_ref().map_or(&[][..], |reply| &reply.results);
            let line = |at: &usize| {
                let row = rows.get(*at)?;
                let value = |place| row.metric(place).map_or(String::new(), |value| value.to_string());
                Some([key_of(row)].into_iter().chain((0..names.len()).map(value)).collect::<Vec<String>>())
            };
            found.with_untracked(|found| {
                [head].into_iter().chain(found.iter().filter_map(line)).collect::<Vec<_>>()
            })
        });
        page::download(&format!("{}.csv", tab.key()), "text/csv", &csv::print(&lines));
    };
    let count = text(move || i18n.fill(say::ROWS, &[&i18n.count(found.with(Vec::len) as u64)]));
    view! {
        <Dialog title=label class="is-details" close=move || place.change(|view| view.open = None)>
            <div class="details">
                <div class="details-tools">
                    <input
                        type="search"
                        class="menu details-search"
                        placeholder=i18n.t(say::SEARCH)
                        aria-label=i18n.t(say::SEARCH)
                        on:input=move |event| set_search.set(event_target_value(&event))
                    />
                    <span class="card-note" role="status">{count}</span>
                    <button type="button" class="button" title=i18n.t(say::DOWNLOAD_CSV) on:click=save>
                        {i18n.t(say::CSV)}
                    </button>
                </div>
                <Table tab label metrics order asked found />
            </div>
        </Dialog>
    }
    .into_any()
}

/// The table, which scrolls within a box. Arrow keys, Page Up and Down, Home and End go from row to row.
#[component]
fn Table(
    tab: Tab,
    label: Memo<String>,
    metrics: Vec<&'static str>,
    order: RwSignal<(Column, bool)>,
    asked: Asked,
    /// Places of the rows in the answer.
    found: Memo<Vec<usize>>,
) -> impl IntoView {
    let (i18n, seen) = (I18n::get(), Seen::get());
    let count = Memo::new(move |_| found.with(Vec::len));
    let node = NodeRef::<Div>::new();
    let frame = resize::frame_of(node);
    let height = Memo::new(move |_| frame.get().map_or(600.0, |frame| frame.height));
    let top = RwSignal::new(0.0_f64);
    let drawn = Memo::new(move |_| listing::drawn(top.get(), height.get(), count.get()));
    let width = metrics.len();
    let rows = Memo::new(move |_| {
        asked.reply.with(|reply| {
            let all = reply.as_ref().map_or(&[][..], |reply| &reply.results);
            found.with(|found| {
                let row = |place: usize| {
                    let row = all.get(*found.get(place)?)?;
                    let values = (0..width).map(|metric| row.metric(metric)).collect();
                    Some(Row { key: key_of(row), place, values })
                };
                drawn.get().filter_map(row).collect::<Vec<_>>()
            })
        })
    });
    let entries = keyed(rows, |row: &Row| &row.key, |_, _| false);
    // The row that keys go from.
    let active = RwSignal::new(None::<usize>);
    // Of all rows one is reached with the Tab key.
    let entrance =
        Memo::new(move |_| active.get().filter(|at| drawn.get().contains(at)).unwrap_or(drawn.get().start));
    let units: Vec<Unit> = metrics.iter().map(|metric| column(metric).1).collect();

    let scrolled = move |_| {
        let Some(node) = node.get_untracked() else { return };
        top.set(f64::from(node.scroll_top()));
        // A row that has gone takes the focus along, unless the box has it.
        let is_gone = |at: usize| !drawn.get_untracked().contains(&at);
        if active.get_untracked().is_some_and(is_gone) && holds_focus(&node) {
            let _ = node.focus();
        }
    };
    let press = move |event: KeyboardEvent| {
        if event.alt_key() || event.ctrl_key() || event.meta_key() {
            return;
        }
        let Some(node) = node.get_untracked() else { return };
        let height = f64::from(node.client_height());
        let page = ((height / ROW) as usize).saturating_sub(1).max(1);
        let Some(to) = listing::step(&event.key(), active.get_untracked(), count.get_untracked(), page)
        else {
            return;
        };
        event.prevent_default();
        active.set(Some(to));
        let at = listing::scroll_to(to, f64::from(node.scroll_top()), height);
        node.set_scroll_top(at.ceil() as i32);
        top.set(f64::from(node.scroll_top()));
        // Once it is drawn.
        request_animation_frame(move || {
            let row = node.query_selector(&format!("[aria-rowindex='{}'] button", to + 2));
            if let Some(button) = row.ok().flatten().and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
                let _ = button.focus();
            }
        });
    };
    let is_loading = flag(move || asked.reply.with(Option::is_none));
    let is_failed = flag(move || is_loading.get() && asked.failure.with(Option::is_some));
    let message = text(move || {
        asked.failure.with(|failure| failure.as_ref().map(|it| it.message(i18n.lang())).unwrap_or_default())
    });
    let is_empty = flag(move || count.get() == 0);
    let state = piece(move || match (is_failed.get(), is_loading.get(), is_empty.get()) {
        (true, ..) => view! { <Failed message retry=move || seen.data.retry() /> }.into_any(),
        (_, true, _) => view! { <SkeletonRows count=12 /> }.into_any(),
        (_, _, true) => view! { <p class="empty">{i18n.t(say::NO_MATCH)}</p> }.into_any(),
        _ => ().into_any(),
    });
    let heads = metrics.iter().enumerate().map(|(place, metric)| {
        view! { <Head by=Column::Metric(place) label=i18n.t(column(metric).0) order /> }.into_any()
    });
    let space = |rows: Memo<usize>| {
        let height = text(move || format!("{}px", tenths(rows.get() as f64 * ROW)));
        view! {
            <tr aria-hidden="true" class="details-space">
                <td style:height=height></td>
            </tr>
        }
        .into_any()
    };
    view! {
        <div
            node_ref=node
            class="details-box"
            tabindex="0"
            role="region"
            aria-label=label
            on:scroll=scrolled
            on:keydown=press
        >
            <table class="details-table" role="table" aria-rowcount=text(move || (count.get() + 1).to_string())>
                <thead role="rowgroup">
                    <tr role="row" aria-rowindex="1">
                        <Head by=Column::Name label order />
                        {heads.collect_view()}
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    {space(Memo::new(move |_| drawn.get().start))}
                    <For
                        each=move || entries.get()
                        key=|entry| entry.key.clone()
                        children=move |entry| {
                            view! { <RowInSight tab units=units.clone() entry active entrance /> }.into_any()
                        }
                    />
                    {space(Memo::new(move |_| count.get().saturating_sub(drawn.get().end)))}
                </tbody>
            </table>
            {state}
        </div>
    }
    .into_any()
}

fn holds_focus(node: &web_sys::Element) -> bool {
    let focused = document().active_element();
    focused.is_some_and(|focused| node.contains(Some(&focused)))
}

#[component]
fn Head(by: Column, label: Memo<String>, order: RwSignal<(Column, bool)>) -> impl IntoView {
    let sort = text(move || {
        match order.get() {
            (chosen, true) if chosen == by => "descending",
            (chosen, false) if chosen == by => "ascending",
            _ => "none",
        }
        .into()
    });
    let press = move |_| {
        order.update(|(chosen, is_descending)| {
            // Names begin with A, figures with the largest.
            *is_descending = if *chosen == by { !*is_descending } else { by != Column::Name };
            *chosen = by;
        });
    };
    view! {
        <th role="columnheader" scope="col" aria-sort=sort>
            <button type="button" class="details-sort" on:click=press>
                {label}
            </button>
        </th>
    }
    .into_any()
}

#[component]
fn RowInSight(
    tab: Tab,
    units: Vec<Unit>,
    entry: Entry<Row>,
    active: RwSignal<Option<usize>>,
    entrance: Memo<usize>,
) -> impl IntoView {
    let (i18n, place) = (I18n::get(), Place::get());
    let dimension = tab.dimension();
    let (key, row) = (entry.key, entry.value);
    let at = {
        let row = row.clone();
        Memo::new(move |_| row.with(|row| row.place))
    };
    let named = key.clone();
    let name = text(move || value_name(i18n, dimension, &named));
    let cells = units.into_iter().enumerate().map(|(metric, unit)| {
        let row = row.clone();
        let value =
            text(move || i18n.figure(unit, row.with(|row| row.values.get(metric).copied().flatten())));
        view! { <td role="cell">{value}</td> }.into_any()
    });
    let click = move |event: MouseEvent| {
        let op = if event.alt_key() { Op::IsNot } else { Op::Is };
        place.change(|view| {
            filter::toggle(&mut view.rules, op, dimension, &key);
            view.open = None;
        });
    };
    view! {
        <tr
            role="row"
            class="details-row"
            data-testid="details-row"
            aria-rowindex=text(move || (at.get() + 2).to_string())
        >
            <th role="rowheader" scope="row">
                <button
                    type="button"
                    class="details-name"
                    tabindex=text(move || if at.get() == entrance.get() { "0" } else { "-1" }.into())
                    title=name
                    on:focus=move |_| active.set(Some(at.get_untracked()))
                    on:click=click
                >
                    {name}
                </button>
            </th>
            {cells.collect_view()}
        </tr>
    }
    .into_any()
}
