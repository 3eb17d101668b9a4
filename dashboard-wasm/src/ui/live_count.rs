//! How many visitors are here now.

use leptos::prelude::*;

use super::bind::{effect, flag, text};
use super::live::Live;
use crate::browser::page;
use crate::model::format;
use crate::model::pace::Link;

/// The live dot and the count, which is in the title of the tab as well.
#[component]
pub fn LiveCount() -> impl IntoView {
    let live = expect_context::<Live>();
    let now =
        Memo::new(move |_| live.active.with(|active| active.as_ref().map(|active| active.visitors_now)));
    let is_lost = flag(move || matches!(*live.active_link.read(), Link::Lost(_)));
    let is_empty = flag(move || now.get().unwrap_or(0) == 0);

    effect(move || {
        let name = live.site.with(|site| site.name.clone());
        page::set_title(&match now.get() {
            Some(now) => format!("{} now · {name} · LiveInsight", format::count(now)),
            None => format!("{name} · LiveInsight"),
        });
    });

    view! {
        <p class="live" class:is-lost=is_lost class:is-empty=is_empty>
            <span class="live-dot" aria-hidden="true"></span>
            <strong class="live-number" data-testid="visitors-now">
                {text(move || now.get().map_or_else(|| "–".into(), format::count))}
            </strong>
            <span>
                {text(move || if now.get() == Some(1) { "visitor" } else { "visitors" }.into())} <span class="live-word">" now"</span>
            </span>
        </p>
    }
    .into_any()
}
