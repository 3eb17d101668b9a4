//! Who may sign in and what they may do, who was invited, and who has a role at the site on show.

pub mod role;
pub mod site_roles;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use protocol::account::{
    InvitationMade, Invitations, Invite, People, Person, PersonChange, Role, SiteGrant, may_appoint,
};
use protocol::api::SiteInfo;

use super::choice::{Choice, named};
use super::form::{Field, Form, Loaded, Remove, Submit};
use crate::browser::{api, page};
use crate::model::i18n::{settings as say, shell};
use crate::ui::bind::{piece, text};
use crate::ui::copy_line::CopyLine;
use crate::ui::i18n::I18n;
use crate::ui::session::Session;
use role::{RoleMenu, label};
use site_roles::SiteRoles;

/// Nobody is owner of one site.
const ROLES_AT_A_SITE: [Role; 3] = [Role::Viewer, Role::Editor, Role::Admin];

/// The lists, and forms to let somebody in.
#[component]
pub fn PeopleSection(
    /// The site on show.
    site: SiteInfo,
) -> impl IntoView {
    // Those of everywhere are for admins of everywhere.
    let most = expect_context::<Session>().role().filter(|role| *role >= Role::Admin);
    let all = most.map(|most| view! { <Everybody most site=site.clone() /> }.into_any());
    view! {
        {all}
        <SiteRoles site />
    }
    .into_any()
}

#[component]
fn Everybody(most: Role, site: SiteInfo) -> impl IntoView {
    let i18n = I18n::get();
    let me = expect_context::<Session>().person().map(|person| person.id).unwrap_or_default();
    let people = Loaded::<People>::new("/api/people".into());
    let open = Loaded::<Invitations>::new("/api/invitations".into());
    let rows = move |list: People| {
        let rows = list.people.into_iter().map(|person| row(i18n, person, most, people, &me));
        view! { <ul class="setting-rows">{rows.collect_view()}</ul> }.into_any()
    };
    let invited = move |list: Invitations| {
        let rows = list.invitations.into_iter().map(|it| {
            let address = format!("/api/invitations/{}", it.id);
            // Whoever was invited to single sites alone has the same role at all of them, as the form gives it.
            let role = it.role.or_else(|| it.grants.first().map(|grant| grant.role));
            let sites = it.grants.into_iter().map(|grant| grant.site_id).collect::<Vec<_>>().join(", ");
            view! {
                <li class="setting-row" data-testid="invited">
                    <span class="setting-main">
                        {it.email}
                        <span class="card-note">{sites}</span>
                    </span>
                    <span class="card-note">{i18n.t(say::INVITED)}" · "{i18n.t(label(role))}</span>
                    <Remove address done=Callback::new(move |()| open.again()) />
                </li>
            }
            .into_any()
        });
        view! { <ul class="setting-rows">{rows.collect_view()}</ul> }.into_any()
    };
    view! {
        <section class="card" data-testid="everybody">
            <h2 class="card-title">{i18n.t(say::EVERYBODY)}</h2>
            {people.draw(rows)}
            {open.draw(invited)}
        </section>
        <Inviting most site open />
    }
    .into_any()
}

/// A name above an address, or the address alone.
fn named_person(name: String, email: String) -> AnyView {
    let (first, second) = if name.is_empty() { (email, None) } else { (name, Some(email)) };
    view! {
        <span class="setting-main">
            <strong>{first}</strong>
            {second.map(|email| view! { <span class="card-note">{email}</span> }.into_any())}
        </span>
    }
    .into_any()
}

fn row(i18n: I18n, person: Person, most: Role, people: Loaded<People>, me: &str) -> AnyView {
    let Person { id, email, name, role, grants, .. } = person;
    let address = format!("/api/people/{id}");
    let is_mine = id == me;
    let who = StoredValue::new(if name.is_empty() { email.clone() } else { name.clone() });
    let (changed, own_name) = (address.clone(), name.clone());
    let change = Callback::new(move |(form, role): (Form, Option<Role>)| {
        let (address, body) = (changed.clone(), PersonChange { name: own_name.clone(), role });
        form.send(async move { api::change::<Person>("PUT", &address, &body).await }, move |_| {
            people.again();
        });
    });
    let all = std::iter::once(None).chain(Role::ALL.map(Some));
    let offered: Vec<_> = all.filter(|new| may_appoint(Some(most), role, *new)).collect();
    // Nobody changes their own role, so the last owner stays one; the API sees to it as well.
    let controls = if is_mine || offered.is_empty() {
        let you = is_mine.then(|| view! { " · " {i18n.t(say::YOU)} }.into_any());
        view! { <span class="card-note">{i18n.t(label(role))}{you}</span> }.into_any()
    } else {
        let question = text(move || who.with_value(|who| i18n.fill(say::REMOVE_PERSON, &[who])));
        view! {
            <RoleMenu who=who.get_value() name=say::ROLE_OF role offered change />
            <Remove address done=Callback::new(move |()| people.again()) question />
        }
        .into_any()
    };
    let at: Vec<String> = grants.into_iter().map(|grant| grant.site_id).collect();
    let at = (!at.is_empty()).then(|| {
        let at = at.join(", ");
        view! { <span class="setting-outcome">{text(move || i18n.fill(say::AT_SITES, &[&at]))}</span> }
            .into_any()
    });
    view! {
        <li class="setting-row" data-testid="person">
            {named_person(name, email)}
            {controls}
            {at}
        </li>
    }
    .into_any()
}

/// A form to invite, and the link that came of it.
#[component]
fn Inviting(most: Role, site: SiteInfo, open: Loaded<Invitations>) -> impl IntoView {
    const EVERYWHERE: &str = "everywhere";
    let (i18n, form) = (I18n::get(), Form::start());
    let (email, link) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let role = RwSignal::new(Role::Viewer.as_str().to_owned());
    let place = RwSignal::new(EVERYWHERE.to_owned());
    let id = site.id.clone();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let role = role.with_untracked(|role| Role::from_name(role)).unwrap_or(Role::Viewer);
        let email_now = email.get_untracked();
        let body = if place.with_untracked(|place| place == EVERYWHERE) {
            Invite { email: email_now, role: Some(role), grants: Vec::new() }
        } else {
            Invite { email: email_now, role: None, grants: vec![SiteGrant { site_id: id.clone(), role }] }
        };
        let request = async move { api::change::<InvitationMade>("POST", "/api/invitations", &body).await };
        form.send(request, move |made| {
            link.set(format!("{}{}", page::origin(), made.path));
            email.set(String::new());
            open.again();
        });
    };
    let offered = Role::ALL.into_iter().filter(move |role| may_appoint(Some(most), None, Some(*role)));
    let name = if site.name.is_empty() { site.id.clone() } else { site.name };
    let here = text(move || i18n.fill(say::THIS_SITE, &[&name]));
    let places = vec![(EVERYWHERE.to_owned(), i18n.t(say::EVERY_SITE).into()), (site.id, here.into())];
    view! {
        <section class="card">
            <h2 class="card-title">{i18n.t(say::INVITE)}</h2>
            <form class="form" data-testid="invite" on:submit=submit>
                <Field label=shell::EMAIL name="email" value=email form kind="email" required=true />
                <Choice label=say::ROLE name="role" value=role options=named(i18n, offered, Role::as_str, |it| label(Some(it))) />
                <Choice label=say::WHERE name="where" value=place options=places />
                <Submit label=say::INVITE form />
            </form>
            {piece(move || if link.with(String::is_empty) {
                ().into_any()
            } else {
                view! {
                    <p class="settings-text">{i18n.t(say::INVITE_TEXT)}</p>
                    <CopyLine line=link />
                }.into_any()
            })}
        </section>
    }
    .into_any()
}
