//! The visits of one visitor, told.

use leptos::prelude::*;
use protocol::query::{TimelineAnswer, TimelineVisit};

use super::super::overview::seen::Seen;
use super::timeline::question;
use crate::browser::intl::Date;
use crate::model::i18n::sessions as say;
use crate::ui::bind::{piece, text};
use crate::ui::i18n::I18n;
use crate::ui::icon::Icon;
use crate::ui::place::Place;
use crate::ui::story::{Told, told};

/// The visits.
#[component]
pub(super) fn Visitor(visitor: String) -> impl IntoView {
    let (i18n, seen, place) = (I18n::get(), Seen::get(), Place::get());
    // The end of the number is enough to tell visitors apart by eye.
    let short = visitor.get(visitor.len().saturating_sub(6)..).unwrap_or_default().to_owned();
    let visitor = StoredValue::new(visitor);
    let all = move |answer: TimelineAnswer| {
        if answer.visits.is_empty() {
            return view! { <p class="empty">{i18n.t(say::NOTHING)}</p> }.into_any();
        }
        let count = i18n.fill(say::VISITOR_TEXT, &[&i18n.count(answer.total)]);
        let one = |visit: TimelineVisit| {
            let at = seen.sites.wall(visit.started_at);
            view! {
                <li class="visit-told">
                    <h3 class="visit-title">
                        {i18n.date(Date::Moment, at)}
                        <span class="card-note">{i18n.fill(say::READ, &[&i18n.duration(visit.engaged_ms.into())])}</span>
                    </h3>
                    <Told visit />
                </li>
            }
            .into_any()
        };
        view! {
            <p class="card-note">{count}</p>
            <ol class="visits-told">{answer.visits.into_iter().rev().map(one).collect_view()}</ol>
        }
        .into_any()
    };
    view! {
        <section class="card" aria-labelledby="visitor-title">
            <header class="card-head">
                <h2 class="card-title" id="visitor-title">
                    {text(move || i18n.fill(say::VISITOR, &[&short]))}
                </h2>
                <button type="button" class="button" on:click=move |_| place.change(|view| view.pick = String::new())>
                    {Icon::Earlier.draw()} {i18n.t(say::ALL)}
                </button>
            </header>
            {piece(move || {
                // Another period is another question.
                let _ = seen.range.get();
                told(question(visitor.get_value(), None), all)
            })}
        </section>
    }
    .into_any()
}
