//! The settings: a menu of sections, each with its own address.

pub mod account;
pub mod alerts;
pub mod audit;
pub mod choice;
pub mod data;
pub mod erase;
pub mod form;
pub mod health;
pub mod intake;
pub mod new_site;
pub mod people;
pub mod quarantine;
pub mod shares;
pub mod site;
pub mod tokens;
pub mod totp;
pub mod tracker;
pub mod verify;
pub mod welcome;

use leptos::prelude::*;
use protocol::account::Role;

use crate::model::i18n::{Message, alerts as alert_texts, manage, operator, settings as say, shell};
use crate::model::route::Route;
use crate::model::settings::Section;
use crate::ui::bind::piece;
use crate::ui::i18n::I18n;
use crate::ui::link::Link;
use crate::ui::session::Session;
use crate::ui::site::Sites;
use crate::ui::top_bar::TopBar;

fn label(section: Section) -> Message {
    match section {
        Section::Site => shell::SITE,
        Section::Tracker => manage::TRACKER,
        Section::Intake => manage::INTAKE,
        Section::Quarantine => manage::QUARANTINE,
        Section::Data => manage::DATA,
        Section::Audit => manage::AUDIT,
        Section::People => say::PEOPLE,
        Section::Tokens => say::TOKENS,
        Section::Shares => say::SHARES,
        Section::Alerts => alert_texts::TITLE,
        Section::Account => say::ACCOUNT,
    }
}

/// A section of the settings.
#[component]
pub fn SettingsPage(
    /// Which.
    section: Section,
) -> impl IntoView {
    let (i18n, sites, role) = (I18n::get(), Sites::get(), expect_context::<Session>().role());
    let menu = move || {
        let here = sites.chosen.with(|site| site.role);
        let open = Section::ALL.into_iter().filter(|section| section.is_open_to(here));
        let links = open.map(|section| {
            view! {
                <li>
                    <Link to=Route::Settings(section) class="nav-link">{i18n.t(label(section))}</Link>
                </li>
            }
            .into_any()
        });
        let operator = (role >= Some(Role::Admin)).then(|| {
            view! {
                <li>
                    <Link to=Route::Operator class="nav-link">{i18n.t(operator::OPERATION)}</Link>
                </li>
            }
            .into_any()
        });
        view! { {links.collect_view()} {operator} }.into_any()
    };
    let body = move || {
        let site = sites.chosen.get();
        if !section.is_open_to(site.role) {
            return view! { <p class="empty" role="alert">{i18n.t(say::NOT_ALLOWED)}</p> }.into_any();
        }
        match section {
            Section::Site => view! { <site::SiteSection site /> }.into_any(),
            Section::Tracker => view! { <tracker::TrackerSection site /> }.into_any(),
            Section::Intake => view! { <intake::IntakeSection site /> }.into_any(),
            Section::Quarantine => view! { <quarantine::QuarantineSection site /> }.into_any(),
            Section::Data => view! { <data::DataSection site /> }.into_any(),
            Section::Audit => view! { <audit::AuditSection site /> }.into_any(),
            Section::People => view! { <people::PeopleSection site /> }.into_any(),
            Section::Tokens => view! { <tokens::TokensSection site /> }.into_any(),
            Section::Shares => view! { <shares::SharesSection site /> }.into_any(),
            Section::Alerts => view! { <alerts::AlertsSection site /> }.into_any(),
            Section::Account => view! { <account::AccountSection /> }.into_any(),
        }
    };
    view! {
        <TopBar />
        <main class="page settings" id="main" tabindex="-1">
            <nav class="settings-menu" aria-label=i18n.t(say::SETTINGS)>
                <ul class="settings-list">{piece(menu)}</ul>
            </nav>
            <div class="settings-body">
                <h1 class="settings-title">{i18n.t(label(section))}</h1>
                {piece(body)}
            </div>
        </main>
    }
    .into_any()
}
