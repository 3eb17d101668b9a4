//! A new site.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use protocol::site::SiteDocument;

use super::form::{Field, Form, Submit};
use crate::browser::{api, zone};
use crate::model::i18n::settings as say;
use crate::model::settings::{NewSite as Body, id_of};
use crate::ui::i18n::I18n;
use crate::ui::session::Session;

/// Asks for a domain; the id, the name and the time zone follow from it and from the browser.
#[component]
pub fn NewSite() -> impl IntoView {
    let (i18n, session, form) = (I18n::get(), expect_context::<Session>(), Form::start());
    let (domain, time_zone) = (RwSignal::new(String::new()), RwSignal::new(zone::own()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let domain = domain.get_untracked().trim().to_owned();
        let body = Body {
            id: id_of(&domain),
            name: domain.clone(),
            domains: vec![domain],
            time_zone: time_zone.get_untracked().trim().to_owned(),
        };
        let request = async move { api::change::<SiteDocument>("POST", "/api/sites", &body).await };
        form.send(request, move |_| session.check());
    };
    view! {
        <form data-testid="new-site" on:submit=submit>
            <p class="gate-text">{i18n.t(say::ADD_SITE_TEXT)}</p>
            <Field label=say::DOMAIN name="domains" value=domain form required=true />
            <Field label=say::TIME_ZONE name="time_zone" value=time_zone form required=true />
            <Submit label=say::ADD_SITE form />
        </form>
    }
    .into_any()
}
