//! How many visitors are here now.

use leptos::prelude::*;
use protocol::api::ActiveSessions;

use super::bind::{effect, flag, text};
use super::i18n::I18n;
use super::presence::Presence;
use super::site::Sites;
use crate::browser::page;
use crate::model::i18n::{live as live_say, overview as say};
use crate::model::pace::Link;
use crate::model::presence::minutes;
use crate::model::spark;

/// The live dot and the count, which is in the title of the tab as well.
#[component]
pub fn LiveCount() -> impl IntoView {
    let (live, sites, i18n) = (Presence::get(), Sites::get(), I18n::get());
    let now =
        Memo::new(move |_| live.active.with(|active| active.as_ref().map(|active| active.visitors_now)));
    let is_lost = flag(move || matches!(*live.link.read(), Link::Lost(_)));
    let is_empty = flag(move || now.get().unwrap_or(0) == 0);

    effect(move || {
        let name = sites.chosen.with(|site| site.name.clone());
        page::set_title(&match now.get() {
            Some(now) => i18n.fill(live_say::TITLE, &[&i18n.count(now), &name]),
            None => format!("{name} · LiveInsight"),
        });
    });

    let count = text(move || now.get().map_or_else(|| "–".into(), |now| i18n.count(now)));
    let label = text(move || i18n.fill(say::ONLINE_HISTORY, &[&count.get()]));
    let line = text(move || {
        let at = live.at();
        live.active.with(|active| {
            let counts = |active: &ActiveSessions| minutes(&active.sessions, at);
            let counts = active.as_ref().map(counts).unwrap_or_default();
            spark::line(counts.iter().map(|count| Some(f64::from(*count))))
        })
    });
    let (before, after) = {
        let part = |is_after: bool| {
            text(move || {
                let whole = i18n.say(say::ONLINE);
                let (before, after) = whole.split_once("{0}").unwrap_or_default();
                if is_after { after.to_owned() } else { before.to_owned() }
            })
        };
        (part(false), part(true))
    };
    view! {
        <p class="live" class:is-lost=is_lost class:is-empty=is_empty>
            <span class="live-dot" aria-hidden="true"></span>
            <span>
                {before} <strong class="live-number" data-testid="visitors-now">{count}</strong> {after}
            </span>
            <svg class="spark" viewBox="0 0 60 16" role="img" aria-label=label preserveAspectRatio="none">
                <path d=line />
            </svg>
        </p>
    }
    .into_any()
}
