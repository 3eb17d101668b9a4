//! Who has a role at the site on show alone.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use protocol::account::{Grant, Grants, NewGrant, Role, RoleChange};
use protocol::api::SiteInfo;

use super::role::{RoleMenu, label};
use super::{ROLES_AT_A_SITE, named_person};
use crate::browser::api;
use crate::model::i18n::{settings as say, shell};
use crate::ui::bind::text;
use crate::ui::i18n::I18n;
use crate::ui::pages::settings::choice::{Choice, named};
use crate::ui::pages::settings::form::{Field, Form, Loaded, Remove, Submit};
use crate::ui::session::Session;

/// The list, and a form to give a role to somebody who is there already.
#[component]
pub fn SiteRoles(
    /// The site.
    site: SiteInfo,
) -> impl IntoView {
    let (i18n, form) = (I18n::get(), Form::start());
    let me = expect_context::<Session>().person().map(|person| person.id).unwrap_or_default();
    let base = StoredValue::new(format!("/api/sites/{}/grants", site.id));
    let grants = Loaded::<Grants>::new(base.get_value());
    let (email, role) = (RwSignal::new(String::new()), RwSignal::new(Role::Viewer.as_str().to_owned()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let role = role.with_untracked(|role| Role::from_name(role)).unwrap_or(Role::Viewer);
        let body = NewGrant { email: email.get_untracked(), role };
        let request = async move { api::change::<Grant>("POST", &base.get_value(), &body).await };
        form.send(request, move |_| {
            email.set(String::new());
            grants.again();
        });
    };
    let rows = move |list: Grants| {
        if list.grants.is_empty() {
            return view! { <p class="empty">{i18n.t(say::NOBODY_HERE)}</p> }.into_any();
        }
        let rows = list.grants.into_iter().map(|grant| row(i18n, grant, base, grants, &me));
        view! { <ul class="setting-rows">{rows.collect_view()}</ul> }.into_any()
    };
    let name = if site.name.is_empty() { site.id } else { site.name };
    view! {
        <section class="card" data-testid="site-roles">
            <h2 class="card-title">{text(move || i18n.fill(say::ROLES_HERE, &[&name]))}</h2>
            <p class="settings-text">{i18n.t(say::ROLES_HERE_TEXT)}</p>
            {grants.draw(rows)}
            <form class="form" data-testid="give-role" on:submit=submit>
                <Field label=shell::EMAIL name="email" value=email form kind="email" required=true />
                <Choice
                    label=say::ROLE
                    name="role"
                    value=role
                    options=named(i18n, ROLES_AT_A_SITE, Role::as_str, |role| label(Some(role)))
                />
                <Submit label=say::GIVE_ROLE form />
            </form>
        </section>
    }
    .into_any()
}

fn row(i18n: I18n, grant: Grant, base: StoredValue<String>, grants: Loaded<Grants>, me: &str) -> AnyView {
    let is_me = grant.person_id == me;
    let address = format!("{}/{}", base.get_value(), grant.person_id);
    let who = StoredValue::new(if grant.name.is_empty() { grant.email.clone() } else { grant.name.clone() });
    let role = Some(grant.role);
    let changed = address.clone();
    let change = Callback::new(move |(form, role): (Form, Option<Role>)| {
        let (address, body) = (changed.clone(), RoleChange { role: role.unwrap_or(Role::Viewer) });
        form.send(async move { api::change::<Grant>("PUT", &address, &body).await }, move |_| grants.again());
    });
    let question = text(move || who.with_value(|who| i18n.fill(say::REMOVE_HERE, &[who])));
    let controls = if is_me {
        // Whoever took it from themselves could not give it back.
        view! { <span class="card-note">{i18n.t(label(role))}" · "{i18n.t(say::YOU)}</span> }.into_any()
    } else {
        let offered = ROLES_AT_A_SITE.map(Some).to_vec();
        view! {
            <RoleMenu who=who.get_value() name=say::SITE_ROLE_OF role offered change />
            <Remove address done=Callback::new(move |()| grants.again()) question />
        }
        .into_any()
    };
    view! {
        <li class="setting-row" data-testid="site-role">
            {named_person(grant.name, grant.email)}
            {controls}
        </li>
    }
    .into_any()
}
