//! Listeners and the timer: values that undo themselves when they are dropped.

use std::cell::Cell;

use js_sys::Function;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, EventTarget, Window};

use super::host::Host;

/// A capturing event listener; removed on drop.
#[must_use = "dropping a listener removes it"]
pub(super) struct Listener {
    target: EventTarget,
    kind: &'static str,
    guarded: Function,
    _run: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// Calls `run` for each event of type `kind` at `target`.
    pub(super) fn new(
        host: &Host,
        target: &EventTarget,
        kind: &'static str,
        run: Closure<dyn FnMut(Event)>,
    ) -> Self {
        let guarded = host.guard(run.as_ref().unchecked_ref());
        // Adding a listener can only fail on a page that has replaced the method by one that throws.
        let _ = target.add_event_listener_with_callback_and_bool(kind, &guarded, true);
        Self { target: target.clone(), kind, guarded, _run: run }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback_and_bool(self.kind, &self.guarded, true);
    }
}

/// A timer that can be set again and again; cleared on drop.
pub(super) struct Timer {
    window: Window,
    guarded: Function,
    _run: Closure<dyn FnMut(Event)>,
    set: Cell<Option<(u64, i32)>>,
}

impl Timer {
    /// A timer that calls `run` when it fires. The same type of closure as a listener's, called without
    /// an event, keeps the glue small.
    pub(super) fn new(host: &Host, window: Window, run: Closure<dyn FnMut(Event)>) -> Self {
        Self { window, guarded: host.guard(run.as_ref().unchecked_ref()), _run: run, set: Cell::new(None) }
    }

    /// Fires at `at` instead of whatever was set before; `None` does not fire.
    pub(super) fn set(&self, now: u64, at: Option<u64>) {
        if self.set.get().map(|(at, _)| at) == at {
            return;
        }
        self.clear();
        if let Some(at) = at {
            let wait = at.saturating_sub(now).min(i32::MAX as u64) as i32;
            let id = self.window.set_timeout_with_callback_and_timeout_and_arguments_0(&self.guarded, wait);
            self.set.set(id.ok().map(|id| (at, id)));
        }
    }

    /// Notes that it fired.
    pub(super) fn fired(&self) {
        self.set.set(None);
    }

    fn clear(&self) {
        if let Some((_, id)) = self.set.take() {
            self.window.clear_timeout_with_handle(id);
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.clear();
    }
}
