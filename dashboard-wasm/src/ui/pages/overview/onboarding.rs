//! How to begin: the line of code that sends events.

use leptos::prelude::*;

use super::seen::Seen;
use crate::browser::page;
use crate::model::i18n::overview as say;
use crate::model::snippet;
use crate::ui::bind::text;
use crate::ui::copy_line::CopyLine;
use crate::ui::i18n::I18n;

/// Shown in place of a chart without a single event.
#[component]
pub fn Onboarding() -> impl IntoView {
    let (seen, i18n) = (Seen::get(), I18n::get());
    let line = text(move || snippet::plain(&page::origin(), &seen.site.get()));
    view! {
        <div class="onboarding" data-testid="onboarding">
            <h3 class="onboarding-title">
                {i18n.t(say::SILENT_TITLE)}
            </h3>
            <p class="onboarding-text">
                {i18n.t(say::SILENT_TEXT)}
            </p>
            <CopyLine line />
        </div>
    }
    .into_any()
}
