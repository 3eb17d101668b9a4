//! A person's role, which can be changed once that was confirmed.

use leptos::prelude::*;
use protocol::account::Role;

use crate::model::i18n::{Message, settings as say};
use crate::ui::bind::{piece, text};
use crate::ui::i18n::I18n;
use crate::ui::pages::settings::form::Form;

/// What a role is called.
pub fn label(role: Option<Role>) -> Message {
    match role {
        None => say::NO_ROLE,
        Some(Role::Viewer) => say::VIEWER,
        Some(Role::Editor) => say::EDITOR,
        Some(Role::Admin) => say::ADMIN,
        Some(Role::Owner) => say::OWNER,
    }
}

/// The value of an option.
fn value_of(role: Option<Role>) -> &'static str {
    role.map_or("none", Role::as_str)
}

/// The role, a menu of others, and the question whether it is meant.
#[component]
pub fn RoleMenu(
    /// Whose it is.
    who: String,
    /// What the menu is, `{0}` being the person.
    name: Message,
    /// The role now.
    role: Option<Role>,
    /// The roles that may be given, with the present one.
    offered: Vec<Option<Role>>,
    /// Sends the change by the form.
    change: Callback<(Form, Option<Role>)>,
) -> impl IntoView {
    let (i18n, form) = (I18n::get(), Form::start());
    let wanted = RwSignal::new(role);
    let who = StoredValue::new(who);
    let options = offered.iter().map(|offer| {
        let offer = *offer;
        view! {
            <option value=value_of(offer) prop:selected=move || wanted.get() == offer>{i18n.t(label(offer))}</option>
        }
        .into_any()
    });
    let options = options.collect_view();
    let choose = move |event: leptos::ev::Event| {
        let value = event_target_value(&event);
        form.failure.set(None);
        wanted.set(offered.iter().copied().find(|offer| value_of(*offer) == value).unwrap_or(role));
    };
    let question = text(move || {
        form.problem(i18n).unwrap_or_else(|| {
            let [old, new] = [role, wanted.get()].map(|role| i18n.say(label(role)));
            who.with_value(|who| i18n.fill(say::CHANGE_ROLE, &[who, &old, &new]))
        })
    });
    let is_other = Memo::new(move |_| wanted.get() != role);
    let asked = piece(move || {
        if !is_other.get() {
            return ().into_any();
        }
        view! {
            <span class="confirm setting-outcome">
                <span role="alert">{question}</span>
                <button type="button" class="button" on:click=move |_| change.run((form, wanted.get_untracked()))>
                    {i18n.t(say::CHANGE)}
                </button>
                <button type="button" class="button" on:click=move |_| wanted.set(role)>{i18n.t(say::CANCEL)}</button>
            </span>
        }
        .into_any()
    });
    view! {
        <select
            class="menu"
            aria-label=text(move || who.with_value(|who| i18n.fill(name, &[who])))
            prop:value=move || value_of(wanted.get())
            on:change=choose
        >
            {options}
        </select>
        {asked}
    }
    .into_any()
}
