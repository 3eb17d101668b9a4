//! The reader's own account: password and sessions.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use protocol::account::{ChangePassword, OwnSessions};
use protocol::api::SessionInfo;

use super::form::{Field, Form, Loaded, Remove, Submit};
use super::totp::SecondFactor;
use crate::browser::api;
use crate::browser::clock::local;
use crate::model::i18n::settings as say;
use crate::ui::bind::text;
use crate::ui::i18n::I18n;
use crate::ui::session::Session;

const SESSIONS: &str = "/api/account/sessions";

/// Password and sessions.
#[component]
pub fn AccountSection() -> impl IntoView {
    let (i18n, session) = (I18n::get(), expect_context::<Session>());
    let (form, everywhere) = (Form::start(), Form::start());
    let sessions = Loaded::<OwnSessions>::new(SESSIONS.into());
    let (before, after) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let body =
            ChangePassword { current_password: before.get_untracked(), new_password: after.get_untracked() };
        let request = async move { api::change::<SessionInfo>("POST", "/api/account/password", &body).await };
        form.send(request, move |_| {
            before.set(String::new());
            after.set(String::new());
            sessions.again();
        });
    };
    let rows = move |list: OwnSessions| {
        let rows = list.sessions.into_iter().map(|own| {
            let address = format!("{SESSIONS}/{}", own.id);
            let (seen, current) = (own.last_seen, own.current);
            let about = text(move || if current {
                i18n.say(say::THIS_ONE)
            } else {
                i18n.ago(local().saturating_sub(seen))
            });
            view! {
                <li class="setting-row" data-testid="own-session">
                    <span class="setting-main">
                        <span class="setting-agent">{own.user_agent}</span>
                        <span class="card-note">{about}</span>
                    </span>
                    {(!current).then(|| view! { <Remove address done=Callback::new(move |()| sessions.again()) /> }.into_any())}
                </li>
            }
            .into_any()
        });
        view! { <ul class="setting-rows">{rows.collect_view()}</ul> }.into_any()
    };
    let end = move |_| everywhere.send(api::remove(SESSIONS), move |()| session.end(false));
    view! {
        <section class="card">
            <h2 class="card-title">{i18n.t(say::PASSWORD_CHANGE)}</h2>
            <p class="settings-text">{i18n.t(say::PASSWORD_TEXT)}</p>
            <form class="form" data-testid="change-password" on:submit=submit>
                <Field label=say::PASSWORD_NOW name="current_password" value=before form kind="password" complete="current-password" required=true />
                <Field label=say::PASSWORD_NEW name="new_password" value=after form kind="password" complete="new-password" required=true />
                <Submit label=say::PASSWORD_CHANGE form />
            </form>
        </section>
        <SecondFactor />
        <section class="card">
            <h2 class="card-title">{i18n.t(say::SESSIONS)}</h2>
            {sessions.draw(rows)}
            <button type="button" class="button" on:click=end>{i18n.t(say::EVERYWHERE)}</button>
            <p class="field-problem" role="alert">
                {text(move || everywhere.problem(i18n).unwrap_or_default())}
            </p>
        </section>
    }
    .into_any()
}
