//! What a step of the chart says.

use leptos::prelude::*;

use super::bind::{flag, piece_when, text};
use crate::model::format::{self, tenths};

/// A step being read.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The step's name.
    pub title: String,
    /// Its visitors.
    pub visitors: u64,
    /// Its page views.
    pub page_views: u64,
    /// Its place in the box.
    pub x: f64,
    /// Whether it is in the left half, so that there is more room to its right.
    pub is_left: bool,
}

impl Reading {
    /// As a sentence.
    pub fn spoken(&self) -> String {
        let views = if self.page_views == 1 { "page view" } else { "page views" };
        let views = format!("{} {views}", format::count(self.page_views));
        format!("{}: {}, {views}", self.title, format::visitors(self.visitors))
    }
}

/// The box beside the crosshair.
#[component]
pub fn Readout(
    /// The step, if one is being read.
    reading: Memo<Option<Reading>>,
) -> impl IntoView {
    let read = move |of: fn(&Reading) -> String| {
        text(move || reading.with(|reading| reading.as_ref().map(of).unwrap_or_default()))
    };
    let is_left =
        flag(move || reading.with(|reading| reading.as_ref().is_some_and(|reading| reading.is_left)));
    piece_when(flag(move || reading.with(Option::is_some)), move || {
        view! {
            <div
                class="readout"
                class:is-left=is_left
                style:left=read(|reading| format!("{}px", tenths(reading.x)))
                aria-hidden="true"
            >
                <p class="readout-title">{read(|reading| reading.title.clone())}</p>
                <p class="readout-row">
                    <span class="legend-item is-visitors">"Visitors"</span>
                    <strong>{read(|reading| format::count(reading.visitors))}</strong>
                </p>
                <p class="readout-row">
                    <span class="legend-item is-page-views">"Page views"</span>
                    <strong>{read(|reading| format::count(reading.page_views))}</strong>
                </p>
            </div>
        }
        .into_any()
    })
}
