//! The sign-in screen.

use leptos::ev::SubmitEvent;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::account::SignIn;

use super::bind::{effect, flag, piece_when, text};
use super::i18n::I18n;
use super::language::LanguageMenu;
use super::logo::Logo;
use super::session::Session;
use crate::browser::{api, page};
use crate::model::failure::Failure;
use crate::model::i18n::shell as say;

/// Asks for e-mail address and password, and for the code of a second factor once that is known to be on.
#[component]
pub fn SignInScreen(
    /// Whether a session has just ended by itself.
    ended: bool,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let (email, password, code) = (NodeRef::<Input>::new(), NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let (busy, set_busy) = signal(false);
    let (asks_for_code, set_asks_for_code) = signal(false);
    let (problem, set_problem) = signal(None::<Failure>);

    let i18n = I18n::get();
    effect(move || page::set_title(&i18n.say(say::SIGN_IN_TITLE)));
    for field in [email, code] {
        effect(move || {
            if let Some(field) = field.get() {
                let _ = field.focus();
            }
        });
    }

    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let value = |field: NodeRef<Input>| field.get_untracked().map(|input| input.value());
        let (Some(email), Some(given)) = (value(email), value(password)) else { return };
        if busy.get_untracked() {
            return;
        }
        set_busy.set(true);
        set_problem.set(None);
        let credentials =
            SignIn { email, password: given, code: value(code).filter(|code| !code.is_empty()) };
        spawn_local(async move {
            let failure = match api::sign_in(&credentials).await {
                Ok(info) => return session.begin(info),
                Err(failure) => failure,
            };
            set_busy.set(false);
            if failure.asks_for_code() && credentials.code.is_none() && !asks_for_code.get_untracked() {
                // The screen itself says what comes next.
                return set_asks_for_code.set(true);
            }
            let is_about_code = failure.asks_for_code() || failure.is_about_code();
            set_problem.set(Some(failure));
            let wrong = if is_about_code { code } else { password };
            if let Some(input) = wrong.get_untracked() {
                input.select();
            }
        });
    };
    let invalid = move || text(move || problem.with(Option::is_some).to_string());

    view! {
        <main class="gate">
            <form class="gate-card" data-testid="sign-in" on:submit=submit>
                <Logo />
                <h1 class="gate-title">{i18n.t(say::SIGN_IN_HEADING)}</h1>
                <p class="gate-text">
                    {text(move || {
                        let message = if asks_for_code.get() {
                            say::SIGN_IN_CODE
                        } else if ended {
                            say::SIGN_IN_ENDED
                        } else {
                            say::SIGN_IN_TEXT
                        };
                        i18n.say(message)
                    })}
                </p>
                <label class="field">
                    <span class="field-label">{i18n.t(say::EMAIL)}</span>
                    <input
                        node_ref=email
                        class="field-input"
                        type="email"
                        name="email"
                        autocomplete="username"
                        autocapitalize="none"
                        required
                        on:input=move |_| set_problem.set(None)
                    />
                </label>
                <label class="field">
                    <span class="field-label">{i18n.t(say::PASSWORD)}</span>
                    <input
                        node_ref=password
                        class="field-input"
                        type="password"
                        name="password"
                        autocomplete="current-password"
                        required
                        aria-invalid=invalid()
                        aria-describedby="sign-in-problem"
                        on:input=move |_| set_problem.set(None)
                    />
                </label>
                {piece_when(flag(move || asks_for_code.get()), move || view! {
                    <label class="field">
                        <span class="field-label">{i18n.t(say::CODE)}</span>
                        <input
                            node_ref=code
                            class="field-input"
                            type="text"
                            name="code"
                            autocomplete="one-time-code"
                            autocapitalize="none"
                            spellcheck="false"
                            required
                            aria-invalid=invalid()
                            aria-describedby="sign-in-problem"
                            on:input=move |_| set_problem.set(None)
                        />
                    </label>
                }.into_any())}
                <p class="field-problem" id="sign-in-problem" role="alert">
                    {text(move || problem.get().map(|problem| format!("{}.", problem.message(i18n.lang()))).unwrap_or_default())}
                </p>
                <button type="submit" class="button button-primary" aria-disabled=text(move || busy.get().to_string())>
                    {text(move || i18n.say(if busy.get() { say::SIGNING_IN } else { say::SIGN_IN }))}
                </button>
                <LanguageMenu />
            </form>
        </main>
    }
    .into_any()
}
