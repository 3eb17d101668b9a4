//! A site and its rules.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use protocol::account::Role;
use protocol::api::SiteInfo;

use super::form::{Field, Form, Loaded, Submit, Tick};
use crate::browser::{api, page};
use crate::model::i18n::settings as say;
use crate::model::settings::{Exclusions, SiteDocument, lines, snippet};
use crate::ui::copy_line::CopyLine;
use crate::ui::i18n::I18n;

/// The snippet, and the form of the site.
#[component]
pub fn SiteSection(
    /// The site.
    site: SiteInfo,
) -> impl IntoView {
    let i18n = I18n::get();
    let SiteInfo { id, role, .. } = site;
    let line = snippet(&page::origin(), &id);
    let loaded = Loaded::<SiteDocument>::new(format!("/api/sites/{id}"));
    view! {
        <section class="card">
            <h2 class="card-title">{i18n.t(say::SNIPPET)}</h2>
            <p class="settings-text">{i18n.t(say::SNIPPET_TEXT)}</p>
            <CopyLine line />
        </section>
        <section class="card">{loaded.draw(move |site| view! { <SiteForm site role /> }.into_any())}</section>
    }
    .into_any()
}

#[component]
fn SiteForm(site: SiteDocument, role: Role) -> impl IntoView {
    let (i18n, form) = (I18n::get(), Form::start());
    let locked = site.fixed || role < Role::Editor;
    let many = |list: &[String]| RwSignal::new(list.join("\n"));
    let (name, zone) = (RwSignal::new(site.name.clone()), RwSignal::new(site.time_zone.clone()));
    let (domains, parameters) = (many(&site.domains), many(&site.query_parameters));
    let rules = &site.exclusions;
    let (paths, countries, addresses) = (many(&rules.paths), many(&rules.countries), many(&rules.addresses));
    let days = RwSignal::new(site.retention_days.to_string());
    let (cookieless, opt_out) =
        (RwSignal::new(site.privacy == "cookieless"), RwSignal::new(site.honour_opt_out));
    let note = match (site.fixed, locked) {
        (true, _) => Some(say::SITE_FIXED),
        (false, true) => Some(say::SITE_READ_ONLY),
        _ => None,
    };
    let known = StoredValue::new(site);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let list = |value: RwSignal<String>| lines(&value.get_untracked());
        let body = SiteDocument {
            name: name.get_untracked(),
            domains: list(domains),
            time_zone: zone.get_untracked().trim().to_owned(),
            // What is no number is refused as 0 days are.
            retention_days: days.get_untracked().trim().parse().unwrap_or(0),
            privacy: if cookieless.get_untracked() { "cookieless" } else { "standard" }.into(),
            honour_opt_out: opt_out.get_untracked(),
            query_parameters: list(parameters),
            exclusions: Exclusions {
                paths: list(paths),
                countries: list(countries),
                addresses: list(addresses),
            },
            ..known.get_value()
        };
        let request = async move {
            api::change::<SiteDocument>("PUT", &format!("/api/sites/{}", body.id), &body).await
        };
        form.send(request, move |site| {
            domains.set(site.domains.join("\n"));
            addresses.set(site.exclusions.addresses.join("\n"));
            known.set_value(site);
        });
    };
    view! {
        <form class="form" data-testid="site-form" on:submit=submit>
            {note.map(|note| view! { <p class="settings-text">{i18n.t(note)}</p> }.into_any())}
            <Field label=say::NAME name="name" value=name form locked />
            <Field label=say::DOMAINS name="domains" value=domains form list=true locked />
            <Field label=say::TIME_ZONE name="time_zone" value=zone form required=true locked />
            <Field label=say::RETENTION name="retention_days" value=days form kind="number" required=true locked />
            <Tick label=say::COOKIELESS value=cookieless locked />
            <Tick label=say::OPT_OUT value=opt_out locked />
            <Field label=say::PARAMETERS name="query_parameters" value=parameters form list=true locked />
            <Field label=say::PATHS name="exclusions.paths" value=paths form list=true locked />
            <Field label=say::COUNTRIES name="exclusions.countries" value=countries form list=true locked />
            <Field label=say::ADDRESSES name="exclusions.addresses" value=addresses form list=true locked />
            {(!locked).then(|| view! { <Submit label=say::SAVE form /> }.into_any())}
        </form>
    }
    .into_any()
}
