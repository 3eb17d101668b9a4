//! A visit in the list, which opens to what happened in it.

use leptos::prelude::*;
use protocol::api::Device;
use protocol::query::VisitRow;

use super::super::overview::seen::Seen;
use super::list::Keyed;
use super::timeline::VisitTimeline;
use crate::browser::intl::Date;
use crate::model::i18n::{sessions as say, words};
use crate::model::presence;
use crate::model::visits::said;
use crate::ui::bind::{flag, piece, piece_when, text};
use crate::ui::flag::flag_of;
use crate::ui::i18n::I18n;
use crate::ui::icon::Icon;
use crate::ui::keyed::Entry;

/// The visit.
#[component]
pub(super) fn VisitItem(entry: Entry<Keyed>) -> impl IntoView {
    let (i18n, seen) = (I18n::get(), Seen::get());
    let open = RwSignal::new(false);
    let row = entry.value;
    let (visitor, started_at) = row.with_untracked(|it| (it.row.visitor.clone(), it.row.started_at));
    let visitor = StoredValue::new(visitor);
    let read = |of: fn(&VisitRow) -> String| {
        let row = row.clone();
        text(move || row.with(|it| of(&it.row)))
    };
    let told = |of: fn(I18n, &VisitRow) -> String| {
        let row = row.clone();
        text(move || row.with(|it| of(i18n, &it.row)))
    };
    let code = read(|row| said(row, "country").into());
    let city = read(|row| said(row, "city").into());
    let place = text(move || {
        let place = presence::place(&city.get(), &i18n.country(&code.get()));
        if place.is_empty() { i18n.say(words::UNKNOWN) } else { place }
    });
    let device = read(|row| said(row, "device").into());
    let client = read(|row| {
        let known = [said(row, "browser"), said(row, "os")].into_iter().filter(|text| !text.is_empty());
        known.collect::<Vec<_>>().join(" · ")
    });
    let source = told(|i18n, row| match said(row, "source") {
        "" => i18n.say(say::DIRECT),
        source => source.into(),
    });
    let views = told(|i18n, row| match row.views {
        1 => i18n.say(say::ONE_VIEW),
        views => i18n.fill(say::VIEWS, &[&i18n.count(views.into())]),
    });
    let engaged = told(|i18n, row| i18n.duration(row.engaged_ms.into()));
    let way = read(|row| match (row.entry.as_str(), row.exit.as_str()) {
        (entry, exit) if entry == exit => entry.into(),
        (entry, exit) => format!("{entry} → {exit}"),
    });
    let marks = {
        let row = row.clone();
        piece(move || {
            let (conversions, bounced, person) =
                row.with(|it| (it.row.conversions, it.row.bounced, said(&it.row, "person_id").to_owned()));
            let won = (conversions > 0).then(|| {
                let said = match conversions {
                    1 => i18n.say(say::ONE_CONVERSION),
                    count => i18n.fill(say::CONVERSIONS, &[&i18n.count(count.into())]),
                };
                view! { <span class="mark-good">{said}</span> }.into_any()
            });
            let lost =
                bounced.then(|| view! { <span class="mark-soft">{i18n.say(say::BOUNCED)}</span> }.into_any());
            let who = (!person.is_empty()).then(|| {
                view! { <span class="mark-soft">{i18n.fill(say::PERSON, &[&person])}</span> }.into_any()
            });
            view! { {won} {lost} {who} }.into_any()
        })
    };
    let is_open = flag(move || open.get());
    let parity = |rest: u32| {
        let news = entry.news.clone();
        flag(move || news.with(|count| *count > 0 && count % 2 == rest))
    };
    let id = format!("visit-{}", entry.key);
    view! {
        <li class="visit-item" class:is-open=is_open class:is-news-odd=parity(1) class:is-news-even=parity(0)>
            <button
                type="button"
                class="visit-line"
                data-testid="visit"
                aria-expanded=text(move || open.get().to_string())
                aria-controls=id.clone()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <span class="visit-time">{text(move || i18n.date(Date::Moment, seen.sites.wall(started_at)))}</span>
                <span class="visit-way">{way}</span>
                <span class="visit-marks">{marks}</span>
                <span class="visit-where">{flag_of(code)} <span>{place}</span></span>
                <span class="visit-what">
                    {piece(move || device.with(|name| Icon::of_device(Device::from_name(name)).draw()))}
                    <span class="visually-hidden">{text(move || i18n.device(&device.get()))} ", "</span>
                    <span>{client}</span>
                </span>
                <span class="visit-source">{source}</span>
                <span class="visit-views">{views}</span>
                <span class="visit-engaged">{engaged}</span>
                {Icon::Chevron.draw()}
            </button>
            <div id=id class="visit-inside">
                {piece_when(is_open, move || view! {
                    <VisitTimeline visitor=visitor.get_value() started_at />
                }.into_any())}
            </div>
        </li>
    }
    .into_any()
}
