//! What the asking of questions works with: the questions, what is held of the events, and the pace.

use std::cell::{Cell, RefCell};

use gloo_timers::callback::Timeout;
use leptos::prelude::*;

use super::bind::flag;
use super::session::Session;
use super::site::SiteClock;
use crate::browser::clock::{self, Clock};
use crate::browser::engine::Engine;
use crate::model::failure::Failure;
use crate::model::pace::{Pace, SHORTEST};
use crate::model::question::{Question, Reply};
use crate::model::source::Scope;

/// What a question is answered; a copy is the same.
#[derive(Clone, Copy)]
pub struct Asked {
    /// The newest answer; nothing before the first.
    pub reply: RwSignal<Option<Reply>>,
    /// Why there is no newer one, if there should be.
    pub failure: RwSignal<Option<Failure>>,
    /// Whether the answer is that to an earlier question.
    pub is_outdated: Memo<bool>,
    /// The question that the answer is to.
    answered: RwSignal<Option<Question>>,
}

/// A question that is asked for as long as the part of the page that asked is there.
pub(super) struct Entry {
    pub(super) number: u64,
    pub(super) question: Memo<Option<Question>>,
    pub(super) asked: Asked,
    pub(super) is_due: bool,
}

/// What [`Data`](super::data::Data) works with.
pub(super) struct Desk {
    pub(super) clock: Clock,
    pub(super) session: Session,
    pub(super) zone: RefCell<SiteClock>,
    /// The engine, once it is started.
    pub(super) engine: RefCell<Option<Engine>>,
    /// Whether this reader and browser may have one.
    pub(super) may_have_engine: Cell<bool>,
    pub(super) entries: RefCell<Vec<Entry>>,
    pub(super) next: Cell<u64>,
    pub(super) wanted: RefCell<Scope>,
    /// What the engine holds.
    pub(super) held: RefCell<Option<Scope>>,
    /// How many events these are.
    pub(super) events: Cell<u64>,
    /// What it is loading.
    pub(super) loading: RefCell<Option<Scope>>,
    /// What is known to be too large for it.
    pub(super) too_large: RefCell<Option<Scope>>,
    pub(super) is_busy: Cell<bool>,
    pub(super) is_visible: Cell<bool>,
    /// Whether the worker was asked something since work began: what the engine knows by itself says nothing about the
    /// connection.
    pub(super) asked_server: Cell<bool>,
    pub(super) pace: Cell<Pace>,
    /// How long to wait before looking again, milliseconds: as the pace said last.
    pub(super) wait: Cell<u32>,
    pub(super) timer: RefCell<Option<Timeout>>,
    /// Whether events may have been missed.
    pub(super) is_stale: Cell<bool>,
    /// Whether something was pushed that the answers do not know of yet.
    pub(super) has_news: Cell<bool>,
    /// When they may next be told, by the browser's clock.
    pub(super) next_news: Cell<u64>,
    pub(super) news_timer: RefCell<Option<Timeout>>,
}

impl Desk {
    /// With nothing asked and nothing held.
    pub(super) fn new(clock: Clock, session: Session, zone: SiteClock) -> Self {
        Self {
            clock,
            session,
            zone: RefCell::new(zone),
            engine: RefCell::default(),
            // Readers of a share link get no segments.
            may_have_engine: Cell::new(session.person().is_some()),
            entries: RefCell::default(),
            next: Cell::new(0),
            wanted: RefCell::default(),
            held: RefCell::default(),
            events: Cell::new(0),
            loading: RefCell::default(),
            too_large: RefCell::default(),
            is_busy: Cell::new(false),
            is_visible: Cell::new(true),
            asked_server: Cell::new(false),
            pace: Cell::default(),
            wait: Cell::new(SHORTEST),
            timer: RefCell::default(),
            is_stale: Cell::new(false),
            has_news: Cell::new(false),
            next_news: Cell::new(0),
            news_timer: RefCell::default(),
        }
    }

    /// Marks those due whose question `is_wanted`.
    pub(super) fn mark_due(&self, is_wanted: impl Fn(&Question) -> bool) {
        for entry in self.entries.borrow_mut().iter_mut() {
            let question = entry.question.try_get_untracked().flatten();
            entry.is_due |= question.is_some_and(|question| is_wanted(&question));
        }
    }

    /// The engine, if it holds the events that are wanted.
    pub(super) fn engine_in_use(&self) -> Option<Engine> {
        let is_held = self.held.borrow().as_ref().is_some_and(|held| held.covers(&self.wanted.borrow()));
        self.engine.borrow().clone().filter(|_| is_held)
    }

    /// Whether the engine may be able to hold the events of a scope.
    pub(super) fn may_hold(&self, scope: &Scope) -> bool {
        let is_too_large = self.too_large.borrow().as_ref().is_some_and(|large| scope.covers(large));
        self.may_have_engine.get() && !is_too_large
    }

    /// The engine does not run, or no longer.
    pub(super) fn give_up_engine(&self) {
        self.may_have_engine.set(false);
        *self.engine.borrow_mut() = None;
        *self.held.borrow_mut() = None;
    }

    /// The worker has answered, or has not, what was asked when the browser's clock showed `began`.
    pub(super) fn step(&self, is_answered: bool, began: u64) {
        let mut pace = self.pace.get();
        self.wait.set(if is_answered {
            pace.after_answer(clock::local().saturating_sub(began) as f64)
        } else {
            pace.after_failure()
        });
        self.pace.set(pace);
    }
}

impl Asked {
    /// Not answered yet.
    pub(super) fn new(question: Memo<Option<Question>>) -> Self {
        let (reply, answered) = (RwSignal::new(None::<Reply>), RwSignal::new(None));
        // Follows the question itself: it is known before anything is drawn for the new one.
        let is_outdated = flag(move || {
            let is_other = || question.with(|question| answered.with(|answered| question != answered));
            reply.with(Option::is_some) && question.with(Option::is_some) && is_other()
        });
        Self { reply, failure: RwSignal::new(None), is_outdated, answered }
    }

    /// Takes the answer to a question.
    pub(super) fn take(self, question: Question, answer: Result<Reply, Failure>) {
        // The component that asked may be gone.
        let failure = match answer {
            Ok(reply) => {
                let is_same =
                    self.reply.try_with_untracked(|old| old.as_ref() == Some(&reply)).unwrap_or(true);
                if !is_same {
                    let _ = self.reply.try_set(Some(reply));
                }
                let is_to_same =
                    self.answered.try_with_untracked(|old| old.as_ref() == Some(&question)).unwrap_or(true);
                if !is_to_same {
                    let _ = self.answered.try_set(Some(question));
                }
                None
            }
            Err(failure) => Some(failure),
        };
        if self.failure.try_with_untracked(|old| *old != failure).unwrap_or(false) {
            let _ = self.failure.try_set(failure);
        }
    }
}
