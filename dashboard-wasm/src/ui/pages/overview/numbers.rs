//! The numbers of the graph as a table.

use leptos::prelude::*;

use super::reading::step_name;
use super::seen::Seen;
use crate::model::graph::Series;
use crate::model::i18n::overview as say;
use crate::model::time::Wall;
use crate::ui::bind::{piece, text};
use crate::ui::i18n::I18n;

/// The table.
#[component]
pub fn NumbersTable(
    /// The line.
    series: Memo<Option<Series>>,
) -> impl IntoView {
    let (i18n, seen) = (I18n::get(), Seen::get());
    let rows = move || {
        series.with(|series| {
            let Some(series) = series else { return ().into_any() };
            let row = |(index, value): (usize, &Option<f64>)| {
                let at = series.edges.get(index).map_or(Wall(0), |edge| seen.sites.wall(*edge));
                let before = series.before.get(index).copied().flatten();
                view! {
                    <tr>
                        <th scope="row">{step_name(i18n, series.step, at)}</th>
                        <td>{i18n.figure(series.unit, *value)}</td>
                        <td>{i18n.figure(series.unit, before)}</td>
                    </tr>
                }
                .into_any()
            };
            series.values.iter().enumerate().map(row).collect_view().into_any()
        })
    };
    view! {
        <div class="numbers-box" tabindex="0" role="region" aria-label=i18n.t(say::GRAPH_TABLE)>
            <table class="numbers-table">
                <thead>
                    <tr>
                        <th scope="col">{i18n.t(say::STEP)}</th>
                        <th scope="col">{text(move || i18n.say(seen.stat.get().label()))}</th>
                        <th scope="col">{i18n.t(say::COMPARE)}</th>
                    </tr>
                </thead>
                <tbody>{piece(rows)}</tbody>
            </table>
        </div>
    }
    .into_any()
}
