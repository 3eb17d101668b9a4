//! What is asked, drawn; until then its shape, why there is no answer, or that there is nothing.

use leptos::prelude::*;

use super::super::overview::seen::Seen;
use crate::model::i18n::{Message, overview as say};
use crate::model::question::Reply;
use crate::ui::bind::{flag, piece, text};
use crate::ui::desk::Asked;
use crate::ui::failed::Failed;
use crate::ui::i18n::I18n;
use crate::ui::skeleton::SkeletonRows;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Loading,
    Failed,
    Empty,
    Shown,
}

/// Draws an answer by `of`, which follows it by itself, or says `nothing`.
pub fn answered(
    asked: Asked,
    nothing: Message,
    is_empty: fn(&Reply) -> bool,
    of: impl Fn() -> AnyView + Send + 'static,
) -> AnyView {
    let (i18n, seen) = (I18n::get(), Seen::get());
    let content = Memo::new(move |_| {
        let has_failed = asked.failure.with(Option::is_some);
        asked.reply.with(|reply| match reply {
            None if has_failed => Content::Failed,
            None => Content::Loading,
            // What is there answers another question, and this one gets no answer.
            Some(_) if has_failed && asked.is_outdated.get() => Content::Failed,
            Some(reply) if is_empty(reply) => Content::Empty,
            Some(_) => Content::Shown,
        })
    });
    let message = text(move || {
        asked.failure.with(|failure| failure.as_ref().map(|it| it.message(i18n.lang())).unwrap_or_default())
    });
    let body = piece(move || match content.get() {
        Content::Loading => view! { <SkeletonRows count=8 /> }.into_any(),
        Content::Failed => view! { <Failed message retry=move || seen.data.retry() /> }.into_any(),
        Content::Empty => {
            let is_filtered = flag(move || seen.rules.with(|rules| !rules.is_empty()));
            let said =
                text(move || i18n.say(if is_filtered.get() { say::NO_DATA_FILTERED } else { nothing }));
            view! { <p class="empty">{said}</p> }.into_any()
        }
        Content::Shown => of(),
    });
    view! { <div class="answer" class:is-outdated=flag(move || asked.is_outdated.get())>{body}</div> }
        .into_any()
}
