//! A visit, step by step.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::query::{TimelineAnswer, TimelineEvent};
use serde::Serialize;

use super::said;
use crate::browser::api;
use crate::browser::intl::{self, Date, Number};
use crate::model::failure::Failure;
use crate::model::i18n::live as say;
use crate::model::presence;
use crate::ui::bind::{piece, text};
use crate::ui::dialog::Dialog;
use crate::ui::failed::Failed;
use crate::ui::flag::flag as country_flag;
use crate::ui::i18n::I18n;
use crate::ui::presence::Presence;
use crate::ui::site::Sites;
use crate::ui::skeleton::SkeletonRows;

const TIMELINE: &str = "/api/v2/timeline";

#[derive(Serialize)]
struct Question {
    site_id: String,
    visitor: String,
    started_at: u64,
}

/// The dialog.
#[component]
pub fn Timeline(
    /// The visit's id.
    visit: String,
    /// The reader wants it closed.
    close: impl Fn() + Clone + 'static,
) -> impl IntoView {
    let (i18n, live, sites) = (I18n::get(), Presence::get(), Sites::get());
    // Kept as it was when it was opened: it may leave the half hour meanwhile.
    let session = live.active.with_untracked(move |active| {
        active.as_ref().and_then(|active| active.sessions.iter().find(|it| it.session_id == visit).cloned())
    });
    let answer = RwSignal::new(None::<Result<TimelineAnswer, Failure>>);
    let asked = session.clone();
    let ask = move || {
        let Some(session) = asked.clone() else {
            return answer.set(Some(Ok(TimelineAnswer::default())));
        };
        let question = Question {
            site_id: sites.chosen.with_untracked(|site| site.id.clone()),
            visitor: session.user_id,
            started_at: session.started_at,
        };
        answer.set(None);
        spawn_local(async move {
            let told = api::change("POST", TIMELINE, &question).await;
            let _ = answer.try_set(Some(told));
        });
    };
    ask();
    let head = session.map(|session| {
        let country = session.country.clone();
        let place = text(move || presence::place(&session.city, &i18n.country(&country)));
        let device = text(move || i18n.device(session.device.as_str()));
        let client = match (session.browser.as_str(), session.os.as_str()) {
            ("", "") => String::new(),
            ("", only) | (only, "") => only.to_owned(),
            (browser, os) => format!("{browser} · {os}"),
        };
        view! {
            <p class="timeline-head">
                {country_flag(&session.country)}
                <span>{place}</span>
                <span>{device}</span>
                <span>{client}</span>
            </p>
        }
        .into_any()
    });
    view! {
        <Dialog title=i18n.t(say::TIMELINE) class="is-timeline" close>
            <div class="timeline" data-testid="timeline">
                {head}
                {piece(move || answer.with(|answer| match answer {
                    None => view! { <SkeletonRows count=5 /> }.into_any(),
                    Some(Err(failure)) => {
                        let failure = failure.clone();
                        let message = text(move || failure.message(i18n.lang()));
                        view! { <Failed message retry=ask.clone() /> }.into_any()
                    }
                    Some(Ok(answer)) => {
                        let events: Vec<_> = answer.visits.iter().flat_map(|visit| visit.events.clone()).collect();
                        if events.is_empty() {
                            view! { <p class="empty">{i18n.t(say::TIMELINE_NONE)}</p> }.into_any()
                        } else {
                            let steps = events.into_iter().map(|event| view! { <Step event /> }.into_any());
                            view! { <ol class="steps">{steps.collect_view()}</ol> }.into_any()
                        }
                    }
                }))}
            </div>
        </Dialog>
    }
    .into_any()
}

#[component]
fn Step(event: TimelineEvent) -> impl IntoView {
    let (i18n, sites) = (I18n::get(), Sites::get());
    let at = event.at;
    let time = text(move || i18n.date(Date::Seconds, sites.wall(at)));
    let kind = said::kind_of(&event.kind);
    let kind_name = text(move || said::kind(i18n, kind));
    let name = if event.name.is_empty() { event.path.clone() } else { event.name.clone() };
    let worth = event.revenue.clone();
    let more = text(move || {
        let engaged = event.engaged_ms.filter(|engaged| *engaged > 0);
        let engaged = engaged.map(|engaged| i18n.fill(say::ENGAGED, &[&i18n.duration(engaged.into())]));
        let scrolled = event.scroll_percent.filter(|percent| *percent > 0).map(|percent| {
            i18n.fill(say::SCROLLED, &[&i18n.number(Number::Percent, f64::from(percent) / 100.0)])
        });
        let worth = worth.as_ref().map(|money| intl::money(i18n.lang(), &money.value, &money.currency));
        [worth, engaged, scrolled].into_iter().flatten().collect::<Vec<_>>().join(" · ")
    });
    view! {
        <li class=format!("step is-{}", said::key(kind))>
            <time class="step-time">{time}</time>
            <span class="step-kind">{kind_name}</span>
            <span class="step-name">{name}</span>
            <span class="step-title">{event.title}</span>
            <span class="step-more">{more}</span>
        </li>
    }
    .into_any()
}
