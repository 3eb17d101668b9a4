//! Links that show a site without signing in.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use protocol::account::{NewShare, ShareFilter, ShareMade, Shares};
use protocol::api::SiteInfo;

use super::form::{Field, Form, Loaded, Remove, Submit};
use crate::browser::{api, page};
use crate::model::i18n::settings as say;
use crate::model::snippet;
use crate::ui::bind::piece;
use crate::ui::copy_line::CopyLine;
use crate::ui::i18n::I18n;

/// The list, and a form to make one.
#[component]
pub fn SharesSection(
    /// The site.
    site: SiteInfo,
) -> impl IntoView {
    let (i18n, form) = (I18n::get(), Form::start());
    let SiteInfo { id, .. } = site;
    let address = StoredValue::new(format!("/api/sites/{id}/shares"));
    let shares = Loaded::<Shares>::new(address.get_value());
    let (name, password, pages) =
        (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (link, frame) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let given = |value: RwSignal<String>| Some(value.get_untracked()).filter(|text| !text.is_empty());
        let body = NewShare {
            name: name.get_untracked(),
            password: given(password),
            expires_at: None,
            filter: ShareFilter { page: given(pages), ..ShareFilter::default() },
        };
        let request = async move { api::change::<ShareMade>("POST", &address.get_value(), &body).await };
        form.send(request, move |made| {
            frame.set(snippet::frame(&page::origin(), &made.path, &made.share.name));
            link.set(format!("{}{}", page::origin(), made.path));
            name.set(String::new());
            password.set(String::new());
            shares.again();
        });
    };
    let rows = move |list: Shares| {
        if list.shares.is_empty() {
            return view! { <p class="empty">{i18n.t(say::NO_SHARES)}</p> }.into_any();
        }
        let rows = list.shares.into_iter().map(|share| {
            let address = format!("{}/{}", address.get_value(), share.id);
            view! {
                <li class="setting-row" data-testid="share">
                    <span class="setting-main">
                        <strong>{share.name}</strong>
                        <span class="card-note">{share.filter.page.unwrap_or_default()}</span>
                    </span>
                    <Remove address done=Callback::new(move |()| shares.again()) />
                </li>
            }
            .into_any()
        });
        view! { <ul class="setting-rows">{rows.collect_view()}</ul> }.into_any()
    };
    view! {
        <section class="card">{shares.draw(rows)}</section>
        <section class="card">
            <form class="form" data-testid="new-share" on:submit=submit>
                <Field label=say::NAME name="name" value=name form required=true />
                <Field label=say::SHARE_PASSWORD name="password" value=password form kind="password" complete="new-password" />
                <Field label=say::SHARE_PAGE name="filter.page" value=pages form />
                <Submit label=say::ADD form />
            </form>
            {piece(move || if link.with(String::is_empty) {
                ().into_any()
            } else {
                view! {
                    <p class="settings-text">{i18n.t(say::SHOWN_ONCE)}</p>
                    <CopyLine line=link />
                    <p class="settings-text">{i18n.t(say::EMBED_TEXT)}</p>
                    <CopyLine line=frame />
                }.into_any()
            })}
        </section>
    }
    .into_any()
}
