//! Says to those who cannot see it how it goes: at most twice a minute, and only if it has changed.

use gloo_timers::callback::Interval;
use leptos::prelude::*;
use protocol::live::FeedKind;

use crate::browser::listener;
use crate::model::i18n::live as say;
use crate::ui::bind::{effect, text};
use crate::ui::i18n::I18n;
use crate::ui::presence::Presence;

/// Between two announcements, milliseconds.
const EVERY_MS: u32 = 30_000;

/// What was announced last: visitors, and how many views and conversions since the time before.
type News = (u64, u64, u64);

/// The live region.
#[component]
pub fn Announcer() -> impl IntoView {
    let (i18n, live) = (I18n::get(), Presence::get());
    let news = RwSignal::new(None::<News>);
    let look = move || {
        let now = live.active.with_untracked(|active| active.as_ref().map(|active| active.visitors_now));
        let Some(now) = now else { return };
        let (views, conversions) = untrack(|| {
            live.read(|state| {
                let from = state.time().saturating_sub(EVERY_MS.into());
                let count =
                    |kind| state.feed().filter(|event| event.at > from && event.kind == kind).count() as u64;
                (count(FeedKind::PageView), count(FeedKind::Conversion))
            })
            .unwrap_or_default()
        });
        let _ = news.try_update(|news| *news = Some((now, views, conversions)));
    };
    let visible = listener::visibility();
    let timer = StoredValue::new_local(None::<Interval>);
    effect(move || timer.set_value(visible.get().then(|| Interval::new(EVERY_MS, look))));
    let said = text(move || match news.get() {
        None => String::new(),
        Some((now, 0, 0)) => i18n.fill(say::ANNOUNCE, &[&i18n.count(now)]),
        Some((now, views, conversions)) => {
            i18n.fill(say::ANNOUNCE_MORE, &[&i18n.count(now), &i18n.count(views), &i18n.count(conversions)])
        }
    });
    view! { <p class="visually-hidden" role="status" data-testid="announcement">{said}</p> }.into_any()
}
