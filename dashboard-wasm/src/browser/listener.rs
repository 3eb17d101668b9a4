//! Event listeners that are removed when they are dropped.

use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{EventTarget, VisibilityState};

/// A listener; it listens for as long as it is kept.
#[must_use = "a listener that is not kept is removed at once"]
pub struct Listener {
    target: EventTarget,
    event: &'static str,
    callback: Closure<dyn FnMut()>,
}

impl Listener {
    /// Calls `callback` for each `event` of `target`.
    pub fn new(target: &EventTarget, event: &'static str, callback: impl FnMut() + 'static) -> Self {
        let callback = Closure::<dyn FnMut()>::new(callback);
        // Fails for no target and no event name that exists.
        let _ = target.add_event_listener_with_callback(event, callback.as_ref().unchecked_ref());
        Self { target: target.clone(), event, callback }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let callback = self.callback.as_ref().unchecked_ref();
        let _ = self.target.remove_event_listener_with_callback(self.event, callback);
    }
}

/// Whether the tab is visible; listens for as long as the current component lives.
pub fn visibility() -> ReadSignal<bool> {
    let is_visible = || document().visibility_state() != VisibilityState::Hidden;
    let (visible, set_visible) = signal(is_visible());
    let listener = Listener::new(&document(), "visibilitychange", move || set_visible.set(is_visible()));
    StoredValue::new_local(listener);
    visible
}

/// Whether the computer is connected to any network, as far as the browser knows; listens for as long as the current
/// component lives.
pub fn online() -> ReadSignal<bool> {
    let (online, set_online) = signal(window().navigator().on_line());
    on_online(move || set_online.set(true));
    on_offline(move || set_online.set(false));
    online
}

/// Calls `callback` whenever the computer is connected again, for as long as the current component lives.
pub fn on_online(callback: impl FnMut() + 'static) {
    StoredValue::new_local(Listener::new(&window(), "online", callback));
}

/// Calls `callback` whenever the computer is no longer connected, for as long as the current component lives.
pub fn on_offline(callback: impl FnMut() + 'static) {
    StoredValue::new_local(Listener::new(&window(), "offline", callback));
}
