//! The line of a figure over time.

use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html::Div;
use leptos::prelude::*;
use protocol::query::Step;

use super::reading::{Reading, Readout};
use super::seen::Seen;
use crate::browser::intl::Date;
use crate::browser::resize;
use crate::model::axis::Label;
use crate::model::format::tenths;
use crate::model::graph::{Scene, Series};
use crate::model::i18n::overview as say;
use crate::model::period::Period;
use crate::model::time::Wall;
use crate::ui::bind::{flag, piece, piece_when, text};
use crate::ui::desk::Asked;
use crate::ui::i18n::I18n;
use crate::ui::place::Place;

/// The line; a step is read with the pointer or the arrow keys, and dragging zooms in.
#[component]
pub fn Graph(
    /// What to draw.
    series: Memo<Option<Series>>,
    /// The answer with the figure of the whole range.
    totals: Asked,
) -> impl IntoView {
    let (i18n, seen, place) = (I18n::get(), Seen::get(), Place::get());
    let node = NodeRef::<Div>::new();
    let frame = resize::frame_of(node);
    let walls = Memo::new(move |_| {
        series.with(|series| {
            let edges = series.iter().flat_map(|series| series.edges.iter().take(series.len()));
            edges.map(|edge| seen.sites.wall(*edge)).collect::<Vec<_>>()
        })
    });
    let scene = Memo::new(move |_| {
        let frame = frame.get()?;
        series.with(|series| {
            let series = series.as_ref()?;
            let label = |value: &f64| i18n.short_figure(series.unit, Some(*value)).chars().count();
            let longest = |values: &[f64]| values.iter().map(label).max().unwrap_or(1);
            Some(walls.with(|walls| Scene::draw(series, walls, frame, longest)))
        })
    });

    // The step being read; whether it was chosen by keyboard decides if it is spoken.
    let (step, set_step) = signal(None::<usize>);
    let (by_keyboard, set_by_keyboard) = signal(false);
    let (drag, set_drag) = signal(None::<usize>);
    let reading = Memo::new(move |_| {
        let index = step.get()?;
        series.with(|series| {
            let series = series.as_ref()?;
            let name = |edges: &[u64]| {
                let at = seen.sites.wall(*edges.get(index)?);
                Some(step_name(i18n, series.step, at))
            };
            let mut title = name(&series.edges)?;
            if series.running == Some(index) {
                title = format!("{title}, {}", i18n.say(say::RUNNING));
            }
            let value = series.values.get(index).copied()?;
            let before_value = series.before.get(index).copied();
            let before = before_value
                .and_then(|value| Some((name(&series.before_edges)?, i18n.figure(series.unit, value))));
            scene.with(|scene| {
                let scene = scene.as_ref()?;
                let x = scene.x(index);
                Some(Reading {
                    title,
                    value: i18n.figure(series.unit, value),
                    before,
                    x,
                    y: value.map(|value| scene.y(value)),
                    y_before: before_value.flatten().map(|value| scene.y(value)),
                    is_left: x < f64::midpoint(scene.left, scene.right),
                })
            })
        })
    });

    let nearest = move |event: &PointerEvent| {
        // The only children that take the pointer fill the box, so the offset is the box's.
        let x = f64::from(event.offset_x());
        scene.with_untracked(|scene| scene.as_ref().and_then(|scene| scene.nearest(x)))
    };
    let point_at = move |event: PointerEvent| {
        set_by_keyboard.set(false);
        let at = nearest(&event);
        if step.get_untracked() != at {
            set_step.set(at);
        }
    };
    let zoom = move |from: usize, to: usize| {
        let days = series.with_untracked(|series| {
            let series = series.as_ref()?;
            let day = |at: u64| seen.sites.clock.with_untracked(|clock| clock.zone.day(at));
            Some((day(*series.edges.get(from)?), day(series.edges.get(to + 1)?.saturating_sub(1))))
        });
        if let Some((from, to)) = days {
            place.change(|view| {
                view.period = Period::Custom(from, to);
                view.back = 0;
                view.step = None;
            });
        }
    };
    let press_pointer = move |event: PointerEvent| {
        set_drag.set(nearest(&event).filter(|_| event.is_primary() && event.button() == 0));
        point_at(event);
    };
    let release = move |event: PointerEvent| {
        let began = drag.get_untracked();
        set_drag.set(None);
        if let Some((from, to)) = began.zip(nearest(&event)).filter(|(from, to)| from != to) {
            zoom(from.min(to), from.max(to));
        }
    };
    let leave = move || {
        set_drag.set(None);
        if !by_keyboard.get_untracked() {
            set_step.set(None);
        }
    };
    let press = move |event: KeyboardEvent| {
        let Some(last) = walls.with_untracked(Vec::len).checked_sub(1) else { return };
        let at = step.get_untracked();
        let next = match event.key().as_str() {
            "ArrowRight" => Some(at.map_or(0, |at| (at + 1).min(last))),
            "ArrowLeft" => Some(at.map_or(last, |at| at.saturating_sub(1))),
            "Home" => Some(0),
            "End" => Some(last),
            "Enter" => return at.into_iter().for_each(|at| zoom(at, at)),
            "Escape" => None,
            _ => return,
        };
        event.prevent_default();
        set_by_keyboard.set(true);
        set_step.set(next);
    };
    let label = text(move || i18n.say(seen.stat.get().label()));
    let summary = text(move || {
        let stat = seen.stat.get();
        let whole =
            totals.reply.with(|reply| reply.as_ref().and_then(|it| it.results.first()?.metric(stat.place())));
        i18n.fill(say::GRAPH_SUMMARY, &[&label.get(), &i18n.figure(stat.unit(), whole)])
    });
    let spoken = text(move || match reading.get() {
        Some(reading) if by_keyboard.get() => reading.spoken(&label.get()),
        _ => String::new(),
    });
    let selected = Memo::new(move |_| {
        let (from, to) = (drag.get()?, step.get()?);
        scene.with(|scene| {
            let scene = scene.as_ref()?;
            let (a, b) = (scene.x(from.min(to)), scene.x(from.max(to)));
            (b > a).then_some((a, b - a, scene.top, scene.base - scene.top))
        })
    });
    let is_drawn = flag(move || scene.with(Option::is_some));
    view! {
        <div
            node_ref=node
            class="plot"
            data-testid="chart"
            tabindex="0"
            role="application"
            aria-label=summary
            on:pointermove=point_at
            on:pointerdown=press_pointer
            on:pointerup=release
            on:pointerleave=move |_| leave()
            on:pointercancel=move |_| leave()
            on:keydown=press
            on:blur=move |_| set_step.set(None)
        >
            {piece_when(is_drawn, move || view! { <Picture series scene reading selected walls /> }.into_any())}
            <Readout reading />
            <p class="visually-hidden" aria-live="polite">
                {spoken}
            </p>
        </div>
        <Numbers series />
    }
    .into_any()
}

/// A step by name.
fn step_name(i18n: I18n, step: Step, at: Wall) -> String {
    match step {
        Step::Minute | Step::Hour => i18n.date(Date::Moment, at),
        Step::Day => i18n.date(Date::Weekday, at),
        Step::Week => i18n.dates(Date::Day, at, Wall(at.0 + 6 * 86_400_000)),
        Step::Month => i18n.date(Date::Month, at),
    }
}

/// Everything that is drawn, without the text box of the reading.
#[component]
fn Picture(
    series: Memo<Option<Series>>,
    scene: Memo<Option<Scene>>,
    reading: Memo<Option<Reading>>,
    selected: Memo<Option<(f64, f64, f64, f64)>>,
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
    let selection = move || match selected.get() {
        None => ().into_any(),
        Some((x, width, y, height)) => view! {
            <rect class="selection" x=tenths(x) width=tenths(width) y=tenths(y) height=tenths(height) />
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
            <path class="line is-page-views" d=curve(|scene| &scene.before.line) />
            <path class="area is-visitors" d=curve(|scene| &scene.line.area) />
            <path class="line is-visitors" d=curve(|scene| &scene.line.line) />
            <path class="line is-visitors is-running" d=curve(|scene| &scene.line.tail) />
            {piece(marks)}
        </svg>
    }
    .into_any()
}

/// The same as a table, for whoever prefers it; filled when it is opened.
#[component]
fn Numbers(series: Memo<Option<Series>>) -> impl IntoView {
    let (i18n, seen) = (I18n::get(), Seen::get());
    let (is_open, set_open) = signal(false);
    let toggle = move |event: leptos::ev::Event| {
        let target = event.current_target().map(wasm_bindgen::JsCast::unchecked_into::<web_sys::Element>);
        set_open.set(target.is_some_and(|details| details.has_attribute("open")));
    };
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
    let body = piece_when(flag(move || is_open.get()), move || {
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
    });
    view! {
        <details class="numbers" on:toggle=toggle>
            <summary class="numbers-summary">{i18n.t(say::GRAPH_TABLE)}</summary>
            {body}
        </details>
    }
    .into_any()
}
