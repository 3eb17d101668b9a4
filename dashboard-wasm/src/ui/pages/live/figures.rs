//! The numbers of the moment, and the last thirty minutes.

use leptos::prelude::*;
use protocol::live::Minute;

use crate::browser::intl::Date;
use crate::model::format::tenths;
use crate::model::i18n::{Message, live as say};
use crate::model::pace::Link;
use crate::model::push::Push;
use crate::ui::bind::{flag, piece, text};
use crate::ui::i18n::I18n;
use crate::ui::presence::Presence;
use crate::ui::site::Sites;

/// Width of a minute in the box of the bars, and of the bar in it.
const STEP: f64 = 10.0;
const BAR: f64 = 7.0;
const HEIGHT: f64 = 64.0;

/// The card.
#[component]
pub fn Figures() -> impl IntoView {
    let (i18n, live) = (I18n::get(), Presence::get());
    let of_active = move |of: fn(&protocol::api::ActiveSessions) -> u64| {
        text(move || {
            live.active.with(|active| active.as_ref().map_or_else(|| "–".into(), |it| i18n.count(of(it))))
        })
    };
    let minutes = Memo::new(move |_| {
        let at = live.at();
        live.read(|state| state.minutes(at)).unwrap_or_default()
    });
    let sum = move |of: fn(&Minute) -> u32| {
        text(move || {
            minutes.with(|minutes| {
                if minutes.is_empty() {
                    return "–".into();
                }
                i18n.count(
                    minutes
                        .iter()
                        .filter_map(|(_, minute)| minute.as_ref())
                        .map(|it| u64::from(of(it)))
                        .sum(),
                )
            })
        })
    };
    let figure = |name: Message, value: Memo<String>, id: &'static str| {
        view! {
            <div class="now-figure">
                <dt>{i18n.t(name)}</dt>
                <dd data-testid=id>{value}</dd>
            </div>
        }
        .into_any()
    };
    view! {
        <section class="card now" aria-labelledby="now-title">
            <div class="now-first">
                <h2 class="now-title" id="now-title" title=i18n.t(say::NOW_HINT)>{i18n.t(say::NOW)}</h2>
                <p class="now-number" data-testid="live-now">{of_active(|active| active.visitors_now)}</p>
                <Connection />
            </div>
            <dl class="now-figures">
                {figure(say::FIVE, of_active(|active| active.last_5_minutes), "live-5")}
                {figure(say::THIRTY, of_active(|active| active.last_30_minutes), "live-30")}
                {figure(say::VIEWS, sum(|minute| minute.page_views), "live-views")}
                {figure(say::CONVERSIONS, sum(|minute| minute.conversions), "live-conversions")}
            </dl>
            <Minutes minutes />
        </section>
    }
    .into_any()
}

/// How the page knows, and since when.
#[component]
fn Connection() -> impl IntoView {
    let (i18n, live, sites) = (I18n::get(), Presence::get(), Sites::get());
    let age = text(move || match live.heard_at.get() {
        0 => "–".into(),
        at => i18n.ago(sites.time.now().saturating_sub(at)),
    });
    let is_lost = flag(move || matches!(*live.link.read(), Link::Lost(_)));
    let label = text(move || {
        i18n.say(match live.push.get() {
            _ if is_lost.get() => say::LOST,
            Push::Live => say::PUSHED,
            Push::Polling => say::POLLED,
            Push::Connecting => say::CONNECTING,
        })
    });
    let title = text(move || match live.push.get() {
        Push::Connecting => String::new(),
        _ if is_lost.get() => String::new(),
        Push::Live => i18n.fill(say::PUSHED_TITLE, &[&age.get()]),
        Push::Polling => i18n.fill(say::POLLED_TITLE, &[&age.get()]),
    });
    let kind = text(move || {
        match live.push.get() {
            _ if is_lost.get() => "lost",
            Push::Live => "live",
            Push::Polling => "polling",
            Push::Connecting => "connecting",
        }
        .into()
    });
    view! {
        <p class="connection" data-testid="connection" data-push=kind title=title>
            <span class="connection-dot" aria-hidden="true"></span>
            <span>{label}</span>
            <span class="connection-age" aria-hidden="true">{age}</span>
        </p>
    }
    .into_any()
}

/// Page views of each minute.
#[component]
fn Minutes(minutes: Memo<Vec<(u64, Option<Minute>)>>) -> impl IntoView {
    let (i18n, sites) = (I18n::get(), Sites::get());
    let most = Memo::new(move |_| {
        minutes.with(|minutes| {
            minutes.iter().filter_map(|(_, it)| it.as_ref()).map(|it| it.page_views).max().unwrap_or(0)
        })
    });
    let label = text(move || {
        let sum: u64 = minutes.with(|minutes| {
            minutes.iter().filter_map(|(_, it)| it.as_ref()).map(|it| u64::from(it.page_views)).sum()
        });
        i18n.fill(say::PER_MINUTE_LABEL, &[&i18n.count(sum), &i18n.count(most.get().into())])
    });
    let count = Memo::new(move |_| minutes.with(Vec::len));
    let bar = move |place: usize| {
        let minute =
            Memo::new(move |_| minutes.with(|minutes| minutes.get(place).copied().unwrap_or_default()));
        let height = Memo::new(move |_| match minute.get().1 {
            Some(minute) if minute.page_views > 0 => {
                (f64::from(minute.page_views) * HEIGHT / f64::from(most.get().max(1))).max(2.0)
            }
            _ => 1.0,
        });
        let title = text(move || {
            let (start, minute) = minute.get();
            let time = i18n.date(Date::Clock, sites.wall(start));
            match minute {
                Some(minute) => {
                    let (views, visits) =
                        (i18n.count(minute.page_views.into()), i18n.count(minute.visits.into()));
                    i18n.fill(say::MINUTE_TITLE, &[&time, &views, &visits])
                }
                None => format!("{time}: –"),
            }
        });
        let is_unknown = flag(move || minute.get().1.is_none());
        let is_empty = flag(move || minute.get().1.is_some_and(|minute| minute.page_views == 0));
        let is_running = place + 1 == (protocol::live::REACH_MS / 60_000) as usize;
        view! {
            <rect
                class="minute"
                class:is-unknown=is_unknown
                class:is-empty=is_empty
                class:is-running=is_running
                x=tenths(place as f64 * STEP + (STEP - BAR) / 2.0)
                y=text(move || tenths(HEIGHT - height.get()))
                width=tenths(BAR)
                height=text(move || tenths(height.get()))
                rx="1.5"
            >
                <title>{title}</title>
            </rect>
        }
        .into_any()
    };
    view! {
        <figure class="minutes">
            <figcaption class="minutes-title">{i18n.t(say::PER_MINUTE)}</figcaption>
            {piece(move || match count.get() {
                0 => view! { <p class="minutes-none">{i18n.t(say::NOT_PUSHED)}</p> }.into_any(),
                count => view! {
                    <svg
                        class="minutes-bars"
                        viewBox=format!("0 0 {} {HEIGHT}", count as f64 * STEP)
                        preserveAspectRatio="none"
                        role="img"
                        aria-label=label
                    >
                        {(0..count).map(bar).collect_view()}
                    </svg>
                }.into_any(),
            })}
            <p class="minutes-axis" aria-hidden="true">
                <span>{i18n.t(say::MINUTES_AGO)}</span>
                <span>{i18n.t(say::MINUTE_NOW)}</span>
            </p>
        </figure>
    }
    .into_any()
}
