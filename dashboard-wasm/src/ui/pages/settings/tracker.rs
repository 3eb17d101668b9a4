//! The lines of code that load the tracker, put together from its options.

use leptos::prelude::*;
use protocol::api::SiteInfo;

use crate::browser::page;
use crate::model::i18n::{Message, manage as say};
use crate::model::snippet::{Options, Switch, html, npm};
use crate::ui::bind::text;
use crate::ui::copy_line::CopyLine;
use crate::ui::i18n::I18n;

const CONSENT: [(&str, Message); 4] = [
    ("", say::CONSENT_GRANTED),
    ("cookieless", say::CONSENT_COOKIELESS),
    ("pending", say::CONSENT_PENDING),
    ("denied", say::CONSENT_DENIED),
];

fn about(switch: Switch) -> Message {
    match switch {
        Switch::Cookie => say::OPTION_COOKIE,
        Switch::Buttons => say::OPTION_BUTTONS,
        Switch::Hash => say::OPTION_HASH,
        Switch::Vitals => say::OPTION_VITALS,
        Switch::IgnorePrivacySignals => say::OPTION_SIGNALS,
        Switch::Test => say::OPTION_TEST,
        Switch::Debug => say::OPTION_DEBUG,
    }
}

/// The builder.
#[component]
pub fn TrackerSection(
    /// The site.
    site: SiteInfo,
) -> impl IntoView {
    let i18n = I18n::get();
    let options = RwSignal::new(Options::default());
    let as_package = RwSignal::new(false);
    let origin = page::origin();
    let code = text(move || {
        options.with(|options| {
            let print = if as_package.get() { npm } else { html };
            print(&origin, &site.id, options)
        })
    });
    let how = text(move || i18n.say(if as_package.get() { say::PACKAGE_TEXT } else { say::TAG_TEXT }));
    let form = |is_package: bool, label: Message| {
        let pressed = text(move || (as_package.get() == is_package).to_string());
        view! {
            <button
                type="button"
                class="tab"
                class:is-chosen=move || as_package.get() == is_package
                aria-pressed=pressed
                on:click=move |_| as_package.set(is_package)
            >
                {i18n.t(label)}
            </button>
        }
        .into_any()
    };
    let consent =
        CONSENT.map(|(value, label)| view! { <option value=value>{i18n.t(label)}</option> }.into_any());
    let switches = Switch::ALL.map(|switch| {
        let set = move |event: leptos::ev::Event| {
            let is_on = event_target_checked(&event);
            options.update(|options| {
                options.switches.retain(|it| *it != switch);
                if is_on {
                    options.switches.push(switch);
                }
            });
        };
        view! {
            <label class="tick">
                <input type="checkbox" name=switch.attribute() on:change=set />
                <span>{i18n.t(about(switch))} " " <code class="option-name">{format!("data-{}", switch.attribute())}</code></span>
            </label>
        }
        .into_any()
    });
    let set_query = move |event: leptos::ev::Event| {
        let given = event_target_value(&event);
        options.update(|options| options.query = Some(given).filter(|text| !text.is_empty()));
    };
    let set_mask = move |event: leptos::ev::Event| {
        options.update(|options| options.mask = event_target_value(&event));
    };
    view! {
        <section class="card" data-testid="snippet-builder">
            <div class="tabs" role="group" aria-label=i18n.t(say::FORM)>
                {form(false, say::AS_TAG)}
                {form(true, say::AS_PACKAGE)}
            </div>
            <p class="settings-text">{how}</p>
            <CopyLine line=code />
            <div class="form">
                <label class="field">
                    <span class="field-label">{i18n.t(say::CONSENT)}</span>
                    <select
                        class="field-input"
                        name="consent"
                        on:change=move |event| options.update(|options| options.consent = event_target_value(&event))
                    >
                        {consent.collect_view()}
                    </select>
                </label>
                <label class="field">
                    <span class="field-label">{i18n.t(say::OPTION_QUERY)}</span>
                    <input class="field-input" type="text" name="query" spellcheck="false" autocomplete="off" on:input=set_query />
                </label>
                <label class="field">
                    <span class="field-label">{i18n.t(say::OPTION_MASK)}</span>
                    <input class="field-input" type="text" name="mask" spellcheck="false" autocomplete="off" on:input=set_mask />
                </label>
                {switches.collect_view()}
            </div>
        </section>
    }
    .into_any()
}
