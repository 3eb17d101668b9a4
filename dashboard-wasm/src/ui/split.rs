//! What is not needed to see the overview: each name before `fallible` is a wasm file of its own, loaded when one of its
//! functions is first wanted. How it works is in `lazy.rs`.

use leptos::prelude::*;
use wasm_split_helpers::wasm_split;

use super::help::Help;
use super::lazy::{Part, lazy};
use super::logo::Logo;
use super::pages::behaviour::BehaviourPage;
use super::pages::live::LivePage;
use super::pages::operator::OperatorPage;
use super::pages::overview::annotations::Annotations;
use super::pages::overview::details::Details;
use super::pages::overview::filter_form::FilterForm;
use super::pages::overview::map::MapOfVisitors;
use super::pages::overview::numbers::NumbersTable;
use super::pages::overview::onboarding::Onboarding;
use super::pages::overview::segments::{SegmentNames, Segments};
use super::pages::sessions::SessionsPage;
use super::pages::settings::SettingsPage;
use super::pages::settings::new_site::NewSite;
use super::pages::settings::welcome::Gate;
use super::shell::HelpOpen;
use super::skeleton::SkeletonRows;
use super::top_bar::TopBar;
use crate::model::behaviour;
use crate::model::filter::Rule;
use crate::model::graph::Series;
use crate::model::settings::Section;
use crate::model::tab::Tab;

#[wasm_split(gate, fallible, preload(load_gate))]
fn draw_gate(ended: bool) -> Part {
    Ok(view! { <Gate ended /> }.into_any())
}

#[wasm_split(settings, fallible, preload(load_settings))]
fn draw_settings(section: Section) -> Part {
    Ok(view! { <SettingsPage section /> }.into_any())
}

#[wasm_split(settings, fallible, preload(load_new_site))]
fn draw_new_site() -> Part {
    Ok(view! { <NewSite /> }.into_any())
}

#[wasm_split(live, fallible, preload(load_live))]
fn draw_live() -> Part {
    Ok(view! { <LivePage /> }.into_any())
}

#[wasm_split(behaviour, fallible, preload(load_behaviour))]
fn draw_behaviour(part: behaviour::Part) -> Part {
    Ok(view! { <BehaviourPage part /> }.into_any())
}

#[wasm_split(sessions, fallible, preload(load_sessions))]
fn draw_sessions() -> Part {
    Ok(view! { <SessionsPage /> }.into_any())
}

#[wasm_split(operator, fallible, preload(load_operator))]
fn draw_operator() -> Part {
    Ok(view! { <OperatorPage /> }.into_any())
}

#[wasm_split(extras, fallible, preload(load_extras))]
fn draw_details(tab: Tab) -> Part {
    Ok(view! { <Details tab /> }.into_any())
}

#[wasm_split(extras, fallible, preload(load_numbers))]
fn draw_numbers(series: Memo<Option<Series>>) -> Part {
    Ok(view! { <NumbersTable series /> }.into_any())
}

#[wasm_split(extras, fallible, preload(load_annotations))]
fn draw_annotations() -> Part {
    Ok(view! { <Annotations /> }.into_any())
}

#[wasm_split(extras, fallible, preload(load_map))]
fn draw_map() -> Part {
    Ok(view! { <MapOfVisitors /> }.into_any())
}

#[wasm_split(extras, fallible, preload(load_filter_form))]
fn draw_filter_form(old: Option<Rule>, close: Callback<()>) -> Part {
    Ok(view! { <FilterForm old close /> }.into_any())
}

#[wasm_split(extras, fallible, preload(load_segments))]
fn draw_segments(close: Callback<()>) -> Part {
    Ok(view! { <Segments close /> }.into_any())
}

#[wasm_split(extras, fallible, preload(load_segment_names))]
fn draw_segment_names(ids: Vec<String>) -> Part {
    Ok(view! { <SegmentNames ids /> }.into_any())
}

#[wasm_split(extras, fallible, preload(load_onboarding))]
fn draw_onboarding() -> Part {
    Ok(view! { <Onboarding /> }.into_any())
}

#[wasm_split(extras, fallible, preload(load_help))]
fn draw_help() -> Part {
    let HelpOpen(open) = expect_context();
    Ok(view! { <Help close=move || open.set(false) /> }.into_any())
}

/// How one comes in; with `ended` a session has just ended by itself.
pub fn gate(ended: bool) -> AnyView {
    lazy(splash, load_gate, move || draw_gate(ended))
}

/// A section of the settings.
pub fn settings(section: Section) -> AnyView {
    lazy(page, load_settings, move || draw_settings(section))
}

/// The form of a new site.
pub fn new_site() -> AnyView {
    lazy(nothing, load_new_site, draw_new_site)
}

/// Who is here now.
pub fn live() -> AnyView {
    lazy(page, load_live, draw_live)
}

/// What visitors do.
pub fn behaviour(part: behaviour::Part) -> AnyView {
    lazy(page, load_behaviour, move || draw_behaviour(part))
}

/// Single visits.
pub fn sessions() -> AnyView {
    lazy(page, load_sessions, draw_sessions)
}

/// How the installation is doing.
pub fn operator() -> AnyView {
    lazy(page, load_operator, draw_operator)
}

/// A list in full.
pub fn details(tab: Tab) -> AnyView {
    lazy(nothing, load_extras, move || draw_details(tab))
}

/// The numbers of the graph as a table.
pub fn numbers(series: Memo<Option<Series>>) -> AnyView {
    lazy(nothing, load_numbers, move || draw_numbers(series))
}

/// What happened when.
pub fn annotations() -> AnyView {
    lazy(nothing, load_annotations, draw_annotations)
}

/// The visitors of the range by country.
pub fn map() -> AnyView {
    lazy(card, load_map, draw_map)
}

/// A filter being written, from nothing or from one there is.
pub fn filter_form(old: Option<Rule>, close: Callback<()>) -> AnyView {
    lazy(nothing, load_filter_form, move || draw_filter_form(old.clone(), close))
}

/// The saved segments.
pub fn segments(close: Callback<()>) -> AnyView {
    lazy(nothing, load_segments, move || draw_segments(close))
}

/// The names of saved segments.
pub fn segment_names(ids: Vec<String>) -> AnyView {
    lazy(ellipsis, load_segment_names, move || draw_segment_names(ids.clone()))
}

/// How to begin.
pub fn onboarding() -> AnyView {
    lazy(card, load_onboarding, draw_onboarding)
}

/// The list of keyboard shortcuts.
pub fn help() -> AnyView {
    lazy(nothing, load_help, draw_help)
}

/// Loads what the overview is likely to need next.
pub fn ahead() {
    super::lazy::ahead(load_extras());
}

/// The frame of a page on its way.
fn page() -> AnyView {
    view! {
        <TopBar />
        <main class="page" id="main" tabindex="-1" aria-busy="true">
            <SkeletonRows count=6 />
        </main>
    }
    .into_any()
}

fn splash() -> AnyView {
    view! { <main class="splash" aria-busy="true"><Logo /></main> }.into_any()
}

fn card() -> AnyView {
    view! { <SkeletonRows count=6 /> }.into_any()
}

fn ellipsis() -> AnyView {
    "…".into_any()
}

fn nothing() -> AnyView {
    ().into_any()
}
