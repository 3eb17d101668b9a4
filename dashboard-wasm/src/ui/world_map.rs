//! The map of the world, its countries shaded by a number. A table with the same numbers stands behind it wherever it is
//! shown; by keyboard it is read from the country with the most on.

use std::collections::HashMap;
use std::rc::Rc;

use leptos::ev::{KeyboardEvent, MouseEvent, PointerEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget};

use super::bind::{flag, piece, piece_when, text};
use super::failed::Failed;
use super::flag::flag_of;
use super::i18n::I18n;
use crate::browser::world;
use crate::model::format::tenths;
use crate::model::i18n::map as say;
use crate::model::world::{BOX, Country, shade};

/// How many pulses are drawn at once.
const PULSES: usize = 16;

/// A country and its number.
pub type Shaded = (String, f64);

/// Something that has just happened in a country: its number, which never repeats, the code, and whether it was a
/// conversion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulse {
    /// Its number.
    pub number: u64,
    /// The code of the country.
    pub code: String,
    /// Whether it was a conversion.
    pub is_conversion: bool,
}

/// The map.
#[component]
pub fn WorldMap(
    /// The countries with a number, the largest first.
    values: Memo<Vec<Shaded>>,
    /// What the map shows.
    label: Memo<String>,
    /// Prints a number with its unit.
    print: fn(I18n, f64) -> String,
    /// The reader has chosen a country; with `true` to leave it out.
    #[prop(optional)]
    choose: Option<Callback<(String, bool)>>,
    /// What has just happened.
    #[prop(optional)]
    pulses: Option<RwSignal<Vec<Pulse>>>,
) -> impl IntoView {
    let i18n = I18n::get();
    let (map, set_map) = signal_local(None::<Option<Rc<Vec<Country>>>>);
    let load = move || {
        set_map.set(None);
        spawn_local(async move {
            let loaded = world::load().await;
            let _ = set_map.try_set(Some(loaded));
        });
    };
    load();
    let read = RwSignal::new(None::<String>);
    let shown = Memo::new(move |_| read.get());
    let state = Memo::new(move |_| map.with(|map| map.as_ref().map(Option::is_some)));
    let press = move |event: KeyboardEvent| press(&event, values, read, choose);
    let code_at = |target: Option<EventTarget>| -> Option<String> {
        let element: Element = target?.dyn_into().ok()?;
        element.get_attribute("data-code").filter(|code| !code.is_empty())
    };
    let point = move |event: PointerEvent| {
        let code = code_at(event.target());
        if read.with_untracked(|read| *read != code) {
            read.set(code);
        }
    };
    let click = move |event: MouseEvent| {
        if let (Some(choose), Some(code)) = (choose, code_at(event.target())) {
            choose.run((code, event.alt_key()));
        }
    };
    let said = text(move || {
        let Some(code) = shown.get() else { return String::new() };
        let value = values.with(|values| value_of(values, &code));
        format!("{}: {}", i18n.country(&code), print(i18n, value))
    });
    let picture = move || {
        let countries = map.with_untracked(|map| map.clone().flatten()).unwrap_or_default();
        let over =
            pulses.map(|pulses| view! { <Pulses countries=Rc::clone(&countries) pulses /> }.into_any());
        view! {
            <Picture countries values shown is_chosen=choose.is_some() />
            {over}
        }
        .into_any()
    };
    let tip = move || {
        let countries = map.with_untracked(|map| map.clone().flatten()).unwrap_or_default();
        view! { <Tip countries values shown print /> }.into_any()
    };
    view! {
        <div
            class="world"
            tabindex="0"
            role="application"
            aria-roledescription=i18n.t(say::MAP)
            aria-label=label
            data-testid="world"
            on:keydown=press
            on:pointermove=point
            on:pointerleave=move |_| read.set(None)
            on:blur=move |_| read.set(None)
            on:click=click
        >
            {piece(move || match state.get() {
                None => view! { <div class="world-space skeleton" aria-hidden="true"></div> }.into_any(),
                Some(false) => view! { <Failed message=i18n.t(say::NO_MAP) retry=load /> }.into_any(),
                Some(true) => picture(),
            })}
            {piece_when(flag(move || state.get() == Some(true) && shown.with(Option::is_some)), tip)}
            <p class="visually-hidden" aria-live="polite">{said}</p>
        </div>
    }
    .into_any()
}

fn value_of(values: &[Shaded], code: &str) -> f64 {
    values.iter().find(|(other, _)| other == code).map_or(0.0, |(_, value)| *value)
}

/// Arrows go from country to country, Enter chooses.
fn press(
    event: &KeyboardEvent,
    values: Memo<Vec<Shaded>>,
    read: RwSignal<Option<String>>,
    choose: Option<Callback<(String, bool)>>,
) {
    let codes: Vec<String> = values.with_untracked(|all| all.iter().map(|(code, _)| code.clone()).collect());
    let at = read.with_untracked(|read| codes.iter().position(|code| Some(code) == read.as_ref()));
    let last = codes.len().saturating_sub(1);
    let next = match (event.key().as_str(), at) {
        ("ArrowRight" | "ArrowDown", Some(at)) => (at + 1).min(last),
        ("ArrowLeft" | "ArrowUp", Some(at)) => at.saturating_sub(1),
        ("ArrowRight" | "ArrowDown" | "ArrowLeft" | "ArrowUp" | "Home", _) => 0,
        ("End", _) => last,
        ("Enter" | " ", Some(at)) => {
            event.prevent_default();
            if let Some(choose) = choose {
                choose.run((codes[at].clone(), event.alt_key()));
            }
            return;
        }
        ("Escape", Some(_)) => {
            event.prevent_default();
            return read.set(None);
        }
        _ => return,
    };
    // The page has keys of its own for arrows.
    event.prevent_default();
    read.set(codes.get(next).cloned());
}

#[component]
fn Picture(
    countries: Rc<Vec<Country>>,
    values: Memo<Vec<Shaded>>,
    shown: Memo<Option<String>>,
    is_chosen: bool,
) -> impl IntoView {
    let shades = Memo::new(move |_| {
        values.with(|values| {
            let most = values.iter().map(|(_, value)| *value).fold(0.0, f64::max);
            values.iter().map(|(code, value)| (code.clone(), shade(*value, most))).collect::<HashMap<_, _>>()
        })
    });
    let land = countries.iter().map(|country| {
        let code = country.code.clone();
        let class = {
            let code = code.clone();
            text(move || {
                let shade = shades.with(|shades| shades.get(&code).copied().unwrap_or(0));
                format!("land is-shade-{shade}")
            })
        };
        if country.path.is_empty() {
            view! { <circle class=class cx=country.x cy=country.y r="5" data-code=code /> }.into_any()
        } else {
            view! { <path class=class d=country.path.clone() data-code=code /> }.into_any()
        }
    });
    let land = land.collect_view();
    // Drawn once more above the others, so that its outline is whole.
    let outlines: HashMap<String, String> =
        countries.iter().map(|country| (country.code.clone(), country.path.clone())).collect();
    let outline = text(move || {
        shown.with(|code| code.as_ref().and_then(|code| outlines.get(code).cloned())).unwrap_or_default()
    });
    view! {
        <svg
            class="world-space"
            class:is-choice=is_chosen
            viewBox=format!("0 0 {} {}", BOX.0, BOX.1)
            aria-hidden="true"
        >
            <g>{land}</g>
            <path class="land-outline" d=outline />
        </svg>
    }
    .into_any()
}

/// Above the map and no part of its picture: the browser moves them without painting the world anew.
#[component]
fn Pulses(countries: Rc<Vec<Country>>, pulses: RwSignal<Vec<Pulse>>) -> impl IntoView {
    let places: HashMap<String, (f64, f64)> =
        countries.iter().map(|country| (country.code.clone(), per_cent(country))).collect();
    let drawn = Memo::new(move |_| {
        pulses.with(|pulses| {
            let newest = pulses.len().saturating_sub(PULSES);
            let place = |pulse: &Pulse| Some((pulse.clone(), *places.get(&pulse.code)?));
            pulses[newest..].iter().filter_map(place).collect::<Vec<_>>()
        })
    });
    view! {
        <div class="pulses" aria-hidden="true">
            <For
                each=move || drawn.get()
                key=|(pulse, _)| pulse.number
                children=move |(pulse, (x, y))| view! {
                    <span
                        class="pulse"
                        class:is-conversion=pulse.is_conversion
                        style:left=format!("{}%", tenths(x))
                        style:top=format!("{}%", tenths(y))
                    ></span>
                }.into_any()
            />
        </div>
    }
    .into_any()
}

/// The middle of a country, per cent of the map's width and height.
fn per_cent(country: &Country) -> (f64, f64) {
    (f64::from(country.x) * 100.0 / f64::from(BOX.0), f64::from(country.y) * 100.0 / f64::from(BOX.1))
}

#[component]
fn Tip(
    countries: Rc<Vec<Country>>,
    values: Memo<Vec<Shaded>>,
    shown: Memo<Option<String>>,
    print: fn(I18n, f64) -> String,
) -> impl IntoView {
    let i18n = I18n::get();
    let places: HashMap<String, (f64, f64)> =
        countries.iter().map(|country| (country.code.clone(), per_cent(country))).collect();
    let place = Memo::new(move |_| {
        shown.with(|code| code.as_ref().and_then(|code| places.get(code).copied())).unwrap_or_default()
    });
    let code = text(move || shown.get().unwrap_or_default());
    let value = text(move || print(i18n, values.with(|values| code.with(|code| value_of(values, code)))));
    view! {
        <div
            class="world-tip"
            class:is-left=flag(move || place.get().0 > 70.0)
            style:left=text(move || format!("{}%", tenths(place.get().0)))
            style:top=text(move || format!("{}%", tenths(place.get().1)))
            aria-hidden="true"
        >
            {flag_of(code)}
            <span>{text(move || i18n.country(&code.get()))}</span>
            <strong>{value}</strong>
        </div>
    }
    .into_any()
}
