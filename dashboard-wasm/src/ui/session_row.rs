//! One visitor who is, or was just, here.

use leptos::prelude::*;
use protocol::api::{ActiveSession, Device};

use super::bind::{flag, piece, text};
use super::flag::flag_of;
use super::i18n::I18n;
use super::icon::Icon;
use super::keyed::Entry;
use super::pages::live::OpenVisit;
use super::presence::Presence;
use super::site::Sites;
use crate::model::i18n::{live as say, words};
use crate::model::presence;

/// A row of the table. It pulses when the visitor arrives, comes back or opens another page.
#[component]
pub fn SessionRow(
    /// The visit.
    entry: Entry<ActiveSession>,
) -> impl IntoView {
    let (i18n, clock, live) = (I18n::get(), Sites::get().time, Presence::get());
    let session = entry.value;
    let read = |of: fn(&ActiveSession) -> String| {
        let session = session.clone();
        text(move || session.with(of))
    };
    let (lasted, seen) = (session.clone(), session.clone());
    let length = text(move || lasted.with(|session| i18n.duration(presence::length(session, live.at()))));
    let seen = text(move || seen.with(|session| i18n.ago(presence::seen(session, clock.now()))));
    let or_unknown = move |text: String| if text.is_empty() { i18n.say(words::UNKNOWN) } else { text };
    let is_now = {
        let session = session.clone();
        flag(move || session.with(|session| session.now))
    };

    // Odd and even counts of news have animations of their own, because only another name starts one anew.
    let parity = |rest: u32| {
        let news = entry.news.clone();
        flag(move || news.with(|count| *count > 0 && count % 2 == rest))
    };
    let (is_odd, is_even) = (parity(1), parity(0));

    let city = read(|session| session.city.clone());
    let code = read(|session| session.country.clone());
    let country = text(move || code.with(|code| i18n.country(code)));
    let place =
        text(move || or_unknown(city.with(|city| country.with(|country| presence::place(city, country)))));
    let rest = text(move || city.with(|city| country.with(|country| presence::country_after(city, country))));
    let device = read(|session| session.device.as_str().to_owned());
    let device_name = text(move || device.with(|name| i18n.device(name)));
    let known = read(presence::client);
    let client = text(move || or_unknown(known.get()));
    let page = read(|session| session.page.clone());
    let state = text(move || i18n.say(if is_now.get() { say::IS_HERE } else { say::WAS_HERE }));

    let country_flag = flag_of(code);
    let icon = piece(move || device.with(|name| Icon::of_device(Device::from_name(name)).draw()));

    let path = match use_context::<OpenVisit>().and_then(|OpenVisit(open)| open) {
        None => view! { <span class="visit-path">{page}</span> }.into_any(),
        Some(open) => {
            let id = entry.key.clone();
            view! {
                <button
                    type="button"
                    class="visit-path"
                    title=i18n.t(say::OPEN_VISIT)
                    on:click=move |_| open.set(Some(id.clone()))
                >
                    {page}
                </button>
            }
            .into_any()
        }
    };
    view! {
        <tr
            role="row"
            class="visit"
            class:is-now=is_now
            class:is-news-odd=is_odd
            class:is-news-even=is_even
            data-testid="active-row"
            data-session-id=entry.key
            data-now=text(move || is_now.get().to_string())
        >
            <td role="cell" class="visit-page" title=page>
                <span class="visit-dot" title=state>
                    <span class="visually-hidden">{state} ": "</span>
                </span>
                {path}
            </td>
            <td role="cell" class="visit-place" title=place>
                {country_flag}
                <span>{text(move || or_unknown(presence::or_unknown(&city.get(), &country.get())))}</span>
                <span class="visit-country">{rest}</span>
            </td>
            <td role="cell" class="visit-client" title=client>
                <span class="visit-device" title=device_name>
                    {icon}
                    <span class="visually-hidden">{device_name} ", "</span>
                </span>
                {client}
            </td>
            <td role="cell" class="is-time visit-length">{length}</td>
            <td role="cell" class="is-time visit-seen">{seen}</td>
        </tr>
    }
    .into_any()
}
