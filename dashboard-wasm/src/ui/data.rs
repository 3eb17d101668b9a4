//! Questions and their answers. A part of the page asks once and is answered again whenever its question or the events
//! change; all questions that change together are asked together, so that all parts of the page change together.
//!
//! Where the answers come from is nobody's business but this file's: the engine in this browser, once it has loaded the
//! events, or the worker, when there are too many events for this browser or it cannot run the engine.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::bind::effect;
use super::session::Session;
use super::site::SiteClock;
use crate::browser::clock::{self, Clock};
use crate::browser::engine::{Answered, Clock as ZoneParts, Engine};
use crate::browser::{api, listener, page};
use crate::model::failure::Failure;
use crate::model::pace::{Link, Pace};
use crate::model::question::{Question, Reply};
use crate::model::source::{Scope, Source, most_events};

/// What a question is answered; a copy is the same.
#[derive(Clone, Copy)]
pub struct Asked {
    /// The newest answer; nothing before the first.
    pub reply: RwSignal<Option<Reply>>,
    /// Why there is no newer one, if there should be.
    pub failure: RwSignal<Option<Failure>>,
    /// Whether the answer is that to an earlier question.
    pub is_outdated: RwSignal<bool>,
}

struct Entry {
    number: u64,
    question: Memo<Option<Question>>,
    asked: Asked,
    is_due: bool,
}

/// Answers questions; a copy is the same one. In the context of the pages.
#[derive(Clone, Copy)]
pub struct Data {
    /// Where answers come from.
    pub source: RwSignal<Source>,
    /// How much of the events is loaded: bytes and of how many.
    pub progress: RwSignal<(f64, f64)>,
    /// Whether the last request was answered.
    pub link: RwSignal<Link>,
    /// When the numbers were last known to be right, by the worker's clock.
    pub fresh_at: RwSignal<u64>,
    desk: StoredValue<Rc<Desk>, LocalStorage>,
}

/// What [`Data`] works with.
struct Desk {
    clock: Clock,
    session: Session,
    zone: RefCell<SiteClock>,
    engine: RefCell<Option<Engine>>,
    entries: RefCell<Vec<Entry>>,
    next: Cell<u64>,
    wanted: RefCell<Scope>,
    /// What the engine holds.
    held: RefCell<Option<Scope>>,
    /// What is known to be too large for it.
    too_large: RefCell<Option<Scope>>,
    is_busy: Cell<bool>,
    is_visible: Cell<bool>,
    pace: Cell<Pace>,
    timer: RefCell<Option<Timeout>>,
}

impl Data {
    /// Begins. `scope` are the events that questions are about, `zone` the site's clock.
    pub fn start(clock: Clock, scope: Memo<Scope>, zone: Memo<SiteClock>) -> Self {
        let desk = Rc::new(Desk {
            clock,
            session: expect_context(),
            zone: RefCell::new(zone.get_untracked()),
            engine: RefCell::new(Engine::start()),
            entries: RefCell::default(),
            next: Cell::new(0),
            wanted: RefCell::default(),
            held: RefCell::default(),
            too_large: RefCell::default(),
            is_busy: Cell::new(false),
            is_visible: Cell::new(true),
            pace: Cell::default(),
            timer: RefCell::default(),
        });
        let data = Self {
            source: RwSignal::new(Source::Loading),
            progress: RwSignal::new((0.0, 0.0)),
            link: RwSignal::new(Link::Waiting),
            fresh_at: RwSignal::new(0),
            desk: StoredValue::new_local(desk),
        };
        effect(move || {
            let zone = zone.get();
            data.with(|desk| *desk.zone.borrow_mut() = zone);
        });
        effect(move || {
            let scope = scope.get();
            data.with(|desk| {
                let is_other_site = desk.wanted.borrow().site != scope.site;
                *desk.wanted.borrow_mut() = scope;
                if is_other_site {
                    // Numbers of one site must never be seen under the name of another.
                    for entry in desk.entries.borrow().iter() {
                        entry.asked.reply.set(None);
                    }
                }
                if desk.is_busy.get()
                    && let Some(engine) = &*desk.engine.borrow()
                    && desk.held.borrow().is_none()
                {
                    engine.cancel();
                }
            });
            data.all_due();
        });
        let visible = listener::visibility();
        effect(move || {
            let is_visible = visible.get();
            data.with(|desk| desk.is_visible.set(is_visible));
            if is_visible {
                data.look();
            }
        });
        listener::on_online(move || data.retry());
        data
    }

    /// Whether the page is still shown: whoever waited for an answer may have outlived it.
    fn is_alive(self) -> bool {
        self.with(|_| ()).is_some()
    }

    fn with<T>(self, act: impl FnOnce(&Rc<Desk>) -> T) -> Option<T> {
        self.desk.try_with_value(act)
    }

    /// Asks a question, for as long as the current component lives. Nothing is asked while there is no question.
    pub fn ask(self, question: impl Fn() -> Option<Question> + Send + Sync + 'static) -> Asked {
        fn memo(of: Box<dyn Fn() -> Option<Question> + Send + Sync>) -> Memo<Option<Question>> {
            Memo::new(move |_| of())
        }
        let question = memo(Box::new(question));
        let asked = Asked {
            reply: RwSignal::new(None),
            failure: RwSignal::new(None),
            is_outdated: RwSignal::new(false),
        };
        let number = self
            .with(|desk| {
                let number = desk.next.get();
                desk.next.set(number + 1);
                let entry = Entry { number, question, asked, is_due: true };
                desk.entries.borrow_mut().push(entry);
                number
            })
            .unwrap_or_default();
        effect(move || {
            question.track();
            asked.is_outdated.set(asked.reply.with_untracked(Option::is_some));
            self.with(|desk| {
                let mut entries = desk.entries.borrow_mut();
                entries
                    .iter_mut()
                    .filter(|entry| entry.number == number)
                    .for_each(|entry| entry.is_due = true);
            });
            self.work();
        });
        on_cleanup(move || {
            self.with(|desk| desk.entries.borrow_mut().retain(|entry| entry.number != number));
        });
        asked
    }

    /// Asks everything anew, at once.
    pub fn retry(self) {
        self.with(|desk| desk.pace.set(Pace::default()));
        self.all_due();
    }

    fn all_due(self) {
        self.with(|desk| desk.entries.borrow_mut().iter_mut().for_each(|entry| entry.is_due = true));
        self.work();
    }

    /// Works until nothing is due. There is never more than one at work.
    fn work(self) {
        let Some(desk) = self.with(Rc::clone) else { return };
        if desk.is_busy.replace(true) {
            return;
        }
        spawn_local(async move {
            let began = clock::local();
            let done = self.work_through(&desk).await;
            desk.is_busy.set(false);
            if !self.is_alive() {
                return;
            }
            self.note(&desk, done.as_ref().err());
            let mut pace = desk.pace.get();
            let wait = match done {
                Ok(()) => pace.after_answer(clock::local().saturating_sub(began) as f64),
                Err(_) => pace.after_failure(),
            };
            desk.pace.set(pace);
            self.look_later(&desk, wait);
        });
    }

    async fn work_through(self, desk: &Rc<Desk>) -> Result<(), Failure> {
        loop {
            // Lets all that changes together become due together.
            wasm_bindgen_futures::JsFuture::from(js_sys::Promise::resolve(&wasm_bindgen::JsValue::UNDEFINED))
                .await
                .map_err(|_| Failure::Unreadable)?;
            if !self.is_alive() {
                return Err(Failure::Unreadable);
            }
            let scope = desk.wanted.borrow().clone();
            let due: Vec<(u64, Question, Asked)> = desk
                .entries
                .borrow()
                .iter()
                .filter(|entry| entry.is_due)
                .filter_map(|entry| {
                    Some((entry.number, entry.question.try_get_untracked().flatten()?, entry.asked))
                })
                .collect();
            if due.is_empty() || scope.ranges.is_empty() {
                return Ok(());
            }
            let questions: Vec<Question> = due.iter().map(|(_, question, _)| question.clone()).collect();
            let answers = match self.answers(desk, &scope, &questions).await {
                Ok(Some(answers)) => answers,
                // What was held is not what is wanted any more.
                Ok(None) => continue,
                Err(Failure::NoEngine) => {
                    *desk.engine.borrow_mut() = None;
                    *desk.held.borrow_mut() = None;
                    continue;
                }
                Err(failure) => {
                    for (_, _, asked) in &due {
                        let _ = asked.failure.try_set(Some(failure.clone()));
                    }
                    return Err(failure);
                }
            };
            for ((number, question, asked), answer) in due.into_iter().zip(answers) {
                let mut entries = desk.entries.borrow_mut();
                let Some(entry) = entries.iter_mut().find(|entry| entry.number == number) else { continue };
                // The question may have changed while it was being answered: then it is asked again.
                let is_current = entry.question.try_get_untracked().flatten().as_ref() == Some(&question);
                if is_current {
                    entry.is_due = false;
                }
                drop(entries);
                if is_current {
                    asked.take(answer);
                }
            }
        }
    }

    /// Answers from the engine if it holds, or may hold, the events, else from the worker.
    async fn answers(
        self,
        desk: &Rc<Desk>,
        scope: &Scope,
        questions: &[Question],
    ) -> Result<Option<Vec<Result<Reply, Failure>>>, Failure> {
        let engine = desk.engine.borrow().clone();
        let is_too_large = desk.too_large.borrow().as_ref().is_some_and(|large| scope.covers(large));
        let Some(engine) = engine.filter(|_| !is_too_large) else {
            if !matches!(self.source.get_untracked(), Source::Edge(_)) {
                self.source.set(Source::Edge(None));
            }
            return api::ask(questions).await.map(Some);
        };
        let is_held = desk.held.borrow().as_ref().is_some_and(|held| held.covers(scope));
        if !is_held {
            *desk.held.borrow_mut() = None;
            self.source.set(Source::Loading);
            self.progress.set((0.0, 0.0));
            let progress = move |done, total| {
                let _ = self.progress.try_set((done, total));
            };
            let most = most_events(page::device_memory());
            let loaded = engine.load(&scope.site, &scope.ranges, most, progress).await?;
            if !self.is_alive() {
                return Err(Failure::Unreadable);
            }
            if let Some(events) = loaded.too_large {
                *desk.too_large.borrow_mut() = Some(scope.clone());
                self.source.set(Source::Edge(Some(events as u64)));
                return Ok(None);
            }
            let Some(events) = loaded.events.filter(|_| !loaded.superseded) else { return Ok(None) };
            *desk.held.borrow_mut() = Some(scope.clone());
            self.source.set(Source::Browser(events as u64));
        }
        let SiteClock { first, changes, .. } = desk.zone.borrow().clone();
        let answers =
            engine.ask(questions, desk.clock.read(), ZoneParts { first, changes: &changes }).await?;
        let Some(answers) = answers else {
            *desk.held.borrow_mut() = None;
            return Ok(None);
        };
        let reply = |answer| match answer {
            Answered::Answer(reply) => Ok(reply),
            Answered::Problem(text) => Err(Failure::NotAnswered(text)),
        };
        Ok(Some(answers.into_iter().map(reply).collect()))
    }

    /// Looks for new events, as the pace allows.
    fn look_later(self, desk: &Desk, wait: u32) {
        desk.timer.replace(Some(Timeout::new(wait, move || self.look())));
    }

    fn look(self) {
        let Some(desk) = self.with(Rc::clone) else { return };
        if !desk.is_visible.get() || desk.is_busy.get() {
            return;
        }
        let now = desk.clock.read();
        let is_running = desk.wanted.borrow().contains(now);
        let is_lost = matches!(*self.link.read_untracked(), Link::Lost(_));
        let is_held = desk.held.borrow().is_some();
        let engine = desk.engine.borrow().clone().filter(|_| is_held);
        match engine {
            _ if is_lost => self.all_due(),
            // What is over does not change.
            _ if !is_running => {}
            None => self.all_due(),
            Some(engine) => {
                if desk.is_busy.replace(true) {
                    return;
                }
                spawn_local(async move {
                    let began = clock::local();
                    let seen = engine.refresh().await;
                    desk.is_busy.set(false);
                    if !self.is_alive() {
                        return;
                    }
                    self.note(&desk, seen.as_ref().err());
                    match seen {
                        Ok(loaded) if loaded.changed => {
                            if let Some(events) = loaded.events {
                                self.source.set(Source::Browser(events as u64));
                            }
                            self.all_due();
                        }
                        Ok(_) => {
                            let mut pace = desk.pace.get();
                            let wait = pace.after_answer(clock::local().saturating_sub(began) as f64);
                            desk.pace.set(pace);
                            self.look_later(&desk, wait);
                            // Something may have become due meanwhile.
                            self.work_if_due(&desk);
                        }
                        Err(_) => {
                            let mut pace = desk.pace.get();
                            let wait = pace.after_failure();
                            desk.pace.set(pace);
                            self.look_later(&desk, wait);
                        }
                    }
                });
            }
        }
    }

    fn work_if_due(self, desk: &Desk) {
        let is_due = desk.entries.borrow().iter().any(|entry| entry.is_due);
        if is_due {
            self.work();
        }
    }

    /// Keeps what a request tells besides its answer.
    fn note(self, desk: &Desk, failure: Option<&Failure>) {
        let state = failure.map_or(Link::Live, |failure| Link::Lost(failure.clone()));
        if *self.link.read_untracked() != state {
            self.link.set(state);
        }
        match failure {
            None => self.fresh_at.set(desk.clock.read()),
            Some(failure) if failure.is_signed_out() => desk.session.end(true),
            Some(_) => {}
        }
    }
}

impl Asked {
    fn take(self, answer: Result<Reply, Failure>) {
        // The component that asked may be gone.
        let failure = match answer {
            Ok(reply) => {
                let is_same =
                    self.reply.try_with_untracked(|old| old.as_ref() == Some(&reply)).unwrap_or(true);
                if !is_same {
                    let _ = self.reply.try_set(Some(reply));
                }
                None
            }
            Err(failure) => Some(failure),
        };
        if self.failure.try_with_untracked(|old| *old != failure).unwrap_or(false) {
            let _ = self.failure.try_set(failure);
        }
        if self.is_outdated.try_get_untracked() == Some(true) {
            let _ = self.is_outdated.try_set(false);
        }
    }
}
