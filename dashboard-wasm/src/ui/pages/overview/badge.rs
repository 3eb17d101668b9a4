//! Where the numbers come from, and how old they are.

use leptos::prelude::*;

use super::seen::Seen;
use crate::browser::intl::Number;
use crate::model::i18n::overview as say;
use crate::model::source::Source;
use crate::ui::bind::{flag, piece_when, text};
use crate::ui::hint::Hint;
use crate::ui::i18n::I18n;

/// The badge; while events are loaded, how far that is.
#[component]
pub fn Badge() -> impl IntoView {
    let (i18n, seen) = (I18n::get(), Seen::get());
    let data = seen.data;
    let is_loading = flag(move || data.source.get() == Source::Loading);
    let label = text(move || match data.source.get() {
        Source::Browser(_) => i18n.say(say::IN_BROWSER),
        Source::Edge(_) => i18n.say(say::AT_EDGE),
        Source::Loading => {
            let (done, total) = data.progress.get();
            if total > 0.0 {
                i18n.fill(say::LOADING_PART, &[&i18n.number(Number::Percent, done / total)])
            } else {
                i18n.say(say::LOADING_DATA)
            }
        }
    });
    let title = text(move || match data.source.get() {
        Source::Browser(events) => i18n.fill(say::BADGE_BROWSER, &[&i18n.count(events)]),
        Source::Edge(Some(events)) => i18n.fill(say::BADGE_EDGE_LARGE, &[&i18n.count(events)]),
        Source::Edge(None) => i18n.say(say::BADGE_EDGE),
        Source::Loading => String::new(),
    });
    let age = text(move || match data.fresh_at.get() {
        0 => String::new(),
        at => i18n.fill(say::DATA_AGE, &[&i18n.ago(seen.sites.time.now().saturating_sub(at))]),
    });
    let kind = text(move || match data.source.get() {
        Source::Browser(_) => "browser".into(),
        Source::Edge(_) => "edge".into(),
        Source::Loading => "loading".into(),
    });
    let is_estimated = flag(move || data.is_estimated.get());
    view! {
        {piece_when(is_estimated, move || view! {
            <div class="badge badge-estimated" data-testid="estimated">
                <span>{i18n.t(say::ESTIMATED)}</span>
                <Hint
                    about=text(move || i18n.say(say::ESTIMATED))
                    text=text(move || i18n.say(say::ESTIMATED_HINT))
                    id="estimated-hint".to_owned()
                />
            </div>
        }.into_any())}
        <p class="badge" data-testid="source" data-source=kind title=title>
            <span>{label}</span>
            <span class="badge-age" aria-hidden="true">{age}</span>
            {piece_when(is_loading, move || view! {
                <progress
                    class="badge-progress"
                    aria-label=i18n.t(say::LOADING_DATA)
                    max=text(move || data.progress.get().1.max(1.0).to_string())
                    value=text(move || data.progress.get().0.to_string())
                ></progress>
            }.into_any())}
        </p>
    }
    .into_any()
}
