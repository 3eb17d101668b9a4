//! The line chart.

use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html::Div;
use leptos::prelude::*;

use super::bind::{flag, piece, piece_when, text};
use super::live::Live;
use super::readout::{Reading, Readout};
use crate::browser::resize;
use crate::browser::zone::Zone;
use crate::model::chart::{Scene, Series, Tick};
use crate::model::format::{self, tenths};

/// Visitors and page views; a step is read with the pointer or the arrow keys.
#[component]
pub fn LineChart(
    /// What to draw.
    series: Memo<Option<Series>>,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let zone = Memo::new_with_compare(move |_| Zone::new(&live.site.read().time_zone), |_, _| true);
    let node = NodeRef::<Div>::new();
    let frame = resize::frame_of(node);

    let starts = Memo::new(move |_| {
        series.with(|series| {
            series.iter().flat_map(|series| &series.points).map(|point| point.at).collect::<Vec<_>>()
        })
    });
    let walls = Memo::new(move |_| {
        starts.with(|starts| starts.iter().map(|at| zone.get().wall(*at)).collect::<Vec<_>>())
    });
    let scene = Memo::new(move |_| {
        let frame = frame.get()?;
        series.with(|series| Some(Scene::draw(series.as_ref()?, &walls.read(), frame)))
    });

    // The step being read; whether it was chosen by keyboard decides if it is spoken.
    let (step, set_step) = signal(None::<usize>);
    let (by_keyboard, set_by_keyboard) = signal(false);
    let reading = Memo::new(move |_| {
        let index = step.get()?;
        let series = series.read();
        let series = series.as_ref()?;
        let point = *series.points.get(index)?;
        let title = walls.read().get(index)?.step(series.interval, series.is_running(index));
        let (x, is_left) = scene.with(|scene| {
            let scene = scene.as_ref()?;
            let x = scene.x(index);
            Some((x, x < f64::midpoint(scene.left, scene.right)))
        })?;
        Some(Reading { title, visitors: point.visitors, page_views: point.page_views, x, is_left })
    });

    let point_at = move |event: PointerEvent| {
        // The only children that take the pointer fill the box, so the offset is the box's.
        let x = f64::from(event.offset_x());
        set_by_keyboard.set(false);
        let nearest = scene.with_untracked(|scene| scene.as_ref().and_then(|scene| scene.nearest(x)));
        if step.get_untracked() != nearest {
            set_step.set(nearest);
        }
    };
    let leave = move || {
        if !by_keyboard.get_untracked() {
            set_step.set(None);
        }
    };
    let press = move |event: KeyboardEvent| {
        let Some(last) = starts.with_untracked(Vec::len).checked_sub(1) else { return };
        let at = step.get_untracked();
        let next = match event.key().as_str() {
            "ArrowRight" => Some(at.map_or(0, |at| (at + 1).min(last))),
            "ArrowLeft" => Some(at.map_or(last, |at| at.saturating_sub(1))),
            "Home" => Some(0),
            "End" => Some(last),
            "Escape" => None,
            _ => return,
        };
        event.prevent_default();
        set_by_keyboard.set(true);
        set_step.set(next);
    };
    let summary = text(move || {
        let total = |of: fn(&protocol::api::Totals) -> u64| {
            format::count(
                live.overview.with(|overview| overview.as_ref().map_or(0, |overview| of(&overview.totals))),
            )
        };
        format!(
            "Line chart of the last {}: {} visitors, {} page views in all. Arrow keys read single steps.",
            live.period.get().label(),
            total(|totals| totals.visitors),
            total(|totals| totals.page_views)
        )
    });
    let spoken = text(move || match reading.get() {
        Some(reading) if by_keyboard.get() => reading.spoken(),
        _ => String::new(),
    });
    let is_drawn = flag(move || scene.with(Option::is_some));

    view! {
        <div
            node_ref=node
            class="plot"
            data-testid="chart"
            tabindex="0"
            role="application"
            aria-roledescription="line chart"
            aria-label=summary
            on:pointermove=point_at
            on:pointerdown=point_at
            on:pointerleave=move |_| leave()
            on:pointercancel=move |_| leave()
            on:keydown=press
            on:blur=move |_| set_step.set(None)
        >
            {piece_when(is_drawn, move || view! { <Picture scene reading /> }.into_any())}
            <Readout reading />
            <p class="visually-hidden" aria-live="polite">
                {spoken}
            </p>
        </div>
    }
    .into_any()
}

/// Everything that is drawn, without the text box of the reading.
#[component]
fn Picture(scene: Memo<Option<Scene>>, reading: Memo<Option<Reading>>) -> impl IntoView {
    fn of<T: Default>(scene: Memo<Option<Scene>>, part: impl Fn(&Scene) -> T) -> T {
        scene.with(|scene| scene.as_ref().map(part).unwrap_or_default())
    }
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
    let (beside, below) = (place(|scene| scene.left - 10.0), place(|scene| scene.base + 20.0));
    let curve = move |part: fn(&Scene) -> &String| text(move || of(scene, |scene| part(scene).clone()));

    let row = move |tick: &Tick| {
        // On half a pixel, where a line of one pixel is sharp.
        let y = tenths(tick.at.round() - 0.5);
        view! {
            <line class="grid" x1=left x2=right y1=y.clone() y2=y.clone() />
            <text class="axis is-count" x=beside y=y dy="0.32em">
                {tick.label.clone()}
            </text>
        }
        .into_any()
    };
    let column = move |tick: &Tick| {
        view! {
            <text class="axis is-time" x=tenths(tick.at) y=below>
                {tick.label.clone()}
            </text>
        }
        .into_any()
    };
    let marks = move || {
        let Some(reading) = reading.get() else { return ().into_any() };
        let x = tenths(reading.x);
        let (visitors, page_views) =
            of(scene, |scene| (tenths(scene.y(reading.visitors)), tenths(scene.y(reading.page_views))));
        view! {
            <line class="crosshair" x1=x.clone() x2=x.clone() y1=top y2=base />
            <circle class="mark is-page-views" cx=x.clone() cy=page_views r="4.5" />
            <circle class="mark is-visitors" cx=x cy=visitors r="4.5" />
        }
        .into_any()
    };

    view! {
        <svg class="picture" aria-hidden="true">
            <defs>
                <linearGradient id="fade" x1="0" y1="0" x2="0" y2="1">
                    <stop class="fade-from" offset="0" />
                    <stop class="fade-to" offset="1" />
                </linearGradient>
            </defs>
            {piece(move || counts.with(|ticks| ticks.iter().map(row).collect_view().into_any()))}
            {piece(move || times.with(|ticks| ticks.iter().map(column).collect_view().into_any()))}
            <path class="area is-page-views" d=curve(|scene| &scene.page_views.area) />
            <path class="area is-visitors" d=curve(|scene| &scene.visitors.area) />
            <path class="line is-page-views" d=curve(|scene| &scene.page_views.line) />
            <path class="line is-page-views is-running" d=curve(|scene| &scene.page_views.tail) />
            <path class="line is-visitors" d=curve(|scene| &scene.visitors.line) />
            <path class="line is-visitors is-running" d=curve(|scene| &scene.visitors.tail) />
            {piece(marks)}
        </svg>
    }
    .into_any()
}
