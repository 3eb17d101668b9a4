//! The sign-in screen.

use leptos::ev::SubmitEvent;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::bind::{effect, text};
use super::logo::Logo;
use super::session::Session;
use crate::browser::{api, page};

/// Asks for the password.
#[component]
pub fn SignInScreen(
    /// Whether a session has just ended by itself.
    ended: bool,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let field = NodeRef::<Input>::new();
    let (busy, set_busy) = signal(false);
    let (problem, set_problem) = signal(None::<String>);

    page::set_title("Sign in · LiveInsight");
    effect(move || {
        if let Some(field) = field.get() {
            let _ = field.focus();
        }
    });

    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(input) = field.get_untracked() else { return };
        if busy.get_untracked() {
            return;
        }
        set_busy.set(true);
        set_problem.set(None);
        spawn_local(async move {
            match api::sign_in(input.value()).await {
                Ok(info) => session.begin(info),
                Err(failure) => {
                    set_busy.set(false);
                    set_problem.set(Some(failure.message()));
                    input.select();
                }
            }
        });
    };

    view! {
        <main class="gate">
            <form class="gate-card" data-testid="sign-in" on:submit=submit>
                <Logo />
                <h1 class="gate-title">"Sign in to LiveInsight"</h1>
                <p class="gate-text">
                    {if ended {
                        "Your session has ended. Sign in again to go on."
                    } else {
                        "Enter the password of this installation."
                    }}
                </p>
                // Password managers ask for a name to keep the password under.
                <input
                    type="text"
                    name="username"
                    value="admin"
                    autocomplete="username"
                    class="visually-hidden"
                    tabindex="-1"
                    aria-hidden="true"
                    readonly
                />
                <label class="field">
                    <span class="field-label">"Password"</span>
                    <input
                        node_ref=field
                        class="field-input"
                        type="password"
                        name="password"
                        autocomplete="current-password"
                        required
                        aria-invalid=text(move || problem.with(Option::is_some).to_string())
                        aria-describedby="sign-in-problem"
                        on:input=move |_| set_problem.set(None)
                    />
                </label>
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
