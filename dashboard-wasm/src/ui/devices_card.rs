//! The card with the device classes.

use leptos::prelude::*;
use protocol::api::Device;

use super::bind::{flag, piece, text};
use super::live::Live;
use super::skeleton::SkeletonRows;
use crate::model::donut::{self, Slice};
use crate::model::format::{self, tenths};

/// A gap between slices, in hundredths of the ring.
const GAP: f64 = 0.8;

/// A ring and its legend.
#[component]
pub fn DevicesCard() -> impl IntoView {
    let live = expect_context::<Live>();
    let slices = Memo::new(move |_| {
        live.overview.with(|overview| overview.as_ref().map(|overview| donut::slices(&overview.devices)))
    });
    let is_loading = flag(move || slices.with(Option::is_none));
    // Only which classes there are decides what is in the page; shares change in place.
    let classes = text(move || {
        slices.with(|slices| {
            slices.iter().flatten().map(|slice| slice.device.as_str()).collect::<Vec<_>>().join(" ")
        })
    });
    let largest = move |of: fn(&Slice) -> String| {
        text(move || {
            slices.with(|slices| {
                slices.iter().flatten().max_by_key(|slice| slice.visitors).map(of).unwrap_or_default()
            })
        })
    };
    let ring = move || {
        let devices = slices
            .with_untracked(|slices| slices.iter().flatten().map(|slice| slice.device).collect::<Vec<_>>());
        let is_single = devices.len() == 1;
        let arcs = devices.iter().map(|device| view! { <Arc slices device=*device is_single /> }.into_any());
        let rows = devices.iter().map(|device| view! { <LegendRow slices device=*device /> }.into_any());
        view! {
            <div class="donut">
                <svg class="donut-ring" viewBox="0 0 100 100" aria-hidden="true">
                    {arcs.collect_view()}
                </svg>
                <p class="donut-centre" aria-hidden="true">
                    <strong>{largest(|slice| format::percent(slice.share))}</strong>
                    <span>{largest(|slice| donut::label(slice.device).into())}</span>
                </p>
            </div>
            <ul class="donut-legend">{rows.collect_view()}</ul>
        }
        .into_any()
    };
    let body = piece(move || match (is_loading.get(), classes.get().is_empty()) {
        (true, _) => view! { <SkeletonRows count=4 /> }.into_any(),
        (_, true) => view! { <p class="empty">"What your visitors use appears here."</p> }.into_any(),
        _ => ring(),
    });
    view! {
        <section class="card devices" class:is-outdated=flag(move || live.is_outdated.get())>
            <header class="card-head">
                <h2 class="card-title">"Devices"</h2>
                <span class="card-note">"Visitors"</span>
            </header>
            {body}
        </section>
    }
    .into_any()
}

/// A text about the slice of one device class.
fn about(slices: Memo<Option<Vec<Slice>>>, device: Device, of: fn(&Slice) -> String) -> Memo<String> {
    text(move || {
        slices.with(|slices| {
            slices.iter().flatten().find(|slice| slice.device == device).map(of).unwrap_or_default()
        })
    })
}

#[component]
fn Arc(slices: Memo<Option<Vec<Slice>>>, device: Device, is_single: bool) -> impl IntoView {
    let dashes = about(slices, device, if is_single { |_| "100 100".into() } else { dashes });
    view! {
        <circle
            class=format!("donut-arc is-{}", device.as_str())
            cx="50"
            cy="50"
            r="41"
            pathLength="100"
            stroke-dasharray=dashes
            stroke-dashoffset=about(slices, device, |slice| tenths(-slice.start))
        />
    }
    .into_any()
}

/// A slice, less the gap after it; a tiny one must not vanish in the gap.
fn dashes(slice: &Slice) -> String {
    format!("{} 100", tenths((slice.share * 100.0 - GAP).max(0.4)))
}

#[component]
fn LegendRow(slices: Memo<Option<Vec<Slice>>>, device: Device) -> impl IntoView {
    let exact = about(slices, device, |slice| slice.visitors.to_string());
    view! {
        <li class="donut-row" data-testid="device-row" data-name=device.as_str() data-value=exact>
            <span class=format!("donut-swatch is-{}", device.as_str()) aria-hidden="true"></span>
            <span class="donut-label">{donut::label(device)}</span>
            <span class="bar-share">{about(slices, device, |slice| format::percent(slice.share))}</span>
            <span class="bar-value">{about(slices, device, |slice| format::count(slice.visitors))}</span>
        </li>
    }
    .into_any()
}
