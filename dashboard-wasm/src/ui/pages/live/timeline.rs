//! A visit that is, or was just, going on, step by step.

use leptos::prelude::*;
use protocol::api::ActiveSession;
use protocol::query::RawTimeline;

use crate::model::i18n::live as say;
use crate::model::question::{Include, Question, What, ends};
use crate::model::view::definitions_key;
use crate::model::{presence, push};
use crate::ui::bind::text;
use crate::ui::dialog::Dialog;
use crate::ui::flag::flag as country_flag;
use crate::ui::i18n::I18n;
use crate::ui::presence::Presence;
use crate::ui::site::Sites;
use crate::ui::story::{Told, told};

/// The length of a day.
const DAY_MS: u64 = 86_400_000;

/// The dialog.
#[component]
pub fn Timeline(
    /// The visit's id.
    visit: String,
    /// The reader wants it closed.
    close: impl Fn() + Clone + 'static,
) -> impl IntoView {
    let i18n = I18n::get();
    view! {
        <Dialog title=i18n.t(say::TIMELINE) class="is-timeline" close>
            <div class="timeline">
                {match find(&visit) {
                    None => view! { <p class="empty">{i18n.t(say::TIMELINE_GONE)}</p> }.into_any(),
                    Some(session) => view! { <Story session /> }.into_any(),
                }}
            </div>
        </Dialog>
    }
    .into_any()
}

/// The visit as it is now: it may leave the half hour while it is read. The hub knows all of them, the table fewer.
fn find(id: &str) -> Option<ActiveSession> {
    let live = Presence::get();
    let of_hub = || {
        let at = live.at();
        live.read(|state| {
            let visit = state.visits().find(|visit| visit.key.to_string() == id)?;
            Some(push::session(visit, at))
        })
    };
    let of_table = || {
        live.active.with(|active| active.as_ref()?.sessions.iter().find(|it| it.session_id == id).cloned())
    };
    untrack(|| of_hub().flatten().or_else(of_table))
}

#[component]
fn Story(session: ActiveSession) -> impl IntoView {
    let (i18n, sites) = (I18n::get(), Sites::get());
    let started_at = session.started_at;
    let question = Question {
        site_id: sites.chosen.with_untracked(|site| site.id.clone()),
        metrics: Vec::new(),
        // The day of a visit that began under another clock as well.
        date_range: ends(&(started_at.saturating_sub(DAY_MS)..sites.time.read().max(started_at) + DAY_MS)),
        dimensions: Vec::new(),
        filters: Vec::new(),
        order_by: Vec::new(),
        include: Include::default(),
        pagination: None,
        definitions: definitions_key(Default::default()),
        what: What::Timeline(RawTimeline {
            visitor: session.user_id.clone(),
            started_at: Some(started_at),
            limit: 1,
        }),
    };
    let country = session.country.clone();
    let city = session.city.clone();
    let place = text(move || presence::place(&city, &i18n.country(&country)));
    let device = text(move || i18n.device(session.device.as_str()));
    view! {
        <p class="timeline-head">
            {country_flag(&session.country)}
            <span>{place}</span>
            <span>{device}</span>
            <span>{presence::client(&session)}</span>
        </p>
        {told(question, move |answer| match answer.visits.into_iter().next() {
            Some(visit) => view! { <Told visit /> }.into_any(),
            None => view! { <p class="empty">{i18n.t(say::TIMELINE_NONE)}</p> }.into_any(),
        })}
    }
    .into_any()
}
