//! A site and its rules.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use protocol::account::Role;
use protocol::api::SiteInfo;
use protocol::site::{Exclusions, PlaceDetail, Privacy, Site, SiteDocument};

use super::choice::{Choice, named};
use super::form::{Field, Form, Loaded, Submit, Tick};
use crate::browser::api;
use crate::model::i18n::{Message, settings as say};
use crate::model::settings::lines;
use crate::ui::i18n::I18n;

/// The form of the site.
#[component]
pub fn SiteSection(
    /// The site.
    site: SiteInfo,
) -> impl IntoView {
    let SiteInfo { id, role, .. } = site;
    let loaded = Loaded::<SiteDocument>::new(format!("/api/sites/{id}"));
    view! { <section class="card">{loaded.draw(move |site| view! { <SiteForm site role /> }.into_any())}</section> }
        .into_any()
}

#[component]
fn SiteForm(site: SiteDocument, role: Role) -> impl IntoView {
    let (i18n, form) = (I18n::get(), Form::start());
    let SiteDocument { site, version, fixed } = site;
    let locked = fixed || role < Role::Editor;
    let many = |list: &[String]| RwSignal::new(list.join("\n"));
    let (name, zone) = (RwSignal::new(site.name.clone()), RwSignal::new(site.time_zone.clone()));
    let (domains, aliases, parameters) =
        (many(&site.domains), many(&site.aliases), many(&site.query_parameters));
    let rules = &site.exclusions;
    let (paths, countries, addresses) = (many(&rules.paths), many(&rules.countries), many(&rules.addresses));
    let days = RwSignal::new(site.retention_days.to_string());
    let segment_days =
        RwSignal::new(site.segment_retention_days.map(|days| days.to_string()).unwrap_or_default());
    let (cookieless, opt_out) =
        (RwSignal::new(site.privacy == Privacy::Cookieless), RwSignal::new(site.honour_opt_out));
    let place_of =
        |detail: PlaceDetail| PLACES.iter().find(|(it, ..)| *it == detail).map_or("city", |it| it.1);
    let detail = RwSignal::new(place_of(site.place).to_owned());
    let note = match (fixed, locked) {
        (true, _) => Some(say::SITE_FIXED),
        (false, true) => Some(say::SITE_READ_ONLY),
        _ => None,
    };
    let known = StoredValue::new((site, version));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let list = |value: RwSignal<String>| lines(&value.get_untracked());
        let (site, version) = known.get_value();
        let site = Site {
            name: name.get_untracked(),
            domains: list(domains),
            aliases: list(aliases),
            time_zone: zone.get_untracked().trim().to_owned(),
            // What is no number is refused as 0 days are.
            retention_days: days.get_untracked().trim().parse().unwrap_or(0),
            segment_retention_days: match segment_days.get_untracked().trim() {
                "" => None,
                days => Some(days.parse().unwrap_or(0)),
            },
            privacy: if cookieless.get_untracked() { Privacy::Cookieless } else { Privacy::Standard },
            honour_opt_out: opt_out.get_untracked(),
            place: detail.with_untracked(|detail| {
                PLACES.iter().find(|(_, name, _)| name == detail).map_or(site.place, |(place, ..)| *place)
            }),
            query_parameters: list(parameters),
            exclusions: Exclusions {
                paths: list(paths),
                countries: list(countries),
                addresses: list(addresses),
            },
            ..site
        };
        let request = async move {
            let address = format!("/api/sites/{}", site.id);
            let document = SiteDocument { site, version, fixed: false };
            api::change::<SiteDocument>("PUT", &address, &document).await
        };
        form.send(request, move |SiteDocument { site, version, .. }| {
            domains.set(site.domains.join("\n"));
            addresses.set(site.exclusions.addresses.join("\n"));
            known.set_value((site, version));
        });
    };
    view! {
        <form class="form" data-testid="site-form" on:submit=submit>
            {note.map(|note| view! { <p class="settings-text">{i18n.t(note)}</p> }.into_any())}
            <Field label=say::NAME name="name" value=name form locked />
            <Field label=say::DOMAINS name="domains" value=domains form list=true locked />
            <Field label=say::ALIASES name="aliases" value=aliases form list=true locked />
            <Field label=say::TIME_ZONE name="time_zone" value=zone form required=true locked />
            <Field label=say::RETENTION name="retention_days" value=days form kind="number" required=true locked />
            <Field
                label=say::SEGMENT_RETENTION
                name="segment_retention_days"
                value=segment_days
                form
                kind="number"
                locked
            />
            <Tick label=say::COOKIELESS value=cookieless locked />
            <Tick label=say::OPT_OUT value=opt_out locked />
            <Choice
                label=say::PLACE
                name="place"
                value=detail
                options=named(i18n, PLACES, |(_, name, _)| name, |(.., label)| label)
                locked
            />
            <Field label=say::PARAMETERS name="query_parameters" value=parameters form list=true locked />
            <Field label=say::PATHS name="exclusions.paths" value=paths form list=true locked />
            <Field label=say::COUNTRIES name="exclusions.countries" value=countries form list=true locked />
            <Field label=say::ADDRESSES name="exclusions.addresses" value=addresses form list=true locked />
            {(!locked).then(|| view! { <Submit label=say::SAVE form /> }.into_any())}
        </form>
    }
    .into_any()
}

/// Names and values of how exactly places are kept.
const PLACES: [(PlaceDetail, &str, Message); 4] = [
    (PlaceDetail::City, "city", say::PLACE_CITY),
    (PlaceDetail::Region, "region", say::PLACE_REGION),
    (PlaceDetail::Country, "country", say::PLACE_COUNTRY),
    (PlaceDetail::None, "none", say::PLACE_NONE),
];
