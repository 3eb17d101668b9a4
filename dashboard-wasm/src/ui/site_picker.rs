//! The name of the site, and the way to another.

use leptos::prelude::*;

use super::bind::{flag, text};
use super::i18n::I18n;
use super::icon::Icon;
use super::place::Place;
use super::site::Sites;
use crate::model::i18n::shell as say;

/// A menu if there are several sites, the name alone if there is one.
#[component]
pub fn SitePicker() -> impl IntoView {
    let (here, place, i18n) = (Sites::get(), Place::get(), I18n::get());
    let sites = here.all.get_value();
    if sites.len() < 2 {
        return view! { <span class="site">{text(move || here.chosen.with(|site| site.name.clone()))}</span> }
            .into_any();
    }
    let choose = move |event| {
        let id = event_target_value(&event);
        place.change(|view| {
            view.site = id;
            view.rules.clear();
        });
    };
    let options = sites
        .into_iter()
        .map(|site| {
            let id = site.id.clone();
            let is_chosen = flag(move || here.chosen.with(|chosen| chosen.id == id));
            view! {
                <option value=site.id selected=is_chosen>
                    {site.name}
                </option>
            }
        })
        .collect_view();
    view! {
        <span class="site site-menu">
            <select aria-label=i18n.t(say::SITE) on:change=choose>
                {options}
            </select>
            {Icon::Chevron.draw()}
        </span>
    }
    .into_any()
}
