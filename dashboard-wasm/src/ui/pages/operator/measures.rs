//! Everything that is measured, as a table.

use leptos::prelude::*;
use protocol::metric::Metric;

use super::figure;
use crate::model::i18n::operator as say;
use crate::model::operator::{Row, Watch};
use crate::ui::bind::{piece, text};
use crate::ui::i18n::I18n;

/// The card.
#[component]
pub fn Measures(
    /// What is measured.
    watch: RwSignal<Watch>,
) -> impl IntoView {
    let i18n = I18n::get();
    let rows = Memo::new(move |_| watch.with(Watch::rows));
    // Rows come and go seldom, their numbers change with every reading.
    let keys = Memo::new(move |_| {
        rows.with(|rows| rows.iter().map(|row| (row.metric, row.label.clone())).collect::<Vec<_>>())
    });
    let body = piece(move || {
        keys.get()
            .into_iter()
            .enumerate()
            .map(|(place, (metric, label))| {
                let cell = move |of: fn(&Row) -> Option<f64>| {
                    text(move || figure(i18n, metric, rows.with(|rows| rows.get(place).and_then(of))))
                };
                row(i18n, metric, label, cell)
            })
            .collect_view()
            .into_any()
    });
    view! {
        <section class="card">
            <h2 class="card-title">{i18n.t(say::TABLE)}</h2>
            <div class="table-scroll" tabindex="0" role="region" aria-label=i18n.t(say::TABLE)>
                <table class="plain-table operator-table">
                    <thead>
                        <tr>
                            <th scope="col">{i18n.t(say::WHAT)}</th>
                            <th scope="col">{i18n.t(say::OF_WHAT)}</th>
                            <th scope="col">{i18n.t(say::LATELY)}</th>
                            <th scope="col">{i18n.t(say::TOTAL)}</th>
                            <th scope="col">"p50"</th>
                            <th scope="col">"p95"</th>
                            <th scope="col">"p99"</th>
                        </tr>
                    </thead>
                    <tbody data-testid="measures">{body}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn row(
    i18n: I18n,
    metric: Metric,
    label: String,
    cell: impl Fn(fn(&Row) -> Option<f64>) -> Memo<String>,
) -> AnyView {
    view! {
        <tr>
            <th scope="row">{i18n.t(say::name(metric))}</th>
            <td><code class="option-name">{label}</code></td>
            <td>{cell(|row| row.lately)}</td>
            <td>{cell(|row| row.total)}</td>
            <td>{cell(|row| row.percentiles.map(|[p50, ..]| p50))}</td>
            <td>{cell(|row| row.percentiles.map(|[_, p95, _]| p95))}</td>
            <td>{cell(|row| row.percentiles.map(|[.., p99]| p99))}</td>
        </tr>
    }
    .into_any()
}
