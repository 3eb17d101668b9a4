//! A list in full: every value, more figures, search, order, a file to take away. Only the rows in view are drawn.

use leptos::html::Div;
use leptos::prelude::*;

use super::board::value_name;
use super::seen::Seen;
use crate::browser::page;
use crate::model::csv;
use crate::model::filter::{self, Op};
use crate::model::format::tenths;
use crate::model::i18n::{Message, overview as say};
use crate::model::question::{Page, ReplyRow};
use crate::model::stat::Unit;
use crate::model::tab::{Tab, dimension_label};
use crate::ui::bind::{flag, piece, text};
use crate::ui::dialog::Dialog;
use crate::ui::failed::Failed;
use crate::ui::i18n::I18n;
use crate::ui::place::Place;
use crate::ui::skeleton::SkeletonRows;

/// Most rows.
const MOST: u32 = 10_000;

/// Height of a row, CSS pixels; `.details-row` has the same.
const ROW: f64 = 36.0;

/// Rows drawn above and below those in view.
const SPARE: usize = 10;

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
    let metrics = StoredValue::new(metrics);
    let (search, set_search) = signal(String::new());
    // Which column, and whether the largest come first.
    let (order, set_order) = signal((0_usize, true));
    let asked = seen.data.ask(move || {
        let mut question = seen.question(&seen.range.get(), metrics.get_value());
        question.dimensions = vec![dimension.into()];
        question.pagination = Some(Page { limit: MOST, offset: 0 });
        Some(question)
    });
    let rows = Memo::new(move |_| {
        let wanted = search.get().to_lowercase();
        let (by, descending) = order.get();
        let mut rows: Vec<(String, ReplyRow)> = asked.reply.with(|reply| {
            let all = reply.iter().flat_map(|reply| &reply.results);
            all.map(|row| {
                let key = row.dimensions.first().map(String::as_str).unwrap_or_default();
                (value_name(i18n, dimension, key), row.clone())
            })
            .filter(|(name, _)| name.to_lowercase().contains(&wanted))
            .collect()
        });
        rows.sort_by(|(_, a), (_, b)| {
            let value = |row: &ReplyRow| row.metric(by).unwrap_or(f64::NEG_INFINITY);
            let order = value(a).total_cmp(&value(b));
            if descending { order.reverse() } else { order }
        });
        rows
    });

    let (top, set_top) = signal(0.0_f64);
    let (height, set_height) = signal(600.0_f64);
    let node = NodeRef::<Div>::new();
    let scroll = move |_| {
        if let Some(node) = node.get_untracked() {
            set_top.set(f64::from(node.scroll_top()));
            set_height.set(f64::from(node.client_height()));
        }
    };
    let window = Memo::new(move |_| {
        let first = ((top.get() / ROW) as usize).saturating_sub(SPARE);
        (first, first + (height.get() / ROW) as usize + 2 * SPARE)
    });
    let row_view = move |(name, row): (String, ReplyRow)| {
        let key = row.dimensions.first().cloned().unwrap_or_default();
        let cells = metrics.with_value(|metrics| {
            let cell = |(place, metric): (usize, &&str)| {
                let value = i18n.figure(column(metric).1, row.metric(place));
                view! { <td role="cell">{value}</td> }.into_any()
            };
            metrics.iter().enumerate().map(cell).collect_view()
        });
        let click = move |event: leptos::ev::MouseEvent| {
            let op = if event.alt_key() { Op::IsNot } else { Op::Is };
            place.change(|view| {
                filter::toggle(&mut view.rules, op, dimension, &key);
                view.open = None;
            });
        };
        view! {
            <tr role="row" class="details-row" data-testid="details-row">
                <th role="rowheader" scope="row">
                    <button type="button" class="details-name" title=name.clone() on:click=click>
                        {name.clone()}
                    </button>
                </th>
                {cells}
            </tr>
        }
        .into_any()
    };
    let drawn = piece(move || {
        let (from, to) = window.get();
        rows.with(|rows| {
            let slice = rows.iter().skip(from).take(to - from).cloned();
            slice.map(row_view).collect_view().into_any()
        })
    });
    let above = text(move || format!("{}px", tenths(window.get().0 as f64 * ROW)));
    let below = text(move || {
        format!("{}px", tenths(rows.with(Vec::len).saturating_sub(window.get().1) as f64 * ROW))
    });
    let heads = metrics.with_value(|metrics| {
        let head = |(number, metric): (usize, &&str)| {
            let label = column(metric).0;
            let sort = text(move || {
                match order.get() {
                    (by, true) if by == number => "descending",
                    (by, false) if by == number => "ascending",
                    _ => "none",
                }
                .into()
            });
            let press = move |_| {
                let (by, descending) = order.get_untracked();
                set_order.set((number, by != number || !descending));
            };
            view! {
                <th role="columnheader" scope="col" aria-sort=sort>
                    <button type="button" class="details-sort" on:click=press>
                        {i18n.t(label)}
                    </button>
                </th>
            }
            .into_any()
        };
        metrics.iter().enumerate().map(head).collect_view()
    });
    let save = move |_| {
        let names = metrics.get_value();
        let head = [dimension].into_iter().chain(names.iter().copied()).map(str::to_owned).collect();
        let lines = rows.with_untracked(|rows| {
            let line = |(_, row): &(String, ReplyRow)| {
                let key = row.dimensions.first().cloned().unwrap_or_default();
                let values =
                    (0..names.len()).map(|place| row.metric(place).map_or(String::new(), |v| v.to_string()));
                [key].into_iter().chain(values).collect::<Vec<String>>()
            };
            [head].into_iter().chain(rows.iter().map(line)).collect::<Vec<_>>()
        });
        page::download(&format!("{}.csv", tab.key()), "text/csv", &csv::print(&lines));
    };
    let is_loading = flag(move || asked.reply.with(Option::is_none));
    let is_failed = flag(move || is_loading.get() && asked.failure.with(Option::is_some));
    let message = text(move || {
        asked.failure.with(|failure| failure.as_ref().map(|it| it.message(i18n.lang())).unwrap_or_default())
    });
    let state = piece(move || match (is_failed.get(), is_loading.get(), rows.with(Vec::is_empty)) {
        (true, ..) => view! { <Failed message retry=move || seen.data.retry() /> }.into_any(),
        (_, true, _) => view! { <SkeletonRows count=12 /> }.into_any(),
        (_, _, true) => view! { <p class="empty">{i18n.t(say::NO_MATCH)}</p> }.into_any(),
        _ => ().into_any(),
    });
    let count = text(move || i18n.fill(say::ROWS, &[&i18n.count(rows.with(Vec::len) as u64)]));
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
                <div node_ref=node class="details-box" tabindex="0" role="region" aria-label=label on:scroll=scroll>
                    <table class="details-table" role="table" aria-rowcount=text(move || rows.with(Vec::len).to_string())>
                        <thead role="rowgroup">
                            <tr role="row">
                                <th role="columnheader" scope="col">{label}</th>
                                {heads}
                            </tr>
                        </thead>
                        <tbody role="rowgroup">
                            <tr aria-hidden="true" class="details-space">
                                <td style:height=above></td>
                            </tr>
                            {drawn}
                            <tr aria-hidden="true" class="details-space">
                                <td style:height=below></td>
                            </tr>
                        </tbody>
                    </table>
                    {state}
                </div>
            </div>
        </Dialog>
    }
    .into_any()
}
