//! The reader's second factor: turned on with a QR code and a first code, turned off with the password.

use fast_qr::qr::QRBuilder;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use protocol::account::{CodeProof, PasswordProof, RecoveryCodes, TotpEnrolment};

use super::form::{Field, Form, Submit};
use crate::browser::api;
use crate::model::i18n::{manage as say, settings, shell};
use crate::ui::bind::piece;
use crate::ui::copy_line::CopyLine;
use crate::ui::i18n::I18n;
use crate::ui::session::Session;

const TOTP: &str = "/api/account/totp";

/// Modules of white around a code, which readers need (ISO 18004).
const QUIET: usize = 4;

/// Where turning it on has got to.
#[derive(Clone)]
enum Stage {
    Off,
    Pending(TotpEnrolment),
    Enrolled(Vec<String>),
    On,
}

/// The card of the second factor.
#[component]
pub fn SecondFactor() -> impl IntoView {
    let (i18n, session) = (I18n::get(), expect_context::<Session>());
    let is_on = session.person().is_some_and(|person| person.totp);
    let stage = RwSignal::new(if is_on { Stage::On } else { Stage::Off });
    let body = piece(move || match stage.get() {
        Stage::Off => view! { <Begin stage /> }.into_any(),
        Stage::Pending(enrolment) => view! { <Confirm enrolment stage /> }.into_any(),
        Stage::Enrolled(codes) => view! { <Codes codes stage /> }.into_any(),
        Stage::On => view! { <End stage /> }.into_any(),
    });
    view! {
        <section class="card" data-testid="second-factor">
            <h2 class="card-title">{i18n.t(say::TOTP)}</h2>
            {body}
        </section>
    }
    .into_any()
}

#[component]
fn Begin(stage: RwSignal<Stage>) -> impl IntoView {
    let (i18n, form) = (I18n::get(), Form::start());
    let password = RwSignal::new(String::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let body = PasswordProof { password: password.get_untracked() };
        let request = async move { api::change::<TotpEnrolment>("POST", TOTP, &body).await };
        form.send(request, move |enrolment| stage.set(Stage::Pending(enrolment)));
    };
    view! {
        <p class="settings-text">{i18n.t(say::TOTP_OFF)}</p>
        <form class="form" data-testid="totp-begin" on:submit=submit>
            <Field label=shell::PASSWORD name="password" value=password form kind="password" complete="current-password" required=true />
            <Submit label=say::TOTP_BEGIN form />
        </form>
    }
    .into_any()
}

#[component]
fn Confirm(enrolment: TotpEnrolment, stage: RwSignal<Stage>) -> impl IntoView {
    let (i18n, form, session) = (I18n::get(), Form::start(), expect_context::<Session>());
    let code = RwSignal::new(String::new());
    let TotpEnrolment { secret, uri } = enrolment;
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let body = CodeProof { code: code.get_untracked().trim().to_owned() };
        let request =
            async move { api::change::<RecoveryCodes>("POST", "/api/account/totp/confirm", &body).await };
        form.send(request, move |RecoveryCodes { codes }| {
            session.note_second_factor(true);
            stage.set(Stage::Enrolled(codes));
        });
    };
    let image = qr_path(&uri).map(|(size, path)| {
        view! {
            <svg class="qr" viewBox=format!("0 0 {size} {size}") role="img" aria-label=i18n.t(say::QR) shape-rendering="crispEdges">
                <rect class="qr-ground" width=size height=size />
                <path class="qr-ink" d=path />
            </svg>
        }
        .into_any()
    });
    view! {
        <p class="settings-text">{i18n.t(say::TOTP_SCAN)}</p>
        {image}
        <p class="settings-text">{i18n.t(say::TOTP_TYPE)}</p>
        <CopyLine line=secret />
        <form class="form" data-testid="totp-confirm" on:submit=submit>
            <Field label=say::TOTP_CODE name="code" value=code form complete="one-time-code" required=true />
            <Submit label=say::TOTP_CONFIRM form />
        </form>
    }
    .into_any()
}

#[component]
fn Codes(codes: Vec<String>, stage: RwSignal<Stage>) -> impl IntoView {
    let i18n = I18n::get();
    let all = codes.join(" ");
    let list = codes.into_iter().map(|code| view! { <li><code>{code}</code></li> }.into_any());
    view! {
        <p class="settings-text">{i18n.t(say::RECOVERY_TEXT)} " " <strong>{i18n.t(settings::SHOWN_ONCE)}</strong></p>
        <ul class="recovery" data-testid="recovery-codes">{list.collect_view()}</ul>
        <CopyLine line=all />
        <div class="form-end">
            <button type="button" class="button button-primary" on:click=move |_| stage.set(Stage::On)>
                {i18n.t(say::RECOVERY_KEPT)}
            </button>
        </div>
    }
    .into_any()
}

#[component]
fn End(stage: RwSignal<Stage>) -> impl IntoView {
    let (i18n, form, session) = (I18n::get(), Form::start(), expect_context::<Session>());
    let password = RwSignal::new(String::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let body = PasswordProof { password: password.get_untracked() };
        let request = async move { api::act("POST", "/api/account/totp/disable", &body).await };
        form.send(request, move |()| {
            session.note_second_factor(false);
            stage.set(Stage::Off);
        });
    };
    view! {
        <p class="settings-text">{i18n.t(say::TOTP_ON)}</p>
        <form class="form" data-testid="totp-end" on:submit=submit>
            <Field label=shell::PASSWORD name="password" value=password form kind="password" complete="current-password" required=true />
            <Submit label=say::TOTP_END form />
        </form>
    }
    .into_any()
}

/// The dark modules of the QR code of a text as one path, and the side of its square; nothing for a text too long.
fn qr_path(text: &str) -> Option<(usize, String)> {
    let code = QRBuilder::new(text).build().ok()?;
    let mut path = String::new();
    for y in 0..code.size {
        for x in (0..code.size).filter(|x| code[y][*x].value()) {
            path.push_str(&format!("M{} {}h1v1h-1z", x + QUIET, y + QUIET));
        }
    }
    Some((code.size + 2 * QUIET, path))
}
