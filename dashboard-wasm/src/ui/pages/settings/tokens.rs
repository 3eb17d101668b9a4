//! Secrets of programs.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use protocol::account::{ApiTokenMade, ApiTokens, NewApiToken, Scope};
use protocol::api::SiteInfo;

use super::form::{Field, Form, Loaded, Remove, Submit, Tick};
use crate::browser::api;
use crate::model::i18n::settings as say;
use crate::ui::bind::piece;
use crate::ui::copy_line::CopyLine;
use crate::ui::i18n::I18n;

/// The list, and a form to make one.
#[component]
pub fn TokensSection(
    /// The site on show, to which events may be sent.
    site: SiteInfo,
) -> impl IntoView {
    let (i18n, form) = (I18n::get(), Form::start());
    let tokens = Loaded::<ApiTokens>::new("/api/tokens".into());
    let (name, days) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (read, ingest, manage) = (RwSignal::new(true), RwSignal::new(false), RwSignal::new(false));
    let secret = RwSignal::new(String::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let ticked = [(read, Scope::Read), (ingest, Scope::Ingest), (manage, Scope::Manage)];
        let scopes = ticked.into_iter().filter(|(value, _)| value.get_untracked()).map(|(_, scope)| scope);
        let days = days.get_untracked();
        let body = NewApiToken {
            name: name.get_untracked(),
            scopes: scopes.collect(),
            site_id: ingest.get_untracked().then(|| site.id.clone()),
            // What is no number is refused as 0 days are.
            expires_in_days: (!days.trim().is_empty()).then(|| days.trim().parse().unwrap_or(0)),
        };
        let request = async move { api::change::<ApiTokenMade>("POST", "/api/tokens", &body).await };
        form.send(request, move |made| {
            secret.set(made.secret);
            name.set(String::new());
            tokens.again();
        });
    };
    let rows = move |list: ApiTokens| {
        if list.tokens.is_empty() {
            return view! { <p class="empty">{i18n.t(say::NO_TOKENS)}</p> }.into_any();
        }
        let rows = list.tokens.into_iter().map(|token| {
            let scopes = token.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", ");
            let about = match &token.site_id {
                Some(site) => format!("{}… · {scopes} · {site}", token.prefix),
                None => format!("{}… · {scopes}", token.prefix),
            };
            let address = format!("/api/tokens/{}", token.id);
            view! {
                <li class="setting-row" data-testid="token">
                    <span class="setting-main">
                        <strong>{token.name}</strong>
                        <span class="card-note">{about}</span>
                    </span>
                    <Remove address done=Callback::new(move |()| tokens.again()) />
                </li>
            }
            .into_any()
        });
        view! { <ul class="setting-rows">{rows.collect_view()}</ul> }.into_any()
    };
    view! {
        <section class="card">{tokens.draw(rows)}</section>
        <section class="card">
            <form class="form" data-testid="new-token" on:submit=submit>
                <Field label=say::NAME name="name" value=name form required=true />
                <Tick label=say::SCOPE_READ value=read />
                <Tick label=say::SCOPE_INGEST value=ingest />
                <Tick label=say::SCOPE_MANAGE value=manage />
                <Field label=say::EXPIRES name="expires_in_days" value=days form kind="number" />
                <Submit label=say::ADD form />
            </form>
            {piece(move || if secret.with(String::is_empty) {
                ().into_any()
            } else {
                view! {
                    <p class="settings-text">{i18n.t(say::SHOWN_ONCE)}</p>
                    <CopyLine line=secret />
                }.into_any()
            })}
        </section>
    }
    .into_any()
}
