//! The visitors of the range by country, as a map.

use leptos::prelude::*;

use super::seen::Seen;
use crate::model::filter::{self, Op};
use crate::model::i18n::map as say;
use crate::ui::bind::{flag, piece, text};
use crate::ui::failed::Failed;
use crate::ui::i18n::I18n;
use crate::ui::place::Place;
use crate::ui::world_map::{Shaded, WorldMap};

/// More than there are countries.
const MOST: u32 = 300;

/// The map in its card.
#[component]
pub fn MapOfVisitors() -> impl IntoView {
    let (i18n, place, seen) = (I18n::get(), Place::get(), Seen::get());
    let asked = seen.ask_top("visit:country", MOST, false);
    let values = Memo::new(move |_| {
        let row = |row: &crate::model::question::ReplyRow| -> Option<Shaded> {
            Some((row.dimensions.first()?.clone(), row.metric(0)?))
        };
        asked
            .reply
            .with(|reply| reply.iter().flat_map(|reply| &reply.results).filter_map(row).collect::<Vec<_>>())
    });
    let is_failed = flag(move || asked.reply.with(Option::is_none) && asked.failure.with(Option::is_some));
    let message = text(move || {
        asked.failure.with(|failure| failure.as_ref().map(|it| it.message(i18n.lang())).unwrap_or_default())
    });
    let choose = Callback::new(move |(code, is_not): (String, bool)| {
        let op = if is_not { Op::IsNot } else { Op::Is };
        place.change(|view| filter::toggle(&mut view.rules, op, "visit:country", &code));
    });
    let print = |i18n: I18n, value: f64| i18n.fill(say::VISITORS_OF, &[&i18n.count(value as u64)]);
    view! {
        <div class="board-body is-map" class:is-outdated=flag(move || asked.is_outdated.get())>
            {piece(move || if is_failed.get() {
                view! { <Failed message retry=move || seen.data.retry() /> }.into_any()
            } else {
                view! {
                    <div class="board-map">
                        <WorldMap values label=i18n.t(say::MAP_OF_VISITORS) print choose />
                        <p class="world-key" aria-hidden="true">
                            <span>{i18n.t(say::LESS)}</span>
                            <span class="world-scale"></span>
                            <span>{i18n.t(say::MORE)}</span>
                        </p>
                    </div>
                }
                .into_any()
            })}
        </div>
    }
    .into_any()
}
