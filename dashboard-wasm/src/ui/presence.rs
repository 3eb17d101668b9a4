//! Who is here now.

use leptos::prelude::*;
use protocol::api::ActiveSessions;

use super::bind::effect;
use super::session::Session;
use super::site::Sites;
use crate::browser::listener;
use crate::browser::poll::Poll;
use crate::model::failure::Failure;
use crate::model::pace::Link;
use crate::model::{answer, query};

/// Who is here now, kept up to date; a copy is the same. In the context of the pages.
#[derive(Clone, Copy)]
pub struct Presence {
    /// Who is here; nothing before the first answer.
    pub active: RwSignal<Option<ActiveSessions>>,
    /// Whether the question is answered.
    pub link: RwSignal<Link>,
    poll: StoredValue<Option<Poll<ActiveSessions>>, LocalStorage>,
}

impl Presence {
    /// Begins to ask.
    pub fn start(sites: Sites, session: Session) -> Self {
        let presence = Self {
            active: RwSignal::new(None),
            link: RwSignal::new(Link::Waiting),
            poll: StoredValue::new_local(None),
        };
        let poll = Poll::new(
            move || sites.chosen.with_untracked(|site| query::active(&site.id)),
            move |answer: Result<ActiveSessions, Failure>, trip| {
                let failure = answer.as_ref().err();
                let state = failure.map_or(Link::Live, |failure| Link::Lost(failure.clone()));
                if *presence.link.read_untracked() != state {
                    presence.link.set(state);
                }
                if failure.is_some_and(Failure::is_signed_out) {
                    session.end(true);
                }
                let Ok(new) = answer else { return };
                sites.time.learn(trip, new.generated_at);
                let is_same = presence.active.with_untracked(|old| {
                    old.as_ref().is_some_and(|old| answer::is_same_presence(old, &new))
                });
                if !is_same {
                    presence.active.set(Some(new));
                }
            },
        );
        presence.poll.set_value(Some(poll));
        let visible = listener::visibility();
        effect(move || {
            let is_visible = visible.get();
            presence.with(|poll| if is_visible { poll.show() } else { poll.hide() });
        });
        let mut before = None::<String>;
        effect(move || {
            let site = sites.chosen.with(|site| site.id.clone());
            if before.as_ref().is_some_and(|before| *before != site) {
                presence.active.set(None);
                presence.link.set(Link::Waiting);
                presence.retry();
            }
            before = Some(site);
        });
        listener::on_online(move || presence.retry());
        presence
    }

    /// That of the page this component is on.
    pub fn get() -> Self {
        expect_context()
    }

    /// Asks at once, whatever the pace.
    pub fn retry(self) {
        self.with(Poll::restart);
    }

    fn with(self, act: impl FnOnce(&Poll<ActiveSessions>)) {
        self.poll.with_value(|poll| {
            if let Some(poll) = poll {
                act(poll);
            }
        });
    }
}
