//! Questions and their answers. A part of the page asks once and is answered again whenever its question or the events
//! change; all questions that change together are asked together, so that all parts of the page change together.
//!
//! Where the answers come from is nobody's business but this file's: the engine in this browser, once it holds the events,
//! or the worker: until then, and when there are too many events for this browser or it cannot run the engine.

mod load;

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::bind::effect;
use super::desk::{Asked, Desk, Entry};
use super::presence::Presence;
use super::push::News;
use super::site::SiteClock;
use crate::browser::clock::{self, Clock};
use crate::browser::engine::{Answered, Clock as ZoneParts, Engine};
use crate::browser::{api, listener};
use crate::model::failure::Failure;
use crate::model::pace::{Link, Pace, SHORTEST, SHORTEST_PUSHED};
use crate::model::push::Push;
use crate::model::question::{Question, Reply};
use crate::model::source::{Scope, Source};

/// Answers questions; a copy is the same one. In the context of the pages.
#[derive(Clone, Copy)]
pub struct Data {
    /// Where answers come from.
    pub source: RwSignal<Source>,
    /// How much of the events is loaded: bytes and of how many.
    pub progress: RwSignal<(f64, f64)>,
    /// Whether the last request to the worker was answered.
    pub link: RwSignal<Link>,
    /// Whether numbers on the page count visits that were made up to meet totals that were imported.
    pub is_estimated: RwSignal<bool>,
    /// When the numbers were last known to be right, by the worker's clock.
    pub fresh_at: RwSignal<u64>,
    desk: StoredValue<Rc<Desk>, LocalStorage>,
    presence: Presence,
}

/// How often it is looked after what is pushed, milliseconds: whether the worker still answers, and whether hours have
/// been sealed.
const CHECK_MS: u32 = 15_000;

impl Data {
    /// Begins. `scope` are the events that questions are about, `zone` the site's clock.
    pub fn start(clock: Clock, scope: Memo<Scope>, zone: Memo<SiteClock>) -> Self {
        let desk = Rc::new(Desk::new(clock, expect_context(), zone.get_untracked()));
        let presence = Presence::get();
        let data = Self {
            source: RwSignal::new(Source::Loading),
            progress: RwSignal::new((0.0, 0.0)),
            link: RwSignal::new(Link::Waiting),
            is_estimated: RwSignal::new(false),
            fresh_at: RwSignal::new(0),
            desk: StoredValue::new_local(desk),
            presence,
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
                let is_loading_other =
                    desk.loading.borrow().as_ref().is_some_and(|it| *it != *desk.wanted.borrow());
                if is_loading_other && let Some(engine) = &*desk.engine.borrow() {
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
                data.with(|desk| data.take_news_later(desk));
            }
        });
        listener::on_online(move || data.retry());
        presence.on_news(move |news| data.hear(news));
        let mut was_live = false;
        effect(move || {
            let is_live = presence.push.get() == Push::Live;
            if is_live != was_live {
                was_live = is_live;
                // What happened in between, nobody has said.
                data.look();
            }
        });
        effect(move || {
            let heard = presence.heard_at.get();
            // As long as the connection stands, what it has not said has not happened.
            let is_known =
                data.fresh_at.get_untracked() > 0 && data.link.with_untracked(|link| *link == Link::Live);
            if is_known && presence.is_pushed() {
                data.fresh_at.set(heard);
            }
        });
        data
    }

    /// Something has happened.
    fn hear(self, news: &News) {
        let Some(desk) = self.with(Rc::clone) else { return };
        let now = desk.clock.read();
        if !desk.wanted.borrow().contains(now) {
            return;
        }
        match news {
            News::Events(rows) => {
                if !rows.is_empty()
                    && let Some(engine) = &*desk.engine.borrow()
                {
                    engine.merge(&desk.wanted.borrow().site, rows);
                }
                desk.has_news.set(true);
                self.take_news_later(&desk);
            }
            News::Reload => {
                desk.is_stale.set(true);
                self.look();
            }
        }
    }

    /// Answers anew what new events may change, as soon as the pace allows.
    fn take_news_later(self, desk: &Desk) {
        if !desk.has_news.get() || desk.news_timer.borrow().is_some() || !desk.is_visible.get() {
            return;
        }
        let wait = desk.next_news.get().saturating_sub(clock::local()) as u32;
        desk.news_timer.replace(Some(Timeout::new(wait, move || self.take_news())));
    }

    fn take_news(self) {
        let Some(desk) = self.with(Rc::clone) else { return };
        desk.news_timer.take();
        // Whoever is at work looks afterwards whether there is news.
        if desk.is_busy.get() || !desk.has_news.replace(false) {
            return;
        }
        let now = desk.clock.read();
        desk.mark_due(|question| question.is_open_at(now));
        self.work();
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
        let asked = Asked::new(question);
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
            if question.with(Option::is_none) && asked.reply.with_untracked(Option::is_some) {
                asked.reply.set(None);
            }
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
        let is_lost = self.is_lost();
        let engine = self.with(|desk| {
            desk.pace.set(Pace::default());
            desk.wait.set(SHORTEST);
            desk.engine_in_use()
        });
        match engine.flatten() {
            // The engine would answer without the worker, which is the one that is missed.
            Some(_) if is_lost => {
                self.with(|desk| desk.mark_due(|_| true));
                self.look();
            }
            _ => self.all_due(),
        }
    }

    fn all_due(self) {
        self.with(|desk| desk.mark_due(|_| true));
        self.work();
    }

    fn is_lost(self) -> bool {
        self.link.with_untracked(|link| matches!(link, Link::Lost(_)))
    }

    /// Works until nothing is due. There is never more than one at work.
    fn work(self) {
        let Some(desk) = self.with(Rc::clone) else { return };
        if desk.is_busy.replace(true) {
            return;
        }
        desk.asked_server.set(false);
        spawn_local(async move {
            let began = clock::local();
            let done = self.work_through(&desk).await;
            desk.is_busy.set(false);
            if !self.is_alive() {
                return;
            }
            let shortest = if desk.asked_server.get() { SHORTEST } else { SHORTEST_PUSHED };
            desk.next_news.set(began + u64::from(Pace::between(shortest, began, clock::local())));
            self.take_news_later(&desk);
            if done.is_err() || desk.asked_server.get() {
                self.note(&desk, done.as_ref().err());
                desk.step(done.is_ok(), began);
            }
            self.look_later(&desk);
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
                .borrow_mut()
                .iter_mut()
                .filter(|entry| entry.is_due)
                .filter_map(|entry| {
                    let question = entry.question.try_get_untracked().flatten();
                    // Without a question there is nothing to do until there is one.
                    entry.is_due = question.is_some();
                    Some((entry.number, question?, entry.asked))
                })
                .collect();
            if due.is_empty() || scope.ranges.is_empty() {
                self.load(desk);
                return Ok(());
            }
            let questions: Vec<Question> = due.iter().map(|(_, question, _)| question.clone()).collect();
            let answers = match self.answers(desk, &scope, &questions).await {
                Ok(Some(answers)) => answers,
                // What was held is not what is wanted any more.
                Ok(None) => continue,
                Err(Failure::NoEngine) => {
                    desk.give_up_engine();
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
                    asked.take(question, answer);
                }
            }
            let says_so = |asked: &Asked| {
                let reply =
                    asked.reply.try_with_untracked(|reply| reply.as_ref().is_some_and(Reply::is_estimated));
                reply.unwrap_or(false)
            };
            let is_estimated = desk.entries.borrow().iter().any(|entry| says_so(&entry.asked));
            // The page may be gone by now.
            if self.is_estimated.try_get_untracked().is_some_and(|before| before != is_estimated) {
                self.is_estimated.set(is_estimated);
            }
        }
    }

    /// Answers from the engine if it holds the events, else from the worker.
    async fn answers(
        self,
        desk: &Rc<Desk>,
        scope: &Scope,
        questions: &[Question],
    ) -> Result<Option<Vec<Result<Reply, Failure>>>, Failure> {
        let Some(engine) = desk.engine_in_use() else {
            // What the engine holds is not kept up to date meanwhile.
            *desk.held.borrow_mut() = None;
            if !desk.may_hold(scope) && !matches!(self.source.get_untracked(), Source::Edge(_)) {
                self.source.set(Source::Edge(None));
            }
            let answers = api::ask(questions).await;
            desk.asked_server.set(true);
            return answers.map(Some);
        };
        let SiteClock { first, changes, .. } = desk.zone.borrow().clone();
        let answers =
            engine.ask(questions, desk.clock.read(), ZoneParts { first, changes: &changes }).await?;
        let Some(answers) = answers else {
            *desk.held.borrow_mut() = None;
            return Ok(None);
        };
        let mut replies = Vec::with_capacity(answers.len());
        let mut refused = Vec::new();
        for (place, answer) in answers.into_iter().enumerate() {
            replies.push(match answer {
                Answered::Answer(reply) => Ok(reply),
                Answered::Problem(text) => {
                    refused.push(place);
                    Err(Failure::NotAnswered(text))
                }
            });
        }
        self.ask_instead(desk, questions, &refused, &mut replies).await;
        Ok(Some(replies))
    }

    /// Asks the worker what the engine cannot answer, such as filters with regular expressions.
    async fn ask_instead(
        self,
        desk: &Desk,
        questions: &[Question],
        refused: &[usize],
        replies: &mut [Result<Reply, Failure>],
    ) {
        let is_refused: Vec<Question> =
            refused.iter().filter_map(|place| questions.get(*place)).cloned().collect();
        let source = match &*desk.held.borrow() {
            Some(_) if refused.is_empty() => Source::Browser(desk.events.get()),
            _ => Source::Edge(None),
        };
        if self.source.get_untracked() != source {
            self.source.set(source);
        }
        if is_refused.is_empty() {
            return;
        }
        let answers = api::ask(&is_refused).await;
        desk.asked_server.set(true);
        for (number, place) in refused.iter().enumerate() {
            if let Some(reply) = replies.get_mut(*place) {
                *reply = match &answers {
                    Ok(answers) => answers[number].clone(),
                    Err(failure) => Err(failure.clone()),
                };
            }
        }
    }

    /// What is saved at the site, such as its goals, has changed: questions mean something else now.
    pub fn learn(self) {
        let engine = self.with(|desk| desk.engine.borrow().clone()).flatten();
        spawn_local(async move {
            if let Some(engine) = engine {
                // Without an answer it is asked again with the next events.
                let _ = engine.learn().await;
            }
            if self.is_alive() {
                self.all_due();
            }
        });
    }

    /// Looks for new events, as the pace allows.
    fn look_later(self, desk: &Desk) {
        let wait = if desk.is_stale.get() {
            SHORTEST_PUSHED
        } else if self.presence.is_pushed() && !self.is_lost() {
            desk.wait.get().max(CHECK_MS)
        } else {
            desk.wait.get()
        };
        desk.timer.replace(Some(Timeout::new(wait, move || self.look())));
    }

    fn look(self) {
        let Some(desk) = self.with(Rc::clone) else { return };
        if !desk.is_visible.get() || desk.is_busy.get() {
            return;
        }
        desk.is_stale.set(false);
        let now = desk.clock.read();
        let is_running = desk.wanted.borrow().contains(now);
        let is_lost = self.is_lost();
        match desk.engine_in_use() {
            // What is over does not change.
            _ if !is_running && !is_lost => {}
            None => {
                desk.mark_due(|question| is_lost || question.is_open_at(now));
                self.work();
            }
            Some(engine) => {
                desk.is_busy.set(true);
                spawn_local(self.refresh(desk, engine));
            }
        }
    }

    /// Asks the worker whether there are events that the engine does not hold.
    async fn refresh(self, desk: Rc<Desk>, engine: Engine) {
        let began = clock::local();
        let seen = engine.refresh().await;
        desk.is_busy.set(false);
        if !self.is_alive() {
            return;
        }
        self.take_news_later(&desk);
        if matches!(seen, Err(Failure::NoEngine)) {
            desk.give_up_engine();
            return self.all_due();
        }
        self.note(&desk, seen.as_ref().err());
        desk.step(seen.is_ok(), began);
        match seen {
            Ok(loaded) if loaded.changed => {
                if let Some(events) = loaded.events {
                    desk.events.set(events as u64);
                }
                self.all_due();
            }
            seen => {
                self.look_later(&desk);
                // Something may have become due meanwhile.
                if seen.is_ok() {
                    self.work_if_due(&desk);
                }
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
