//! Who did what to the site.

use leptos::prelude::*;
use protocol::account::{AuditEntry, AuditLog};
use protocol::api::SiteInfo;

use super::form::Loaded;
use crate::browser::intl::Date;
use crate::model::i18n::manage as say;
use crate::ui::bind::{piece, text};
use crate::ui::i18n::I18n;
use crate::ui::site::Sites;

/// The log, the newest first.
#[component]
pub fn AuditSection(
    /// The site.
    site: SiteInfo,
) -> impl IntoView {
    let i18n = I18n::get();
    let SiteInfo { id, .. } = site;
    let base = StoredValue::new(format!("/api/sites/{id}/audit"));
    // The `next` of each page that was turned.
    let turned = RwSignal::new(Vec::<String>::new());
    let list = piece(move || {
        let before = turned.with(|turned| turned.last().cloned());
        let address = match &before {
            Some(before) => format!("{}?before={before}", base.get_value()),
            None => base.get_value(),
        };
        let log = Loaded::<AuditLog>::new(address);
        log.draw(move |log| view! { <Log log turned /> }.into_any())
    });
    view! {
        <section class="card" data-testid="audit">
            <p class="settings-text">{i18n.t(say::AUDIT_TEXT)}</p>
            {list}
        </section>
    }
    .into_any()
}

#[component]
fn Log(log: AuditLog, turned: RwSignal<Vec<String>>) -> impl IntoView {
    let (i18n, sites) = (I18n::get(), Sites::get());
    let AuditLog { entries, next } = log;
    if entries.is_empty() && turned.with_untracked(Vec::is_empty) {
        return view! { <p class="empty">{i18n.t(say::AUDIT_EMPTY)}</p> }.into_any();
    }
    let row = move |entry: AuditEntry| {
        let at = sites.wall(entry.at);
        view! {
            <tr>
                <td class="cell-time">{text(move || i18n.date(Date::Moment, at))}</td>
                <td>{entry.action}</td>
                <td class="cell-text">{entry.target}</td>
                <td class="cell-text">{entry.actor}</td>
            </tr>
        }
        .into_any()
    };
    let newer = turned.with_untracked(|turned| !turned.is_empty()).then(|| {
        let back = move |_| {
            turned.update(|turned| {
                turned.pop();
            });
        };
        view! { <button type="button" class="button" on:click=back>{i18n.t(say::NEWER)}</button> }.into_any()
    });
    let older = next.map(|next| {
        let on = move |_| turned.update(|turned| turned.push(next.clone()));
        view! { <button type="button" class="button" on:click=on>{i18n.t(say::OLDER)}</button> }.into_any()
    });
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=i18n.t(say::AUDIT)>
            <table class="plain-table">
                <thead>
                    <tr>
                        <th scope="col">{i18n.t(say::WHEN)}</th>
                        <th scope="col">{i18n.t(say::WHAT)}</th>
                        <th scope="col">{i18n.t(say::ON_WHAT)}</th>
                        <th scope="col">{i18n.t(say::WHO)}</th>
                    </tr>
                </thead>
                <tbody>{entries.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
        <div class="form-end">{newer} {older}</div>
    }
    .into_any()
}
