//! The graph of the chosen figure, or what stands in its place.

use std::ops::Range;

use leptos::prelude::*;
use protocol::query::Step;

use super::graph::Graph;
use super::seen::Seen;
use crate::model::graph::{Ask, Series};
use crate::model::i18n::overview as say;
use crate::ui::bind::{flag, piece, text};
use crate::ui::desk::Asked;
use crate::ui::failed::Failed;
use crate::ui::i18n::I18n;
use crate::ui::split;

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Loading,
    Failed,
    Silent,
    Nothing,
    Graph,
}

/// The graph.
#[component]
pub fn GraphCard(
    /// The answer with the figures of the whole range.
    totals: Asked,
) -> impl IntoView {
    let (i18n, seen) = (I18n::get(), Seen::get());
    let (main, before) = (seen.ask_series(false), seen.ask_series(true));
    // An answer is drawn over the range it is of: over the one that was chosen since it would be a line of zeros.
    let about = stretch(main, move || Some(seen.range.get()), seen.step);
    let about_before = stretch(before, move || seen.comparison.get(), seen.step);
    let series = Memo::new(move |_| {
        let (range, step) = about.get()?;
        let comparison = about_before.get().filter(|(_, of)| *of == step).map(|(range, _)| range);
        let stat = seen.stat.get();
        seen.sites.clock.with(|clock| {
            let ask = Ask {
                range: &range,
                comparison: comparison.as_ref(),
                step,
                zone: &clock.zone,
                now: seen.minute.get(),
                metric: stat.place(),
                unit: stat.unit(),
            };
            main.reply.with(|main| {
                let main = main.as_ref()?;
                before.reply.with(|before| {
                    Some(Series::of(&ask, main, before.as_ref().filter(|_| comparison.is_some())))
                })
            })
        })
    });
    let content = Memo::new(move |_| {
        let is_empty = |asked: Asked| {
            asked.reply.with(|reply| {
                reply
                    .as_ref()
                    .is_some_and(|it| it.results.iter().all(|row| row.metric(0).unwrap_or(0.0) == 0.0))
            })
        };
        if main.reply.with(Option::is_none) {
            if main.failure.with(Option::is_some) { Content::Failed } else { Content::Loading }
        } else if !is_empty(totals) || !is_empty(main) {
            Content::Graph
        } else if seen.rules.with(Vec::is_empty) {
            Content::Silent
        } else {
            Content::Nothing
        }
    });
    let message = text(move || {
        main.failure.with(|failure| failure.as_ref().map(|it| it.message(i18n.lang())).unwrap_or_default())
    });
    let is_outdated = flag(move || main.is_outdated.get());
    view! {
        <div class="graph-card" class:is-outdated=is_outdated>
            {piece(move || match content.get() {
                Content::Loading => view! { <div class="plot is-loading" aria-hidden="true"></div> }.into_any(),
                Content::Failed => view! { <Failed message retry=move || seen.data.retry() /> }.into_any(),
                Content::Silent => split::onboarding(),
                Content::Nothing => view! { <p class="empty is-tall">{i18n.t(say::NO_DATA_FILTERED)}</p> }.into_any(),
                Content::Graph => view! { <Graph series totals /> }.into_any(),
            })}
        </div>
    }
    .into_any()
}

/// The range and the step of an answer by time. Those of an earlier question stay for as long as its answer does.
fn stretch(
    asked: Asked,
    range: impl Fn() -> Option<Range<u64>> + Send + Sync + 'static,
    step: Memo<Step>,
) -> Memo<Option<(Range<u64>, Step)>> {
    Memo::new(move |old: Option<&Option<(Range<u64>, Step)>>| {
        if asked.is_outdated.get() {
            old.cloned().flatten()
        } else {
            range().map(|range| (range, step.get()))
        }
    })
}
