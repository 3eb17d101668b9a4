//! The choice of the language.

use leptos::prelude::*;

use super::bind::flag;
use super::i18n::I18n;
use crate::model::i18n::{Lang, shell as say};

/// A menu of the languages, each by its own name.
#[component]
pub fn LanguageMenu() -> impl IntoView {
    let i18n = I18n::get();
    let options = Lang::ALL.map(|lang| {
        view! {
            <option value=lang.tag() lang=lang.tag() prop:selected=flag(move || i18n.lang() == lang)>
                {lang.name()}
            </option>
        }
        .into_any()
    });
    let choose = move |event| {
        if let Some(lang) = Lang::from_tag(&event_target_value(&event)) {
            i18n.choose(lang);
        }
    };
    view! {
        <select class="language" data-testid="language" aria-label=i18n.t(say::LANGUAGE) on:change=choose>
            {options.collect_view()}
        </select>
    }
    .into_any()
}
