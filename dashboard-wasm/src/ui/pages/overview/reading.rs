//! What a step of the graph says.

use leptos::prelude::*;

use crate::model::format::tenths;
use crate::ui::bind::{flag, piece, piece_when, text};

/// A step being read.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The step's name.
    pub title: String,
    /// Its value.
    pub value: String,
    /// The step it is compared with, and its value.
    pub before: Option<(String, String)>,
    /// Its place in the box.
    pub x: f64,
    /// Places of the marks.
    pub y: Option<f64>,
    /// The place of the mark of the step compared with.
    pub y_before: Option<f64>,
    /// Whether it is in the left half, so that there is more room to its right.
    pub is_left: bool,
}

impl Reading {
    /// As a sentence.
    pub fn spoken(&self, label: &str) -> String {
        let before =
            self.before.as_ref().map(|(title, value)| format!("; {title}: {value}")).unwrap_or_default();
        format!("{}: {} {label}{before}", self.title, self.value)
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
    let before =
        Memo::new(move |_| reading.with(|reading| reading.as_ref().and_then(|it| it.before.clone())));
    piece_when(flag(move || reading.with(Option::is_some)), move || {
        view! {
            <div
                class="readout"
                class:is-left=is_left
                style:left=read(|reading| format!("{}px", tenths(reading.x)))
                aria-hidden="true"
            >
                <p class="readout-row">
                    <span class="legend-item is-visitors">{read(|reading| reading.title.clone())}</span>
                    <strong>{read(|reading| reading.value.clone())}</strong>
                </p>
                {piece(move || match before.get() {
                    None => ().into_any(),
                    Some((title, value)) => view! {
                        <p class="readout-row is-before">
                            <span class="legend-item is-page-views">{title}</span>
                            <strong>{value}</strong>
                        </p>
                    }
                    .into_any(),
                })}
            </div>
        }
        .into_any()
    })
}
