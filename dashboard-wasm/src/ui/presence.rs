//! Who is here now, and what has just happened: as the hub says it, or as the worker says when asked.

use std::rc::Rc;

use leptos::prelude::*;
use protocol::api::ActiveSessions;
use protocol::live::LiveState;

use super::bind::effect;
use super::push::{Hub, News, Told};
use super::session::Session;
use super::site::Sites;
use crate::browser::clock::{self, Trip};
use crate::browser::listener;
use crate::browser::page;
use crate::browser::poll::Poll;
use crate::model::failure::Failure;
use crate::model::pace::{Link, SHORTEST};
use crate::model::push::Push;
use crate::model::{answer, push, query};

type Listener = Rc<dyn Fn(&News)>;

/// Who is here now, kept up to date; a copy is the same. In the context of the pages.
#[derive(Clone, Copy)]
pub struct Presence {
    /// Who is here; nothing before the first answer.
    pub active: RwSignal<Option<ActiveSessions>>,
    /// Whether it is known.
    pub link: RwSignal<Link>,
    /// How it is known.
    pub push: RwSignal<Push>,
    /// When it was last known to be right, by the worker's clock.
    pub heard_at: RwSignal<u64>,
    /// Changes with the hub's state.
    changed: RwSignal<u64>,
    sites: Sites,
    parts: StoredValue<Option<Parts>, LocalStorage>,
    listeners: StoredValue<Vec<(u64, Listener)>, LocalStorage>,
}

struct Parts {
    hub: Hub,
    poll: Poll<ActiveSessions>,
}

impl Presence {
    /// Begins to watch.
    pub fn start(sites: Sites, session: Session) -> Self {
        let presence = Self {
            active: RwSignal::new(None),
            link: RwSignal::new(Link::Waiting),
            push: RwSignal::new(Push::Connecting),
            heard_at: RwSignal::new(0),
            changed: RwSignal::new(0),
            sites,
            parts: StoredValue::new_local(None),
            listeners: StoredValue::new_local(Vec::new()),
        };
        let poll = Poll::new(
            SHORTEST,
            move || sites.chosen.with_untracked(|site| query::active(&site.id)),
            move |answer, trip| presence.polled(session, answer, trip),
        );
        let hub = Hub::new(move |told| presence.told(told));
        presence.parts.set_value(Some(Parts { hub, poll }));

        let visible = listener::visibility();
        effect(move || {
            let is_visible = visible.get();
            presence.with(|parts| {
                parts.hub.show(is_visible);
                let polls = presence.push.get_untracked() == Push::Polling;
                if is_visible && polls { parts.poll.show() } else { parts.poll.hide() }
            });
        });
        let mut before = None::<String>;
        effect(move || {
            let site = sites.chosen.with(|site| site.id.clone());
            if before.as_ref() == Some(&site) {
                return;
            }
            before = Some(site.clone());
            presence.active.set(None);
            presence.link.set(Link::Waiting);
            presence.push.set(Push::Connecting);
            presence.with(|parts| {
                parts.poll.stop();
                // A connection can show nothing but a cookie: within another page it is asked instead.
                if !page::is_embedded() {
                    parts.hub.watch(site);
                }
            });
            if page::is_embedded() {
                presence.told(Told::Lost);
            }
        });
        // Visitors leave by saying nothing, too.
        effect(move || {
            presence.changed.track();
            let at = sites.time.now();
            if presence.push.get() == Push::Live
                && let Some(active) = presence.state(|state| push::active(state, at))
            {
                presence.show(active);
            }
        });
        listener::on_online(move || presence.retry());
        listener::on_offline(move || {
            // What is known is old from now on, before anybody has asked in vain.
            presence.link.set(Link::Lost(Failure::Unreachable));
            presence.with(|parts| parts.hub.offline());
        });
        presence
    }

    /// That of the page this component is on.
    pub fn get() -> Self {
        expect_context()
    }

    /// Connects or asks at once, whatever the pace.
    pub fn retry(self) {
        let polls = self.push.get_untracked() == Push::Polling;
        self.with(|parts| {
            if polls {
                parts.poll.restart();
            }
            parts.hub.now();
        });
    }

    /// Reads the hub's state; nothing while there is none. Whoever reads is called again when it changes.
    pub fn read<T>(self, read: impl FnOnce(&LiveState) -> T) -> Option<T> {
        self.changed.track();
        if !self.has_state() {
            return None;
        }
        self.state(read)
    }

    /// Whether there is a state of the hub to be read: while it pushes, and while nobody answers the last there was.
    pub fn has_state(self) -> bool {
        let is_kept = self.is_lost() && self.state(LiveState::is_ready) == Some(true);
        self.push.get() == Push::Live || is_kept
    }

    /// What time that which is known is of, to the second: now, or, while nobody answers, when it was last known.
    pub fn at(self) -> u64 {
        if self.is_lost() { self.heard_at.get() } else { self.sites.time.now() }
    }

    fn is_lost(self) -> bool {
        matches!(*self.link.read(), Link::Lost(_))
    }

    /// Whether new events are pushed.
    pub(super) fn is_pushed(self) -> bool {
        self.push.try_get_untracked() == Some(Push::Live)
    }

    /// Calls `act` with what happens, for as long as the current component lives.
    pub(super) fn on_news(self, act: impl Fn(&News) + 'static) {
        let number = self
            .listeners
            .try_update_value(|listeners| {
                let number = listeners.last().map_or(0, |(number, _)| number + 1);
                listeners.push((number, Rc::new(act)));
                number
            })
            .unwrap_or_default();
        on_cleanup(move || {
            let _ = self.listeners.try_update_value(|all| all.retain(|(other, _)| *other != number));
        });
    }

    fn state<T>(self, read: impl FnOnce(&LiveState) -> T) -> Option<T> {
        self.parts.try_with_value(|parts| parts.as_ref().map(|parts| parts.hub.state(read))).flatten()
    }

    fn with(self, act: impl FnOnce(&Parts)) {
        let _ = self.parts.try_with_value(|parts| parts.as_ref().map(act));
    }

    /// Takes what the connection says.
    fn told(self, told: Told) {
        match told {
            Told::Clock(sent, time) => {
                self.sites.time.learn(Trip { sent, answered: clock::local() }, time);
            }
            Told::Heard => {
                if self.state(LiveState::is_ready) != Some(true) {
                    return;
                }
                self.heard_at.set(self.sites.time.read());
                if !self.is_pushed() {
                    self.push.set(Push::Live);
                    self.with(|parts| parts.poll.stop());
                }
                if *self.link.read_untracked() != Link::Live {
                    self.link.set(Link::Live);
                }
            }
            Told::State(news) => {
                self.changed.update(|count| *count += 1);
                let Some(news) = news else { return };
                let listeners = self.listeners.with_value(|all| {
                    all.iter().map(|(_, listener)| Rc::clone(listener)).collect::<Vec<_>>()
                });
                for listener in listeners {
                    listener(&news);
                }
            }
            Told::Lost => {
                if self.push.get_untracked() != Push::Polling {
                    self.push.set(Push::Polling);
                    self.with(|parts| parts.poll.show());
                }
            }
        }
    }

    /// Takes what the worker answers.
    fn polled(self, session: Session, answer: Result<ActiveSessions, Failure>, trip: Trip) {
        if self.is_pushed() {
            return;
        }
        let failure = answer.as_ref().err();
        let state = failure.map_or(Link::Live, |failure| Link::Lost(failure.clone()));
        if *self.link.read_untracked() != state {
            self.link.set(state);
        }
        if failure.is_some_and(Failure::is_signed_out) {
            session.end(true);
        }
        let Ok(new) = answer else { return };
        self.sites.time.learn(trip, new.generated_at);
        self.heard_at.set(self.sites.time.read());
        self.show(new);
    }

    fn show(self, new: ActiveSessions) {
        let is_same = self
            .active
            .with_untracked(|old| old.as_ref().is_some_and(|old| answer::is_same_presence(old, &new)));
        if !is_same {
            self.active.set(Some(new));
        }
    }
}
