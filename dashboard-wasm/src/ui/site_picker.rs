//! The name of the site, and the way to another.

use leptos::prelude::*;

use super::bind::{flag, text};
use super::icon::Icon;
use super::live::Live;

/// A menu if there are several sites, the name alone if there is one.
#[component]
pub fn SitePicker() -> impl IntoView {
    let live = expect_context::<Live>();
    let sites = live.sites.get_value();
    if sites.len() < 2 {
        return view! { <span class="site">{text(move || live.site.with(|site| site.name.clone()))}</span> }
            .into_any();
    }
    let options = sites
        .into_iter()
        .map(|site| {
            let id = site.id.clone();
            let is_chosen = flag(move || live.site.with(|chosen| chosen.id == id));
            view! {
                <option value=site.id selected=is_chosen>
                    {site.name}
                </option>
            }
        })
        .collect_view();
    view! {
        <span class="site site-menu">
            <select aria-label="Site" on:change=move |event| live.choose_site(&event_target_value(&event))>
                {options}
            </select>
            {Icon::Chevron.draw()}
        </span>
    }
    .into_any()
}
