//! Taking the events of a site away, erasing somebody, and deleting the site.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use protocol::account::Role;
use protocol::api::SiteInfo;

use super::erase::Erase;
use super::form::{DayField, Form};
use crate::browser::{api, page};
use crate::model::i18n::{Message, manage as say};
use crate::model::params::encode;
use crate::model::settings::{day_start, utc_day};
use crate::ui::bind::{flag, text};
use crate::ui::i18n::I18n;
use crate::ui::site::Sites;

const DAY: u64 = 86_400_000;

/// Export, and deletion for whoever may.
#[component]
pub fn DataSection(
    /// The site.
    site: SiteInfo,
) -> impl IntoView {
    let may_delete = site.role >= Role::Admin;
    view! {
        <Export site=site.id.clone() />
        {may_delete.then(|| view! { <Erase site=format!("/api/sites/{}", site.id) /> }.into_any())}
        {may_delete.then(|| view! { <DeleteSite site=site.id /> }.into_any())}
    }
    .into_any()
}

#[component]
fn Export(site: String) -> impl IntoView {
    let i18n = I18n::get();
    let now = Sites::get().time.read();
    let from = RwSignal::new(utc_day(now.saturating_sub(6 * DAY)));
    let to = RwSignal::new(utc_day(now));
    let range = Memo::new(move |_| {
        let (from, to) = (day_start(&from.get())?, day_start(&to.get())?);
        (from <= to).then_some((from, to + DAY))
    });
    let site = StoredValue::new(site);
    let wrong = text(move || match range.get() {
        Some(_) => String::new(),
        None => i18n.say(say::EXPORT_ORDER),
    });
    let link = |format: &'static str, label: Message| {
        let address = text(move || {
            let (from, to) = range.get().unwrap_or_default();
            let site = site.with_value(|site| encode(site));
            format!("/api/export?site_id={site}&from={from}&to={to}&format={format}")
        });
        let is_off = flag(move || range.get().is_none());
        view! {
            <a
                class="button"
                class:is-off=is_off
                href=move || (!is_off.get()).then(|| address.get())
                download=move || format!("events-{}-{}.{format}", from.get(), to.get())
                aria-disabled=text(move || is_off.get().to_string())
                data-testid=format!("export-{format}")
            >
                {i18n.t(label)}
            </a>
        }
        .into_any()
    };
    view! {
        <section class="card" data-testid="export">
            <h2 class="card-title">{i18n.t(say::EXPORT)}</h2>
            <p class="settings-text">{i18n.t(say::EXPORT_TEXT)}</p>
            <div class="form-line">
                <DayField label=say::FROM_DAY name="from" value=from />
                <DayField label=say::TO_DAY name="to" value=to />
                {link("csv", say::EXPORT_CSV)}
                {link("ndjson", say::EXPORT_NDJSON)}
            </div>
            <p class="field-problem" role="alert">{wrong}</p>
        </section>
    }
    .into_any()
}

#[component]
fn DeleteSite(site: String) -> impl IntoView {
    let (i18n, form) = (I18n::get(), Form::start());
    let typed = RwSignal::new(String::new());
    let known = StoredValue::new(site.clone());
    let is_meant = flag(move || known.with_value(|site| typed.with(|typed| typed.trim() == site)));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !is_meant.get_untracked() {
            return;
        }
        let address = format!("/api/sites/{}", known.get_value());
        form.send(async move { api::remove(&address).await }, move |()| page::load_anew("/"));
    };
    let failure = text(move || form.problem(i18n).unwrap_or_default());
    view! {
        <section class="card">
            <h2 class="card-title">{i18n.t(say::DELETE_SITE)}</h2>
            <p class="settings-text">{i18n.t(say::DELETE_SITE_TEXT)}</p>
            <form class="form-line" data-testid="delete-site" on:submit=submit>
                <label class="field">
                    <span class="field-label">{text(move || i18n.fill(say::DELETE_SITE_TYPE, &[&site]))}</span>
                    <input
                        class="field-input"
                        type="text"
                        name="confirm"
                        autocomplete="off"
                        spellcheck="false"
                        on:input=move |event| typed.set(event_target_value(&event))
                    />
                </label>
                <button type="submit" class="button button-bad" aria-disabled=text(move || (!is_meant.get()).to_string())>
                    {i18n.t(say::DELETE_SITE)}
                </button>
            </form>
            <p class="field-problem" role="alert">{failure}</p>
        </section>
    }
    .into_any()
}
