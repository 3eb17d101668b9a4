//! How one comes in: the first owner, an invitation, or signing in.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::account::{AcceptInvitation, OpenShare, SetUp, SetUpState, SharedSite};
use protocol::api::SessionInfo;

use super::form::{Field, Form, Submit};
use crate::browser::{api, page};
use crate::model::failure::Failure;
use crate::model::i18n::{settings as say, shell};
use crate::ui::bind::{effect, flag, piece, piece_when};
use crate::ui::i18n::I18n;
use crate::ui::language::LanguageMenu;
use crate::ui::logo::Logo;
use crate::ui::session::Session;
use crate::ui::sign_in::SignInScreen;

/// The screen of somebody who is not signed in.
#[component]
pub fn Gate(
    /// Whether a session has just ended by itself.
    ended: bool,
) -> impl IntoView {
    // Never where any site could show it as its own.
    if !page::is_embedded()
        && let Some(token) = page::fragment().strip_prefix("invitation=")
    {
        return view! { <Newcomer invitation=Some(token.to_owned()) /> }.into_any();
    }
    if let Some(token) = page::share() {
        return view! { <Shared token /> }.into_any();
    }
    if page::is_embedded() {
        let i18n = I18n::get();
        return view! {
            <main class="gate">
                <section class="gate-card">
                    <Logo />
                    <h1 class="gate-title">{i18n.t(say::NO_LINK)}</h1>
                    <p class="gate-text">{i18n.t(say::NO_LINK_TEXT)}</p>
                </section>
            </main>
        }
        .into_any();
    }
    let needed = RwSignal::new(false);
    spawn_local(async move {
        // Whoever cannot ask can still sign in.
        if let Ok(SetUpState { needed: true }) = api::fetch("/api/setup").await {
            needed.try_set(true);
        }
    });
    piece(move || {
        if needed.get() {
            view! { <Newcomer invitation=None /> }.into_any()
        } else {
            view! { <SignInScreen ended /> }.into_any()
        }
    })
}

/// Somebody with a share link: in at once, or after its password.
#[component]
fn Shared(
    /// The link's secret.
    token: String,
) -> impl IntoView {
    let (i18n, session, form) = (I18n::get(), expect_context::<Session>(), Form::start());
    let password = RwSignal::new(String::new());
    let open = move || {
        let given = Some(password.get_untracked()).filter(|text| !text.is_empty());
        let body = OpenShare { token: token.clone(), password: given };
        let request = async move { api::change::<SharedSite>("POST", "/api/shares/open", &body).await };
        form.send(request, move |shared| session.begin_shared(shared));
    };
    open();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        open();
    };
    // Once asked for, it stays: while it is looked at as well.
    let is_asked = RwSignal::new(false);
    effect(move || {
        let wants =
            form.failure.with(|failure| failure.as_ref().is_some_and(Failure::is_about_share_password));
        if wants {
            is_asked.set(true);
        }
    });
    view! {
        <main class="gate">
            <form class="gate-card" data-testid="shared" on:submit=submit>
                <Logo />
                <h1 class="gate-title">{i18n.t(say::SHARED)}</h1>
                {piece_when(flag(move || is_asked.get()), move || view! {
                    <Field label=shell::PASSWORD name="password" value=password form kind="password" required=true />
                }.into_any())}
                <Submit label=say::OPEN form />
                <LanguageMenu />
            </form>
        </main>
    }
    .into_any()
}

/// Somebody who chooses a name and a password: with an invitation, or as the first owner.
#[component]
fn Newcomer(invitation: Option<String>) -> impl IntoView {
    let (i18n, session, form) = (I18n::get(), expect_context::<Session>(), Form::start());
    let empty = || RwSignal::new(String::new());
    let (token, email, name, password) = (empty(), empty(), empty(), empty());
    let is_first = invitation.is_none();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let (name, password) = (name.get_untracked(), password.get_untracked());
        let invitation = invitation.clone();
        let (setup_token, email) = (token.get_untracked().trim().to_owned(), email.get_untracked());
        let request = async move {
            match invitation {
                Some(token) => {
                    let body = AcceptInvitation { token, name, password };
                    api::change::<SessionInfo>("POST", "/api/invitations/accept", &body).await
                }
                None => {
                    let body = SetUp { setup_token, email, name, password };
                    api::change::<SessionInfo>("POST", "/api/setup", &body).await
                }
            }
        };
        form.send(request, move |info| {
            // The secret is used up, and should not be in the history.
            page::set_address("/", false);
            session.begin(info);
        });
    };
    let (title, about) = if is_first { (say::SET_UP, say::SET_UP_TEXT) } else { (say::JOIN, say::JOIN_TEXT) };
    view! {
        <main class="gate">
            <form class="gate-card" data-testid="newcomer" on:submit=submit>
                <Logo />
                <h1 class="gate-title">{i18n.t(title)}</h1>
                <p class="gate-text">{i18n.t(about)}</p>
                {is_first.then(|| view! {
                    <Field label=say::SET_UP_TOKEN name="setup_token" value=token form required=true />
                    <Field label=shell::EMAIL name="email" value=email form kind="email" complete="username" required=true />
                }.into_any())}
                <Field label=say::NAME name="name" value=name form complete="name" />
                <Field label=shell::PASSWORD name="password" value=password form kind="password" complete="new-password" required=true />
                <Submit label=say::BEGIN form />
                <LanguageMenu />
            </form>
        </main>
    }
    .into_any()
}
