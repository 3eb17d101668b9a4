//! Filling the engine. The worker answers first, so that there is something to see before the engine's program and the
//! events are there; then they are loaded, and from then on the engine answers.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Data;
use crate::browser::engine::{Engine, Loaded};
use crate::browser::page;
use crate::model::failure::Failure;
use crate::model::source::{Scope, Source, most_events};
use crate::ui::desk::Desk;

impl Data {
    /// Loads the events that are wanted into the engine once what is known has been painted, unless it holds them, is
    /// loading them, or cannot hold them.
    pub(super) fn load(self, desk: &Rc<Desk>) {
        let scope = desk.wanted.borrow().clone();
        let is_loading = desk.loading.borrow().as_ref() == Some(&scope);
        if scope.ranges.is_empty() || is_loading || desk.engine_in_use().is_some() || !desk.may_hold(&scope) {
            return;
        }
        *desk.loading.borrow_mut() = Some(scope.clone());
        self.source.set(Source::Loading);
        self.progress.set((0.0, 0.0));
        let desk = Rc::clone(desk);
        page::after_paint(move || {
            spawn_local(async move {
                if !self.is_alive() {
                    return;
                }
                let loaded = self.fill(&desk, &scope).await;
                if self.is_alive() {
                    self.filled(&desk, scope, &loaded);
                }
            });
        });
    }

    async fn fill(self, desk: &Desk, scope: &Scope) -> Result<Loaded, Failure> {
        let engine = match desk.engine.borrow().clone() {
            Some(engine) => engine,
            None => Engine::start().ok_or(Failure::NoEngine)?,
        };
        *desk.engine.borrow_mut() = Some(engine.clone());
        let progress = move |done, total| {
            let _ = self.progress.try_set((done, total));
        };
        engine.load(&scope.site, &scope.ranges, most_events(page::device_memory()), progress).await
    }

    fn filled(self, desk: &Rc<Desk>, scope: Scope, loaded: &Result<Loaded, Failure>) {
        // Something else is being loaded by now: that load has its own end.
        if desk.loading.borrow().as_ref() != Some(&scope) {
            return;
        }
        *desk.loading.borrow_mut() = None;
        match loaded {
            Err(Failure::NoEngine) => {
                desk.give_up_engine();
                self.source.set(Source::Edge(None));
            }
            // The worker's next answer says what is wrong, or that it is over: then this is tried again.
            Err(_) => {}
            Ok(Loaded { too_large: Some(events), .. }) => {
                *desk.too_large.borrow_mut() = Some(scope);
                self.source.set(Source::Edge(Some(*events as u64)));
            }
            Ok(Loaded { events: Some(events), superseded: false, .. }) => {
                *desk.held.borrow_mut() = Some(scope);
                desk.events.set(*events as u64);
                self.source.set(Source::Browser(*events as u64));
                self.note(desk, None);
                self.all_due();
            }
            // What is wanted has changed: it is loaded once its questions are answered.
            Ok(_) => {}
        }
    }
}
