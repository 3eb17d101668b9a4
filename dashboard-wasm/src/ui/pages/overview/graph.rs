//! The line of a figure over time.

use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html::Div;
use leptos::prelude::*;
use protocol::query::Step;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::picture::Picture;
use super::reading::{Reading, Readout, step_name, steps_name};
use super::seen::Seen;
use crate::browser::page;
use crate::browser::resize;
use crate::model::annotation;
use crate::model::graph::{Scene, Series};
use crate::model::i18n::overview as say;
use crate::model::period::Period;
use crate::ui::bind::{flag, piece_when, text};
use crate::ui::desk::Asked;
use crate::ui::i18n::I18n;
use crate::ui::place::Place;
use crate::ui::session::Session;
use crate::ui::split;

/// The line; a step is read with the pointer or the arrow keys. Dragging, or Shift with the arrow keys and Enter, zooms in.
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
    // Where the selection began that ends with the step being read.
    let (anchor, set_anchor) = signal(None::<usize>);
    // What was zoomed to, to be spoken.
    let (zoomed, set_zoomed) = signal(String::new());
    let bounds = Memo::new(move |_| {
        let (from, to) = (anchor.get()?, step.get()?);
        Some((from.min(to), from.max(to))).filter(|_| from != to || by_keyboard.get())
    });
    let reading = Memo::new(move |_| {
        let index = step.get()?;
        series.with(|series| {
            let series = series.as_ref()?;
            let name = |edges: &[u64]| {
                let at = seen.sites.wall(*edges.get(index)?);
                Some(step_name(i18n, series.step, at))
            };
            let value = series.values.get(index).copied()?;
            let place = scene.with(|scene| {
                let scene = scene.as_ref()?;
                let x = scene.x(index);
                Some((x, value.map(|value| scene.y(value)), x < f64::midpoint(scene.left, scene.right)))
            });
            let (x, y, is_left) = place?;
            if let Some((from, to)) = bounds.get() {
                let hint = if by_keyboard.get() { say::ZOOM_BY_ENTER } else { say::ZOOM_BY_RELEASE };
                let title = steps_name(i18n, seen.sites, series, from, to)?;
                let hint = i18n.say(hint);
                let (before, y_before, notes) = (None, None, Vec::new());
                return Some(Reading { title, value: hint, before, x, y, y_before, notes, is_left });
            }
            let mut title = name(&series.edges)?;
            if series.running == Some(index) {
                title = format!("{title}, {}", i18n.say(say::RUNNING));
            }
            let before_value = series.before.get(index).copied();
            let before = before_value
                .and_then(|value| Some((name(&series.before_edges)?, i18n.figure(series.unit, value))));
            let y_before = scene.with(|scene| Some(scene.as_ref()?.y(before_value.flatten()?)));
            let notes = seen.annotations.with(|all| {
                annotation::of_step(all, &series.edges, index).into_iter().map(str::to_owned).collect()
            });
            let value = i18n.figure(series.unit, value);
            Some(Reading { title, value, before, x, y, y_before, notes, is_left })
        })
    });

    let nearest = move |event: &PointerEvent| {
        // The only children that take the pointer fill the box, so the offset is the box's.
        let x = f64::from(event.offset_x());
        scene.with_untracked(|scene| scene.as_ref().and_then(|scene| scene.nearest(x)))
    };
    let point_at = move |event: PointerEvent| {
        if by_keyboard.get_untracked() {
            set_by_keyboard.set(false);
            set_anchor.set(None);
        }
        let at = nearest(&event);
        if step.get_untracked() != at {
            set_step.set(at);
        }
    };
    let let_go = move || {
        set_anchor.set(None);
        set_step.set(None);
    };
    let zoom = move |from: usize, to: usize| {
        let period = series.with_untracked(|series| {
            let series = series.as_ref()?;
            // There is nothing between two minutes.
            let is_smallest = series.step == Step::Minute && from == to;
            let range = *series.edges.get(from)?..*series.edges.get(to + 1)?;
            let period =
                seen.sites.clock.with_untracked(|clock| Period::zoomed(series.step, &range, &clock.zone));
            let name = steps_name(i18n, seen.sites, series, from, to)?;
            Some((period, name)).filter(|_| !is_smallest)
        });
        let Some((period, name)) = period else { return };
        let_go();
        set_zoomed.set(i18n.fill(say::ZOOMED, &[&name]));
        place.change(|view| {
            view.period = period;
            view.back = 0;
            view.step = None;
        });
    };
    let press_pointer = move |event: PointerEvent| {
        let at = nearest(&event);
        point_at(event.clone());
        // A finger that moves sideways reads.
        let drags = event.is_primary() && event.button() == 0 && event.pointer_type() != "touch";
        set_anchor.set(at.filter(|_| drags));
        if drags && let Some(target) = event.current_target().and_then(|it| it.dyn_into::<Element>().ok()) {
            // Refused only if the pointer is no longer down.
            let _ = target.set_pointer_capture(event.pointer_id());
        }
    };
    let release = move |event: PointerEvent| {
        let began = anchor.get_untracked().filter(|_| !by_keyboard.get_untracked());
        if let Some((from, to)) = began.zip(nearest(&event)).filter(|(from, to)| from != to) {
            zoom(from.min(to), from.max(to));
        } else if began.is_some() {
            set_anchor.set(None);
        }
    };
    let leave = move || {
        if !by_keyboard.get_untracked() {
            let_go();
        }
    };
    let press = move |event: KeyboardEvent| {
        // The browser's own, such as to go back.
        if event.alt_key() || event.ctrl_key() || event.meta_key() {
            return;
        }
        let Some(last) = walls.with_untracked(Vec::len).checked_sub(1) else { return };
        let at = step.get_untracked();
        let next = match event.key().as_str() {
            "ArrowRight" => at.map_or(0, |at| (at + 1).min(last)),
            "ArrowLeft" => at.map_or(last, |at| at.saturating_sub(1)),
            "Home" => 0,
            "End" => last,
            "Enter" => {
                let Some(at) = at else { return };
                let from = anchor.get_untracked().unwrap_or(at);
                return zoom(from.min(at), from.max(at));
            }
            // What is selected first, then what is read; then it is somebody else's key.
            "Escape" if anchor.get_untracked().is_some() => {
                event.prevent_default();
                return set_anchor.set(None);
            }
            "Escape" if at.is_some() => {
                event.prevent_default();
                return set_step.set(None);
            }
            _ => return,
        };
        event.prevent_default();
        set_zoomed.set(String::new());
        set_by_keyboard.set(true);
        set_anchor.set(event.shift_key().then(|| anchor.get_untracked().or(at).unwrap_or(next)));
        set_step.set(next.into());
    };
    let label = text(move || i18n.say(seen.stat.get().label()));
    let summary = text(move || {
        let stat = seen.stat.get();
        let whole =
            totals.reply.with(|reply| reply.as_ref().and_then(|it| it.results.first()?.metric(stat.place())));
        i18n.fill(say::GRAPH_SUMMARY, &[&label.get(), &i18n.figure(stat.unit(), whole)])
    });
    let spoken = text(move || match reading.get() {
        Some(reading) if by_keyboard.get() && bounds.with(Option::is_some) => {
            i18n.fill(say::SELECTED, &[&reading.title])
        }
        Some(reading) if by_keyboard.get() => reading.spoken(i18n, &label.get()),
        _ => zoomed.get(),
    });
    let selected = Memo::new(move |_| {
        let (from, to) = bounds.get()?;
        scene.with(|scene| {
            let scene = scene.as_ref()?;
            Some((scene.x(from), scene.x(to) - scene.x(from)))
        })
    });
    let noted = Memo::new(move |_| {
        let steps = series.with(|series| {
            let edges = series.as_ref().map_or(&[][..], |series| &series.edges);
            seen.annotations.with(|all| annotation::steps(all, edges))
        });
        let x = |step: usize| scene.with(|scene| scene.as_ref().map(|scene| scene.x(step)));
        steps.into_iter().filter_map(x).collect::<Vec<f64>>()
    });
    // They are nothing that the numbers wait for, and nothing for readers of a share link.
    let may_note = expect_context::<Session>().person().is_some();
    let is_painted = RwSignal::new(false);
    if may_note {
        page::after_paint(move || {
            let _ = is_painted.try_set(true);
        });
    }
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
            on:blur=move |_| let_go()
        >
            {piece_when(is_drawn, move || view! { <Picture series scene reading selected noted walls /> }.into_any())}
            <Readout reading />
            <p class="visually-hidden" aria-live="polite">
                {spoken}
            </p>
        </div>
        <div class="graph-foot">
            <Numbers series />
            {piece_when(flag(move || is_painted.get()), split::annotations)}
        </div>
    }
    .into_any()
}

/// The same as a table, for whoever prefers it; filled when it is opened.
#[component]
fn Numbers(series: Memo<Option<Series>>) -> impl IntoView {
    let i18n = I18n::get();
    let (is_open, set_open) = signal(false);
    let toggle = move |event: leptos::ev::Event| {
        let target = event.current_target().map(JsCast::unchecked_into::<Element>);
        set_open.set(target.is_some_and(|details| details.has_attribute("open")));
    };
    view! {
        <details class="numbers" on:toggle=toggle>
            <summary class="numbers-summary">{i18n.t(say::GRAPH_TABLE)}</summary>
            {piece_when(flag(move || is_open.get()), move || split::numbers(series))}
        </details>
    }
    .into_any()
}
