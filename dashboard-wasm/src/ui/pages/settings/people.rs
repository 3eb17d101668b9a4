//! Who may sign in, and who was invited.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use protocol::account::{InvitationMade, Invitations, Invite, People, Role};

use super::form::{Field, Form, Loaded, Remove, Submit};
use crate::browser::{api, page};
use crate::model::i18n::{Message, settings as say, shell};
use crate::ui::bind::piece;
use crate::ui::copy_line::CopyLine;
use crate::ui::i18n::I18n;
use crate::ui::session::Session;

fn label(role: Option<Role>) -> Message {
    match role {
        None => say::NO_ROLE,
        Some(Role::Viewer) => say::VIEWER,
        Some(Role::Editor) => say::EDITOR,
        Some(Role::Admin) => say::ADMIN,
        Some(Role::Owner) => say::OWNER,
    }
}

/// The list, and a form to invite.
#[component]
pub fn PeopleSection() -> impl IntoView {
    let (i18n, session, form) = (I18n::get(), expect_context::<Session>(), Form::start());
    let me = session.person().map(|person| person.id).unwrap_or_default();
    let people = Loaded::<People>::new("/api/people".into());
    let open = Loaded::<Invitations>::new("/api/invitations".into());
    let (email, role, link) =
        (RwSignal::new(String::new()), RwSignal::new(Role::Viewer), RwSignal::new(String::new()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let body =
            Invite { email: email.get_untracked(), role: Some(role.get_untracked()), grants: Vec::new() };
        let request = async move { api::change::<InvitationMade>("POST", "/api/invitations", &body).await };
        form.send(request, move |made| {
            link.set(format!("{}{}", page::origin(), made.path));
            email.set(String::new());
            open.again();
        });
    };
    let most = session.role().unwrap_or(Role::Viewer);
    // Admins appoint viewers and editors, owners anybody.
    let offered = Role::ALL.into_iter().filter(move |role| most == Role::Owner || *role < Role::Admin);
    let options = offered
        .map(|role| view! { <option value=role.as_str()>{i18n.t(label(Some(role)))}</option> }.into_any());
    let rows = move |list: People| {
        let rows = list.people.into_iter().map(|person| {
            let address = format!("/api/people/{}", person.id);
            let is_me = person.id == me;
            view! {
                <li class="setting-row" data-testid="person">
                    <span class="setting-main">
                        <strong>{if person.name.is_empty() { person.email.clone() } else { person.name }}</strong>
                        <span class="card-note">{person.email}</span>
                    </span>
                    <span class="card-note">{i18n.t(label(person.role))}</span>
                    {(!is_me).then(|| view! { <Remove address done=Callback::new(move |()| people.again()) /> }.into_any())}
                </li>
            }
            .into_any()
        });
        view! { <ul class="setting-rows">{rows.collect_view()}</ul> }.into_any()
    };
    let invited = move |list: Invitations| {
        let rows = list.invitations.into_iter().map(|it| {
            let address = format!("/api/invitations/{}", it.id);
            view! {
                <li class="setting-row">
                    <span class="setting-main">{it.email}</span>
                    <span class="card-note">{i18n.t(say::INVITED)}" · "{i18n.t(label(it.role))}</span>
                    <Remove address done=Callback::new(move |()| open.again()) />
                </li>
            }
            .into_any()
        });
        view! { <ul class="setting-rows">{rows.collect_view()}</ul> }.into_any()
    };
    view! {
        <section class="card">
            {people.draw(rows)}
            {open.draw(invited)}
        </section>
        <section class="card">
            <h2 class="card-title">{i18n.t(say::INVITE)}</h2>
            <form class="form" data-testid="invite" on:submit=submit>
                <Field label=shell::EMAIL name="email" value=email form kind="email" required=true />
                <label class="field">
                    <span class="field-label">{i18n.t(say::ROLE)}</span>
                    <select
                        class="field-input"
                        name="role"
                        on:change=move |event| {
                            if let Some(chosen) = Role::from_name(&event_target_value(&event)) {
                                role.set(chosen);
                            }
                        }
                    >
                        {options.collect_view()}
                    </select>
                </label>
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
