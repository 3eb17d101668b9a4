//! The figures that matter most, each with a line since the page was opened.

use leptos::prelude::*;
use protocol::metric::{Kind, Metric};

use super::figure;
use crate::browser::intl::Number;
use crate::model::i18n::operator as say;
use crate::model::operator::Watch;
use crate::model::spark;
use crate::ui::bind::{piece_when, text};
use crate::ui::i18n::I18n;

/// In the order of the page.
const SHOWN: [Metric; 12] = [
    Metric::EventsProcessed,
    Metric::EventsFiltered,
    Metric::EventsRejected,
    Metric::ProcessingTime,
    Metric::StoreLatency,
    Metric::Errors,
    Metric::ConsumedWriteCapacity,
    Metric::ConsumedReadCapacity,
    Metric::ThrottledRequests,
    Metric::QueueDepth,
    Metric::CompactionLag,
    Metric::LiveConnections,
];

/// The card.
#[component]
pub fn Tiles(
    /// What is measured.
    watch: RwSignal<Watch>,
) -> impl IntoView {
    let i18n = I18n::get();
    let is_empty = Memo::new(move |_| {
        let events = [Metric::EventsProcessed, Metric::EventsFiltered, Metric::EventsRejected];
        watch.with(|watch| events.iter().all(|metric| watch.total(*metric).is_none()))
    });
    view! {
        <section class="card" aria-labelledby="tiles-title">
            <div class="card-head">
                <h2 class="card-title" id="tiles-title">{i18n.t(say::FIGURES)}</h2>
                {piece_when(is_empty, move || view! { <p class="card-note">{i18n.t(say::NO_EVENTS)}</p> }.into_any())}
            </div>
            <dl class="operator-tiles">{SHOWN.map(|metric| tile(i18n, watch, metric)).collect_view()}</dl>
            <p class="card-note">{i18n.t(say::LINES)}</p>
        </section>
    }
    .into_any()
}

fn tile(i18n: I18n, watch: RwSignal<Watch>, metric: Metric) -> AnyView {
    let label = text(move || {
        let name = i18n.say(say::name(metric));
        if metric.kind() == Kind::Distribution { i18n.fill(say::P95_OF, &[&name]) } else { name }
    });
    let value = text(move || {
        watch.with(|watch| match metric.kind() {
            Kind::Counter => match (watch.lately(metric), watch.covered()) {
                (Some(sum), over @ 1..) => {
                    let rate = i18n.number(Number::Full, sum * 1_000.0 / over as f64);
                    i18n.fill(say::PER_SECOND, &[&rate])
                }
                _ => "–".into(),
            },
            Kind::Gauge => figure(i18n, metric, watch.total(metric)),
            Kind::Distribution => figure(i18n, metric, watch.percentiles(metric).map(|[_, p95, _]| p95)),
        })
    });
    let note = text(move || {
        watch.with(|watch| match metric.kind() {
            Kind::Counter => {
                i18n.fill(say::IN_ALL, &[&figure(i18n, metric, Some(watch.total(metric).unwrap_or(0.0)))])
            }
            Kind::Gauge if metric == Metric::QueueDepth => i18n.say(say::LARGEST_QUEUE),
            Kind::Gauge => String::new(),
            Kind::Distribution => watch.percentiles(metric).map_or_else(String::new, |[p50, _, p99]| {
                let [p50, p99] = [p50, p99].map(|value| figure(i18n, metric, Some(value)));
                i18n.fill(say::P50_P99, &[&p50, &p99])
            }),
        })
    });
    let total =
        text(move || watch.with(|watch| watch.total(metric)).map(|it| it.to_string()).unwrap_or_default());
    let line = text(move || watch.with(|watch| spark::line(watch.line(metric).into_iter())));
    let (width, height) = spark::BOX;
    view! {
        <div class="operator-tile" data-testid=format!("tile-{}", metric.name()) data-value=total>
            <dt class="figure-label">{label}</dt>
            <dd>
                <span class="figure-value">{value}</span>
                <svg class="spark" viewBox=format!("0 0 {width} {height}") preserveAspectRatio="none" aria-hidden="true">
                    <path d=line />
                </svg>
                <span class="card-note">{note}</span>
            </dd>
        </div>
    }
    .into_any()
}
