//! What is drawn of the graph: axes, lines, the crosshair, what is selected.

use leptos::prelude::*;

use super::reading::Reading;
use crate::browser::intl::Date;
use crate::model::axis::Label;
use crate::model::format::tenths;
use crate::model::graph::{Scene, Series};
use crate::model::time::Wall;
use crate::ui::bind::{piece, text};
use crate::ui::i18n::I18n;

/// Everything that is drawn, without the text box of the reading.
#[component]
pub fn Picture(
    /// The line.
    series: Memo<Option<Series>>,
    /// Where everything is.
    scene: Memo<Option<Scene>>,
    /// The step being read.
    reading: Memo<Option<Reading>>,
    /// Where what is selected begins, and how wide it is.
    selected: Memo<Option<(f64, f64)>>,
    /// Where something was noted.
    noted: Memo<Vec<f64>>,
    /// Where the steps begin.
    walls: Memo<Vec<Wall>>,
) -> impl IntoView {
    fn of<T: Default>(scene: Memo<Option<Scene>>, part: impl Fn(&Scene) -> T) -> T {
        scene.with(|scene| scene.as_ref().map(part).unwrap_or_default())
    }
    let i18n = I18n::get();
    // Parts of their own, so that a changed line does not draw the axes anew.
    let counts = Memo::new(move |_| of(scene, |scene| scene.counts.clone()));
    let times = Memo::new(move |_| of(scene, |scene| scene.times.clone()));
    let place = move |part: fn(&Scene) -> f64| text(move || of(scene, |scene| tenths(part(scene))));
    let (left, right, top, base) = (
        place(|scene| scene.left),
        place(|scene| scene.right),
        place(|scene| scene.top),
        place(|scene| scene.base),
    );
    let height = place(|scene| scene.base - scene.top);
    let (beside, below) = (place(|scene| scene.left - 10.0), place(|scene| scene.base + 20.0));
    let curve = move |part: fn(&Scene) -> &String| text(move || of(scene, |scene| part(scene).clone()));

    let rows = move || {
        let unit = series.with(|series| series.as_ref().map(|series| series.unit));
        let row = |at: f64, value: f64| {
            // On half a pixel, where a line of one pixel is sharp.
            let y = tenths(at.round() - 0.5);
            let label = unit.map(|unit| i18n.short_figure(unit, Some(value))).unwrap_or_default();
            view! {
                <line class="grid" x1=left x2=right y1=y.clone() y2=y.clone() />
                <text class="axis is-count" x=beside y=y dy="0.32em">
                    {label}
                </text>
            }
            .into_any()
        };
        counts.with(|ticks| ticks.iter().map(|tick| row(tick.at, tick.label)).collect_view().into_any())
    };
    let columns = move || {
        let column = |at: f64, index: usize, label: Label| {
            let wall = walls.with(|walls| walls.get(index).copied()).unwrap_or(Wall(0));
            let form = match label {
                Label::Clock => Date::Clock,
                Label::Day => Date::Day,
                Label::Month => Date::ShortMonth,
                Label::Year => Date::Year,
            };
            view! {
                <text class="axis is-time" x=tenths(at) y=below>
                    {i18n.date(form, wall)}
                </text>
            }
            .into_any()
        };
        times.with(|ticks| {
            ticks.iter().map(|tick| column(tick.at, tick.label.0, tick.label.1)).collect_view().into_any()
        })
    };
    let marks = move || {
        let Some(reading) = reading.get() else { return ().into_any() };
        let x = tenths(reading.x);
        let mark = |y: Option<f64>, class: &'static str| {
            y.map(|y| view! { <circle class=class cx=x.clone() cy=tenths(y) r="4.5" /> })
        };
        view! {
            <line class="crosshair" x1=x.clone() x2=x.clone() y1=top y2=base />
            {mark(reading.y_before, "mark is-page-views")}
            {mark(reading.y, "mark is-visitors")}
        }
        .into_any()
    };
    let notes = move || {
        let mark = |x: f64| {
            let x = tenths(x);
            view! {
                <line class="note-line" x1=x.clone() x2=x.clone() y1=top y2=base />
                <circle class="note-mark" cx=x cy=top r="4" />
            }
            .into_any()
        };
        noted.get().into_iter().map(mark).collect_view().into_any()
    };
    let selection = move || match selected.get() {
        None => ().into_any(),
        Some((x, width)) => view! {
            <rect class="selection" x=tenths(x) width=tenths(width) y=top height=height />
        }
        .into_any(),
    };
    view! {
        <svg class="picture" aria-hidden="true">
            <defs>
                <linearGradient id="fade" x1="0" y1="0" x2="0" y2="1">
                    <stop class="fade-from" offset="0" />
                    <stop class="fade-to" offset="1" />
                </linearGradient>
            </defs>
            {piece(rows)}
            {piece(columns)}
            {piece(selection)}
            {piece(notes)}
            <path class="line is-page-views" d=curve(|scene| &scene.before.line) />
            <path class="area is-visitors" d=curve(|scene| &scene.line.area) />
            <path class="line is-visitors" d=curve(|scene| &scene.line.line) />
            <path class="line is-visitors is-running" d=curve(|scene| &scene.line.tail) />
            {piece(marks)}
        </svg>
    }
    .into_any()
}
