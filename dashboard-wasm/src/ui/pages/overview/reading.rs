//! What a step of the graph says.

use leptos::prelude::*;
use protocol::query::Step;

use crate::browser::intl::Date;
use crate::model::format::tenths;
use crate::model::graph::Series;
use crate::model::i18n::annotations as say;
use crate::model::time::Wall;
use crate::ui::bind::{flag, piece, piece_when, text};
use crate::ui::i18n::I18n;
use crate::ui::site::Sites;

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
    /// What was noted within it.
    pub notes: Vec<String>,
    /// Whether it is in the left half, so that there is more room to its right.
    pub is_left: bool,
}

impl Reading {
    /// As a sentence.
    pub fn spoken(&self, i18n: I18n, label: &str) -> String {
        let before =
            self.before.as_ref().map(|(title, value)| format!("; {title}: {value}")).unwrap_or_default();
        let notes = self.notes.iter().map(|note| format!("; {}", i18n.fill(say::NOTED, &[note])));
        format!("{}: {} {label}{before}{}", self.title, self.value, notes.collect::<String>())
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
    let notes = Memo::new(move |_| {
        reading.with(|reading| reading.as_ref().map(|it| it.notes.clone()).unwrap_or_default())
    });
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
                {piece(move || {
                    let note = |note: String| view! { <p class="readout-note">{note}</p> }.into_any();
                    notes.get().into_iter().map(note).collect_view().into_any()
                })}
            </div>
        }
        .into_any()
    })
}

/// A step by name.
pub fn step_name(i18n: I18n, step: Step, at: Wall) -> String {
    match step {
        Step::Minute | Step::Hour => i18n.date(Date::Moment, at),
        Step::Day => i18n.date(Date::Weekday, at),
        Step::Week => i18n.dates(Date::Day, at, Wall(at.0 + 6 * 86_400_000)),
        Step::Month => i18n.date(Date::Month, at),
    }
}

/// Steps of a graph by name, from one to another.
pub fn steps_name(i18n: I18n, sites: Sites, series: &Series, from: usize, to: usize) -> Option<String> {
    let (from, to) = (*series.edges.get(from)?, *series.edges.get(to + 1)?);
    let wall = |at: u64| sites.wall(at);
    Some(match series.step {
        Step::Minute | Step::Hour => i18n.dates(Date::Moment, wall(from), wall(to)),
        Step::Day | Step::Week => i18n.dates(Date::Weekday, wall(from), wall(to.saturating_sub(1))),
        Step::Month => i18n.dates(Date::Month, wall(from), wall(to.saturating_sub(1))),
    })
}
