//! The sign-in screen.

use leptos::ev::SubmitEvent;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::account::SignIn;

use super::bind::{effect, flag, piece_when, text};
use super::logo::Logo;
use super::session::Session;
use crate::browser::{api, page};

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
    let (problem, set_problem) = signal(None::<String>);

    page::set_title("Sign in · LiveInsight");
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
            set_problem.set(Some(failure.message()));
            let wrong = if failure.asks_for_code() || failure.is_about_code() { code } else { password };
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
                <h1 class="gate-title">"Sign in to LiveInsight"</h1>
                <p class="gate-text">
                    {text(move || {
                        if asks_for_code.get() {
                            "Enter the code that your authenticator app shows, or one of your recovery codes."
                        } else if ended {
                            "Your session has ended. Sign in again to go on."
                        } else {
                            "Enter your e-mail address and your password."
                        }
                        .into()
                    })}
                </p>
                <label class="field">
                    <span class="field-label">"E-mail"</span>
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
                    <span class="field-label">"Password"</span>
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
                        <span class="field-label">"Code"</span>
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
                    {text(move || problem.get().map(|problem| format!("{problem}.")).unwrap_or_default())}
                </p>
                <button type="submit" class="button button-primary" aria-disabled=text(move || busy.get().to_string())>
                    {text(move || if busy.get() { "Signing in…" } else { "Sign in" }.into())}
                </button>
            </form>
        </main>
    }
    .into_any()
}
