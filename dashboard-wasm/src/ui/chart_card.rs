//! The card with the line chart.

use leptos::prelude::*;
use protocol::api::Interval;

use super::bind::{flag, piece, text};
use super::line_chart::LineChart;
use super::live::Live;
use super::onboarding::Onboarding;
use crate::model::chart::Series;
use crate::model::definitions;

/// What the card shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Loading,
    Nothing,
    Chart,
}

/// Visitors and page views over the period, or how to begin when there are none.
#[component]
pub fn ChartCard() -> impl IntoView {
    let live = expect_context::<Live>();
    let series = Memo::new(move |_| live.overview.with(|overview| overview.as_ref().map(Series::of)));
    let content = Memo::new(move |_| {
        live.overview.with(|overview| match overview {
            None => Content::Loading,
            Some(overview) if definitions::is_silent(&overview.totals) => Content::Nothing,
            Some(_) => Content::Chart,
        })
    });
    let is_silent = flag(move || content.get() == Content::Nothing);
    let subtitle = text(move || {
        let period = live.period.get();
        let step = if period.interval() == Interval::Minute { "minute" } else { "hour" };
        let zone = live.site.with(|site| site.time_zone.replace('_', " "));
        format!("Last {}, by {step} · {zone}", period.label())
    });
    view! {
        <section class="card chart-card" class:is-outdated=flag(move || live.is_outdated.get()) aria-labelledby="chart-title">
            <header class="card-head">
                <div>
                    <h2 class="card-title" id="chart-title">
                        "Visitors and page views"
                    </h2>
                    <p class="card-note">{subtitle}</p>
                </div>
                <ul class="legend" class:is-absent=is_silent aria-label="Legend">
                    <li class="legend-item is-visitors">"Visitors"</li>
                    <li class="legend-item is-page-views">"Page views"</li>
                </ul>
            </header>
            {piece(move || match content.get() {
                Content::Loading => view! { <div class="plot is-loading" aria-hidden="true"></div> }.into_any(),
                Content::Nothing => view! { <Onboarding /> }.into_any(),
                Content::Chart => view! { <LineChart series /> }.into_any(),
            })}
        </section>
    }
    .into_any()
}
